"""Requests to the Bot API over connections that stay open, with httptools' parser.

Messages out are most of what the program sends, and httpx takes three times as long over one. What
has files, is fetched, or must go through a proxy is still httpx's. Errors are PTB's with httpx's as
their cause, as PTB's own request has them: `bot.channels.telegram.client` reads them.
"""

from __future__ import annotations

import asyncio
import ssl
import urllib.request
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import httptools
import httpx
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from bot.services.outside import certificates

#: A connection that nobody used for longer may be dead without anybody having said so.
_IDLE_SECONDS = 5.0
_ANSWER_MOST = 10_000_000
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Server:
    """Where connections lead."""

    host: str
    port: int
    secure: bool


class _Wire(asyncio.Protocol):
    """One connection: a request, then its answer, then the next."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.used = self._loop.time()
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is no asyncio.Transport by descent.
        self._out, self.open = cast(asyncio.Transport, transport), True

    def ask(self, raw: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Write a request; what will be its status and body. httpx's errors."""
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._answer = self._loop.create_future()
        self._out.write(raw)
        return self._answer

    @property
    def settled(self) -> bool:
        """Whether the last request has its answer."""
        return self._answer is None

    def close(self) -> None:
        """Close, whatever is under way."""
        self.open = False
        self._out.abort()

    # asyncio's side.

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            # Nothing was asked: whatever this is, the next answer must not be mistaken for it.
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(httpx.RemoteProtocolError(type(error).__name__))
            self.close()

    def eof_received(self) -> bool:
        self.open = False
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        self._fail(httpx.ReadError(type(error).__name__ if error else "closed"))

    # httptools' side.

    def on_body(self, body: bytes) -> None:
        """A piece of the answer."""
        self._body += body
        if len(self._body) > _ANSWER_MOST:
            self._fail(httpx.RemoteProtocolError("an answer without end"))
            self.close()

    def on_message_complete(self) -> None:
        """All of it."""
        status = self._parser.get_status_code()
        if status < 200:
            return
        self.open = self.open and self._parser.should_keep_alive()
        self.used = self._loop.time()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result((status, bytes(self._body)))

    def _fail(self, error: httpx.HTTPError) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)


class QuickRequest(HTTPXRequest):
    """PTB's request, with a shorter way for calls without files."""

    def __init__(self, connections: int, seconds: float, connect_seconds: float) -> None:
        super().__init__(
            connection_pool_size=connections,
            read_timeout=seconds,
            write_timeout=seconds,
            connect_timeout=connect_seconds,
            pool_timeout=seconds,
            httpx_kwargs={"verify": certificates()},
        )
        self._seconds = seconds
        self._connect_seconds = connect_seconds
        self._free = asyncio.Semaphore(connections)
        self._idle: dict[_Server, list[_Wire]] = {}
        self._proxied = bool(urllib.request.getproxies().keys() & {"http", "https", "all"})

    async def shutdown(self) -> None:
        """Close every connection."""
        for wires in self._idle.values():
            for wire in wires:
                wire.close()
        self._idle.clear()
        await super().shutdown()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer to one call. NetworkError, TimedOut."""
        files = request_data is not None and bool(request_data.multipart_data)
        if method != "POST" or files or self._proxied:
            return await super().do_request(
                url,
                method,
                request_data,
                read_timeout,
                write_timeout,
                connect_timeout,
                pool_timeout,
            )
        given: dict[str, Any] = request_data.json_parameters if request_data is not None else {}
        seconds = self._seconds if not isinstance(read_timeout, int | float) else read_timeout
        try:
            return await self._post(url, urlencode(given).encode(), seconds)
        except httpx.TimeoutException as error:
            raise TimedOut from error
        except httpx.HTTPError as error:
            raise NetworkError(f"httpx.{type(error).__name__}: {error}") from error

    async def _post(self, url: str, body: bytes, seconds: float) -> tuple[int, bytes]:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        server = _Server(parts.hostname or "", parts.port or (443 if secure else 80), secure)
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: {self.USER_AGENT}"
            f"\r\nAccept: */*\r\nAccept-Encoding: identity\r\nContent-Type: {_FORM}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("no connection became free") from error
        try:
            wire = await self._wire(server)
            try:
                async with asyncio.timeout(seconds):
                    answer = await wire.ask(head.encode() + body)
            except TimeoutError as error:
                raise httpx.ReadTimeout("no answer in time") from error
            finally:
                self._give_back(server, wire)
            return answer
        finally:
            self._free.release()

    async def _wire(self, server: _Server) -> _Wire:
        """One that is open and was used lately, else a new one."""
        idle = self._idle.setdefault(server, [])
        oldest = asyncio.get_running_loop().time() - _IDLE_SECONDS
        while idle:
            wire = idle.pop()
            if wire.open and wire.used >= oldest:
                return wire
            wire.close()
        return await self._connect(server)

    async def _connect(self, server: _Server) -> _Wire:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, wire = await loop.create_connection(
                    _Wire,
                    server.host,
                    server.port,
                    ssl=certificates() if server.secure else None,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except (OSError, ssl.SSLError) as error:
            raise httpx.ConnectError(type(error).__name__) from error
        return wire

    def _give_back(self, server: _Server, wire: _Wire) -> None:
        """Keep it for the next, unless an answer is still owed on it."""
        if wire.open and wire.settled:
            self._idle.setdefault(server, []).append(wire)
        else:
            wire.close()
