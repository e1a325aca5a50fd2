"""Finding out what an event means before anything is decided: no transaction is open here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from bot.domain import events as ev
from bot.domain.pictures import SeenPicture
from bot.safety.masking import mask
from bot.services.facts import Understood
from bot.services.pictures import Pictures
from bot.services.scamcheck import ScamChecker
from bot.services.understanding import Understanding
from bot.services.voices import VOICE, Voices

T = TypeVar("T")

_AT_ONCE = 4
#: Keeps the chat ours for a while more. LeaseLost.
Renew = Callable[[], Awaitable[None]]


class Enriching:
    """Parses texts, looks at pictures, hears voice notes; `every` seconds the lease is renewed."""

    def __init__(
        self,
        understanding: Understanding,
        pictures: Pictures | None,
        scams: ScamChecker | None,
        voices: Voices | None,
        every: float,
    ) -> None:
        self._understanding = understanding
        self._pictures = pictures
        self._scams = scams
        self._voices = voices
        self._every = every
        #: Understanding holds the event loop for some milliseconds. So many may do so before it
        #: looks at its sockets again, where platforms wait for their answer (docs/performance.md).
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def of(self, envelope: ev.Envelope, renew: Renew) -> tuple[ev.Envelope, Understood]:
        """The event as it is to be taken, and what was found out about it."""
        understood = await self._one(envelope.event, renew)
        if under := _written_under(envelope.event, understood.seen):
            # No code to speak of: what was written under it is the message.
            return replace(envelope, event=under), await self._one(under, renew)
        return envelope, understood

    async def _one(self, event: ev.Event, renew: Renew) -> Understood:
        if isinstance(event, ev.Attachment):
            if event.what == VOICE:
                voices = self._voices
                heard = await self._kept(voices.of(event), renew) if voices else None
                return Understood(heard=heard)
            pictures = self._pictures
            seen = await self._kept(pictures.of(event), renew) if pictures else None
            return Understood(seen=seen)
        if not isinstance(event, ev.Text):
            return Understood()
        masked = mask(event.text)
        while not await self._understanding.wait_ready(self._every):
            await renew()
        async with self._turns:
            await asyncio.sleep(0)
        parse = await self._understanding.parse(masked.text)
        checked = self._scams.check(event.text) if self._scams is not None else None
        return Understood(masked, parse, checked)

    async def _kept(self, work: Awaitable[T], renew: Renew) -> T:
        """What comes of something slow; the chat stays ours however long it takes."""
        doing = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({doing}, timeout=self._every))[0]:
                await renew()
            return doing.result()
        finally:
            doing.cancel()


def _written_under(event: ev.Event, seen: SeenPicture | None) -> ev.Text | None:
    """The caption as a message of its own; None when there is none, or a code outweighs it."""
    if not isinstance(event, ev.Attachment) or not event.caption.strip():
        return None
    looked = seen or event.seen
    return None if looked is not None and looked.codes else ev.Text(event.caption, under=event.what)
