"""What a guide file must contain, and how long each part may be.

Errors: none raised; faults go into the `Faults` of the record that is read.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.guides.model import Guide, MenuGroup, Obstacle, Official, Source, Stage, Step, Wait
from bot.guides.record import Record
from bot.guides.schema_variants import (
    ANSWER,
    check_readers,
    read_provinces,
    read_question,
    read_situations,
    read_temporary,
)

STEP_TEXT = 280
STUCK_ANSWER = 400

#: A file's steps; each reader sees at most 9 of them (schema_variants.check_readers).
_STEPS_IN_FILE = 20

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_NAME_WANTED = "a short name of the letters a-z, digits and _"


Snippets = Mapping[str, Obstacle]


def read_guide(top: Record, name: str, known_ids: Collection[str], snippets: Snippets) -> Guide:
    """The guide in a file named `name`; meaningless when `top.faults` has problems.

    `snippets` are the shared obstacles by name, which a step may use.
    """

    def obstacles(record: Record) -> tuple[Obstacle, ...]:
        return _obstacles(record, snippets)

    most = _STEPS_IN_FILE if top.optional("question") else 9
    steps = tuple(_step(record, snippets) for record in top.records("steps", 3, most))
    guide = Guide(
        id=_own_id(top, name, known_ids),
        title=top.text("title", 60),
        answer=top.text("answer", ANSWER),
        prepare=top.texts("prepare", 140, 8),
        fee=top.text("fee", 200),
        time=top.text("time", 200),
        emergency=top.optional_texts("emergency", 110, 7) or (),
        question=read_question(top.optional_record("question")),
        steps=steps,
        warnings=top.texts("warnings", 200, 6),
        temporary=read_temporary(top),
        official=_official(top.optional_record("official")),
        related=_ids(top, "related", known_ids, 6),
        sources=tuple(_source(record) for record in top.records("sources", 1, 12)),
        verified_on=top.day("verified_on"),
        review_by=top.day("review_by"),
        valid_until=top.optional_day("valid_until"),
        owner=top.text("owner", 60),
        provinces=read_provinces(top.optional_record("provinces"), len(steps), obstacles),
    )
    top.close()
    if not top.faults.problems:
        check_readers(top, guide)
    return guide


def read_snippets(top: Record) -> dict[str, Obstacle]:
    """The shared obstacles of content/snippets.yml, by name."""
    found = {}
    for name in top.names():
        item = top.record(name)
        if not _NAME.fullmatch(name):
            top.fault(name, f"is not allowed; must be {_NAME_WANTED}")
        if item:
            answer = item.text("answer", STUCK_ANSWER, lines=True)
            found[name] = Obstacle(item.text("problem", 60), answer, snippet=name)
            item.close()
    return found


def read_stage(record: Record, known_ids: Collection[str]) -> Stage:
    """One stage of the path."""
    stage = Stage(
        id=record.matching("id", _NAME, _NAME_WANTED),
        title=record.text("title", 40),
        description=record.text("description", 160),
        guides=_ids(record, "guides", known_ids, 46),
    )
    record.close()
    return stage


def read_menu_group(record: Record, known_ids: Collection[str]) -> MenuGroup:
    """One group of the menu."""
    group = MenuGroup(
        id=record.matching("id", _NAME, _NAME_WANTED),
        title=record.text("title", 40),
        guides=_ids(record, "guides", known_ids, 46),
    )
    record.close()
    return group


def _own_id(top: Record, name: str, known_ids: Collection[str]) -> str:
    found = top.text("id", 40)
    if found and found != name:
        top.fault("id", f"is {found!r}; must be the file's name, {name!r}")
    elif found and found not in known_ids:
        top.fault("id", f"{found!r} is not a guide; must be a guide id of nlu/intents.yml")
    return found


def _ids(record: Record, name: str, known_ids: Collection[str], most: int) -> tuple[str, ...]:
    ids = record.texts(name, 40, most)
    for position, guide_id in enumerate(ids, 1):
        field = f"{name}[{position}]"
        line = record.faults.lines.get(f"{record.path}.{field}".lstrip("."))
        if guide_id and guide_id not in known_ids:
            what = f"{guide_id!r} is not a guide; must be a guide id of nlu/intents.yml"
            record.fault(field, what, line)
        elif guide_id in ids[: position - 1]:
            record.fault(field, f"{guide_id!r} is listed twice; keep one of them", line)
    return ids


def _step(record: Record, snippets: Snippets) -> Step:
    step = Step(
        title=record.text("title", 60),
        text=record.text("text", STEP_TEXT, lines=True),
        check=record.optional_text("check", 120),
        wait=_wait(record.optional_record("wait")),
        if_stuck=_obstacles(record, snippets),
        situations=read_situations(record),
    )
    record.close()
    return step


def _obstacles(record: Record, snippets: Snippets) -> tuple[Obstacle, ...]:
    if not record.optional("if_stuck"):
        return ()
    return tuple(_obstacle(item, snippets) for item in record.records("if_stuck", 1, 5))


def _obstacle(record: Record, snippets: Snippets) -> Obstacle:
    name = record.optional_text("use", 40)
    if name is None:
        found = Obstacle(
            problem=record.text("problem", 60),
            answer=record.text("answer", STUCK_ANSWER, lines=True),
            situations=read_situations(record),
        )
    else:
        if name and name not in snippets:
            known = ", ".join(sorted(snippets)) or "none"
            record.fault("use", f"{name!r} is not in content/snippets.yml; there are: {known}")
        shared = snippets.get(name, Obstacle("", ""))
        found = replace(shared, situations=read_situations(record))
    record.close()
    return found


def _wait(record: Record | None) -> Wait | None:
    if record is None:
        return None
    wait = Wait(record.number("days", 1, 90), record.flag("working"), record.text("ask", 160))
    record.close()
    return wait


def _official(record: Record | None) -> Official | None:
    if record is None:
        return None
    official = Official(
        app=record.optional_text("app", 60),
        publisher=record.optional_text("publisher", 80),
        domain=record.optional_text("domain", 60),
        hotline=record.optional_text("hotline", 60),
    )
    record.close()
    return official


def _source(record: Record) -> Source:
    source = Source(
        title=record.text("title", 200),
        url=record.url("url"),
        date=record.page_date("date"),
    )
    record.close()
    return source
