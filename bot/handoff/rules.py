"""Deadlines and the like, as content/handoff.yml says them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.tickets import Deadline, DueKind, Rung
from bot.schedule.errors import NeverOpen
from bot.schedule.hours import BusinessHours
from bot.schedule.week import Week


@dataclass(frozen=True, slots=True)
class Pace:
    """How long something may take: `normal` in open hours, `urgent` by the clock."""

    normal: timedelta
    urgent: timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    """What handoff.yml says.

    `deadlines` has every rung with each kind but the visit's. `nudge` is what a helper who missed
    a deadline is given before the ticket is taken back.
    """

    deadlines: Mapping[Rung, Mapping[DueKind, Pace]]
    nudge: Pace
    visit_grace: timedelta
    visit_reminder: timedelta
    reopen: timedelta
    hours: Mapping[Rung, Week]


#: The open hours of a team; of its rung when the team has none of its own.
HoursOf = Callable[[int | None, Rung], BusinessHours]


@dataclass(frozen=True, slots=True)
class Timekeeper:
    """Deadlines as seen from one moment."""

    now: datetime
    rules: Rules
    hours_of: HoursOf

    def due(self, kind: DueKind, rung: Rung, team_id: int | None, *, urgent: bool) -> Deadline:
        """When something that begins now is due."""
        return Deadline(kind, self._after(self.rules.deadlines[rung][kind], rung, team_id, urgent))

    def nudged(self, kind: DueKind, rung: Rung, team_id: int | None, *, urgent: bool) -> Deadline:
        """The last delay of a helper who missed a deadline of this kind."""
        return Deadline(kind, self._after(self.rules.nudge, rung, team_id, urgent))

    def visit(self, at: datetime) -> Deadline:
        """By when something must be heard of a visit."""
        return Deadline(DueKind.VISIT, at + self.rules.visit_grace)

    def _after(self, pace: Pace, rung: Rung, team_id: int | None, urgent: bool) -> datetime:
        if urgent:
            return self.now + pace.urgent
        for hours in (self.hours_of(team_id, rung), BusinessHours(self.rules.hours[rung])):
            try:
                return hours.add(self.now, pace.normal)
            except NeverOpen:
                # Hours that never open must not make a ticket that is never due.
                continue
        return self.now + pace.normal
