"""Every text of a guide that a citizen may read, each with the path of its field.

The paths are those of the file, so that a check can name the line.
"""

import re
from collections.abc import Iterable, Iterator

from bot.guides.model import Guide, Obstacle, Official, ProvinceOverride, Question, Step
from bot.guides.variants import Rewrite

Texts = Iterator[tuple[str, str]]

#: How long a text may be, by the end of its path. The reader of the file sees to what stands in
#: it; this is for what becomes longer when a province's words are put in. A test compares both.
_LIMITS = (
    (r"\.(?:title|problem)", 60),
    (r"steps[.\[]\d+\]?\.text", 280),
    (r"\.answer", 400),
    (r"\.check", 120),
    (r"\.wait\.ask", 160),
    (r"question\.ask", 120),
    (r"\.label", 30),
)
_REWRITE_LIMITS = (
    (r"(?:answer|fee|time|warnings\[\d+\])", 200),
    (r"prepare\[\d+\]", 140),
    (r"emergency\[\d+\]", 110),
)
_LIMIT = [
    # What a choice, a province or a temporary entry rewrites has the limits of the guide's own.
    *(
        (re.compile(rf"(?:(?:question\.choices|temporary)\[\d+\]\.|provinces\.\w+\.)?{end}"), most)
        for end, most in _REWRITE_LIMITS
    ),
    *((re.compile(rf".*?{end}"), most) for end, most in _LIMITS),
]


def citizen_texts(guide: Guide) -> Texts:
    """(path, text) of every text there is: common, of each choice, each province, until a day.

    What is empty is left out.
    """
    return ((field, text) for field, text in _all_texts(guide) if text)


def length_most(field: str) -> int | None:
    """How many characters the text of a field may have; None for a field without a limit here."""
    return next((most for pattern, most in _LIMIT if pattern.fullmatch(field)), None)


def shared_texts(guide: Guide) -> frozenset[str]:
    """The texts that stand in snippets.yml, not in the guide's own file."""
    found: set[str] = set()
    for obstacle in _obstacles(guide):
        if obstacle.snippet:
            found |= {obstacle.problem, obstacle.answer}
    return frozenset(found)


def _obstacles(guide: Guide) -> Iterator[Obstacle]:
    for step in guide.steps:
        yield from step.if_stuck
    for override in guide.provinces:
        for local in override.steps:
            yield from local.if_stuck or ()


def _all_texts(guide: Guide) -> Texts:
    yield "title", guide.title
    yield from (("answer", guide.answer), ("fee", guide.fee), ("time", guide.time))
    yield from _listed("prepare", guide.prepare)
    yield from _listed("emergency", guide.emergency)
    yield from _listed("warnings", guide.warnings)
    yield from _of_question(guide.question)
    for number, step in enumerate(guide.steps, 1):
        yield from _of_step(f"steps[{number}]", step)
    for number, item in enumerate(guide.temporary, 1):
        yield from _of_rewrite(f"temporary[{number}]", item)
    yield from _of_official(guide.official)
    for override in guide.provinces:
        yield from _of_province(f"provinces.{override.code}", override)


def _listed(path: str, items: Iterable[str]) -> Texts:
    return ((f"{path}[{index}]", item) for index, item in enumerate(items, 1))


def _of_question(question: Question | None) -> Texts:
    if question is None:
        return
    yield "question.ask", question.ask
    for number, choice in enumerate(question.choices, 1):
        path = f"question.choices[{number}]"
        yield f"{path}.label", choice.label
        yield from _of_rewrite(path, choice)


def _of_step(path: str, step: Step) -> Texts:
    yield from ((f"{path}.title", step.title), (f"{path}.text", step.text))
    yield f"{path}.check", step.check or ""
    yield f"{path}.wait.ask", step.wait.ask if step.wait else ""
    yield from _of_obstacles(path, step.if_stuck)


def _of_obstacles(path: str, obstacles: Iterable[Obstacle]) -> Texts:
    for index, obstacle in enumerate(obstacles, 1):
        yield f"{path}.if_stuck[{index}].problem", obstacle.problem
        yield f"{path}.if_stuck[{index}].answer", obstacle.answer


def _of_rewrite(path: str, rewrite: Rewrite) -> Texts:
    for name, value in rewrite.texts().items():
        if isinstance(value, str):
            yield f"{path}.{name}", value
        else:
            yield from _listed(f"{path}.{name}", value)


def _of_official(official: Official | None) -> Texts:
    for name in ("app", "publisher", "domain", "hotline") if official else ():
        yield f"official.{name}", getattr(official, name) or ""


def _of_province(path: str, override: ProvinceOverride) -> Texts:
    yield from _of_rewrite(path, override)
    for step in override.steps:
        where = f"{path}.steps.{step.number}"
        yield from ((f"{where}.title", step.title or ""), (f"{where}.text", step.text or ""))
        yield from _of_obstacles(where, step.if_stuck or ())
