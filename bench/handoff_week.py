"""A week of handoffs through the real services: `python -m bench.handoff_week`.

883 teams, 4,518 members who sleep, work, forget and go away, 20,000 tickets, simulated time and
seed.
After every event the invariant of the ticket it touched is checked, once an hour that of all open
tickets; a claim is only ever won on a waiting ticket; every deadline is worked on within one tick.
A broken promise raises `Broken`.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import logging
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, select

from bench.handoff_world import ACCOUNT, FULL, Size, arrivals, awake, populate
from bot.domain.effects import OpenTicket
from bot.domain.tickets import ClaimResult, Standing, TicketOutcome, TicketStatus
from bot.handoff.moves import check_invariant
from bot.models.schema import ticket_events
from bot.services.ladder import Ladder
from bot.services.passing import Passing
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store import inbox, members, migrate, standings
from bot.store import ticket_events as log_store
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from bot.store.inbox import ChatKey

#: Monday 31 August 2026 in Vietnam: Tuesday and Wednesday of this week are the National Day.
START = datetime(2026, 8, 30, 17, tzinfo=UTC)
_URGENT = 0.08

log = structlog.get_logger(__name__)


class Broken(AssertionError):
    """A promise of the handoff was broken."""


@dataclass
class Result:
    """What was counted."""

    tickets: int = 0
    events: int = 0
    checks: int = 0
    seconds: float = 0.0
    #: Seconds between a deadline and the tick that worked on it, the longest.
    latest: float = 0.0
    claims: int = 0
    claims_refused: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    moves: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    rungs: Counter[str] = field(default_factory=Counter)
    #: Minutes, by "normal" and "urgent".
    first_reply: dict[str, list[float]] = field(default_factory=dict)
    resolved: dict[str, list[float]] = field(default_factory=dict)


class Week:
    """The world and its clock. `tick` is how often the ladder looks, simulated."""

    def __init__(
        self, runtime: Runtime, size: Size, number: int, days: int, seed: int, tick: timedelta
    ) -> None:
        self.runtime, self.number, self.days, self.tick = runtime, number, days, tick
        self.dice = random.Random(seed)
        self.now = START
        runtime.now = lambda: self.now
        self.result = Result()
        self._plan = runtime.plan
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._count = 0
        self.hamlets: list[str] = self.do(
            lambda c: populate(c, size, self.dice, START - timedelta(days=30))
        )
        self._people = size.members

    # Time.

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (moment, self._count, act))

    def after(self, minutes: float, act: Callable[[], None]) -> None:
        self.at(self.now + timedelta(minutes=minutes), act)

    def run(self) -> Result:
        began = time.perf_counter()
        end = START + timedelta(days=self.days)
        for number, moment in enumerate(arrivals(self.number, START, self.days, self.dice), 1):
            self.at(moment, lambda n=number: self._open(n))  # type: ignore[misc]
        for _ in range(self._people // 3 * self.days // 7):
            moment = START + timedelta(seconds=self.dice.uniform(0, self.days * 86_400))
            self.at(moment, self._somebody_is_busy)
        with asyncio.Runner() as loop:
            ladder = Ladder(self.runtime, lambda _chat: None)
            self.at(START, lambda: self._ladder(loop, ladder, end))
            while self._heap and self._heap[0][0] <= end:
                self.now, _, act = heapq.heappop(self._heap)
                act()
        self._look_at_all()
        self._count_up()
        self.result.seconds = time.perf_counter() - began
        return self.result

    def _ladder(self, loop: asyncio.Runner, ladder: Ladder, end: datetime) -> None:
        now = self.now
        due = self.do(lambda c: standings.due(c, now, 100_000))
        for moment, number in due:
            self.result.latest = max(self.result.latest, (now - moment).total_seconds())
            if now - moment > self.tick:
                raise Broken(f"ticket {number}: a deadline waited {now - moment}")
        loop.run(ladder.tick())
        for _, ticket in due:
            standing = self._check(ticket)
            if standing.status.open and (standing.due is None or standing.due.at <= now):
                raise Broken(f"ticket {ticket} was due and was not worked on")
            if standing.status is TicketStatus.WAITING:
                self._shown(ticket)
        if now.minute == 0 and now.second == 0:
            self._look_at_all()
            log.info(
                "simulated", hours=(now - START) // timedelta(hours=1), acts=self.result.events
            )
        self.at(now + self.tick, lambda: self._ladder(loop, ladder, end))

    # What happens.

    def _open(self, number: int) -> None:
        dice = self.dice
        effect = OpenTicket(
            urgent=dice.random() < _URGENT,
            topic="Kích hoạt VNeID",
            guide_title="",
            step=None,
            failed="",
            name="",
            phone="",
            commune="",
            team_id=None,
            question_id=None,
            locality=dice.choice(self.hamlets),
            language="ede" if dice.random() < 0.03 else "vi",
        )
        now = self.now

        def work(connection: Connection, desk: Passing) -> None:
            chat = inbox.chat_id(connection, ChatKey("web", f"c{number}"), now)
            desk.open(number, chat, effect)

        self.desk(work)
        self._check(number)
        self._shown(number)
        if dice.random() < 0.03:
            minutes = dice.expovariate(1 / 240)
            self.after(minutes, lambda: self._act(number, lambda desk: desk.cancel(number)))

    def _shown(self, number: int) -> None:
        """A team has the card: each of its people may look at it, or not."""
        standing = self._standing(number)
        people = self.desk(
            lambda c, desk: desk.mover.directory.people(
                standing.team_id, standing.rung, urgent=standing.urgent
            )
        )
        for person in people[:6]:
            if self.dice.random() < (0.5 if standing.urgent else 0.35):
                minutes = self.dice.expovariate(1 / (7 if standing.urgent else 150))
                self.after(minutes, lambda p=person: self._take(number, p))  # type: ignore[misc]

    def _take(self, number: int, person: int) -> None:
        if not awake(self.now) and self.dice.random() < 0.9:
            return
        before = self._standing(number)
        result = self.desk(lambda _, desk: desk.claim(number, person))
        after = self._check(number)
        won = result is ClaimResult.WON
        if won != (before.status is TicketStatus.WAITING) or (won and after.member_id != person):
            raise Broken(f"ticket {number}: {before.status} and the claim was {result}")
        self.result.claims += won
        self.result.claims_refused += not won
        if won:
            self._help(number, person)

    def _help(self, number: int, person: int) -> None:
        dice = self.dice
        if dice.random() < 0.06:
            return  # forgets it
        quick = 0.15 if self._standing(number).urgent else 1.0
        at = dice.lognormvariate(3.4, 1.0) * quick
        self.after(at, lambda: self._held(number, person, self._reply))
        for _ in range(dice.choice((0, 0, 1, 1, 2))):
            asked = at + dice.uniform(5, 400) * quick
            self.after(asked, lambda: self._held(number, person, self._ask))
            if dice.random() < 0.9:
                answer = asked + dice.expovariate(1 / 60) * quick
                self.after(answer, lambda: self._held(number, person, self._reply))
        last = at + dice.lognormvariate(5.0, 1.0) * quick
        ways: tuple[Callable[[int, Passing], object], ...] = (
            self._close, self._give_back, self._climb, self._visit, self._pass
        )  # fmt: skip
        (how,) = dice.choices(ways, (82, 5, 2, 6, 3))
        self.after(last, lambda: self._held(number, person, how))
        if how is not self._close:
            self.after(
                last + dice.uniform(600, 3_000), lambda: self._held(number, person, self._close)
            )

    def _held(self, number: int, person: int, act: Callable[[int, Passing], object]) -> None:
        """Something a helper does while they still have it."""
        standing = self._standing(number)
        if standing.status is TicketStatus.CLAIMED and standing.member_id == person:
            self._act(number, lambda desk: act(number, desk))

    def _reply(self, number: int, desk: Passing) -> None:
        ticket = desk.mover.view(number)
        if ticket is not None and ticket.status is TicketStatus.CLAIMED:
            desk.say_to_citizen(ticket, "Dạ, bác mở ứng dụng lên giúp con.")

    def _ask(self, number: int, desk: Passing) -> None:
        desk.say_to_helper(number, "Bác chưa thấy mã.")

    def _close(self, number: int, desk: Passing) -> None:
        ticket = desk.mover.view(number)
        if ticket is None or not ticket.status.open:
            return
        outcome = self.dice.choices(list(TicketOutcome), (80, 6, 4, 1, 3, 3, 3))[0]
        desk.close(ticket, outcome=outcome)
        if self.dice.random() < 0.04:
            minutes = self.dice.uniform(10, 4_000)
            chat = ticket.chat_id
            self.after(minutes, lambda: self._act(number, lambda d: d.reopen(number, chat)))

    def _give_back(self, number: int, desk: Passing) -> None:
        desk.give_back(number)

    def _climb(self, number: int, desk: Passing) -> None:
        desk.climb(number)

    def _visit(self, number: int, desk: Passing) -> None:
        desk.set_visit(number, self.now + timedelta(hours=self.dice.uniform(3, 40)))

    def _pass(self, number: int, desk: Passing) -> None:
        standing = desk.mover.locked(number)
        if standing is None:
            return
        people = desk.mover.directory.people(
            standing.team_id, standing.rung, urgent=standing.urgent
        )
        others = [person for person in people if person != standing.member_id]
        if others:
            other = self.dice.choice(others)
            desk.to_member(number, other)
            self.after(0.1, lambda: self._help(number, other))

    def _act(self, number: int, act: Callable[[Passing], object]) -> None:
        before = self._standing(number)
        self.desk(lambda _, desk: act(desk))
        after = self._check(number)
        moved = (before.rung, before.team_id, before.status) != (
            after.rung,
            after.team_id,
            after.status,
        )
        if after.status is TicketStatus.WAITING and moved:
            self._shown(number)
        elif after.member_id is not None and before.status is TicketStatus.CLOSED and moved:
            self._help(number, after.member_id)

    def _somebody_is_busy(self) -> None:
        person = self.dice.randint(1, self._people)
        until = self.now + timedelta(hours=self.dice.uniform(2, 72))
        self.do(lambda c: members.set_away(c, ChatKey("telegram", str(ACCOUNT + person)), until))

    # Looking.

    def do(self, work: Callable[[Connection], Any]) -> Any:
        return self.runtime.db.write_now(work)

    def desk(self, work: Callable[[Connection, Passing], Any]) -> Any:
        """One act through the real services, in a transaction of its own."""
        self._count += 1
        name, runtime, now = f"w{self._count}", self.runtime, self.now
        self.result.events += 1
        return self.do(lambda c: work(c, Passing(c, runtime.vault, now, name, self._plan)))

    def _standing(self, number: int) -> Standing:
        found: Standing | None = self.runtime.db.read_now(lambda c: standings.load(c, number))
        if found is None:
            raise Broken(f"ticket {number} is gone")
        return found

    def _check(self, number: int) -> Standing:
        standing = self._standing(number)
        self._right(number, standing)
        return standing

    def _right(self, number: int, standing: Standing) -> None:
        self.result.checks += 1
        wrong = [*check_invariant(standing)]
        if standing.status.open and standing.team_id is None:
            wrong.append("no team, though the province has a desk")
        if wrong:
            raise Broken(f"ticket {number}: {'; '.join(wrong)}")

    def _look_at_all(self) -> None:
        def look(connection: Connection) -> list[tuple[int, Standing]]:
            found: list[tuple[int, Standing]] = []
            while ids := standings.open_ids(connection, found[-1][0] if found else 0, 1_000):
                loaded = ((number, standings.load(connection, number)) for number in ids)
                found += [(number, standing) for number, standing in loaded if standing]
            return found

        for number, standing in self.runtime.db.read_now(look):
            self._right(number, standing)
            if standing.due is not None and self.now - standing.due.at > self.tick:
                raise Broken(f"ticket {number} is late and nobody works on it")

    def _count_up(self) -> None:
        """The event log tells the rest; and once more that nobody took what another had."""
        result, vault = self.result, self.runtime.vault
        holder: dict[int, int | None] = {}

        def look(connection: Connection) -> None:
            query = select(ticket_events).order_by(ticket_events.c.id)
            for row in connection.execute(query):
                data = json.loads(vault.open(row.data, log_store.DATA)) if row.data else {}
                result.kinds[row.kind] += 1
                if row.kind == "moved":
                    result.moves[f"{data['why']} to {row.rung}"] += 1
                if row.kind == "claimed" and holder.get(row.ticket_id) is not None:
                    raise Broken(f"ticket {row.ticket_id} was taken twice")
                if "member_id" in data:
                    holder[row.ticket_id] = data["member_id"]
            for course in standings.courses(connection, START, START + timedelta(days=100)):
                self._course(course)

        self.runtime.db.read_now(look)

    def _course(self, course: standings.Course) -> None:
        result = self.result
        result.tickets += 1
        kind = "urgent" if course.urgent else "normal"
        result.rungs[f"{kind} {course.rung}"] += 1
        result.outcomes[course.outcome or "open or cancelled"] += 1
        for end, into in (
            (course.first_reply_at, result.first_reply),
            (course.closed_at, result.resolved),
        ):
            if end is not None:
                minutes = (end - course.created_at).total_seconds() / 60
                into.setdefault(kind, []).append(minutes)


def simulate(
    folder: Path,
    size: Size = FULL,
    number: int = 20_000,
    days: int = 7,
    seed: int = 2026,
    tick: timedelta = timedelta(minutes=1),
) -> Result:
    """Run a week on a new SQLite database in `folder`. Raises Broken."""
    engine = make_engine(f"sqlite:///{folder / 'week.db'}")
    migrate.upgrade(engine)
    db = Database(engine)
    try:
        runtime = Runtime(Settings(_env_file=None, var_dir=folder), db, Vault(bytes(range(32))))
        return Week(runtime, size, number, days, seed, tick).run()
    finally:
        db.close()


def report(result: Result) -> str:
    """The figures as Markdown."""
    lines = [
        f"{result.tickets:,} tickets, {result.events:,} acts, {result.checks:,} checks of the "
        f"invariant, {result.seconds:.0f} s.",
        f"Claims won {result.claims:,}, refused {result.claims_refused:,}. "
        f"A deadline waited at most {result.latest:.0f} s for the ladder.",
        "",
        "| What happened | How often |",
        "|---|---|",
        *(f"| {kind} | {count:,} |" for kind, count in result.kinds.most_common()),
        *(f"| moved: {why} | {count:,} |" for why, count in result.moves.most_common()),
        "",
        "| Where tickets ended | How many |",
        "|---|---|",
        *(f"| {rung} | {count:,} |" for rung, count in sorted(result.rungs.items())),
        "",
        "| Minutes | Kind | Tickets | median | p90 |",
        "|---|---|---|---|---|",
    ]
    for what, times in (("first reply", result.first_reply), ("closed", result.resolved)):
        for kind, minutes in sorted(times.items()):
            tenth = statistics.quantiles(minutes, n=10)[-1] if len(minutes) > 1 else minutes[0]
            lines.append(
                f"| {what} | {kind} | {len(minutes):,} | {statistics.median(minutes):.0f} "
                f"| {tenth:.0f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """The whole week, or a part of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--folder", type=Path, help="where the database goes; a new one if not")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        print(
            report(simulate(Path(folder), number=asked.tickets, days=asked.days, seed=asked.seed))
        )


if __name__ == "__main__":
    main()
