"""Pictures people send: fetched from where they lie, looked at on a thread of their own, forgotten.

A channel that keeps files for its bots registers how one is fetched; a channel that is given the
bytes hands them over. Nothing is written to disk, and no more than a few pictures are in memory at
once. What comes back has no secrets in it (bot.safety.qr.reading).

Errors: NotFetched from a fetcher; nothing else is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.domain.events import Attachment
from bot.domain.pictures import PictureFault, SeenPicture, Verdict
from bot.errors import CongdansoError
from bot.pictures.codes import find_codes
from bot.pictures.errors import PictureError
from bot.safety.links.checker import LinkChecker
from bot.safety.qr.banks import Banks
from bot.safety.qr.reading import LinkCheck, LinkOpinion, no_check, read_code
from bot.services.metrics import Metrics

log = structlog.get_logger(__name__)

#: Pictures in memory at once; others wait.
AT_ONCE = 3
#: Seconds for fetching one, all tries together.
FETCH_SECONDS = 20.0


class NotFetched(CongdansoError):
    """A file could not be had; `fault` says why, as the person is told."""

    def __init__(self, fault: PictureFault = PictureFault.NOT_FETCHED) -> None:
        super().__init__(fault.value)
        self.fault = fault


#: The bytes of a file by the channel's own name of it. Raises NotFetched.
Fetch = Callable[[str], Awaitable[bytes]]


class Pictures:
    """Looks at pictures for all channels of this process."""

    def __init__(self, banks: Banks, metrics: Metrics, check_link: LinkCheck = no_check) -> None:
        self.banks = banks
        self._check_link = check_link
        self._count = metrics.pictures_read
        self._fetchers: dict[str, Fetch] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        # One thread: several would only slow down what answers people.
        self._thread = ThreadPoolExecutor(1, "pictures")

    def fetch_from(self, channel: str, fetch: Fetch) -> None:
        """Fetch the files of a channel this way."""
        self._fetchers[channel] = fetch

    async def of(self, event: Attachment) -> SeenPicture | None:
        """What is in an attachment; None when it is no picture that can be looked at."""
        if event.seen is not None or not event.file:
            return event.seen
        channel, _, name = event.file.partition(":")
        fetch = self._fetchers.get(channel)
        if fetch is None:
            return None
        async with self._room:
            try:
                data = await asyncio.wait_for(fetch(name), FETCH_SECONDS)
            except NotFetched as error:
                return self._counted(SeenPicture(fault=error.fault))
            except TimeoutError:
                return self._counted(SeenPicture(fault=PictureFault.NOT_FETCHED))
            return await self._look(data)

    async def look(self, data: bytes) -> SeenPicture:
        """What is in the bytes of a picture."""
        async with self._room:
            return await self._look(data)

    def stop(self) -> None:
        """Look at no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _look(self, data: bytes) -> SeenPicture:
        loop = asyncio.get_running_loop()
        return self._counted(await loop.run_in_executor(self._thread, self._seen, data))

    def _seen(self, data: bytes) -> SeenPicture:
        return look_at(data, self.banks, self._check_link)

    def _counted(self, seen: SeenPicture) -> SeenPicture:
        for code in seen.codes:
            self._count.labels(code.kind.value).inc()
        if seen.fault is not None:
            self._count.labels(seen.fault.value).inc()
        return seen


def link_check(checker: LinkChecker) -> LinkCheck:
    """The link checker as the reading of codes asks it: of a text, its worst link."""

    def check(text: str) -> LinkOpinion | None:
        found = checker.check_text(text).worst
        if found is None:
            return None
        said = tuple(reason.text for reason in found.reasons)
        return LinkOpinion(Verdict(found.verdict.value), found.score, said, found.shown)

    return check


def look_at(data: bytes, banks: Banks, check_link: LinkCheck = no_check) -> SeenPicture:
    """What is in the bytes of a picture. Blocks for up to some two seconds; never raises."""
    try:
        found = find_codes(data)
    except PictureError as error:
        return SeenPicture(fault=error.fault)
    if not found.payloads:
        return SeenPicture(fault=PictureFault.NO_CODE)
    codes = tuple(read_code(payload, banks, check_link) for payload in found.payloads)
    return SeenPicture(codes, found.more)
