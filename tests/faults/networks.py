"""A bad network between the program and the platform, and a platform that wants silence."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Self

from tests.fakes.telegram import RemoteTelegram
from tests.faults.kills import program, sqlite_url
from tests.faults.ledger import Load, Score, Witness, failed_sends, score, uncertain_sends
from tests.process import Served


class Way(StrEnum):
    """What the network does."""

    WELL = "well"
    #: A few bytes now and then, both ways.
    TRICKLE = "trickle"
    #: Some connections end: before a request has passed, or after it, before its answer has.
    RESETS = "resets"


class Network:
    """A proxy on loopback that misbehaves as told; it runs in a thread of its own."""

    def __init__(self, upstream: int, seed: int, share: float = 0.04) -> None:
        self.way = Way.WELL
        #: Connections that ended "before" a request was passed on, or "after".
        self.cut: Counter[str] = Counter()
        self.port = 0
        self._upstream = upstream
        self._dice = random.Random(seed)
        self._share = share
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        """End, with every connection."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        with contextlib.suppress(RuntimeError):
            self._loop.run_until_complete(asyncio.sleep(0))

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, out = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:
            back.transport.abort()
            return
        ends = (back, out)
        pumps = (self._pump(near, out, ends, True), self._pump(far, back, ends, False))
        await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        ends: tuple[asyncio.StreamWriter, ...],
        asking: bool,
    ) -> None:
        try:
            while data := await source.read(65_536):
                # The control API of the fake server has a way of its own: all this is Bot API.
                if self.way is Way.RESETS and self._dice.random() < self._share:
                    self.cut["before" if asking else "after"] += 1
                    return
                if self.way is Way.TRICKLE:
                    for start in range(0, len(data), 64):
                        sink.write(data[start : start + 64])
                        await sink.drain()
                        await asyncio.sleep(0.01)
                else:
                    sink.write(data)
                    await sink.drain()
        except OSError:
            return
        finally:
            for end in ends:
                end.transport.abort()


def bad_network(folder: Path, way: Way, questions: int, seed: int) -> Score:
    """The program on SQLite talks to the platform over a bad network all the time."""
    began = time.monotonic()
    with (
        RemoteTelegram.spawn(folder / "calls.jsonl") as remote,
        Network(remote.port, seed) as network,
    ):
        far = RemoteTelegram(network.port)
        served = program(folder / "var", far)
        load = Load([served], remote, random.Random(seed + 1), pause=0.2)

        async def trouble(load: Load) -> None:
            network.way = way
            await load.until(questions, seconds=300)

        with far.http, served:
            return _judge(f"network: {way}", load, trouble, served, folder, began, network.cut)


def storm(folder: Path, questions: int, seed: int) -> Score:
    """The platform answers 429 with Retry-After to most of what is sent, in waves."""
    began, dice = time.monotonic(), random.Random(seed)
    with RemoteTelegram.spawn(folder / "calls.jsonl") as remote:
        served = program(folder / "var", remote)
        load = Load([served], remote, random.Random(seed + 1), pause=0.2)
        asked: Counter[str] = Counter()

        async def trouble(load: Load) -> None:
            while load.taken < questions:
                waves = dice.randrange(10, 40)
                remote.do("fault", method="sendMessage", retry_after=1, times=waves)
                asked["429"] += waves
                await load.until(load.taken + questions // 5, seconds=300)
            remote.do("clear_faults")

        with served:
            return _judge(
                "429 storms, Retry-After 1 s", load, trouble, served, folder, began, asked
            )


def _judge(
    fault: str,
    load: Load,
    trouble: object,
    served: Served,
    folder: Path,
    began: float,
    struck: Counter[str],
) -> Score:
    witness = Witness(folder / "calls.jsonl")
    asyncio.run(load.during(trouble))  # type: ignore[arg-type]
    url = sqlite_url(served)
    given_up = 0
    deadline = time.monotonic() + 120
    while True:
        verdict = witness.verdict(load.chats)
        given_up = failed_sends(url)
        if verdict.answered + given_up >= load.total or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    verdict = witness.wait(load, load.total, timeout=2)
    assert served.stop() == 0
    note = "; ".join(f"{count} {what}" for what, count in sorted(struck.items()))
    seconds, doubts = time.monotonic() - began, uncertain_sends(url)
    return score(fault, struck.total(), load, verdict, doubts, seconds, note, given_up)
