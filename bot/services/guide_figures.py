"""How guides do, and which of them an owner has to look at again.

A guide is *reopened* at a step when, within the last `DAYS` days and since its text was published
or found right, at least `STOPS_LEAST` people gave up there or wanted a person, and these are at
least `SHARE_LEAST` of those who came to that step. Publishing another text, or saying that the
text was looked at and is right, closes it; the count begins anew with the next day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from bot.schedule.zone import ICT
from bot.services.runtime import Runtime
from bot.store import drafts, guide_figures
from bot.store.guide_figures import LastStep

DAYS = 28
STOPS_LEAST = 10
SHARE_LEAST = 0.2


@dataclass(frozen=True, slots=True)
class StepFigures:
    """People at one step: those who came to it, those whose way ended there without success."""

    step: int
    reached: int
    stopped: int

    @property
    def share(self) -> float:
        """The stopped of the reached; 0 when nobody came."""
        return self.stopped / self.reached if self.reached else 0.0

    @property
    def failing(self) -> bool:
        """Whether the step fails people again and again (the rule above)."""
        return self.stopped >= STOPS_LEAST and self.share >= SHARE_LEAST


@dataclass(frozen=True, slots=True)
class GuideFigures:
    """A guide in the last `DAYS` days; `failing` are the steps because of which it is reopened."""

    shown: int
    walked: int
    finished: int
    stopped: int
    steps: tuple[StepFigures, ...]
    failing: tuple[StepFigures, ...]

    @property
    def share(self) -> float:
        """Those who stopped, of those who were shown a step."""
        return self.stopped / self.walked if self.walked else 0.0


NONE = GuideFigures(0, 0, 0, 0, (), ())


async def figures(runtime: Runtime, guide_id: str = "") -> dict[str, GuideFigures]:
    """The figures by guide id, of one guide when named; `NONE` stands for the rest."""
    today = runtime.now().astimezone(ICT).date()
    since = today - timedelta(days=DAYS)

    def work(connection: Connection) -> tuple[dict[str, int], list[LastStep], dict[str, date]]:
        begun = {
            key: moment.astimezone(ICT).date()
            for key, moment in guide_figures.served_since(connection).items()
        }
        for key, moment in drafts.last_reviews(connection).items():
            begun[key] = max(begun.get(key, date.min), moment.astimezone(ICT).date())
        shown = guide_figures.shown(connection, since)
        return shown, guide_figures.last_steps(connection, since, guide_id), begun

    shown, rows, begun = await runtime.db.read(work)
    by_guide: dict[str, list[LastStep]] = {}
    for row in rows:
        by_guide.setdefault(row.guide_id, []).append(row)
    wanted = {guide_id} if guide_id else shown.keys() | by_guide.keys()
    return {
        key: _of(shown.get(key, 0), by_guide.get(key, ()), begun.get(key, date.min))
        for key in wanted
    }


def _of(shown: int, rows: Iterable[LastStep], begun: date) -> GuideFigures:
    every = list(rows)
    later = [row for row in every if row.day > begun]
    steps = _steps(every)
    return GuideFigures(
        shown=shown,
        walked=sum(row.people for row in every),
        finished=sum(row.finished for row in every),
        stopped=sum(row.stopped for row in every),
        steps=steps,
        failing=tuple(step for step in _steps(later) if step.failing),
    )


def _steps(rows: Iterable[LastStep]) -> tuple[StepFigures, ...]:
    people: Counter[int] = Counter()
    stopped: Counter[int] = Counter()
    for row in rows:
        people[row.step] += row.people
        stopped[row.step] += row.stopped
    return tuple(
        StepFigures(step, _from(people, step), stopped[step])
        for step in range(1, max(people, default=0) + 1)
    )


def _from(people: Mapping[int, int], step: int) -> int:
    """Whoever's last step was this or a later one came to this."""
    return sum(number for last, number in people.items() if last >= step)
