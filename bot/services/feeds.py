"""Feeds of swindlers' hosts: fetched when due, refused when they cannot be right, looked up.

Several processes may run this: a feed is claimed in the database before it is fetched, and every
process takes up what any of them kept.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.errors import CongdansoError
from bot.safety.links.checker import LinkChecker
from bot.safety.links.feedtext import FeedRefused, FeedText, Format, check_feed, read_feed
from bot.safety.links.hostset import HostLists, Source
from bot.safety.links.knowledge import Knowledge
from bot.safety.links.names import split
from bot.safety.links.urls import parse
from bot.services.feedsource import FeedSource, Fetched, check_address
from bot.services.outside import intranet
from bot.services.runtime import Runtime
from bot.store import feeds as store
from bot.store.feeds import Feed

log = structlog.get_logger(__name__)

REFRESH_HOURS = 6
#: A feed that failed is looked at again sooner.
_AGAIN_MINUTES = 30
_TITLE_MOST = 120
_SOURCE_MOST = 500
_HOST_MOST = 253
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Feeds:
    """Keeps the lists of one `LinkChecker` as the database has them."""

    @property
    def checker(self) -> LinkChecker:
        """What answers, with the lists that were last taken up."""
        return self._checker

    def __init__(
        self,
        runtime: Runtime,
        checker: LinkChecker,
        knowledge: Knowledge,
        source: FeedSource | None = None,
    ) -> None:
        self._runtime = runtime
        self._checker = checker
        self._knowledge = knowledge
        self._source = source or FeedSource(allow=intranet(runtime.settings.intranet))
        self._signature: tuple[Any, ...] | None = None

    async def tick(self) -> int:
        """Fetch what is due, then take up what is new. Returns how many feeds were fetched."""
        fetched = 0
        for feed in await self._runtime.db.read(store.feeds):
            fetched += await self._due(feed)
        if await self.take_up():
            log.info("link lists taken up", hosts=len(self._checker.lists))
        return fetched

    async def refresh(self, name: str) -> Feed | None:
        """Fetch one feed now, due or not; the feed as it is afterwards, None when there is none."""
        found = await self._named(name)
        if found is None:
            return None
        await self._fetch(found)
        await self.take_up()
        return await self._named(name)

    async def take_up(self) -> bool:
        """Use the lists of the database; True when they are others than before."""
        look = await self._runtime.db.read(store.signature)
        if look == self._signature:
            return False
        lists = []
        for feed in await self._runtime.db.read(store.feeds):
            packed = await self._content(feed) if feed.enabled and feed.digest else None
            if packed is not None:
                lists.append((Source(feed.title, _day(feed.fetched_at)), packed))
        staff = {row.host: row.bad for row in await self._runtime.db.read(store.hosts)}
        self._checker.lists = await asyncio.to_thread(_lists, lists, staff)
        self._signature = look
        return True

    # One feed ------------------------------------------------------------------------------------

    async def _named(self, name: str) -> Feed | None:
        found = await self._runtime.db.read(store.feeds)
        return next((feed for feed in found if feed.name == name), None)

    async def _content(self, feed: Feed) -> bytes | None:
        return await self._runtime.db.read(lambda c: store.content(c, feed.name))

    async def _due(self, feed: Feed) -> bool:
        now = self._runtime.now()
        pause = (
            timedelta(minutes=_AGAIN_MINUTES) if feed.failures else timedelta(hours=REFRESH_HOURS)
        )
        claimed = await self._runtime.db.write(
            lambda c: store.claim(c, feed.name, now - pause, now)
        )
        if claimed:
            await self._fetch(feed)
        return claimed

    async def _fetch(self, feed: Feed) -> None:
        now = self._runtime.now()
        try:
            fetched, text = await asyncio.to_thread(self._read, feed)
        except FeedRefused as error:
            problem = str(error)
            log.warning("feed refused", feed=feed.name)
            await self._runtime.db.write(lambda c: store.refused(c, feed.name, problem))
            return
        if text is None:
            await self._runtime.db.write(lambda c: store.unchanged(c, feed.name))
            return
        hosts = text.hosts
        await self._runtime.db.write(
            lambda c: store.keep(c, feed.name, hosts, fetched.etag, fetched.modified, now)
        )

    def _read(self, feed: Feed) -> tuple[Fetched, FeedText | None]:
        """Fetched, read and found right, on a thread of its own."""
        fetched = self._source.fetch(feed)
        if fetched.raw is None:
            return fetched, None
        text = read_feed(fetched.raw, Format(feed.format), self._knowledge)
        check_feed(text, feed.hosts, self._checker.is_official)
        return fetched, text


class FeedState(StrEnum):
    """How a list is doing: its last look failed; it never came; all is well; nobody looks at it."""

    FAILING = "failing"
    WAITING = "waiting"
    OK = "ok"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ListsHealth:
    """How all lists are doing together; `oldest_seconds` is the age of the oldest list in use."""

    states: dict[FeedState, int]
    hosts: int
    oldest_seconds: float


def feed_state(feed: Feed) -> FeedState:
    """How one list is doing."""
    if not feed.enabled:
        return FeedState.OFF
    if feed.problem:
        return FeedState.FAILING
    return FeedState.OK if feed.fetched_at else FeedState.WAITING


def lists_health(feeds: Sequence[Feed], now: datetime) -> ListsHealth:
    """How all of them are doing."""
    states = dict.fromkeys(FeedState, 0)
    for feed in feeds:
        states[feed_state(feed)] += 1
    used = [feed for feed in feeds if feed.enabled]
    ages = [(now - feed.fetched_at).total_seconds() for feed in used if feed.fetched_at]
    return ListsHealth(states, sum(feed.hosts for feed in used), max(ages, default=0.0))


def add_feed(
    runtime: Runtime, who: str, *, name: str, title: str, source: str, format: str, plain_http: bool
) -> None:
    """Add a feed or change the one of this name. Raises CongdansoError that says what is wrong."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_\-]{0,63}", name):
        raise CongdansoError(f"{name}: a feed's name is of a-z, 0-9, - and _, at most 64")
    if format not in set(Format):
        raise CongdansoError(f"{format}: the format must be {', '.join(Format)}")
    if len(title) > _TITLE_MOST or len(source) > _SOURCE_MOST:
        raise CongdansoError(f"title at most {_TITLE_MOST} letters, source at most {_SOURCE_MOST}")
    if "://" in source:
        check_address(source, plain_http)
    else:
        source = str(Path(source).resolve())
    given = {"name": name, "title": title, "source": source, "format": format}
    now = runtime.now()
    runtime.db.write_now(lambda c: store.put_feed(c, who, now, **given, plain_http=plain_http))


def host_name(text: str) -> str:
    """The host of a link or host as staff type it. Raises CongdansoError where there is none."""
    host = parse(text.strip()).written.removeprefix("www.")
    name = split(host)
    if not name.registered or len(host) > _HOST_MOST:
        raise CongdansoError(f"{text[:80]}: is no host such as example.com")
    return host


def decide_host(runtime: Runtime, text: str, bad: bool, who: str, why: str) -> str:
    """Make a host dangerous or clear it, with a line in the record; returns the host."""
    host, reason = host_name(text), why.strip()
    if not reason:
        raise CongdansoError("say why: one line for the record")
    now = runtime.now()
    runtime.db.write_now(lambda c: store.decide_host(c, host, bad, who, reason, now))
    return host


def _lists(lists: list[tuple[Source, bytes]], staff: dict[str, bool]) -> HostLists:
    return HostLists([(source, _hosts(packed)) for source, packed in lists], staff)


def _hosts(packed: bytes) -> Iterator[str]:
    return store.unpack(packed)


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(_ZONE).strftime("%d/%m/%Y")
