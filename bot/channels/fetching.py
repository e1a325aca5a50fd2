"""Files that people sent, fetched from where their messenger keeps them.

The address comes from outside, so nothing of it is trusted: only hosts of a list, only HTTPS, no
redirect to anywhere else, no name that leads inside, and a bound on bytes and seconds, since an
address may answer for ever or with something that is no picture. Nothing is written to disk, and no
address is logged.

A list has hosts, each with all that is below it ("zdn.vn"), or whole origins
("http://127.0.0.1:9000"), which stand for themselves alone.

Errors: NotFetched, with why as the person is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx
import structlog

from bot.domain.pictures import PictureFault
from bot.pictures.opening import BYTES_MOST
from bot.services.outside import AsyncOutsideTransport, Guard
from bot.services.pictures import NotFetched

log = structlog.get_logger(__name__)

ADDRESS_MOST = 2_000
_REDIRECTS_MOST = 2
_TRIES = 2
_PAUSE = 0.3
_MOVED = frozenset({301, 302, 303, 307, 308})
#: What servers say when they do not know.
_UNKNOWN = ("application/octet-stream", "binary/octet-stream")
PICTURES = ("image/", *_UNKNOWN)
#: AMR and AAC, and what servers take them for.
SOUNDS = ("audio/", "video/mp4", "video/3gpp", *_UNKNOWN)


class Fetcher:
    """Fetches files of some kinds from the hosts of one messenger."""

    def __init__(
        self,
        hosts: Iterable[str],
        *,
        seconds: float = 8.0,
        bytes_most: int = BYTES_MOST,
        allow: Iterable[str] = (),
        kinds: tuple[str, ...] = PICTURES,
    ) -> None:
        """`hosts` as in a setting; `seconds` for one try, all of it; `allow` what is asked besides
        the public internet: origins on the list are, by their own names; `kinds` how the media
        types begin that are taken."""
        self._kinds = kinds
        named = [host.strip().lower().rstrip("/") for host in hosts if host.strip()]
        self._origins = frozenset(name for name in named if "://" in name)
        self._hosts = tuple(name.lstrip(".") for name in named if "://" not in name)
        self._seconds = seconds
        self._most = bytes_most
        meant = [urlsplit(origin).hostname or "" for origin in self._origins]
        self._client = httpx.AsyncClient(
            transport=AsyncOutsideTransport(Guard([*allow, *meant])),
            timeout=seconds,
            follow_redirects=False,
            trust_env=False,
            # Packed bytes would be bounded only after they were unpacked.
            headers={"Accept-Encoding": "identity", "User-Agent": "congdanso"},
        )

    def allows(self, address: str) -> bool:
        """Whether an address may be asked at all."""
        return self._split(address) is not None

    async def fetch(self, address: str) -> bytes:
        """The bytes of the file there. NotFetched."""
        for left in reversed(range(_TRIES)):
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._follow(address)
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
                log.info("file not fetched", error=type(error).__name__, again=left > 0)
                if isinstance(error, TimeoutError):
                    break
            if left:
                await asyncio.sleep(_PAUSE)
        raise NotFetched

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def _follow(self, address: str) -> bytes:
        for _ in range(_REDIRECTS_MOST + 1):
            if not self.allows(address):
                log.warning("file not fetched", error="its host is not on the list")
                raise NotFetched
            async with self._client.stream("GET", address) as answer:
                if answer.status_code not in _MOVED:
                    return await self._body(answer)
                address = urljoin(address, answer.headers.get("Location", ""))
        raise NotFetched

    async def _body(self, answer: httpx.Response) -> bytes:
        if answer.status_code >= 500:
            raise httpx.HTTPStatusError("server error", request=answer.request, response=answer)
        if answer.status_code != 200:
            raise NotFetched
        kind = answer.headers.get("Content-Type", _UNKNOWN[-1]).lower()
        if not kind.startswith(self._kinds) or "Content-Encoding" in answer.headers:
            raise NotFetched(PictureFault.NOT_A_PICTURE)
        told = answer.headers.get("Content-Length", "")
        if told.isdecimal() and int(told[:18]) > self._most:
            raise NotFetched(PictureFault.TOO_BIG)
        body = bytearray()
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > self._most:
                raise NotFetched(PictureFault.TOO_BIG)
        return bytes(body)

    def _split(self, address: str) -> SplitResult | None:
        """The parts of an address that may be asked; None for any other."""
        if len(address) > ADDRESS_MOST or not address.isascii() or not address.isprintable():
            return None
        try:
            parts = urlsplit(address)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            return None
        if not host or parts.username or parts.password or "\\" in address:
            return None
        if f"{parts.scheme}://{parts.netloc.lower()}" in self._origins:
            return parts
        known = any(host == each or host.endswith(f".{each}") for each in self._hosts)
        return parts if known and parts.scheme == "https" and port in (None, 443) else None
