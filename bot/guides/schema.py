"""What a guide file must contain, and how long each part may be.

Errors: none raised; faults go into the `Faults` of the record that is read.
"""

import re
from collections.abc import Collection

from bot.guides.model import (
    PROVINCES,
    Guide,
    MenuGroup,
    Obstacle,
    Official,
    ProvinceOverride,
    Source,
    Stage,
    Step,
    StepOverride,
    Wait,
)
from bot.guides.record import Record

STEP_TEXT = 280
STUCK_ANSWER = 400
FEWEST_OBSTACLES = 3

_URL = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,}(/\S*)?", re.IGNORECASE)
_SOURCE_DATE = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_NAME_WANTED = "a short name of the letters a-z, digits and _"


def read_guide(top: Record, name: str, known_ids: Collection[str]) -> Guide:
    """The guide in a file named `name`; meaningless when `top.faults` has problems."""
    steps = tuple(_step(record) for record in top.records("steps", 3, 9))
    guide = Guide(
        id=_own_id(top, name, known_ids),
        title=top.text("title", 60),
        answer=top.text("answer", 200),
        prepare=top.texts("prepare", 140, 8),
        fee=top.text("fee", 200),
        time=top.text("time", 200),
        emergency=top.optional_texts("emergency", 110, 7) or (),
        steps=steps,
        warnings=top.texts("warnings", 200, 6),
        official=_official(top.optional_record("official")),
        related=_ids(top, "related", known_ids, 6),
        sources=tuple(_source(record) for record in top.records("sources", 1, 12)),
        verified_on=top.day("verified_on"),
        review_by=top.day("review_by"),
        valid_until=top.optional_day("valid_until"),
        owner=top.text("owner", 60),
        provinces=_provinces(top.optional_record("provinces"), len(steps)),
    )
    top.close()
    _require_obstacles(top, steps)
    return guide


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


def _step(record: Record) -> Step:
    step = Step(
        title=record.text("title", 60),
        text=record.text("text", STEP_TEXT, lines=True),
        check=record.optional_text("check", 120),
        wait=_wait(record.optional_record("wait")),
        if_stuck=_obstacles(record),
    )
    record.close()
    return step


def _obstacles(record: Record) -> tuple[Obstacle, ...]:
    if not record.optional("if_stuck"):
        return ()
    found = []
    for item in record.records("if_stuck", 1, 5):
        answer = item.text("answer", STUCK_ANSWER, lines=True)
        found.append(Obstacle(item.text("problem", 60), answer))
        item.close()
    return tuple(found)


def _require_obstacles(top: Record, steps: tuple[Step, ...]) -> None:
    if sum(len(step.if_stuck) for step in steps) < FEWEST_OBSTACLES:
        what = f"have too few `if_stuck`; a guide must have at least {FEWEST_OBSTACLES}"
        top.fault("steps", what)
    helped = sum(bool(step.if_stuck) for step in steps)
    if helped * 2 <= len(steps):
        what = f"only {helped} of {len(steps)} have `if_stuck`; more than half must have one"
        top.fault("steps", what)


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
        url=record.matching("url", _URL, "an address that begins with https://"),
        date=record.matching("date", _SOURCE_DATE, "a date written YYYY, YYYY-MM or YYYY-MM-DD"),
    )
    record.close()
    return source


def _provinces(record: Record | None, steps: int) -> tuple[ProvinceOverride, ...]:
    if record is None:
        return ()
    found = []
    for code in PROVINCES:
        override = record.optional_record(code)
        if override:
            found.append(_province(code, override, steps))
    record.close()
    return tuple(found)


def _province(code: str, record: Record, steps: int) -> ProvinceOverride:
    override = ProvinceOverride(
        code=code,
        words=_words(record.optional_record("words")),
        answer=record.optional_text("answer", 200),
        prepare=record.optional_texts("prepare", 140, 8),
        fee=record.optional_text("fee", 200),
        time=record.optional_text("time", 200),
        warnings=record.optional_texts("warnings", 200, 6),
        steps=_step_overrides(record.optional_record("steps"), steps),
    )
    record.close()
    return override


def _words(record: Record | None) -> tuple[tuple[str, str], ...]:
    if record is None:
        return ()
    return tuple(sorted((name, record.text(name, 60)) for name in record.names()))


def _step_overrides(record: Record | None, steps: int) -> tuple[StepOverride, ...]:
    if record is None:
        return ()
    found = []
    for number in range(1, steps + 1):
        step = record.optional_record(str(number))
        if step:
            found.append(_step_override(number, step))
    record.close()
    return tuple(found)


def _step_override(number: int, record: Record) -> StepOverride:
    override = StepOverride(
        number=number,
        title=record.optional_text("title", 60),
        text=record.optional_text("text", STEP_TEXT, lines=True),
        if_stuck=_obstacles(record) or None,
    )
    record.close()
    return override
