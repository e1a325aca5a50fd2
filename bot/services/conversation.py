"""Handling conversations: lease, enrich, one transaction, wake whoever is concerned.

Everything of one chat is handled in order, one event at a time, whatever the number of workers:
only the holder of the chat's lease handles it, and every write checks the lease and the state's
version. An event is acknowledged to its platform only after it is in the inbox, and leaves the
inbox in the same transaction that writes what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.calendar import out_of_quiet
from bot.dialogue.decide import decide
from bot.domain import events as ev
from bot.domain.replies import Priority, Reply, encode_reply
from bot.domain.state import State, decode_state, encode_state
from bot.errors import LeaseLost, StoreError
from bot.renderers.apart import as_kept
from bot.safety.qr.banks import Banks
from bot.services.effects import EffectRunner
from bot.services.enriching import Enriching
from bot.services.facts import FactLoader, Understood
from bot.services.incoming import Incoming
from bot.services.pictures import Pictures
from bot.services.posting import OUTBOX, STATE, open_event, seal_event, storable
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.services.scamcheck import ScamChecker
from bot.services.understanding import Understanding
from bot.services.voices import Voices
from bot.store import inbox, members, notify, outbox, records
from bot.store.db import PASSING
from bot.store.inbox import ChatKey, ChatRow, InboxRow
from bot.store.outbox import NewMessage

log = structlog.get_logger(__name__)

_POISON_AFTER = 3
#: (chat id, channel, most urgent priority) of a chat that has something new to send.
Outgoing = Callable[[int, str, int], None]
#: (chat id, what was just said there with its numbers).
Told = Callable[[int, Sequence[tuple[int, Reply]]], None]
#: What a channel writes down of a new event: a connection, the chat's id.
Also = Callable[[Connection, int], None]


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of one event."""

    key: ChatKey
    more: list[InboxRow]
    wake: frozenset[int]
    priority: int | None
    erased: bool = False
    said: tuple[tuple[int, Reply], ...] = ()


