"""What makes content wrong although its form is right: old dates, strange numbers, bad advice.

`check_content` looks at a whole content folder and is what a test and the command line run;
`check_guide` looks at one guide, as when the console is about to save it.

Errors: none raised; what is wrong is returned as problems.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from bot.guides.errors import ContentError, Problem
from bot.guides.loader import Loaded, load_menu, load_path, read_guides
from bot.guides.model import Guide, Official
from bot.guides.rules import domain_allowed, text_faults
from bot.guides.schema import STEP_TEXT, STUCK_ANSWER

_STEP = re.compile(r"steps\[(\d+)\]")


def check_content(
    content_dir: Path, known_ids: Mapping[str, str], today: date | None = None
) -> list[Problem]:
    """Every problem of guides/, path.yml and menu.yml; `known_ids` maps a guide id to its title.

    `today` is what review dates are compared with; the current date when left out.
    """
    loaded, problems = read_guides(content_dir / "guides", known_ids)
    for item in loaded:
        problems += check_guide(item, today or date.today())
    try:
        load_path(content_dir / "path.yml", known_ids)
    except ContentError as error:
        problems += error.problems
    try:
        load_menu(content_dir / "menu.yml", known_ids)
    except ContentError as error:
        problems += error.problems
    return sorted(problems)


def check_guide(loaded: Loaded, today: date) -> list[Problem]:
    """What is wrong with one guide whose form is right."""
    guide = loaded.guide
    problems = [loaded.problem(*found) for found in _date_faults(guide, today)]
    problems += [loaded.problem(*found) for found in _related_faults(guide)]
    problems += [loaded.problem(*found) for found in _official_faults(guide.official)]
    for field, text in citizen_texts(guide):
        problems += [loaded.problem(field, fault) for fault in text_faults(text)]
    problems += [loaded.problem(*found) for found in _province_faults(loaded)]
    return problems


def citizen_texts(guide: Guide) -> Iterator[tuple[str, str]]:
    """Every text a citizen may read, with the path of its field; the same in every province."""
    yield from (("title", guide.title), ("answer", guide.answer))
    yield from (("fee", guide.fee), ("time", guide.time))
    for name, items in (
        ("prepare", guide.prepare),
        ("emergency", guide.emergency),
        ("warnings", guide.warnings),
    ):
        yield from ((f"{name}[{index}]", item) for index, item in enumerate(items, 1))
    for number, step in enumerate(guide.steps, 1):
        path = f"steps[{number}]"
        yield from ((f"{path}.title", step.title), (f"{path}.text", step.text))
        yield f"{path}.check", step.check or ""
        yield f"{path}.wait.ask", step.wait.ask if step.wait else ""
        for index, obstacle in enumerate(step.if_stuck, 1):
            yield f"{path}.if_stuck[{index}].problem", obstacle.problem
            yield f"{path}.if_stuck[{index}].answer", obstacle.answer


def _date_faults(guide: Guide, today: date) -> Iterator[tuple[str, str]]:
    if guide.verified_on > today:
        yield (
            "verified_on",
            f"{guide.verified_on} is to come; must be the day it was verified",
        )
    if guide.review_by <= guide.verified_on:
        yield (
            "review_by",
            f"{guide.review_by} is not after verified_on; must be a later day",
        )
    elif guide.review_by < today:
        yield (
            "review_by",
            f"{guide.review_by} is past; verify the guide and set a new date",
        )
    if guide.valid_until and guide.valid_until < today:
        yield (
            "valid_until",
            f"{guide.valid_until} is past; rewrite the guide or remove it",
        )


def _related_faults(guide: Guide) -> Iterator[tuple[str, str]]:
    for index, other in enumerate(guide.related, 1):
        if other == guide.id:
            yield f"related[{index}]", "is the guide itself; must be another guide"


def _official_faults(official: Official | None) -> Iterator[tuple[str, str]]:
    if official is None:
        return
    if official.domain and not domain_allowed(official.domain):
        yield (
            "official.domain",
            f"{official.domain!r} is not allowed; must be under gov.vn",
        )
    for fault in text_faults(f"gọi {official.hotline}" if official.hotline else ""):
        yield "official.hotline", fault


def _province_faults(loaded: Loaded) -> Iterator[tuple[str, str]]:
    """What a province's own words or texts break in the guide as people there read it."""
    guide = loaded.guide
    common = dict(citizen_texts(guide))
    for override in guide.provinces:
        path = f"provinces.{override.code}"
        everything = "\n".join(_texts_with(guide, override.code)).casefold()
        for word, _local in override.words:
            if word.casefold() not in everything:
                yield f"{path}.words.{word}", "is nowhere in the guide; remove it"
        for field, text in citizen_texts(guide.for_province(override.code)):
            if common.get(field) == text:
                continue
            for fault in (*text_faults(text), *_length_faults(field, text)):
                own = f"{path}." + _STEP.sub(r"steps.\1", field)
                # What no override of its own says, the swapped words do.
                where = own if own in loaded.lines else f"{path}.words"
                yield where, f"in {field} the text {fault}"


def _texts_with(guide: Guide, code: str) -> Iterator[str]:
    yield from (text for _field, text in citizen_texts(guide))
    local = guide.for_province(code)
    yield from (text for _field, text in citizen_texts(local))


def _length_faults(field: str, text: str) -> Iterator[str]:
    limit = STUCK_ANSWER if field.endswith("].answer") else STEP_TEXT
    if len(text) > limit:
        yield f"has {len(text)} characters; must have at most {limit}"
