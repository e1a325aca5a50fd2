"""Getting a feed's text from a file or an address, with every limit a stranger's server needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.safety.links.feedtext import FeedRefused
from bot.services.outside import Guard, OutsideTransport, forbidden
from bot.store.feeds import Feed

MEGABYTES_MOST = 50
SECONDS_MOST = 60.0
_TIMEOUT = 15.0
_ATTEMPTS = 3
_REDIRECTS_MOST = 3
_PAUSES = (1.0, 4.0)
_AGENT = "congdanso (blocklist refresh)"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed's bytes; None when its source says that nothing is new."""

    raw: bytes | None
    etag: str = ""
    modified: str = ""


class FeedSource:
    """Reads files and addresses. The limits are arguments for the tests' sake."""

    def __init__(
        self,
        most: int = MEGABYTES_MOST * 1_000_000,
        seconds: float = SECONDS_MOST,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        allow: Iterable[str] = (),
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._transport = transport
        self._guard = Guard(allow)
        self._sleep = sleep

    def fetch(self, feed: Feed) -> Fetched:
        """The feed as it is now. Raises FeedRefused; blocks: run it on a thread."""
        if "://" not in feed.source:
            return self._file(feed)
        check_address(feed.source, feed.plain_http)
        for attempt in range(_ATTEMPTS):
            try:
                return self._address(feed)
            except httpx.InvalidURL as error:
                raise FeedRefused(f"its address is none: {error}") from error
            except (httpx.TransportError, _Busy) as error:
                if isinstance(error, httpx.TransportError) and (why := forbidden(error)):
                    raise FeedRefused(
                        f"{why}; CONGDANSO_INTRANET names what else is asked"
                    ) from error
                if attempt == _ATTEMPTS - 1:
                    what = str(error) or type(error).__name__
                    raise FeedRefused(f"did not answer in {_ATTEMPTS} attempts: {what}") from error
                self._sleep(_PAUSES[attempt])
        raise AssertionError("the loop returns or raises")

    def _file(self, feed: Feed) -> Fetched:
        path = Path(feed.source)
        try:
            if not path.is_file():
                raise FeedRefused(f"{path}: is no file")
            modified = formatdate(path.stat().st_mtime, usegmt=True)
            if modified == feed.modified and feed.digest:
                return Fetched(None)
            with path.open("rb") as stream:
                raw = stream.read(self._most + 1)
        except OSError as error:
            raise FeedRefused(f"{path}: cannot be read ({error.strerror})") from error
        if len(raw) > self._most:
            raise FeedRefused(f"is larger than {self._most} bytes")
        return Fetched(raw, "", modified)

    def _address(self, feed: Feed) -> Fetched:
        headers = {"User-Agent": _AGENT}
        if feed.digest and feed.etag:
            headers["If-None-Match"] = feed.etag
        if feed.digest and feed.modified:
            headers["If-Modified-Since"] = feed.modified
        address = feed.source
        transport = self._transport or OutsideTransport(self._guard)
        with httpx.Client(timeout=_TIMEOUT, transport=transport) as client:
            for _ in range(_REDIRECTS_MOST + 1):
                with client.stream("GET", address, headers=headers) as answer:
                    if not answer.has_redirect_location:
                        return self._answer(answer)
                    address = str(answer.next_request.url) if answer.next_request else ""
                    check_address(address, feed.plain_http)
        raise FeedRefused(f"leads on more than {_REDIRECTS_MOST} times")

    def _answer(self, answer: httpx.Response) -> Fetched:
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(None)
        if answer.status_code >= 500 or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise _Busy(f"status {answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            raise FeedRefused(f"answers with status {answer.status_code}")
        if "html" in answer.headers.get("content-type", "").lower():
            raise FeedRefused("is a web page, not a list of hosts")
        ends = time.monotonic() + self._seconds
        parts, size = [], 0
        for part in answer.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > self._most:
                raise FeedRefused(f"is larger than {self._most} bytes")
            if time.monotonic() > ends:
                raise FeedRefused(f"was not read in {self._seconds:g} seconds")
        headers = answer.headers
        return Fetched(b"".join(parts), headers.get("etag", ""), headers.get("last-modified", ""))


class _Busy(Exception):
    """The server will answer later."""


def check_address(address: str, plain_http: bool) -> None:
    """Raises FeedRefused for what is not https (http where that is allowed)."""
    try:
        parts = urlsplit(address)
        right = bool(parts.hostname)
    except ValueError:
        right = False
    allowed = ("https", "http") if plain_http else ("https",)
    if not right or parts.scheme not in allowed:
        raise FeedRefused(f"the address must begin with {' or '.join(f'{a}://' for a in allowed)}")
