"""Sending what the outbox holds: in order per chat, within limits, honest about what is uncertain.

For platforms that are pushed to (Telegram…). The web chat pulls instead (channels/web). One task
per chat with something to send; the chat's send lease keeps two processes from sending to one chat
at once.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.calendar import out_of_quiet
from bot.domain.replies import Priority, Reply, decode_reply, merge
from bot.errors import (
    ChannelError,
    ChatMoved,
    NotConnected,
    NotSent,
    RateLimited,
    StoreError,
    Uncertain,
    Unreachable,
    WindowClosed,
)
from bot.services.handoff import Desk
from bot.services.limits import Limiter
from bot.services.posting import OUTBOX
from bot.services.runtime import Runtime
from bot.services.unreached import member_unreached
from bot.store import alerts, inbox, outbox, tickets, windows
from bot.store.inbox import ChatKey
from bot.store.outbox import Claim

log = structlog.get_logger(__name__)

_REMEMBER = 10_000
_BACKOFF_FIRST = 0.5
_BACKOFF_MOST = 300.0


class Sender(Protocol):
    """One platform's way out."""

    async def send(self, key: ChatKey, reply: Reply) -> str | None:
        """Send one message; returns the platform's id of it. Raises ChannelError."""


@dataclass(frozen=True, slots=True)
class Route:
    """A platform with its limits."""

    sender: Sender
    limiter: Limiter


@dataclass(frozen=True, slots=True)
class Kept:
    """A message was not sent; `more` says whether others wait for its chat."""

    more: bool


