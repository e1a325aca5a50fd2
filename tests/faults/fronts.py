"""What stands before a fake platform, and lets the program find it away.

Requests pass it one by one. What it turns away never reaches the platform, so the platform's own
log stays the witness of what people were shown.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Self, cast

#: Sends that are under way when a platform falls silent: it does them, and the answer is lost.
_IN_HAND = 3
_PAGE = b"<!DOCTYPE html><html><body>Bao tri he thong</body></html>"


class Way(StrEnum):
    """How the platform is away."""

    GONE = "nothing listens"
    ERRORS = "every call is answered 502"
    SILENT = "every call is taken and never answered"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer in place of the platform's."""

    status: int
    body: bytes
    kind: str = "application/json"

    def raw(self) -> bytes:
        """As it goes over the wire."""
        head = (
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
            f"Content-Type: {self.kind}\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


_BROKEN = Refusal(502, _PAGE, "text/html")


class Front:
    """An address on loopback for the platform at another one; `async with Front(port, sends)`.

    `sends` is how the path of a call ends that shows somebody something.
    """

    def __init__(self, upstream: int, sends: str) -> None:
        self.port = 0
        #: Calls that were turned away, by what is last in their path.
        self.turned: Counter[str] = Counter()
        #: Sends that were answered that there are too many.
        self.limited = 0
        self._upstream = upstream
        self._sends = sends
        self._way: Way | None = None
        self._in_hand = 0
        self._too_many: list[Refusal] = []
        self._near: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where the platform seems to be."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        """Listen."""
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End, with every connection."""
        self._close()
        while self._serving:
            await asyncio.wait(self._serving)

    async def leave(self, way: Way) -> None:
        """From now on the platform is away."""
        self._way, self._in_hand = way, _IN_HAND
        if way is Way.GONE:
            self._close()

    async def back(self, too_many: Refusal, times: int) -> None:
        """The platform is there again; so many sends are too many at once for it."""
        gone, self._way = self._way is Way.GONE, None
        self._too_many = [too_many] * times
        self._cut()
        if gone:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _close(self) -> None:
        self._server.close()
        self._cut()

    def _cut(self) -> None:
        for each in self._near:
            each.transport.abort()

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._near.add(back)
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._serving.add(task)
        try:
            while True:
                path, asked = await _message(near)
                answer = await self._answer(path, asked)
                if answer is not None:
                    back.write(answer)
                    await back.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            self._near.discard(back)
            self._serving.discard(task)
            back.transport.abort()

    async def _answer(self, path: str, asked: bytes) -> bytes | None:
        """What is answered; None for silence."""
        if self._way is None:
            if self._too_many and path.endswith(self._sends):
                self.limited += 1
                return self._too_many.pop().raw()
            return await self._pass_on(asked)
        self.turned[path.rpartition("/")[2]] += 1
        if self._way is Way.ERRORS:
            return _BROKEN.raw()
        if self._in_hand and path.endswith(self._sends):
            self._in_hand -= 1
            await self._pass_on(asked)
        return None

    async def _pass_on(self, asked: bytes) -> bytes:
        far, out = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            out.write(asked)
            return (await _message(far))[1]
        finally:
            out.transport.abort()


async def _message(source: asyncio.StreamReader) -> tuple[str, bytes]:
    """The second word of the next HTTP message, which is a request's path, and all its bytes."""
    head = await source.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    body = await source.readexactly(int(fields.get("content-length", "0")))
    return first.split(" ")[1], head + body