class Conversations:
    """Accepts events and works them off."""

    def __init__(
        self,
        runtime: Runtime,
        publisher: Publisher,
        understanding: Understanding,
        outgoing: Outgoing,
        pictures: Pictures | None = None,
        scams: ScamChecker | None = None,
        voices: Voices | None = None,
    ) -> None:
        self._runtime = runtime
        self._publisher = publisher
        self._outgoing = outgoing
        third = runtime.settings.lease_seconds / 3
        self._enriching = Enriching(understanding, pictures, scams, voices, third)
        self._facts = FactLoader(runtime, publisher, pictures.banks if pictures else Banks())
        self._incoming = Incoming(runtime)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._stopping = False
        #: Who tells what was said on a channel that has no sender: it need not be read again.
        self.told: dict[str, Told] = {}
        #: Whether chats come by the queue (`drain`), to whichever worker it gives them.
        self.queued = False
        self.patience = timedelta(0)  # How long an event waits before a poll looks for it.
        self.most: Callable[[], int] = lambda: 200  # How many chats in hand a poll may make.

    # In ------------------------------------------------------------------------------------------

    async def accept(
        self,
        key: ChatKey,
        source: str,
        external_id: str,
        envelope: ev.Envelope,
        also: Also | None = None,
    ) -> bool:
        """Keep an event; when this returns it is on disk. False when it was kept before.

        `also` is done in the same transaction, when the event is new.
        """

        def keep(where: str, name: str, what: ev.Envelope) -> Awaitable[bool]:
            return self._keep(key, where, name, what, also)

        return await self._incoming.take(key, source, external_id, envelope, keep)

    async def _keep(
        self, key: ChatKey, source: str, name: str, envelope: ev.Envelope, also: Also | None
    ) -> bool:
        payload = seal_event(self._runtime.vault, storable(envelope))
        owner = self._runtime.owner
        now, until = self._lease()
        leave = self._stopping or self.queued

        def work(connection: Connection) -> tuple[int, bool, list[InboxRow] | None]:
            chat = inbox.chat_id(connection, key, now)
            kept = inbox.put(connection, chat, source, name, payload, now)
            if kept is None:
                return chat, False, None
            if also is not None:
                also(connection, chat)
            members.heard_of(connection, key, back=inbox.seen_again(connection, chat))
            taken = None if leave else inbox.take(connection, chat, owner, now, until)
            return chat, True, taken

        chat, new, rows = await self._runtime.db.write(work, first=True)
        metric = self._runtime.metrics.received if new else self._runtime.metrics.repeated
        metric.labels(source).inc()
        log.debug("event kept", chat=chat, source=source, new=new)
        if rows:
            self._start(chat, rows)
        return new

    def wake(self, chat: int) -> None:
        """Something may wait for this chat: work it off, unless another worker has it."""
        if not self.queued:
            self._start(chat, None)

    async def drain(self, chat: int) -> None:
        """Work a chat off; returns when nothing of it is in hand here."""
        self._start(chat, None)
        while (task := self._running.get(chat)) is not None:
            await asyncio.wait([task])

    async def poll(self) -> None:
        """Find chats that nobody works on: other processes' posts, and what dead workers left."""
        now = self._runtime.now()
        room, before = max(0, self.most() - len(self._running)), now - self.patience
        found = await self._runtime.db.read(lambda c: inbox.orphans(c, now, before, room))
        for chat in found:
            self._start(chat, None)

    async def tick(self) -> None:
        """One round by the clock: other processes' posts, what dead workers left."""
        try:
            await self.poll()
        except (SQLAlchemyError, StoreError) as error:
            log.warning("inbox poll failed", error=type(error).__name__)

    async def stop(self) -> None:
        """Finish the events in hand and give every lease back."""
        self._stopping = True
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        await self._runtime.db.write(lambda c: inbox.give_back(c, self._runtime.owner))

    async def idle(self) -> None:
        """Wait until nothing is in hand (terminal and tests)."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    # Work ----------------------------------------------------------------------------------------

    def _start(self, chat: int, rows: list[InboxRow] | None) -> None:
        if self._stopping:
            return
        if chat in self._running:
            self._again.add(chat)
            return
        # Not in the context of the request that happened to come first: others' events follow.
        task = asyncio.create_task(self._drain(chat, rows), context=Context())
        self._running[chat] = task
        task.add_done_callback(lambda _: self._finished(chat))

    def _finished(self, chat: int) -> None:
        self._running.pop(chat, None)
        if chat in self._again:
            self._again.discard(chat)
            self._start(chat, None)

    async def _drain(self, chat: int, rows: list[InboxRow] | None) -> None:
        try:
            waiting = rows if rows is not None else await self._take(chat)
            while waiting and not self._stopping:
                self._again.discard(chat)
                waiting = await self._handle(chat, waiting)
        except LeaseLost:
            log.info("lease lost", chat=chat)
        except (SQLAlchemyError, StoreError) as error:
            # The rows are safe in the inbox; the poll comes back to them.
            log.error("conversation store error", chat=chat, error=type(error).__name__)

    async def _take(self, chat: int) -> list[InboxRow]:
        now, until = self._lease()
        owner = self._runtime.owner
        return await self._runtime.db.write(lambda c: inbox.take(c, chat, owner, now, until)) or []

    async def _handle(self, chat: int, rows: list[InboxRow]) -> list[InboxRow]:
        row = rows[0]
        named = structlog.contextvars.bound_contextvars(chat=chat, inbox=row.id)
        with self._runtime.metrics.handling.time(), named:
            try:
                done = await self._one(chat, row)
                self._runtime.metrics.handled.labels("ok").inc()
            except LeaseLost:
                raise
            except PASSING:
                raise
            except Exception as error:  # noqa: BLE001 - one bad event must not stop a conversation
                log.error("event failed", error=type(error).__name__)
                done = await self._poison(chat, row)
        self._after(chat, done)
        # Read anew each time: a failed row comes first again, and on PostgreSQL an event may be
        # committed after one with a higher id.
        return done.more

    async def _one(self, chat: int, row: InboxRow) -> Handled:
        envelope = open_event(self._runtime.vault, row.payload)
        found = await self._enriching.of(envelope, partial(self._renew, chat))
        return await self._runtime.db.write(lambda c: self._transact(c, chat, row, *found))

    async def _renew(self, chat: int) -> None:
        now, until = self._lease()
        owner = self._runtime.owner
        if self._stopping or not await self._runtime.db.write(
            lambda c: inbox.take(c, chat, owner, now, until)
        ):
            raise LeaseLost(f"chat {chat} was given up while its message was being understood")

    def _transact(
        self,
        connection: Connection,
        chat_id: int,
        row: InboxRow,
        envelope: ev.Envelope,
        understood: Understood,
    ) -> Handled:
        runtime = self._runtime
        now = runtime.now()
        chat = inbox.hold(connection, chat_id, runtime.owner)
        state = self._state(chat)
        facts = self._facts.load(connection, chat, row, envelope, state, understood, now)
        decision = decide(state, envelope.event, facts)
        runner = EffectRunner(runtime, connection, chat, row.id, now)
        runner.listened, runner.sender = understood.heard, envelope.sender
        runner.run(decision.effects)
        said = as_kept(chat.key.channel, decision.replies)
        inbox.handled(connection, row.id, now)
        return self._finish(connection, chat, decision.state, said, runner, now)

    def _finish(
        self,
        connection: Connection,
        chat: ChatRow,
        state: State,
        said: Sequence[Reply],
        runner: EffectRunner,
        now: datetime,
    ) -> Handled:
        messages = [self._message(reply, now) for reply in said]
        next_seq = outbox.add(connection, chat.id, chat.next_seq, messages, now)
        more = inbox.waiting(connection, chat.id)
        keep = now + timedelta(seconds=self._runtime.settings.lease_seconds) if more else None
        inbox.save(
            connection,
            chat,
            state=self._runtime.vault.seal(encode_state(state), STATE),
            next_seq=next_seq,
            guide_id=state.session.guide_id if state.session else None,
            now=now,
            keep_lease_until=keep,
        )
        if messages:
            notify.announce(connection, chat)
        priority = min((m.priority.value for m in messages), default=None)
        told = tuple(enumerate(said, chat.next_seq))
        return Handled(chat.key, more, frozenset(runner.wake), priority, runner.erased, told)

    def _state(self, chat: ChatRow) -> State:
        if chat.state is None:
            return State()
        try:
            return decode_state(self._runtime.vault.open(chat.state, STATE))
        except (StoreError, ValidationError):
            # Damaged, or of a version whose state this one does not know: better anew than never.
            log.error("state unreadable, begun anew", chat=chat.id)
            return State()

    def _message(self, reply: Reply, now: datetime) -> NewMessage:
        payload = self._runtime.vault.seal(encode_reply(reply), OUTBOX)
        later = out_of_quiet(now) if reply.priority >= Priority.REMINDER else now
        return NewMessage(
            payload,
            reply.priority,
            reply.ticket_id,
            reply.coalesce,
            not_before=later if later > now else None,
            line_id=reply.line_id,
            alert_id=reply.alert_id,
        )

    def _after(self, chat: int, done: Handled) -> None:
        if done.priority is not None:
            if (tell := self.told.get(done.key.channel)) is not None:
                tell(chat, done.said)
            else:
                self._outgoing(chat, done.key.channel, done.priority)
        for other in done.wake:
            self.wake(other)
        if done.erased and self._runtime.db.sqlite:
            self._runtime.db.checkpoint()

    async def _poison(self, chat: int, row: InboxRow) -> Handled:
        """Count the failure; the third time set the event aside, say sorry, and go on."""

        def work(connection: Connection) -> Handled:
            now = self._runtime.now()
            held = inbox.hold(connection, chat, self._runtime.owner)
            tries = inbox.failed_once(connection, row.id)
            if tries < _POISON_AFTER:
                again = inbox.waiting(connection, chat)
                return Handled(held.key, again, frozenset(), None)
            inbox.set_aside(connection, row.id, now, "gave up after repeated failures")
            sorry = Reply(self._publisher.content.phrases.say("trouble"))
            said = [] if held.key.is_group else [sorry]
            runner = EffectRunner(self._runtime, connection, held, row.id, now)
            return self._finish(connection, held, self._state(held), said, runner, now)

        result = await self._runtime.db.write(work)
        self._runtime.metrics.handled.labels("failed").inc()
        return result

    def _lease(self) -> tuple[datetime, datetime]:
        now = self._runtime.now()
        return now, now + timedelta(seconds=self._runtime.settings.lease_seconds)

    # Timers --------------------------------------------------------------------------------------

    async def fire_timers(self) -> int:
        """Turn due timers into events; idempotent, so any number of processes may call it."""
        now = self._runtime.now()
        due = await self._runtime.db.read(lambda c: records.due_timers(c, now))
        for timer_id, chat, kind, guide_id in due:
            await self._fire(timer_id, chat, kind, guide_id)
        return len(due)

    async def _fire(self, timer_id: int, chat: int, kind: str, guide_id: str) -> None:
        vault = self._runtime.vault
        event = ev.TimerDue(ev.timer_kind(kind), guide_id)
        payload = seal_event(vault, ev.Envelope(event))

        def work(connection: Connection) -> bool:
            now = self._runtime.now()
            if not records.timer_fired(connection, timer_id, now):
                return False
            inbox.put(connection, chat, "timer", str(timer_id), payload, now)
            return True

        if await self._runtime.db.write(work):
            self.wake(chat)
