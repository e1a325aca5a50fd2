"""A light load generator: keep-alive connections, hand-made requests, so that it costs little."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_LINE_MOST = 2**20


def text_update(number: int, chat: int, text: str) -> bytes:
    """A Telegram update with a text message, as JSON bytes."""
    person = {"id": chat, "is_bot": False, "first_name": f"N{chat}"}
    message = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": chat, "type": "private", "first_name": f"N{chat}"},
        "from": person,
        "text": text,
    }
    return json.dumps({"update_id": number, "message": message}, ensure_ascii=False).encode()


def request(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A POST of JSON as it goes over the wire."""
    lines = "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items())
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{lines}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Link:
    """One keep-alive connection; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int) -> Link:
        """To a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=_LINE_MOST))

    async def ask(self, raw: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer to a whole request."""
        self.writer.write(raw)
        head = await self.reader.readuntil(b"\r\n\r\n")
        body = b""
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                body = await self.reader.readexactly(int(value))
        return int(head.split(b" ", 2)[1]), head, body

    def close(self) -> None:
        """Close."""
        self.writer.close()


@dataclass(frozen=True, slots=True)
class Item:
    """A message on its way in: whose it is, and the request that carries it."""

    number: int
    who: str
    raw: bytes


class Generator:
    """Posts items to one port; those of one person in order, one after the other."""

    def __init__(self, port: int, connections: int) -> None:
        self._port = port
        self._connections = connections
        #: Wall-clock time at which each item was about to be written, by its number.
        self.began: dict[int, float] = {}
        #: Seconds from then until the server had acknowledged it.
        self.acknowledged: dict[int, float] = {}
        self.statuses: Counter[int] = Counter()

    async def as_fast_as_taken(self, items: Iterable[Item]) -> None:
        """Closed loop: a connection posts its next item when its last was acknowledged."""
        shares: dict[int, deque[Item]] = defaultdict(deque)
        for item in items:
            shares[hash(item.who) % self._connections].append(item)
        await asyncio.gather(*(self._all(share) for share in shares.values()))

    async def at_rate(self, items: list[Item], per_second: float) -> None:
        """Open loop: items leave on a fixed beat, whatever the answers do."""
        queues: list[asyncio.Queue[Item | None]] = [
            asyncio.Queue() for _ in range(self._connections)
        ]
        workers = [asyncio.create_task(self._queued(queue)) for queue in queues]
        start = time.perf_counter()
        for count, item in enumerate(items):
            await asyncio.sleep(max(0.0, start + count / per_second - time.perf_counter()))
            self.began[item.number] = time.time()
            queues[hash(item.who) % self._connections].put_nowait(item)
        for queue in queues:
            queue.put_nowait(None)
        await asyncio.gather(*workers)

    async def at_once(self, items: list[Item]) -> None:
        """All at the same moment, each on a connection of its own that stands already."""
        links = [await Link.open(self._port) for _ in items]
        await asyncio.gather(*(self._post(k, i) for k, i in zip(links, items, strict=True)))
        for link in links:
            link.close()

    async def _all(self, items: deque[Item]) -> None:
        link = await Link.open(self._port)
        for item in items:
            await self._post(link, item)
        link.close()

    async def _queued(self, queue: asyncio.Queue[Item | None]) -> None:
        link = await Link.open(self._port)
        while (item := await queue.get()) is not None:
            await self._post(link, item)
        link.close()

    async def _post(self, link: Link, item: Item) -> None:
        began = self.began.setdefault(item.number, time.time())
        status, _, _ = await link.ask(item.raw)
        self.acknowledged[item.number] = time.time() - began
        self.statuses[status] += 1
        if status >= 300:
            raise RuntimeError(f"the server answered {status}")


class Posters:
    """Posts bodies to one path over `connections` connections."""

    def __init__(self, port: int, path: str, headers: dict[str, str], connections: int) -> None:
        self._port = port
        self._path = path
        self._headers = headers
        self._connections = connections
        #: Wall-clock time at which each body was about to be written, by its number.
        self.began: dict[int, float] = {}

    async def as_fast_as_taken(self, bodies: Iterable[tuple[int, bytes]]) -> None:
        """Closed loop: each connection posts its next body when the last was answered."""
        shared = iter(bodies)
        await asyncio.gather(*(self._worker(shared) for _ in range(self._connections)))

    async def at_rate(self, bodies: list[tuple[int, bytes]], per_second: float) -> None:
        """Open loop: bodies leave on a fixed beat, whatever the answers do."""
        queue: asyncio.Queue[tuple[int, bytes] | None] = asyncio.Queue()
        workers = [asyncio.create_task(self._queued(queue)) for _ in range(self._connections)]
        start = time.perf_counter()
        for count, item in enumerate(bodies):
            await asyncio.sleep(max(0.0, start + count / per_second - time.perf_counter()))
            self.began[item[0]] = time.time()
            queue.put_nowait(item)
        for _ in workers:
            queue.put_nowait(None)
        await asyncio.gather(*workers)

    async def _worker(self, shared: Iterator[tuple[int, bytes]]) -> None:
        link = await Link.open(self._port)
        for number, body in shared:
            self.began[number] = time.time()
            await self._post(link, body)
        link.close()

    async def _queued(self, queue: asyncio.Queue[tuple[int, bytes] | None]) -> None:
        link = await Link.open(self._port)
        while (item := await queue.get()) is not None:
            await self._post(link, item[1])
        link.close()

    async def _post(self, link: Link, body: bytes) -> None:
        status, _, _ = await link.ask(request(self._path, body, self._headers))
        if status >= 300:
            raise RuntimeError(f"the server answered {status}")


async def frames(port: int, path: str, headers: dict[str, str]) -> AsyncIterator[tuple[int, str]]:
    """(number, data) of each server-sent event, until the stream ends."""
    link = await Link.open(port)
    lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    link.writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())
    head = await link.reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"no stream: {head[:60]!r}")
    number = 0
    # A frame comes as one chunk, so the lines that say how long a chunk is can be passed over.
    with contextlib.closing(link):
        while line := await link.reader.readline():
            if line.startswith(b"id: "):
                number = int(line[4:])
            elif line.startswith(b"data: "):
                yield number, line[6:].decode()


def read_log(path: Any) -> list[dict[str, Any]]:
    """The fake server's log: one accepted call a line."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")]
