"""How people of each channel write in the load bench, and where their answers are seen."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.load.wire import Link, frames, request, text_update
from tests.fakes.telegram import RemoteTelegram
from tests.process import WEBHOOK_SECRET
from tests.zalo.oa_fake import FakeOa, signed

TELEGRAM, ZALO, WEB = "telegram", "zalo", "web"
_SENT = frozenset({"sendMessage", "sendPhoto", "message"})


@dataclass(slots=True)
class Heard:
    """What one person was told: when, and the words."""

    times: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


class Channel(Protocol):
    """One way in and out."""

    name: str

    async def people(self, count: int) -> list[str]:
        """Make so many people who have never written."""

    def message(self, who: str, text: str) -> bytes:
        """The request that carries a message of theirs."""

    def heard(self, people: Iterable[str]) -> dict[str, Heard]:
        """What was said to each of them so far."""

    async def close(self) -> None:
        """Let go of what is open."""


class Logged:
    """A channel whose fake server writes a log; read on where the last look ended."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._at = 0
        self._heard: defaultdict[str, Heard] = defaultdict(Heard)

    def heard(self, people: Iterable[str]) -> dict[str, Heard]:
        """From the log."""
        if self._log.exists():
            with self._log.open("rb") as file:
                file.seek(self._at)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._at += len(line)
                    self._note(json.loads(line))
        return {who: self._heard[who] for who in people}

    def _note(self, call: dict[str, object]) -> None:
        if call["method"] in _SENT:
            found, params = self._heard[str(call["chat_id"])], call["params"]
            assert isinstance(params, dict)
            assert isinstance(call["time"], float)
            found.times.append(call["time"])
            found.texts.append(str(params.get("text") or params.get("caption") or ""))

    async def close(self) -> None:
        """Nothing is open."""


class TelegramPeople(Logged):
    """Updates to the webhook; answers in the fake Bot API server's log."""

    name = TELEGRAM
    _ids = itertools.count(1_000_000)
    _numbers = itertools.count(1)

    def __init__(self, remote: RemoteTelegram, log: Path) -> None:
        super().__init__(log)
        self._remote = remote

    async def people(self, count: int) -> list[str]:
        """Chats that the bot may write to."""
        ids = [next(self._ids) for _ in range(count)]
        self._remote.batch([("user", {"id": i}) for i in ids])
        return [str(i) for i in ids]

    def message(self, who: str, text: str) -> bytes:
        """An update."""
        body = text_update(next(self._numbers), int(who), text)
        headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
        return request("/telegram/webhook", body, headers)


class ZaloPeople(Logged):
    """Signed events to the Official Account's webhook; answers in its fake platform's log."""

    name = ZALO
    _ids = itertools.count(2_512_523_000_000_001)
    _events = FakeOa()

    async def people(self, count: int) -> list[str]:
        """Whoever writes is known."""
        return [str(next(self._ids)) for _ in range(count)]

    def message(self, who: str, text: str) -> bytes:
        """An event."""
        return request("/zalo/oa/webhook", *signed(self._events.text(who, text)))


class WebPeople:
    """Open pages: a cookie, a stream that is read, and an acknowledgement of what was shown."""

    name = WEB

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._heard: defaultdict[str, Heard] = defaultdict(Heard)
        self._streams: list[asyncio.Task[None]] = []
        self._seen: dict[str, int] = {}
        self._acks: asyncio.Queue[str] = asyncio.Queue()
        self._ackers: list[asyncio.Task[None]] = []
        self._waiting: set[str] = set()

    async def people(self, count: int) -> list[str]:
        """Open so many pages; each is greeted before this returns."""
        link = await Link.open(self._port)
        made = []
        for _ in range(count):
            status, head, body = await link.ask(request("/chat/open", b"{}"))
            if status != 200:
                raise RuntimeError(f"a page could not be opened ({status})")
            (cookie,) = [v for v in head.decode().split("\r\n") if v[:11].lower() == "set-cookie:"]
            who = str(json.loads(body)["chat"])
            self._cookies[who] = cookie[11:].partition(";")[0].strip()
            self._streams.append(asyncio.create_task(self._listen(who)))
            made.append(who)
        link.close()
        if not self._ackers:
            self._ackers = [asyncio.create_task(self._acknowledge()) for _ in range(8)]
        while not all(self._heard[who].times for who in made):  # noqa: ASYNC110 - greetings come
            await asyncio.sleep(0.05)
        return made

    def message(self, who: str, text: str) -> bytes:
        """As the page posts it."""
        body = json.dumps({"id": str(uuid.uuid4()), "text": text}, ensure_ascii=False)
        return request("/chat/messages", body.encode(), self._headers(who))

    def heard(self, people: Iterable[str]) -> dict[str, Heard]:
        """What the streams brought."""
        return {who: self._heard[who] for who in people}

    @property
    def told(self) -> int:
        """How much was shown on every page so far."""
        return sum(len(found.times) for found in self._heard.values())

    async def close(self) -> None:
        """Close the pages."""
        tasks = [*self._streams, *self._ackers]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _headers(self, who: str) -> dict[str, str]:
        return {"Cookie": self._cookies[who], "Sec-Fetch-Site": "same-origin"}

    async def _listen(self, who: str) -> None:
        async for number, data in frames(self._port, "/chat/stream?after=0", self._headers(who)):
            found = self._heard[who]
            found.times.append(time.time())
            found.texts.append(data)
            self._seen[who] = number
            # As the page does: one acknowledgement for what came while the last was under way.
            if who not in self._waiting:
                self._waiting.add(who)
                self._acks.put_nowait(who)

    async def _acknowledge(self) -> None:
        link = await Link.open(self._port)
        while True:
            who = await self._acks.get()
            self._waiting.discard(who)
            body = json.dumps({"seq": self._seen[who]}).encode()
            await link.ask(request("/chat/ack", body, self._headers(who)))


def text_of(frame: str) -> str:
    """The words of an event of the web chat; anything else is the words already."""
    if not frame.startswith("{"):
        return frame
    return str(json.loads(frame)["text"])
