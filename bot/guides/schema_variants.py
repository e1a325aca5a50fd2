"""The parts of a guide file that hold for some readers only: question, provinces, temporary.

Errors: none raised; faults go into the `Faults` of the record that is read.
"""

import re
from collections.abc import Callable, Collection
from typing import Any

from bot.guides.model import Guide, Obstacle, ProvinceOverride, Question, Situation, StepOverride
from bot.guides.parts import suited
from bot.guides.record import Record
from bot.guides.variants import ABOUT, FIXED_CHOICES, PROVINCES, Temporary

ANSWER = 200
STEPS_LEAST, STEPS_MOST = 3, 9
FEWEST_OBSTACLES = 3

_NAME = re.compile(r"[a-z][a-z0-9_]{0,19}", re.ASCII)

#: Reads the obstacles of a step; they have a reader of their own in bot/guides/schema.py.
Obstacles = Callable[[Record], tuple[Obstacle, ...]]


def read_texts(record: Record) -> dict[str, Any]:
    """The arguments of a `Rewrite`."""
    return {
        "answer": record.optional_text("answer", ANSWER),
        "prepare": record.optional_texts("prepare", 140, 8),
        "fee": record.optional_text("fee", 200),
        "time": record.optional_text("time", 200),
        "emergency": record.optional_texts("emergency", 110, 7),
        "warnings": record.optional_texts("warnings", 200, 6),
    }


def read_question(record: Record | None) -> Question | None:
    """The question at the beginning of a guide."""
    if record is None:
        return None
    about = record.text("about", 20)
    if about and about not in ABOUT:
        record.fault("about", f"is {about!r}; must be one of {', '.join(ABOUT)}")
    ask = record.text("ask", 120)
    choices: tuple[Situation, ...] = ()
    if about != "province":
        choices = tuple(_situation(item, about) for item in record.records("choices", 2, 5))
        ids = [choice.id for choice in choices]
        for double in sorted({found for found in ids if found and ids.count(found) > 1}):
            record.fault("choices", f"have {double!r} twice; give each its own id")
    record.close()
    return Question(about, ask, choices)


def _situation(record: Record, about: str) -> Situation:
    found = record.matching("id", _NAME, "a short name of the letters a-z, digits and _")
    fixed = FIXED_CHOICES.get(about)
    if found and fixed and found not in fixed:
        what = f"is {found!r}; a question about {about} has the ids {', '.join(fixed)}"
        record.fault("id", what)
    situation = Situation(
        id=found,
        label=record.text("label", 30),
        words=record.optional_texts("words", 40, 20) or (),
        **read_texts(record),
    )
    record.close()
    return situation


def read_situations(record: Record) -> tuple[str, ...]:
    """The choices a step, an obstacle or a temporary text is for."""
    return record.optional_texts("for", 20, 5) or ()


def read_temporary(top: Record) -> tuple[Temporary, ...]:
    """What is said until a day."""
    if not top.optional("temporary"):
        return ()
    found = []
    for item in top.records("temporary", 1, 4):
        entry = Temporary(
            until=item.day("until"), situations=read_situations(item), **read_texts(item)
        )
        if not entry.texts():
            item.fault("", "says nothing; give it answer, prepare, fee, time or warnings")
        item.close()
        found.append(entry)
    return tuple(found)


def read_provinces(
    record: Record | None, steps: int, obstacles: Obstacles
) -> tuple[ProvinceOverride, ...]:
    """What the three provinces say differently in a guide of so many steps."""
    if record is None:
        return ()
    found = []
    for code in PROVINCES:
        override = record.optional_record(code)
        if override:
            found.append(_province(code, override, steps, obstacles))
    record.close()
    return tuple(found)


def _province(code: str, record: Record, steps: int, obstacles: Obstacles) -> ProvinceOverride:
    override = ProvinceOverride(
        code=code,
        words=_words(record.optional_record("words")),
        steps=_step_overrides(record.optional_record("steps"), steps, obstacles),
        **read_texts(record),
    )
    record.close()
    return override


def _words(record: Record | None) -> tuple[tuple[str, str], ...]:
    if record is None:
        return ()
    return tuple(sorted((name, record.text(name, 60)) for name in record.names()))


def _step_overrides(
    record: Record | None, steps: int, obstacles: Obstacles
) -> tuple[StepOverride, ...]:
    if record is None:
        return ()
    found = []
    for number in range(1, steps + 1):
        step = record.optional_record(str(number))
        if step:
            found.append(_step_override(number, step, obstacles))
    record.close()
    return tuple(found)


def _step_override(number: int, record: Record, obstacles: Obstacles) -> StepOverride:
    override = StepOverride(
        number=number,
        title=record.optional_text("title", 60),
        text=record.optional_text("text", 280, lines=True),
        if_stuck=obstacles(record) or None,
    )
    record.close()
    return override


def check_readers(top: Record, guide: Guide) -> None:
    """Every reader must be shown a whole guide: enough steps, enough help when stuck."""
    choices = guide.question.choices if guide.question else ()
    _known_situations(top, guide, {choice.id for choice in choices})
    if guide.question and guide.question.about == "province" and not guide.provinces:
        top.fault("question", "asks for the province; then give texts under `provinces`")
    for choice in [item.id for item in choices] or [""]:
        _whole(top, guide, choice)


def _known_situations(top: Record, guide: Guide, known: Collection[str]) -> None:
    named: list[tuple[str, tuple[str, ...]]] = []
    for number, step in enumerate(guide.steps, 1):
        named.append((f"steps[{number}].for", step.situations))
        named += [
            (f"steps[{number}].if_stuck[{index}].for", obstacle.situations)
            for index, obstacle in enumerate(step.if_stuck, 1)
        ]
    named += [(f"temporary[{n}].for", item.situations) for n, item in enumerate(guide.temporary, 1)]
    wanted = ", ".join(sorted(known)) or "none, since the guide has no question with choices"
    for path, situations in named:
        for unknown in [item for item in situations if item and item not in known]:
            line = top.faults.lines.get(path)
            top.fault(path, f"names {unknown!r}; the choices are {wanted}", line)


def _whole(top: Record, guide: Guide, choice: str) -> None:
    steps = [step.for_choice(choice) for step in suited(guide.steps, choice)]
    who = f" for the choice {choice!r}" if choice else ""
    if not STEPS_LEAST <= len(steps) <= STEPS_MOST:
        what = f"has {len(steps)} entries{who}; must have {STEPS_LEAST} to {STEPS_MOST}"
        top.fault("steps", what)
        return
    if sum(len(step.if_stuck) for step in steps) < FEWEST_OBSTACLES:
        what = f"have too few `if_stuck`{who}; a guide must have at least {FEWEST_OBSTACLES}"
        top.fault("steps", what)
    helped = sum(bool(step.if_stuck) for step in steps)
    if helped * 2 <= len(steps):
        what = f"only {helped} of {len(steps)}{who} have `if_stuck`; more than half must have one"
        top.fault("steps", what)
