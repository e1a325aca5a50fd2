"""Numbered questions, and what the fake server's log says of them.

After the greeting offers its choices, a number beyond them is answered with that very number. So
the log of what was really sent proves loss, order and repeats, whatever the program believes.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import httpx
from sqlalchemy import text

from bench.load import text_update
from bot.store.db import make_engine
from tests.fakes.telegram import RemoteTelegram
from tests.process import WEBHOOK_SECRET, Served

C = TypeVar("C", int, str)
_NUMBER = re.compile(r"không có số (\d+)")
FIRST_NUMBER = 11
_AHEAD = 500
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET, "Content-Type": "application/json"}


class Questions(Protocol):
    """What was asked."""

    @property
    def chats(self) -> Sequence[int]:
        """Who asks."""

    @property
    def total(self) -> int:
        """How many questions there are, and so answers."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`people` chats that each open the bot and then type `each - 1` numbers."""

    people: int = 50
    each: int = 10
    first_chat: int = 7_000_001

    @property
    def total(self) -> int:
        """How many updates there are, and so answers."""
        return self.people * self.each

    @property
    def chats(self) -> list[int]:
        """The chats' ids."""
        return list(range(self.first_chat, self.first_chat + self.people))

    def steps(self) -> list[tuple[str, dict[str, Any]]]:
        """Actions for the fake server: everybody starts, then types, in turn."""
        steps: list[tuple[str, dict[str, Any]]] = [("user", {"id": c}) for c in self.chats]
        steps += [("start", {"user": c}) for c in self.chats]
        for number in range(FIRST_NUMBER, FIRST_NUMBER + self.each - 1):
            steps += [("send_text", {"user": c, "text": str(number)}) for c in self.chats]
        return steps

    def queue(self, remote: RemoteTelegram) -> None:
        """Put every update into the fake server's queue."""
        remote.batch(self.steps())


