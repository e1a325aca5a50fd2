"""How much one account may send: what is more is left, so that others are answered, and whoever
sent it is told so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.domain import events as ev
from bot.domain.channels import traits
from bot.services.pace import Pace
from bot.services.runtime import Runtime
from bot.services.shared_pace import SharedPace
from bot.store.inbox import ChatKey

#: What `inbox.source` says of the event that tells somebody.
SOURCE = "pace"
_MINUTE = 60
#: Keeps an event by its source and name; False when it was kept before.
Keep = Callable[[str, str, ev.Envelope], Awaitable[bool]]


class Incoming:
    """Counts what accounts send. Channels without accounts (web chat) have limits of their own."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._most = runtime.settings.messages_per_minute
        self._pace = SharedPace(runtime, "sent", self._most)
        self._told = Pace(1)

    async def take(
        self, key: ChatKey, source: str, name: str, envelope: ev.Envelope, keep: Keep
    ) -> bool:
        """Keep an event by `keep`, unless its sender sends more than anybody reads answers to.

        In a group each member counts for themselves. A consent taken back at the platform always
        gets through. What came before, or could not be kept and will come again, counts for
        nothing.
        """
        if not self._most or not traits(key.channel).accounts:
            return await keep(source, name, envelope)
        if isinstance(envelope.event, ev.Withdrawn):
            return await keep(source, name, envelope)
        who, now = _who(key, envelope), self._runtime.now().timestamp()
        if await self._pace.wait(who, now):
            self._runtime.metrics.requests.labels(source, "pace").inc()
            await self._tell(key, now, keep)
            return False
        new = False
        try:
            new = await keep(source, name, envelope)
        finally:
            if not new:
                self._pace.give_back(who, now)
        return new

    async def _tell(self, key: ChatKey, now: float, keep: Keep) -> None:
        """Once a minute: told to the platform, what was left would only come again. Two processes
        give the event the same name, so that it is kept once."""
        if self._told.wait(_chat(key), now):
            return
        name = f"{_chat(key)}:{int(now // _MINUTE)}"
        try:
            await keep(SOURCE, name, ev.Envelope(ev.TooFast()))
        except BaseException:
            self._told.give_back(_chat(key), now)
            raise


def _chat(key: ChatKey) -> str:
    return f"{key.channel}:{key.external_id}"


def _who(key: ChatKey, envelope: ev.Envelope) -> str:
    return f"{_chat(key)}:{envelope.sender.id}" if key.is_group else _chat(key)
