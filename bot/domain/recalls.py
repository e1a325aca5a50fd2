"""What was withdrawn of the guides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StepRecall:
    """One step that must not be followed any more. `title` is the step's own."""

    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Recall:
    """What was withdrawn of one revision of a guide, with the reasons, as citizens are told them.

    All of it when there is a `why`; else single steps, by their number in the file.
    """

    why: str = ""
    steps: Mapping[int, StepRecall] = field(default_factory=dict)


def recall_name(guide_id: str, revision: str, step: int = 0) -> str:
    """The name of one recall: of a revision, or of one of its steps."""
    return f"{guide_id}:{revision}:{step}" if step else f"{guide_id}:{revision}"


#: By (guide id, revision).
Recalls = Mapping[tuple[str, str], Recall]


def merged(some: Recalls, more: Recalls) -> Recalls:
    """Everything that either knows of."""
    both = {**some, **more}
    for key in some.keys() & more.keys():
        steps = {**some[key].steps, **more[key].steps}
        both[key] = Recall(more[key].why or some[key].why, steps)
    return both