def question(step: int) -> str:
    """The words of a chat's step: it opens the bot, then types numbers."""
    return str(FIRST_NUMBER + step - 1) if step else "/start"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log says; `disordered` are the chats."""

    answered: int
    repeats: int
    disordered: Sequence[int | str]


class Witness:
    """Reads the log as it grows: what each chat was told, by the number in it."""

    def __init__(self, log: Path, ignore: str = "") -> None:
        """`ignore` is what is said besides the answers."""
        self._log = log
        self._ignore = ignore
        self._offset = 0
        self._heard: dict[int, list[int]] = {}

    def read(self) -> None:
        """Take in what was written since."""
        with self._log.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                call = json.loads(line)
                said = call["method"] == "sendMessage" and call.get("status", 200) == 200
                if said and (not self._ignore or call["params"]["text"] != self._ignore):
                    number = answered_number(call["params"].get("text", ""))
                    self._heard.setdefault(call["chat_id"], []).append(number)

    def verdict(self, chats: Iterable[int]) -> Verdict:
        """Distinct answers, repeats beyond them, and chats answered out of order."""
        self.read()
        return weigh({chat: self._heard.get(chat, []) for chat in chats})

    def wait(self, asked: Questions, count: int, timeout: float = 120) -> Verdict:
        """The verdict once `count` distinct answers are there (or time is up)."""
        deadline = time.monotonic() + timeout
        while True:
            verdict = self.verdict(asked.chats)
            if verdict.answered >= count or time.monotonic() > deadline:
                return verdict
            time.sleep(0.05)


def weigh(heard: Mapping[C, Sequence[int]]) -> Verdict:
    """What it means that chats were told these numbers, in this order."""
    repeats = sum(len(said) - len(set(said)) for said in heard.values())
    answered = sum(len(set(said)) for said in heard.values())
    # First hearings in order; a repeat of the one just said is the doubtful send, no disorder.
    wrong = [c for c, said in heard.items() if list(dict.fromkeys(said)) != sorted(set(said))]
    return Verdict(answered, repeats, wrong)


def answered_number(text: str) -> int:
    """Which question a message answers; 0: the greeting, and what has no number."""
    found = _NUMBER.search(text)
    return int(found.group(1)) if found else 0


def judge(asked: Questions, log: Path) -> Verdict:
    """What a log says."""
    return Witness(log).verdict(asked.chats)


def wait_answered(asked: Questions, log: Path, count: int, timeout: float = 120) -> Verdict:
    """Read the log until `count` distinct answers are in it (or time is up); the last verdict."""
    return Witness(log).wait(asked, count, timeout)


# Load ---------------------------------------------------------------------------------------------


@dataclass
class Load:
    """People who write without a pause, each the next question when the last was taken.

    Updates come by webhook, each to one of the programs, and again until it is taken: as Telegram
    does. A person who has asked `each` questions makes room for a new one.
    """

    programs: list[Served]
    remote: RemoteTelegram
    dice: random.Random
    people: int = 20
    #: Few, so that the digits of one person's numbers never look like a card's or an identity's.
    each: int = 10
    #: Seconds at most between two questions of a person.
    pause: float = 0.1
    first_chat: int = 7_000_001
    chats: list[int] = field(default_factory=list)
    #: Questions that were taken: the 200 came.
    taken: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    _stop: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def total(self) -> int:
        """How many questions were taken, and so answers are owed."""
        return self.taken

    async def during(self, trouble: Callable[[Self], Any]) -> None:
        """Write until `trouble`, a coroutine function of this load, has returned."""
        limits = httpx.Limits(max_connections=self.people)
        async with httpx.AsyncClient(
            trust_env=False, timeout=10, limits=limits, headers=HEADERS
        ) as client:
            writing = [asyncio.create_task(self._seat(client)) for _ in range(self.people)]
            try:
                await trouble(self)
            finally:
                self._stop = True
                await asyncio.gather(*writing)

    async def until(self, taken: int, seconds: float = 60) -> None:
        """Return when so many questions were taken. TimeoutError."""
        async with asyncio.timeout(seconds):
            while self.taken < taken:
                self._changed.clear()
                await self._changed.wait()

    async def _seat(self, client: httpx.AsyncClient) -> None:
        while not self._stop:
            chat = self.first_chat + len(self.chats)
            if not len(self.chats) % _AHEAD:
                # Telegram knows everybody; the fake one must be told of people.
                self.remote.batch([("user", {"id": chat + n}) for n in range(_AHEAD)])
            self.chats.append(chat)
            for step in range(self.each):
                if self._stop:
                    return
                await self._deliver(client, text_update(chat * 1000 + step, chat, question(step)))
                self.taken += 1
                self._changed.set()
                await asyncio.sleep(self.dice.random() * self.pause)

    async def _deliver(self, client: httpx.AsyncClient, body: bytes) -> None:
        while True:
            program = self.dice.choice(self.programs)
            try:
                answer = await client.post(f"{program.url}/telegram/webhook", content=body)
            except httpx.TransportError:
                self.refused[0] += 1
            else:
                if answer.status_code == 200:
                    return
                self.refused[answer.status_code] += 1
            await asyncio.sleep(0.05)


# Result -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one kind of fault."""

    fault: str
    #: How often it struck.
    times: int
    asked: int
    answered: int
    #: Answers that came twice, and sends that ended in doubt: by these the first are allowed.
    doubled: int
    uncertain: int
    disordered: int
    missed: int = 0
    seconds: float = 0.0
    note: str = ""
    #: Answers that the program knows it gave up: shown on the page of health.
    given_up: int = 0

    @property
    def lost(self) -> int:
        """Questions that were taken and never answered."""
        return self.asked - self.answered

    def check(self) -> None:
        """Nothing lost, doubled beyond doubt, out of order or late."""
        print(self)
        assert self.lost == 0, self
        assert self.disordered == 0, self
        assert self.doubled <= self.uncertain, self
        assert self.missed == 0, self

    def row(self) -> dict[str, Any]:
        """For a table or a file."""
        return {**asdict(self), "lost": self.lost, "seconds": round(self.seconds, 1)}


def score(
    fault: str,
    times: int,
    asked: Questions,
    verdict: Verdict,
    uncertain: int,
    seconds: float,
    note: str = "",
    given_up: int = 0,
) -> Score:
    """Put together what the ledger and the witness say."""
    return Score(
        fault,
        times,
        asked.total,
        verdict.answered,
        verdict.repeats,
        uncertain,
        len(verdict.disordered),
        0,
        seconds,
        note,
        given_up,
    )


def uncertain_sends(url: str) -> int:
    """How often a send ended in doubt, by the database."""
    return _number(url, "SELECT coalesce(sum(uncertain), 0) FROM outbox")


def failed_sends(url: str) -> int:
    """Messages that were given up."""
    return _number(url, "SELECT count(*) FROM outbox WHERE status = 'failed'")


def _number(url: str, query: str) -> int:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text(query)).scalar() or 0)
    finally:
        engine.dispose()
