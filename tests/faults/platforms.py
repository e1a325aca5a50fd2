"""A messaging platform that is away for an hour: nothing listens, errors only, or silence.

Simulated time: the program's own conversations and delivery on a real database, their clock moved
by hand; the Bot API's client and the fake server, which is really gone, are real.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.channels.telegram.client import make_bot
from bot.channels.telegram.photos import Photos
from bot.channels.telegram.sender import TelegramSender
from bot.domain import events as ev
from bot.services.cards import Cards
from bot.services.delivery import Delivery, Route
from bot.services.limits import Limiter, Rates
from bot.services.runtime import Runtime
from bot.store.inbox import ChatKey
from tests.fakes.telegram import FakeTelegram
from tests.faults.ledger import Score, Verdict, Witness, question
from tests.services.support import World
from tests.support import Clock

#: Seconds of simulated time between two rounds of the clock.
STEP = 2.0
_PATIENCE = 0.4


class Way(StrEnum):
    """How the platform is away."""

    GONE = "nothing listens"
    ERRORS = "every call is answered 502"
    SILENT = "every call is taken and never answered"


@dataclass
class Talk:
    """Numbered questions put straight into the program, and a real Bot API client to answer by."""

    world: World
    clock: Clock
    telegram: FakeTelegram
    people: int
    delivery: Delivery = field(init=False)
    asked: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for chat in self.chats:
            self.telegram.user(chat)

    @property
    def chats(self) -> list[int]:
        """Who asks."""
        return [7_300_001 + n for n in range(self.people)]

    @property
    def total(self) -> int:
        """How many questions were taken."""
        return self.asked.total()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """The way out, with the client the program has."""
        runtime = self.world.runtime
        settings = runtime.settings.model_copy(
            update={
                "telegram_api_url": self.telegram.url,
                "telegram_token": SecretStr(self.telegram.token),
                "telegram_timeout": _PATIENCE,
            }
        )
        bot = make_bot(settings)
        for request in bot._request:
            await request.initialize()
        photos = Photos(bot, Cards(runtime, self.world.publisher), runtime.metrics)
        sender = TelegramSender(bot, photos)
        self.delivery = Delivery(runtime, lambda: self.clock().timestamp())
        self.delivery.add("telegram", Route(sender, Limiter(Rates(0, 0, 0, 16)), sender.alive))
        try:
            yield
        finally:
            await self.delivery.stop()
            for request in bot._request:
                await request.shutdown()

    async def ask(self, chat: int) -> None:
        """The next question of a chat, kept and handled."""
        key, step = ChatKey("telegram", str(chat)), self.asked[chat]
        envelope = ev.Envelope(ev.Start() if not step else ev.Text(question(step)), ev.Sender())
        await self.world.talk.accept(key, "telegram", f"{chat}:{step}", envelope)
        self.asked[chat] += 1

    async def round(self, seconds: float = STEP) -> None:
        """Some time passes, and the clock's jobs run."""
        self.clock.forward(seconds)
        await self.world.talk.tick()
        await self.world.talk.idle()
        await self.delivery.tick()
        await self.delivery.idle()


def away(
    runtime: Runtime, clock: Clock, folder: Path, way: Way, minutes: float, seed: int
) -> Score:
    """People write before, while and after the platform is away."""
    return asyncio.run(_away(runtime, clock, folder, way, minutes, seed))


async def _away(
    runtime: Runtime, clock: Clock, folder: Path, way: Way, minutes: float, seed: int
) -> Score:
    began, dice = time.monotonic(), random.Random(seed)
    log = folder / "calls.jsonl"
    with FakeTelegram(rate_limits=False, log=log) as telegram:
        talk = Talk(World(runtime), clock, telegram, people=20)
        async with talk.at_work():
            for _ in range(3):
                await _everybody(talk)
            # Messages are in hand when it goes.
            for chat in talk.chats:
                await talk.ask(chat)
            back = _leave(telegram, way)
            rounds = round(minutes * 60 / STEP)
            for number in range(rounds):
                if number % max(1, rounds // 60) == 0:
                    await talk.ask(dice.choice(talk.chats))
                await talk.round()
            tries = len(telegram.calls_of("getMe", "sendMessage")) - 3 * talk.people
            back()
            for _ in range(60):
                await talk.round()
            await _everybody(talk)
            for _ in range(5):
                await talk.round()
    verdict = Witness(log).verdict(talk.chats)
    return _score(way, minutes, talk, verdict, time.monotonic() - began, tries)


async def _everybody(talk: Talk) -> None:
    for chat in talk.chats:
        await talk.ask(chat)
    await talk.round()


def _leave(telegram: FakeTelegram, way: Way) -> Callable[[], object]:
    """Make the platform go away; what brings it back."""
    if way is Way.GONE:
        telegram.stop_server()
        return telegram.start_server
    if way is Way.ERRORS:
        telegram.fault(status=502, times=None)
    else:
        # Longer than anybody waits: what was taken in silence is never done.
        telegram.fault(delay=3600.0, drop="before", times=None)
    return telegram.clear_faults


def _score(
    way: Way, minutes: float, talk: Talk, verdict: Verdict, seconds: float, tries: int
) -> Score:
    rows = [row for chat in talk.chats for row in _rows(talk.world, chat)]
    given_up = sum(row.status == "failed" for row in rows)
    note = f"{minutes:g} simulated minutes; {tries} calls while away"
    return Score(
        f"platform away: {way}",
        1,
        talk.total,
        verdict.answered,
        verdict.repeats,
        sum(row.uncertain for row in rows),
        len(verdict.disordered),
        given_up,
        seconds,
        note,
    )


def _rows(world: World, chat: int) -> list[Any]:
    return list(world.out_rows(ChatKey("telegram", str(chat))))
