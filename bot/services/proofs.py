"""Looking a text over before it is published: the rules of `content check` for one file.

The other guides are those that are served, so that an old mistake elsewhere stops nobody here.

Errors: none raised; what is wrong is returned as problems, the errors first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.domain.recalls import Recalls
from bot.guides.check import check_guide
from bot.guides.content import Content
from bot.guides.coverage import related_problems
from bot.guides.duplicates import near_copies
from bot.guides.errors import ContentError, Problem, Severity
from bot.guides.loader import Loaded, load_snippets
from bot.guides.model import Guide
from bot.guides.nodes import MAX_BYTES, Faults, compose
from bot.guides.record import Record
from bot.guides.schema import read_guide
from bot.guides.standards import Standards, load_standards
from bot.guides.taking_up import guide_name
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.store import guides


@dataclass(frozen=True, slots=True)
class Proof:
    """A text as it was looked over; `guide` is None while its form is wrong."""

    guide: Guide | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What stops it from being published."""
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is to be looked at."""
        return tuple(each for each in self.problems if each.severity is not Severity.ERROR)


class Proofs:
    """Looks texts over. Blocking, some hundredths of a second each."""

    def __init__(self, runtime: Runtime, publisher: Publisher) -> None:
        self._runtime = runtime
        self._publisher = publisher
        self._standards: tuple[object, Standards] | None = None

    def guide(self, guide_id: str, text: str, today: date) -> Proof:
        """The text as this guide."""
        publisher = self._publisher
        faults = Faults(guide_name(guide_id))
        loaded = self._loaded(guide_id, text, faults)
        if loaded is None:
            return Proof(None, _ordered(faults.problems))
        try:
            standards = self._current_standards()
        except ContentError as error:
            return Proof(loaded.guide, _ordered(list(error.problems)))
        # Last, so that whatever two guides have in common is told of this one.
        every = [*_others(publisher.loaded, guide_id), loaded]
        found = [
            *check_guide(loaded, standards, today),
            *related_problems(every, publisher.folder / "guides", publisher.titles),
            *near_copies(every),
            *_withdrawn(loaded, publisher.recalls, self._steps(guide_id)),
        ]
        mine = [problem for problem in found if problem.file == loaded.file]
        return Proof(loaded.guide, _ordered(mine))

    def _loaded(self, guide_id: str, text: str, faults: Faults) -> Loaded | None:
        size = len(text.encode("utf-8", "replace"))
        if size > MAX_BYTES:
            faults.add(1, "-", f"has {size} bytes; must have at most {MAX_BYTES}")
            return None
        node = compose(text, faults)
        if node is None:
            return None
        try:
            snippets = load_snippets(self._publisher.folder / "snippets.yml")
        except ContentError as error:
            faults.problems += error.problems
            return None
        top = Record(node, "", faults)
        guide = read_guide(top, guide_id, self._publisher.titles.keys(), snippets)
        return None if faults.problems else Loaded(guide, faults.file, faults.lines)

    def _steps(self, guide_id: str) -> Mapping[tuple[str, str], str]:
        db = self._runtime.db
        return db.read_now(lambda c: guides.withdrawn_steps(c, guide_id))

    def _current_standards(self) -> Standards:
        folder = self._publisher.folder
        state = [_state(folder / name) for name in ("allowed.yml", "glossary.yml")]
        if self._standards is None or self._standards[0] != state:
            self._standards = (state, load_standards(folder))
        return self._standards[1]


def _state(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _others(content: Content, guide_id: str) -> list[Loaded]:
    return [
        Loaded(guide, guide_name(guide.id), {})
        for guide in content.guides.values()
        if guide.id != guide_id
    ]


def _withdrawn(
    loaded: Loaded, recalls: Recalls, steps: Mapping[tuple[str, str], str]
) -> Iterator[Problem]:
    """What was withdrawn does not come back by being published again."""
    guide = loaded.guide
    recall = recalls.get((guide.id, guide.revision))
    if recall is not None and recall.why:
        what = f"is the text that was withdrawn ({recall.why}); change what is wrong in it"
        yield loaded.problem("-", what)
    for number, step in enumerate(guide.steps, 1):
        why = steps.get((step.title, step.text))
        if why is not None:
            what = f"is the step that was withdrawn ({why}); change what is wrong in it"
            yield loaded.problem(f"steps[{number}].text", what)


def _ordered(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(
        sorted(set(problems), key=lambda p: (p.severity is not Severity.ERROR, p.line, p.field))
    )
