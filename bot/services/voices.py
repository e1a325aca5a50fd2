"""Voice notes people send: fetched from where they lie, heard where something here can hear.

A channel that keeps files for its bots registers how one is fetched. Nothing is written to disk;
the note goes on with the event, since its speaker may want a helper to hear it.

Errors: nothing is raised; what went wrong is the fault of what comes back.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from bot.domain.acts import Attachment
from bot.domain.channels import WEB
from bot.domain.pictures import PictureFault
from bot.domain.voice import BYTES_MOST, Heard, VoiceFault
from bot.services.metrics import Metrics
from bot.services.pictures import FETCH_SECONDS, Fetch, NotFetched
from bot.services.runtime import Runtime
from bot.speech.formats import Format, format_of
from bot.speech.recogniser import Recogniser
from bot.store import voice

VOICE = "voice"
#: Notes in memory at once; others wait.
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Listened:
    """What came of a note, and the note itself; no `format` when there is none to keep.

    `upload` is the name under which a page sent it, "" where it did not come that way.
    """

    heard: Heard
    audio: bytes = b""
    format: Format | None = None
    upload: str = ""


class Voices:
    """Hears notes for all channels of this process; without a recogniser it only fetches them."""

    def __init__(
        self, metrics: Metrics, recogniser: Recogniser | None = None, seconds_most: int = 120
    ) -> None:
        self._recogniser = recogniser
        self._seconds_most = seconds_most
        self._count = metrics.voice_notes
        self._time = metrics.voice_hearing
        self._fetchers: dict[str, Fetch] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    @property
    def hears(self) -> bool:
        """Whether there is anything here that can hear."""
        return self._recogniser is not None

    def fetch_from(self, channel: str, fetch: Fetch) -> None:
        """Fetch the notes of a channel this way."""
        self._fetchers[channel] = fetch

    async def of(self, event: Attachment) -> Listened | None:
        """What is said in an attachment; None when it is no note that could be had."""
        channel, _, name = event.file.partition(":")
        fetch = self._fetchers.get(channel)
        if event.what != VOICE or fetch is None:
            return None
        async with self._room:
            try:
                audio = await asyncio.wait_for(fetch(name), FETCH_SECONDS)
            except NotFetched as error:
                return self._failed(_FAULTS.get(error.fault, VoiceFault.NOT_FETCHED))
            except TimeoutError:
                return self._failed(VoiceFault.NOT_FETCHED)
            found = await self._listened(audio, event.seconds)
            return replace(found, upload=name) if channel == WEB else found

    async def _listened(self, audio: bytes, seconds: int) -> Listened:
        if len(audio) > BYTES_MOST:
            return self._failed(VoiceFault.TOO_BIG)
        found = format_of(audio)
        if found is None:
            return self._failed(VoiceFault.NOT_AUDIO)
        heard = await self._hear(audio, seconds)
        self._count.labels(heard.fault.value if heard.fault else "heard").inc()
        if heard.fault is VoiceFault.NOT_AUDIO:
            return Listened(heard)
        return Listened(heard, audio, found)

    async def _hear(self, audio: bytes, seconds: int) -> Heard:
        if self._recogniser is None:
            return Heard(fault=VoiceFault.OFF, seconds=seconds)
        if seconds > self._seconds_most:
            return Heard(fault=VoiceFault.TOO_LONG, seconds=seconds)
        since = time.monotonic()
        heard = await self._recogniser.hear(audio)
        self._time.observe(time.monotonic() - since)
        return heard

    def _failed(self, fault: VoiceFault) -> Listened:
        self._count.labels(fault.value).inc()
        return Listened(Heard(fault=fault))


def uploaded(runtime: Runtime) -> Fetch:
    """How a note that a page sent is had."""

    async def fetch(name: str) -> bytes:
        found = await runtime.db.read(lambda c: voice.uploaded(c, runtime.vault, name))
        if found is None:
            raise NotFetched
        return found

    return fetch


_FAULTS = {
    PictureFault.TOO_BIG: VoiceFault.TOO_BIG,
    PictureFault.NOT_A_PICTURE: VoiceFault.NOT_AUDIO,
}
