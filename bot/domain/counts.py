"""What became of a number of questions."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Counts:
    """Questions, and how many of them were not understood, asked back, answered with a guide, gone
    through step by step; of these: finished, stopped, handed over to a person; and those handed
    over (`helped`) without a step."""

    asked: int = 0
    not_understood: int = 0
    clarified: int = 0
    guided: int = 0
    walked: int = 0
    finished: int = 0
    stopped: int = 0
    handed_over: int = 0
    helped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.asked + other.asked,
            self.not_understood + other.not_understood,
            self.clarified + other.clarified,
            self.guided + other.guided,
            self.walked + other.walked,
            self.finished + other.finished,
            self.stopped + other.stopped,
            self.handed_over + other.handed_over,
            self.helped + other.helped,
        )

    def __sub__(self, other: Counts) -> Counts:
        return Counts(
            self.asked - other.asked,
            self.not_understood - other.not_understood,
            self.clarified - other.clarified,
            self.guided - other.guided,
            self.walked - other.walked,
            self.finished - other.finished,
            self.stopped - other.stopped,
            self.handed_over - other.handed_over,
            self.helped - other.helped,
        )

    @property
    def silent(self) -> int:
        """How many went step by step and have come to no end: still at it, or silent."""
        return self.walked - self.finished - self.stopped - self.handed_over

    @property
    def understood(self) -> int:
        """How many were understood."""
        return self.asked - self.not_understood


NOTHING = Counts()
#: The names of the counts, in order.
FIELDS = tuple(field.name for field in fields(Counts))
