"""What makes content wrong although its form is right: old dates, strange numbers, bad advice.

`check_content` looks at a whole content folder and is what a test and the command line run;
`check_guide` looks at one guide, as when the console is about to save it.

Errors: none raised; what is wrong is returned as problems, of which some are warnings.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from bot.guides.alert_texts import load_alert_texts
from bot.guides.allowed import read_allowed, unused
from bot.guides.canned import load_canned
from bot.guides.coverage import menu_problems, missing_guides, related_problems
from bot.guides.dates import date_problems
from bot.guides.duplicates import near_copies
from bot.guides.errors import ContentError, Problem
from bot.guides.glossary import read_glossary
from bot.guides.loader import Loaded, load_menu, load_path, read_guides
from bot.guides.nodes import Faults, compose_file
from bot.guides.people import load_people
from bot.guides.phrases import load_phrases
from bot.guides.said import said_texts
from bot.guides.standards import Standards
from bot.guides.texts import citizen_texts
from bot.guides.wording import wording_problems

__all__ = ["check_content", "check_guide", "citizen_texts"]


def check_content(
    content_dir: Path,
    known_ids: Mapping[str, str],
    today: date | None = None,
    *,
    complete: bool = True,
) -> list[Problem]:
    """Every problem of a content folder; `known_ids` maps a guide id to its title.

    `today` is what dates are compared with; the current date when left out. Without `complete`
    guides may be missing.
    """
    directory = content_dir / "guides"
    day = today or date.today()
    loaded, problems = read_guides(directory, known_ids)
    for item in loaded:
        problems += date_problems(item, day)
    if complete:
        problems += missing_guides(directory, known_ids)
    problems += related_problems(loaded, directory, known_ids)
    problems += near_copies(loaded)
    problems += _menu(content_dir / "menu.yml", known_ids)
    problems += _refused(lambda: load_path(content_dir / "path.yml", known_ids))
    problems += _refused(lambda: load_people(content_dir / "people.yml"))
    problems += _refused(lambda: load_canned(content_dir / "canned_replies.yml"))
    problems += _refused(lambda: load_alert_texts(content_dir / "alert_texts.yml", known_ids))
    problems += _phrases(content_dir / "phrases.yml")
    problems += _texts(content_dir, loaded)
    return sorted(set(problems))


def check_guide(loaded: Loaded, standards: Standards, today: date) -> list[Problem]:
    """What is wrong with one guide whose form is right, without a look at the other files."""
    return [*date_problems(loaded, today), *wording_problems(loaded, standards)]


def _menu(file: Path, known_ids: Mapping[str, str]) -> Iterator[Problem]:
    try:
        yield from menu_problems(file, load_menu(file, known_ids))
    except ContentError as error:
        yield from error.problems


def _refused(load: Callable[[], object]) -> tuple[Problem, ...]:
    """What keeps a file from being loaded."""
    try:
        load()
    except ContentError as error:
        return error.problems
    return ()


def _phrases(file: Path) -> Iterator[Problem]:
    # Its loader reads values, of which the last of two with one key wins in silence.
    faults = Faults(str(file))
    compose_file(file, faults)
    if faults.problems:
        yield from faults.problems
        return
    for problem in _refused(lambda: load_phrases(file)):
        yield replace(problem, file=str(file))


def _texts(content_dir: Path, guides: Sequence[Loaded]) -> Iterator[Problem]:
    """The wording of everything, and what of the allowed numbers and addresses nobody needs."""
    of_allowed = Faults(str(content_dir / "allowed.yml"))
    of_glossary = Faults(str(content_dir / "glossary.yml"))
    standards = Standards(
        read_allowed(Path(of_allowed.file), of_allowed),
        read_glossary(Path(of_glossary.file), of_glossary),
    )
    wrong = [*of_allowed.problems, *of_glossary.problems]
    if wrong:
        # Held against half a list, every text would be wrong.
        yield from wrong
        return
    used: set[str] = set()
    for loaded in guides:
        yield from wording_problems(loaded, standards)
        for field, text in citizen_texts(loaded.guide):
            used |= standards.uses(field, text)
    for said in said_texts(content_dir):
        yield from said.problems(standards)
        used |= standards.uses(said.field, said.text)
    yield from unused(standards.allowed, of_allowed, used)
