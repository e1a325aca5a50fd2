"""The job that keeps the counts of the question log right.

Whoever changes a question marks its day; a marked day is counted anew and what differs is added to
every cut. Nothing is lost by a stop at any moment: a mark goes only with the last of its day's
differences. One process counts at a time; the others find the lease taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.services.runtime import Runtime
from bot.store import rollups as store

log = structlog.get_logger(__name__)

_LEASE = timedelta(minutes=2)
#: Differences of the finest cut in one transaction: some 20 ms.
_CHUNK = 400


class Rollups:
    """Counts marked days."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def tick(self) -> int:
        """Count every marked day; returns how many days were counted."""
        db, counted = self._runtime.db, 0
        days = await db.read(store.marked)
        if not days or not await db.write(self._take):
            return 0
        # Read again with the lease: another process may just have counted.
        while days := await db.read(store.marked):
            for day, marks in days.items():
                if not await self._count(day, marks):
                    return counted
                counted += 1
        await db.write(lambda c: store.drop_lease(c, self._runtime.owner, self._runtime.now()))
        return counted

    async def _count(self, day: date, marks: Sequence[int]) -> bool:
        """One day; False when another process took over."""
        db = self._runtime.db
        changes = await db.read(lambda c: _changes(c, day))
        for first in range(0, len(changes), _CHUNK):
            part = changes[first : first + _CHUNK]
            if not await db.write(partial(self._add, part)):
                return False
        return await db.write(lambda c: self._finish(c, marks))

    def _take(self, connection: Connection) -> bool:
        now = self._runtime.now()
        return store.take_lease(connection, self._runtime.owner, now, now + _LEASE)

    def _add(self, part: Sequence[store.Change], connection: Connection) -> bool:
        if not store.holds_lease(connection, self._runtime.owner):
            return False
        store.add(connection, part)
        return True

    def _finish(self, connection: Connection, marks: Sequence[int]) -> bool:
        if not store.holds_lease(connection, self._runtime.owner):
            return False
        store.unmark(connection, marks)
        return self._take(connection)


def _changes(connection: Connection, day: date) -> list[store.Change]:
    return list(
        store.differences(store.recount(connection, day), store.kept(connection, day)).items()
    )
