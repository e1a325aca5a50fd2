"""Helpers are told of lines that have not reached the citizen, and of those that did at last.

What is due stands in the outbox; each line is told of once, whoever looks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.domain import events as ev
from bot.errors import StoreError
from bot.services.handoff import Desk
from bot.services.runtime import Runtime
from bot.store import relay_lines, tickets
from bot.store.relay_lines import Overdue

log = structlog.get_logger(__name__)

#: A line that has not arrived after this long is late.
PATIENCE = timedelta(seconds=10)
_SHOWN = 60


class Lateness:
    """Looks for lines that are late."""

    def __init__(self, runtime: Runtime, wake: Callable[[int], None]) -> None:
        self._runtime = runtime
        self._wake = wake

    async def tick(self) -> int:
        """Everything there is to tell now; returns how many lines."""
        before = self._runtime.now() - PATIENCE
        try:
            found = await self._runtime.db.read(lambda c: relay_lines.overdue(c, before))
            for each in found:
                await self._tell(each)
        except (SQLAlchemyError, StoreError) as error:
            log.warning("late lines not looked for", error=type(error).__name__)
            return 0
        return len(found)

    async def _tell(self, line: Overdue) -> None:
        runtime = self._runtime

        def work(connection: Connection) -> set[int]:
            now = runtime.now()
            if not relay_lines.told(connection, line.row_id, now if line.why else None):
                return set()
            # Nothing of it is left once its ticket was erased.
            text = runtime.vault.open(line.payload, tickets.LINE).decode() if line.payload else ""
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            what = "late" if line.why else "arrived"
            dedupe = f"{what}{line.row_id}:{now.timestamp()}"
            desk = Desk(connection, runtime.vault, now, dedupe, runtime.plan)
            event: ev.InternalEvent = ev.LineArrived(line.ticket_id, shown)
            if line.why is not None:
                event = ev.LineLate(line.ticket_id, shown, line.why)
            desk.mover.tell.holder(line.ticket_id, event)
            return desk.wake

        for chat in await runtime.db.write(work):
            self._wake(chat)