class Delivery:
    """Works the outbox off."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._routes: dict[str, Route] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._again: dict[int, int] = {}
        self._groups: dict[int, bool] = {}
        self._sending: set[int] = set()
        self._stopping = False
        #: Called with every chat that was told something.
        self.wake: Callable[[int], None] = lambda _chat: None

    def add(self, channel: str, route: Route) -> None:
        """Send what is for `channel` this way."""
        self._routes[channel] = route

    def notify(self, chat: int, channel: str, priority: int) -> None:
        """Something new waits for this chat."""
        route = self._routes.get(channel)
        if route is None or self._stopping:
            return
        if chat in self._running:
            self._again[chat] = min(priority, self._again.get(chat, priority))
            return
        task = asyncio.create_task(self._drain(chat, route, priority))
        self._running[chat] = task
        task.add_done_callback(lambda _: self._finished(chat, channel))

    def _finished(self, chat: int, channel: str) -> None:
        self._running.pop(chat, None)
        priority = self._again.pop(chat, None)
        if priority is not None:
            self.notify(chat, channel, priority)

    async def tick(self) -> None:
        """One round by the clock: retries, held reminders, what dead workers left."""
        try:
            await self._renew()
            await self.poll()
        except (SQLAlchemyError, StoreError) as error:
            log.warning("outbox poll failed", error=type(error).__name__)

    async def _renew(self) -> None:
        """Keep the chats being sent to: a slow platform must not look like a dead worker."""
        if self._sending:
            chats, until = list(self._sending), self._until()
            owner = self._runtime.owner
            await self._runtime.db.write(lambda c: outbox.keep(c, chats, owner, until))

    def _until(self) -> datetime:
        return self._runtime.now() + timedelta(seconds=self._runtime.settings.lease_seconds)

    async def poll(self) -> None:
        """One look at the outbox."""
        for channel in self._routes:
            now = self._runtime.now()
            due = await self._runtime.db.read(
                lambda c, ch=channel, n=now: outbox.due_chats(c, [ch], n)  # type: ignore[misc]
            )
            for chat, priority in due:
                if chat not in self._running:
                    self.notify(chat, channel, priority)

    async def stop(self) -> None:
        """Let the sends in hand finish; what waits stays in the outbox."""
        self._stopping = True
        tasks = list(self._running.values())
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=5)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until nothing is in hand (tests)."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def _drain(self, chat: int, route: Route, priority: int) -> None:
        try:
            group = await self._is_group(chat)
            more = True
            while more and not self._stopping:
                since = await route.limiter.acquire(chat, group=group, priority=priority)
                self._sending.add(chat)
                try:
                    more = await self._send_next(chat, route)
                finally:
                    self._sending.discard(chat)
                    route.limiter.release(chat, since, group=group)
                priority = max(priority, Priority.REPLY)
        except (SQLAlchemyError, StoreError) as error:
            log.error("delivery store error", chat=chat, error=type(error).__name__)

    async def _is_group(self, chat: int) -> bool:
        """Whether other limits hold; remembered, since a chat never changes its kind."""
        known = self._groups.get(chat)
        if known is None:
            if len(self._groups) >= _REMEMBER:
                self._groups.clear()
            known = await self._runtime.db.read(lambda c: outbox.is_group(c, chat))
            self._groups[chat] = known
        return known

    async def _send_next(self, chat: int, route: Route) -> bool:
        runtime = self._runtime
        now = runtime.now()
        until = self._until()
        claim = await runtime.db.write(lambda c: outbox.claim(c, chat, runtime.owner, now, until))
        if claim is None:
            return False
        reply = merge([decode_reply(runtime.vault.open(r.payload, OUTBOX)) for r in claim.rows])
        if reply.alert_id is not None and (kept := await self._kept_back(claim, reply.alert_id)):
            return kept.more
        try:
            external = await route.sender.send(claim.key, reply)
        except ChannelError as error:
            return await self._trouble(claim, error, route)
        self._count(claim, "sent")
        return await runtime.db.write(lambda c: outbox.sent(c, claim, external, runtime.now()))

    async def _kept_back(self, claim: Claim, alert_id: int) -> Kept | None:
        """An alert may have ended while it waited, or the evening come: then it does not leave."""
        now = self._runtime.now()

        def work(connection: Connection) -> Kept | None:
            later = out_of_quiet(now)
            if not alerts.may_leave(connection, alert_id, claim.chat_id, now):
                return Kept(alerts.drop(connection, claim, now))
            return Kept(alerts.put_off(connection, claim, later, now)) if later > now else None

        return await self._runtime.db.write(work)

    # When it did not go well -----------------------------------------------------------------

    async def _trouble(self, claim: Claim, error: ChannelError, route: Route) -> bool:
        match error:
            case RateLimited():
                self._count(claim, "limited")
                if not claim.key.is_group:
                    route.limiter.pause(min(error.retry_after, 1.0))
                return await self._again_in(claim, error.retry_after, "rate limited", counted=False)
            case NotSent():
                return await self._retry(claim, "not_sent", uncertain=False)
            case Uncertain():
                return await self._retry(claim, "uncertain", uncertain=True)
            case Unreachable():
                await self._unreachable(claim)
                return False
            case WindowClosed():
                await self._window_closed(claim, error)
                return False
            case NotConnected():
                self._count(claim, "not_connected")
                return await self._again_in(
                    claim, error.retry_after, "not connected", counted=False
                )
            case ChatMoved():
                return await self._moved(claim, error)
            case _:
                self._count(claim, "rejected")
                log.error("message rejected", chat=claim.chat_id, error=str(error)[:80])
                return await self._give_up(claim, "rejected")

    async def _retry(self, claim: Claim, result: str, *, uncertain: bool) -> bool:
        self._count(claim, result)
        if claim.rows[0].attempts >= self._runtime.settings.send_attempts:
            return await self._give_up(claim, "too many attempts")
        if uncertain and await self._runtime.db.read(lambda c: outbox.uncertain_before(c, claim)):
            # It may have been shown twice already; a third would be certain spam.
            return await self._give_up(claim, "uncertain twice")
        backoff = min(_BACKOFF_FIRST * 2 ** (claim.rows[0].attempts - 1), _BACKOFF_MOST)
        return await self._again_in(
            claim, backoff * random.uniform(0.7, 1.3), result, uncertain=uncertain
        )

    async def _again_in(
        self,
        claim: Claim,
        seconds: float,
        why: str,
        *,
        uncertain: bool = False,
        counted: bool = True,
    ) -> bool:
        when = self._runtime.now() + timedelta(seconds=seconds)
        await self._runtime.db.write(
            lambda c: outbox.again(c, claim, when, why, uncertain=uncertain, counted=counted)
        )
        return False

    async def _give_up(self, claim: Claim, why: str) -> bool:
        now = self._runtime.now()
        return await self._runtime.db.write(lambda c: outbox.failed(c, claim, why, now))

    async def left(self, key: ChatKey, dedupe: str) -> None:
        """The platform says that this person has left: nothing is sent there until they are back.
        `dedupe` names what it said, so that nobody is told of it twice."""

        def work(connection: Connection) -> set[int]:
            chat = inbox.find_chat(connection, key)
            if chat is None or not inbox.reachable(connection, chat):
                return set()
            about = outbox.unreachable(connection, chat, self._runtime.now())
            return self._tell_waiting(connection, chat, key, dedupe, about)

        self._wake_all(await self._runtime.db.write(work))

    async def _unreachable(self, claim: Claim) -> None:
        """Mark the person, and tell whoever is waiting on them."""
        self._count(claim, "unreachable")

        def work(connection: Connection) -> set[int]:
            about = outbox.unreachable(connection, claim.chat_id, self._runtime.now())
            dedupe = f"u{claim.rows[0].id}"
            return self._tell_waiting(connection, claim.chat_id, claim.key, dedupe, about)

        self._wake_all(await self._runtime.db.write(work))

    async def _window_closed(self, claim: Claim, error: WindowClosed) -> None:
        """Keep what waits until the person writes, and tell whoever is waiting on them."""
        self._count(claim, "window_closed")

        def work(connection: Connection) -> set[int]:
            now = self._runtime.now()
            held = windows.hold(connection, claim, error.seen, now)
            if held is None:
                return set()
            dedupe = f"w{claim.rows[0].id}:{now.timestamp():.0f}"
            return self._tell_waiting(connection, claim.chat_id, claim.key, dedupe, held)

        self._wake_all(await self._runtime.db.write(work))

    def _wake_all(self, chats: set[int]) -> None:
        for chat in chats:
            self.wake(chat)

    def _tell_waiting(
        self, connection: Connection, chat: int, key: ChatKey, dedupe: str, about: set[int]
    ) -> set[int]:
        vault = self._runtime.vault
        desk = Desk(connection, vault, self._runtime.now(), dedupe, self._runtime.plan)
        if key.is_group:
            for ticket_id in about:
                desk.team_unreachable(ticket_id)
            return desk.wake
        for ticket in tickets.of_chat(connection, vault, chat):
            desk.citizen_unreachable(ticket)
            about.discard(ticket.id)
        now, billed = self._runtime.now(), self._runtime.plan.billed
        member_unreached(desk, connection, vault, key, about, now, billed=billed)
        return desk.wake

    async def _moved(self, claim: Claim, error: ChatMoved) -> bool:
        """The group became another: follow it and send again at once."""
        self._count(claim, "moved")
        if claim.rows[0].attempts >= self._runtime.settings.send_attempts:
            return await self._give_up(claim, "moved too often")
        now = self._runtime.now()

        def work(connection: Connection) -> int | None:
            outbox.again(connection, claim, now, "moved")
            return tickets.move_group(connection, claim.key.external_id, error.new_id)

        chat = await self._runtime.db.write(work)
        if chat is not None and chat != claim.chat_id:
            self.notify(chat, claim.key.channel, Priority.REPLY)
        return True

    def _count(self, claim: Claim, result: str) -> None:
        self._runtime.metrics.sends.labels(claim.key.channel, result).inc()
