"""The ladder at work: tickets whose deadline has passed climb, or their helper is told.

What is due stands in the database, so a restart forgets nothing; each ticket is its own short
transaction that locks it and looks again, so two schedulers do no harm, and one that was down for a
day works through what is left, the oldest first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.domain import events as ev
from bot.domain.tickets import Standing
from bot.errors import CongdansoError
from bot.handoff.ladder import on_due
from bot.handoff.moves import GiveBack, Move, Overdue, refreshed
from bot.services.moving import Mover
from bot.services.passing import Passing
from bot.services.runtime import Runtime
from bot.store import records, set_back, standings, visits
from bot.store.ticket_events import SYSTEM

log = structlog.get_logger(__name__)

_BATCH = 100
#: Transactions submitted together: SQLite makes one commit of them.
_AT_ONCE = 16
_MARK = "ladder_ran_at"
#: Clocks of two machines may differ by this much without one of them having been set back.
_SKEW = timedelta(minutes=1)


def work_due(connection: Connection, mover: Mover, ticket_id: int) -> bool:
    """Do what follows from a ticket's deadline; False when it is not due (any more)."""
    before = mover.locked(ticket_id)
    if before is None or before.due is None or before.due.at > mover.now:
        return False
    ticket = mover.view(ticket_id)
    if ticket is None:
        return False
    lookup = mover.lookup(ticket, also=before.team_id, without=before.member_id)
    move, place = on_due(before, lookup)
    if isinstance(move, Move) and place is not None:
        mover.go(ticket, before, move, place)
        return True
    after = mover.apply(ticket_id, before, move)
    if isinstance(move, Overdue | GiveBack):
        if isinstance(move, GiveBack):
            mover.tell.member(before.member_id, ev.DeadlineMissed(ticket_id, before.due.kind, True))
            mover.tell.chat(ticket.chat_id, ev.TicketMoved(ticket_id, ticket.team_name, "silent"))
        elif _worth_telling(after.missed):
            mover.tell.chat(ticket.chat_id, ev.TicketOverdue(ticket_id))
        mover.arrive(ticket_id, after, call_sheet=place is not None and place.call_sheet)
    else:
        missed = ev.DeadlineMissed(ticket_id, before.due.kind)
        mover.tell.holder(ticket_id, missed)
        if before.member_id is None:
            mover.tell.group(before.team_id, missed)
    return True


def _worth_telling(missed: int) -> bool:
    """The first time, the second, the fourth…: somebody who waits for days is not told daily."""
    return missed & (missed - 1) == 0


class Ladder:
    """Works through what is due. One `tick` at a time in a process."""

    def __init__(self, runtime: Runtime, wake: Callable[[int], None]) -> None:
        self._runtime = runtime
        self._wake = wake

    async def tick(self) -> int:
        """Everything that is due now; returns how many tickets were worked on."""
        now = self._runtime.now()
        await self._follow_clock(now)
        done = 0
        after: tuple[datetime, int] | None = None
        while found := await self._due(now, after):
            done += await self._work([ticket_id for _, ticket_id in found])
            # Not from the start again: what failed now is tried at the next tick.
            after = found[-1]
        await self._remind(now)
        if done:
            log.info("deadlines passed", tickets=done)
        return done

    async def _due(
        self, now: datetime, after: tuple[datetime, int] | None
    ) -> list[tuple[datetime, int]]:
        return await self._runtime.db.read(lambda c: standings.due(c, now, _BATCH, after))

    async def _work(self, ids: list[int]) -> int:
        done = 0
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            done += sum(await asyncio.gather(*(self._one(ticket_id) for ticket_id in part)))
        return done

    async def _one(self, ticket_id: int) -> bool:
        runtime = self._runtime

        def work(connection: Connection) -> tuple[bool, set[int]]:
            now = runtime.now()
            standing = standings.load(connection, ticket_id, lock=True)
            due = standing.due if standing else None
            # The name of the act: once for each deadline, whoever comes to it.
            dedupe = f"due{ticket_id}:{due.at.timestamp() if due else 0}"
            mover = Mover(connection, runtime.vault, now, dedupe, runtime.plan)
            return work_due(connection, mover, ticket_id), mover.tell.wake

        try:
            worked, woken = await runtime.db.write(work)
        except (SQLAlchemyError, CongdansoError) as error:
            # One ticket's trouble stops no other's; it is still due at the next tick.
            log.error("deadline not worked on", ticket=ticket_id, error=type(error).__name__)
            return False
        for chat in woken:
            self._wake(chat)
        return worked

    # Visits.

    async def _remind(self, now: datetime) -> None:
        runtime = self._runtime
        before = now + runtime.plan.rules.visit_reminder
        for visit in await runtime.db.read(lambda c: visits.to_remind(c, before)):

            def work(connection: Connection, visit: visits.Visit = visit) -> set[int]:
                dedupe = f"visit{visit.id}"
                desk = Passing(connection, runtime.vault, runtime.now(), dedupe, runtime.plan)
                desk.remind_visit(visit)
                return desk.wake

            for chat in await runtime.db.write(work):
                self._wake(chat)

    # The clock.

    async def _follow_clock(self, now: datetime) -> None:
        """Notice that the clock was set back: deadlines counted from a time that had not come are
        counted from now, so that none lies in a future nobody waits for; and leases end."""
        ran = await self._runtime.db.write(lambda c: _mark(c, now))
        if ran is None or now >= ran - _SKEW:
            return
        log.warning("clock set back", seconds=round((ran - now).total_seconds()))
        await self._runtime.db.write(lambda c: set_back.release(c, now))
        last = 0
        while ids := await self._runtime.db.read(
            lambda c, last=last: standings.open_ids(c, last, _BATCH)  # type: ignore[misc]
        ):
            await self._runtime.db.write(lambda c, ids=ids: self._recount(c, ids))  # type: ignore[misc]
            last = ids[-1]

    def _recount(self, connection: Connection, ids: list[int]) -> None:
        runtime = self._runtime
        mover = Mover(connection, runtime.vault, runtime.now(), "clock", runtime.plan)
        for ticket_id in ids:
            before = mover.locked(ticket_id)
            if before is None or not before.status.open:
                continue
            after = refreshed(before, mover.time)
            if after != before:
                standings.save(connection, ticket_id, after)
                mover.note(ticket_id, "recounted", after, SYSTEM, due=_due(after))


def _due(standing: Standing) -> str:
    return standing.due.at.isoformat() if standing.due else ""


def _mark(connection: Connection, now: datetime) -> datetime | None:
    """When the ladder last ran, by whichever clock; from now on that is `now`."""
    text = records.cursor(connection, _MARK)
    records.set_cursor(connection, _MARK, now.astimezone(UTC).isoformat())
    return datetime.fromisoformat(text) if text else None
