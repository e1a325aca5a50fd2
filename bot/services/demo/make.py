"""Writing invented data into an empty database, in portions that fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.random import Generator
from sqlalchemy import Connection

from bot.errors import BadRequest
from bot.guides.content import Content
from bot.locality.atlas import Atlas
from bot.schedule.zone import local
from bot.services.demo import questions, tickets
from bot.services.demo.questions import Handed
from bot.services.demo.tickets import Teams
from bot.services.demo.world import CHANNELS, DAYS, World, make_world
from bot.services.runtime import Runtime
from bot.store import bulk, rollups
from bot.store.questions import place_columns

QUESTIONS_MOST = 10_000_000
_DAYS_AT_ONCE = 5
_TICKETS_AT_ONCE = 5_000
_CHAT_COLUMNS = (
    *("id", "channel", "external_id", "is_group", "state_version", "next_seq", "acked_seq"),
    *("locality", "area", "created_at", "seen_at"),
)

Told = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """How much was written."""

    questions: int
    tickets: int
    people: int


def make(
    runtime: Runtime,
    content: Content,
    atlas: Atlas,
    number: int,
    most_tickets: int,
    seed: int,
    told: Told = lambda what, number: None,
) -> Made:
    """Invent so many questions of the last year, and tickets of those handed over. Blocking.

    The same seed, content and day give the same data. BadRequest when the database holds anything
    of conversations or helpers: invented people are never mixed with real ones. `told` hears how
    far it is.
    """
    if not 0 < number <= QUESTIONS_MOST or most_tickets < 0:
        raise BadRequest(f"--questions {number}: must be 1 to {QUESTIONS_MOST:,}")
    if not atlas:
        raise BadRequest("there are no places: content/localities is empty")
    holding = runtime.db.read_now(bulk.holds_anything)
    if holding:
        raise BadRequest(
            f"the database has rows in {holding}: demo data is only made in an empty one; name "
            "another with CONGDANSO_DATABASE_URL or CONGDANSO_VAR_DIR"
        )
    return _Maker(runtime, content, atlas, number, seed, told).run(most_tickets)


class _Maker:
    def __init__(
        self,
        runtime: Runtime,
        content: Content,
        atlas: Atlas,
        number: int,
        seed: int,
        told: Told,
    ) -> None:
        self._runtime = runtime
        self._atlas = atlas
        self._now: datetime = runtime.now()
        self._dice: Generator = np.random.default_rng(seed)
        self._told = told
        today = local(self._now).date()
        self._world: World = make_world(content, atlas, number, today, self._dice)
        self._handed: list[Handed] = []

    def run(self, most_tickets: int) -> Made:
        put = self._put
        put("chats", _CHAT_COLUMNS, lambda: self._people(), self._world.people)
        last = self._questions()
        teams = tickets.make_teams(self._atlas, self._now, self._dice)
        number = self._tickets(teams, most_tickets)
        self._told("counts", 0)
        self._runtime.db.write_now(lambda c: bulk.go_on_from(c, 1, last, self._now))
        self._runtime.db.write_now(rollups.rebuild)
        self._runtime.db.write_now(bulk.settle)
        return Made(last, number, self._world.people)

    def _put(
        self,
        table: str,
        columns: tuple[str, ...],
        rows: Callable[[], Iterator[tuple[Any, ...]]],
        number: int,
    ) -> None:
        self._runtime.db.write_now(lambda c: bulk.put(c, table, columns, rows()))
        self._told(table, number)

    def _people(self) -> Iterator[tuple[Any, ...]]:
        world = self._world
        for n in range(world.people):
            code, place = world.areas[world.chat_area[n]]
            channel = CHANNELS[world.chat_channel[n]]
            area = place_columns(code)["area"]
            yield (
                *(n + 1, channel, f"demo-{n + 1}", False, 0, 1, 0, place or None, area),
                *(self._now, self._now),
            )

    def _questions(self) -> int:
        done = 0
        for first in range(0, DAYS, _DAYS_AT_ONCE):
            days = range(first, min(first + _DAYS_AT_ONCE, DAYS))
            done += self._runtime.db.write_now(lambda c, d=days, n=done: self._some(c, d, n))  # type: ignore[misc]
            self._told("questions", done)
        return done

    def _some(self, connection: Connection, days: range, done: int) -> int:
        written = 0
        for day in days:
            rows = questions.of_day(
                self._world, day, done + written + 1, 1, self._dice, self._handed
            )
            written += bulk.put(connection, "questions", questions.COLUMNS, rows)
        return written

    def _tickets(self, teams: Teams, most: int) -> int:
        if not most:
            return 0
        for table, columns, rows in (
            ("teams", tickets.TEAM_COLUMNS, teams.teams),
            ("team_coverage", tickets.COVERAGE_COLUMNS, teams.coverage),
            ("members", tickets.MEMBER_COLUMNS, teams.members),
        ):
            self._put(table, columns, lambda r=rows: iter(r), len(rows))  # type: ignore[misc]
        handed = self._spread(most)
        for first in range(0, len(handed), _TICKETS_AT_ONCE):
            part = handed[first : first + _TICKETS_AT_ONCE]
            made = tickets.make_tickets(part, teams, self._runtime.vault, self._now, self._dice)
            self._runtime.db.write_now(lambda c, m=made: _write(c, m))  # type: ignore[misc]
            self._told("tickets", first + len(part))
        return len(handed)

    def _spread(self, most: int) -> list[Handed]:
        """At most so many of those handed over, over the whole time."""
        if len(self._handed) <= most:
            return self._handed
        chosen = np.sort(self._dice.choice(len(self._handed), most, replace=False))
        return [self._handed[n] for n in chosen]


def _write(connection: Connection, made: tickets.Made) -> None:
    bulk.put(connection, "tickets", tickets.TICKET_COLUMNS, iter(made.tickets))
    bulk.put(connection, "ticket_events", tickets.EVENT_COLUMNS, iter(made.events))
    bulk.put(connection, "ticket_messages", tickets.LINE_COLUMNS, iter(made.lines))
