"""Sending what the outbox holds: in order per chat, within limits, honest about what is uncertain.

For platforms that are pushed to (Telegram…). The web chat pulls instead (channels/web). One task
per chat with something to send; the chat's send lease keeps two processes from sending to one chat
at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

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
from bot.services.limits import Limiter, Rates
from bot.services.outage import Outage, Probe
from bot.services.posting import OUTBOX
from bot.services.runtime import Runtime
from bot.services.shared_limits import Places, SharedLimiter
from bot.services.undelivered import Undelivered
from bot.store import alerts, outbox, tickets
from bot.store.db import PASSING, Work
from bot.store.inbox import ChatKey
from bot.store.outbox import Claim

log = structlog.get_logger(__name__)

T = TypeVar("T")

_REMEMBER = 10_000
_BACKOFF_FIRST = 0.5
_BACKOFF_MOST = 300.0


class Sender(Protocol):
    """One platform's way out."""

    async def send(self, key: ChatKey, reply: Reply) -> str | None:
        """Send one message; returns the platform's id of it. Raises ChannelError."""


@dataclass(frozen=True, slots=True)
class Route:
    """A platform with its limits. `probe` asks it for something harmless, to see it come back."""

    sender: Sender
    limiter: Limiter
    probe: Probe | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A message was not sent; `more` says whether others wait for its chat."""

    more: bool


class Delivery:
    """Works the outbox off."""

    def __init__(self, runtime: Runtime, clock: Callable[[], float] = time.monotonic) -> None:
        self._runtime = runtime
        self._undelivered = Undelivered(runtime)
        self._clock = clock
        self._routes: dict[str, Route] = {}
        self._outages: dict[str, Outage] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._again: dict[int, int] = {}
        self._groups: dict[int, bool] = {}
        self._sending: set[int] = set()
        self._stopping = False
        #: When all was well last, since when it has not been, and until when leases are let be.
        self._seen = runtime.now()
        self._away: datetime | None = None
        self._gentle_until = 0.0
        #: Places among those of all processes that send; None where this one sends alone.
        self.places: Places | None = None
        #: Called with every chat that was told something.
        self.wake: Callable[[int], None] = lambda _chat: None

    def add(self, channel: str, route: Route) -> None:
        """Send what is for `channel` this way."""
        self._routes[channel] = route
        self._outages[channel] = Outage(channel, route.probe, self._clock)

    @property
    def away(self) -> list[str]:
        """Channels whose platform is known to take nothing."""
        return [channel for channel, outage in self._outages.items() if outage.on]

    def limiter(self, channel: str, rates: Rates) -> Limiter:
        """What keeps a channel within its rates: over all processes, where there are others."""
        return SharedLimiter(rates, channel, self.places) if self.places else Limiter(rates)

    def notify(self, chat: int, channel: str, priority: int) -> None:
        """Something new waits for this chat."""
        route = self._routes.get(channel)
        if route is None or self._stopping or self._outages[channel].shut:
            return
        if chat in self._running:
            self._again[chat] = min(priority, self._again.get(chat, priority))
            return
        task = asyncio.create_task(self._drain(chat, channel, priority))
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
            self._away = self._away or self._seen
            self._gentle_until = self._clock() + self._runtime.settings.lease_seconds
            log.warning("outbox poll failed", error=type(error).__name__)
        else:
            self._seen = self._runtime.now()
            if self._clock() >= self._gentle_until:
                self._away = None

    def _lapsed(self, now: datetime) -> datetime:
        """A lease that ended before this is a dead worker's. While the database is away nobody can
        keep theirs: whoever is sending has time to say so when it is back."""
        return min(self._away or now, now)

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
                lambda c, ch=channel, n=now: outbox.due_chats(  # type: ignore[misc]
                    c, [ch], n, lapsed=self._lapsed(n)
                )
            )
            outage = self._outages[channel]
            outage.ask()
            for chat, priority in due[: 1 if outage.on else None]:
                if chat not in self._running:
                    self.notify(chat, channel, priority)

    async def stop(self) -> None:
        """Let the sends in hand finish; what waits stays in the outbox."""
        self._stopping = True
        for outage in self._outages.values():
            outage.stop()
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
        for outage in self._outages.values():
            await outage.asked()

    async def _drain(self, chat: int, channel: str, priority: int) -> None:
        route, outage = self._routes[channel], self._outages[channel]
        try:
            group = await self._is_group(chat)
            more = True
            while more and not self._stopping and not outage.shut:
                since = await route.limiter.acquire(chat, group=group, priority=priority)
                self._sending.add(chat)
                try:
                    more = await self._send_next(chat, route, outage)
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

    async def _send_next(self, chat: int, route: Route, outage: Outage) -> bool:
        runtime = self._runtime
        if not outage.leave():
            return False
        now = runtime.now()
        until = self._until()
        lapsed, tries = self._lapsed(now), runtime.settings.send_attempts
        claim = await runtime.db.write(
            lambda c: outbox.claim(c, chat, runtime.owner, now, until, tries=tries, lapsed=lapsed)
        )
        if claim is None:
            outage.unused()
            return False
        reply = merge([decode_reply(runtime.vault.open(r.payload, OUTBOX)) for r in claim.rows])
        if reply.alert_id is not None and (kept := await self._kept_back(claim, reply.alert_id)):
            outage.unused()
            return kept.more
        try:
            external = await route.sender.send(claim.key, reply)
        except ChannelError as error:
            if isinstance(error, NotSent | Uncertain):
                outage.failed()
            else:
                outage.took()
            return await self._trouble(claim, error, route)
        outage.took()
        self._count(claim, "sent")
        return await self._record(lambda c: outbox.sent(c, claim, external, runtime.now()))

    async def _record(self, work: Work[T]) -> T:
        """Write what came of a send, however long the database is away: forgotten, it would be sent
        a second time."""
        wait = _BACKOFF_FIRST
        while True:
            try:
                return await self._runtime.db.write(work)
            except PASSING as error:
                if self._stopping:
                    raise
                log.error("what was sent cannot be written", error=type(error).__name__)
            await asyncio.sleep(wait)
            # Within the time that others leave us.
            wait = min(wait * 2, self._runtime.settings.lease_seconds / 3)

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
                self._count(claim, "unreachable")
                await self._tell(lambda c: self._undelivered.unreachable(c, claim))
                return False
            case WindowClosed(seen=seen):
                self._count(claim, "window_closed")
                await self._tell(lambda c: self._undelivered.window_closed(c, claim, seen))
                return False
            case NotConnected():
                self._count(claim, "not_connected")
                await self._tell(lambda c: self._undelivered.failing(c, claim))
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
        first, tries = claim.rows[0], self._runtime.settings.send_attempts
        if outbox.spent(first.attempts, first.doubts + uncertain, tries):
            await self._tell(lambda c: self._undelivered.failing(c, claim))
            return await self._give_up(claim, outbox.TOO_OFTEN, uncertain=uncertain)
        backoff = min(_BACKOFF_FIRST * 2 ** (first.attempts - 1), _BACKOFF_MOST)
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
        await self._record(
            lambda c: outbox.again(c, claim, when, why, uncertain=uncertain, counted=counted)
        )
        return False

    async def _give_up(self, claim: Claim, why: str, *, uncertain: bool = False) -> bool:
        now = self._runtime.now()
        return await self._record(lambda c: outbox.failed(c, claim, why, now, uncertain=uncertain))

    async def left(self, key: ChatKey, dedupe: str) -> None:
        """The platform says that this person has left: nothing is sent there until they are back.
        `dedupe` names what it said, so that nobody is told of it twice."""
        await self._tell(lambda c: self._undelivered.left(c, key, dedupe))

    async def _tell(self, work: Work[set[int]]) -> None:
        for chat in await self._runtime.db.write(work):
            self.wake(chat)

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
