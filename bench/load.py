"""A light load generator: keep-alive connections, hand-made requests, so that it costs little."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Iterator
from typing import Any


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


class Posters:
    """Posts bodies to one path over `connections` connections."""

    def __init__(self, port: int, path: str, headers: dict[str, str], connections: int) -> None:
        self._port = port
        lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{lines}"
        )
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
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for number, body in shared:
            self.began[number] = time.time()
            await self._post(reader, writer, body)
        writer.close()

    async def _queued(self, queue: asyncio.Queue[tuple[int, bytes] | None]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while (item := await queue.get()) is not None:
            await self._post(reader, writer, item[1])
        writer.close()

    async def _post(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes
    ) -> None:
        writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                await reader.readexactly(int(value))
        if status >= 300:
            raise RuntimeError(f"the server answered {status}")


def read_log(path: Any) -> list[dict[str, Any]]:
    """The fake server's log: one accepted call a line."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")]
