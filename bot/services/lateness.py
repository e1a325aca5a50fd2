"""Helpers are told of lines that have not reached the citizen, and of those that did at last.

What is due stands in the outbox; each line is told of once, whoever looks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.domain import events as ev
from bot.errors import StoreError
from bot.services.elsewhere import carry
from bot.services.handoff import Desk
from bot.services.runtime import Runtime
from bot.store import moving_out, relay_lines, tickets
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

    def _elsewhere(self, connection: Connection, line: Overdue, now: datetime) -> set[int]:
        """The page is closed: the line is said in another chat of the person, and its helper told,
        if there is one that a message reaches."""
        runtime = self._runtime
        chat = moving_out.chat_of(connection, line.row_id)
        key = moving_out.key_of(connection, chat) if chat is not None else None
        ticket = tickets.find(connection, runtime.vault, line.ticket_id)
        if chat is None or key is None or ticket is None:
            return set()
        carried = carry(connection, runtime.vault, chat, key, now, pages=False)
        if carried is None or not carried.messages:
            return set()
        desk = Desk(connection, runtime.vault, now, f"page{line.row_id}", runtime.plan)
        desk.citizen_elsewhere(ticket, key.channel, carried.channel)
        return desk.wake | {carried.chat_id}

    async def _tell(self, line: Overdue) -> None:
        runtime = self._runtime

        def work(connection: Connection) -> set[int]:
            now = runtime.now()
            if moving_out.is_carried(connection, line.row_id):
                # Together with the one before it.
                return set()
            if line.why == "page" and (woken := self._elsewhere(connection, line, now)):
                return woken
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
