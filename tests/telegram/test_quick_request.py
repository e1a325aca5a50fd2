"""Calls to the Bot API over connections that stay open, against servers that behave badly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from telegram.error import NetworkError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channels.telegram.client import translate
from bot.channels.telegram.request import QuickRequest
from bot.errors import NotSent, Uncertain
from tests.process import free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 429 Busy\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
Answer = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]


class Server:
    """Counts connections, keeps what was asked, answers as it is told."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[bytes] = []
        self.connections = 0
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                (length,) = [
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ]
                body = await reader.readexactly(length)
                self.asked.append(head + body)
                await self._answer(writer, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def served(answer: Answer, seconds: float = 5.0) -> AsyncIterator[tuple[Server, Ask]]:
    server = Server(answer)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    request = QuickRequest(4, seconds, seconds)
    await request.initialize()

    async def ask() -> tuple[int, bytes]:
        data = RequestData([RequestParameter("text", "tiếng Việt & dấu", None)])
        return await request.do_request(f"http://127.0.0.1:{port}/bot1:A/sendMessage", "POST", data)

    try:
        yield server, ask
    finally:
        await request.shutdown()
        listening.close()


Ask = Callable[[], Awaitable[tuple[int, bytes]]]


def always(raw: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write(raw)

    return answer


async def test_one_connection_carries_call_after_call() -> None:
    async with served(always(OK)) as (server, ask):
        assert [await ask() for _ in range(3)] == [(200, b"{}")] * 3
    assert server.connections == 1
    assert server.asked[0].startswith(b"POST /bot1:A/sendMessage HTTP/1.1\r\nHost: 127.0.0.1:")
    assert server.asked[0].endswith(b"text=ti%E1%BA%BFng+Vi%E1%BB%87t+%26+d%E1%BA%A5u")


async def test_calls_at_once_take_no_more_connections_than_allowed() -> None:
    async with served(always(CHUNKED)) as (server, ask):
        answers = await asyncio.gather(*(ask() for _ in range(20)))
    assert set(answers) == {(429, b"{}")}
    assert server.connections <= 4


async def test_a_connection_that_the_server_ends_is_not_used_again() -> None:
    async with served(always(LAST)) as (server, ask):
        assert [await ask() for _ in range(2)] == [(200, b"{}")] * 2
    assert server.connections == 2


async def test_an_answer_that_never_comes_is_doubtful_and_its_connection_gone() -> None:
    silent = always(b"")
    async with served(silent, seconds=0.2) as (server, ask):
        with pytest.raises(TimedOut) as error:
            await ask()
        assert isinstance(translate(error.value), Uncertain)
        with pytest.raises(TimedOut):
            await ask()
    assert server.connections == 2


@pytest.mark.parametrize(
    "raw", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"nonsense\r\n\r\n"]
)
async def test_half_an_answer_or_none_of_http_is_doubtful(raw: bytes) -> None:
    async def cut(writer: asyncio.StreamWriter, _: bytes) -> None:
        writer.write(raw)
        await writer.drain()
        writer.close()

    async with served(cut) as (_, ask):
        with pytest.raises(NetworkError) as error:
            await ask()
        assert isinstance(translate(error.value), Uncertain)


async def test_nothing_was_sent_where_nobody_listens() -> None:
    request = QuickRequest(1, 1.0, 1.0)
    await request.initialize()
    with pytest.raises(NetworkError) as error:
        await request.do_request(f"http://127.0.0.1:{free_port()}/bot1:A/getMe", "POST")
    assert isinstance(error.value.__cause__, httpx.ConnectError)
    assert isinstance(translate(error.value), NotSent)
    await request.shutdown()
