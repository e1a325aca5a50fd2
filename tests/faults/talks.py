"""Numbered questions to the program on each channel, and what its platform's log says of them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.channels.telegram.client import make_bot
from bot.channels.telegram.photos import Photos
from bot.channels.telegram.sender import TelegramSender
from bot.channels.zalo_oa.tokens import EARLY
from bot.domain import events as ev
from bot.domain.channels import TELEGRAM, ZALO_BOT, ZALO_OA
from bot.services.cards import Cards
from bot.services.delivery import Delivery, Route
from bot.services.limits import Limiter, Rates
from bot.services.runtime import Runtime
from bot.store import zalo_tokens
from bot.store.inbox import ChatKey
from tests.fakes.telegram import FakeTelegram
from tests.faults.fronts import Front, Refusal
from tests.faults.ledger import Verdict, Witness, answered_number, question, weigh
from tests.services.support import World
from tests.support import Clock
from tests.zalo.bot_fake import refusal, zalo_bot
from tests.zalo.bot_stage import BotStage
from tests.zalo.oa_fake import APP_ID, CS_PATH, FakeOa
from tests.zalo.oa_fake import signed as signed_event
from tests.zalo.oa_stage import OaStage, connect

#: Seconds of simulated time between two rounds of the clock.
STEP = 2.0
#: Seconds of real time that an answer of a platform may take.
_PATIENCE = 0.4
#: How often the program looks at its token.
_TEND = 30.0

C = TypeVar("C", int, str)


class Talk(ABC, Generic[C]):
    """Numbered questions put into the program, and a real client to answer by."""

    channel: str
    #: How the platform says that it is asked too often, and that it may be asked again soon.
    too_many: Refusal

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.asked: Counter[C] = Counter()

    @property
    @abstractmethod
    def chats(self) -> Sequence[C]:
        """Who asks."""

    @property
    @abstractmethod
    def delivery(self) -> Delivery:
        """The way out."""

    @property
    def total(self) -> int:
        """How many questions were taken."""
        return self.asked.total()

    async def ask(self, chat: C) -> None:
        """The next question of a chat, kept."""
        await self.say(chat, self.asked[chat])
        self.asked[chat] += 1

    @abstractmethod
    async def say(self, chat: C, step: int) -> None:
        """Hand a question in; when this returns, it is on disk."""

    @abstractmethod
    def verdict(self) -> Verdict:
        """What the platform's own log says."""

    async def everybody(self) -> None:
        """Everybody asks, and some time passes."""
        for chat in self.chats:
            await self.ask(chat)
        await self.round()

    async def round(self, seconds: float = STEP) -> None:
        """Some time passes, and the clock's jobs run."""
        self.clock.forward(seconds)
        await self.world.talk.tick()
        await self.world.talk.idle()
        await self.jobs()
        await self.delivery.tick()
        await self.delivery.idle()

    async def jobs(self) -> None:
        """What else the clock drives."""

    async def afterwards(self) -> str:
        """What must be so once the platform is back, beyond the answers; words for the note."""
        return ""

    def rows(self) -> Iterable[Any]:
        """What was to be sent, of all chats."""
        for chat in self.chats:
            yield from self.world.out_rows(ChatKey(self.channel, str(chat)))


#: Opens a channel with its platform and what stands before it: for so many people, the platform to
#: be away for so many minutes.
Opening = Callable[
    [Runtime, Clock, Path, int, float], AbstractAsyncContextManager[tuple[Talk[Any], Front]]
]


# Telegram -----------------------------------------------------------------------------------------


class TelegramTalk(Talk[int]):
    """Questions put straight into the conversations, and the Bot API's client."""

    channel = TELEGRAM
    too_many = Refusal(
        429,
        b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1",'
        b'"parameters":{"retry_after":1}}',
    )

    def __init__(
        self, world: World, clock: Clock, telegram: FakeTelegram, witness: Witness, people: int
    ) -> None:
        super().__init__(world, clock)
        self.telegram = telegram
        self._witness = witness
        self._people = people
        self._delivery: Delivery | None = None
        for chat in self.chats:
            telegram.user(chat)

    @property
    def chats(self) -> list[int]:
        """Who asks."""
        return [7_300_001 + n for n in range(self._people)]

    @property
    def delivery(self) -> Delivery:
        """The way out, while `at_work`."""
        assert self._delivery is not None
        return self._delivery

    @asynccontextmanager
    async def at_work(self, url: str = "") -> AsyncIterator[None]:
        """The way out, with the client the program has. `url`: the Bot API's, if not its own."""
        runtime = self.world.runtime
        settings = runtime.settings.model_copy(
            update={
                "telegram_api_url": url or self.telegram.url,
                "telegram_token": SecretStr(self.telegram.token),
                "telegram_timeout": _PATIENCE,
            }
        )
        bot = make_bot(settings)
        for request in bot._request:
            await request.initialize()
        photos = Photos(bot, Cards(runtime, self.world.publisher), runtime.metrics)
        sender = TelegramSender(bot, photos)
        self._delivery = Delivery(runtime, lambda: self.clock().timestamp())
        self._delivery.add(TELEGRAM, Route(sender, Limiter(Rates(0, 0, 0, 16)), sender.alive))
        try:
            yield
        finally:
            await self._delivery.stop()
            for request in bot._request:
                await request.shutdown()

    async def say(self, chat: int, step: int) -> None:
        """Put it into the inbox."""
        key = ChatKey(TELEGRAM, str(chat))
        envelope = ev.Envelope(ev.Start() if not step else ev.Text(question(step)), ev.Sender())
        await self.world.talk.accept(key, TELEGRAM, f"{chat}:{step}", envelope)

    def verdict(self) -> Verdict:
        """By the fake server's log."""
        return self._witness.verdict(self.chats)


@asynccontextmanager
async def _telegram(
    runtime: Runtime, clock: Clock, folder: Path, people: int, minutes: float
) -> AsyncIterator[tuple[Talk[int], Front]]:
    log = folder / "calls.jsonl"
    with FakeTelegram(rate_limits=False, log=log) as telegram:
        async with Front(telegram.port, "/sendMessage") as front:
            talk = TelegramTalk(World(runtime), clock, telegram, Witness(log), people)
            async with talk.at_work(f"{front.url}/bot"):
                yield talk, front


# Zalo ---------------------------------------------------------------------------------------------


class BotTalk(Talk[str]):
    """The Zalo Bot platform: questions by its webhook, answers by its client."""

    channel = ZALO_BOT
    too_many = Refusal(429, refusal(429, "Too Many Requests", retry_after=1))

    def __init__(self, stage: BotStage, clock: Clock, people: int) -> None:
        super().__init__(stage.world, clock)
        self._stage = stage
        self._people = {each.id: each for each in (stage.fake.person() for _ in range(people))}

    @property
    def chats(self) -> list[str]:
        """Who asks."""
        return list(self._people)

    @property
    def delivery(self) -> Delivery:
        """The way out."""
        return self._stage.delivery

    async def say(self, chat: str, step: int) -> None:
        """Post it to the webhook."""
        update = self._stage.fake.update(self._people[chat], "text", text=question(step))
        assert await self._stage.post(json.dumps({"ok": True, "result": update}).encode()) == 200

    def verdict(self) -> Verdict:
        """By what the platform showed people."""
        return weigh(_heard((each.chat, each.text) for each in self._stage.fake.shown))


@asynccontextmanager
async def _zalo_bot(
    runtime: Runtime, clock: Clock, folder: Path, people: int, minutes: float
) -> AsyncIterator[tuple[Talk[str], Front]]:
    with zalo_bot() as fake:
        async with Front(urlsplit(fake.url).port or 0, "/sendMessage") as front:
            stage = BotStage(runtime, fake, zalo_bot_api_url=front.url, zalo_bot_timeout=_PATIENCE)
            try:
                yield BotTalk(stage, clock, people), front
            finally:
                await stage.delivery.stop()
                await stage.bot.close()
                stage.stop()


class OaTalk(Talk[str]):
    """The Official Account: questions by its webhook, answers by its client, its token traded."""

    channel = ZALO_OA
    too_many = Refusal(200, b'{"error":-32,"message":"Your application reached limit call api"}')

    def __init__(self, stage: OaStage, clock: Clock, people: int) -> None:
        super().__init__(stage.world, clock)
        self.stage = stage
        self._people = people
        self._tended = clock()
        #: How often the token server was asked in vain, at the most in a row.
        self._failures = 0

    @property
    def chats(self) -> list[str]:
        """Who asks."""
        return [str(7_300_000_000_000_000_001 + n) for n in range(self._people)]

    @property
    def delivery(self) -> Delivery:
        """The way out."""
        return self.stage.delivery

    async def say(self, chat: str, step: int) -> None:
        """Post it to the webhook, signed."""
        event = self.stage.fake.text(chat, question(step))
        assert await self.stage.post(*signed_event(event)) == 200

    async def jobs(self) -> None:
        """Look at the token every half a minute."""
        if self.clock() - self._tended >= timedelta(seconds=_TEND):
            self._tended = self.clock()
            await self.stage.oa.tick()
            self._failures = max(self._failures, self._standing().failures)

    async def afterwards(self) -> str:
        """The token that fell due while the token server was away too is traded without anybody's
        help within the hour, and the new one sends."""
        assert self._failures, "it fell due while the token server was away"
        back = self.clock()
        while (standing := self._standing()).version == 1:
            assert self.clock() - back < timedelta(hours=1), standing
            await self.round(_TEND)
        assert not standing.problem, standing
        await self.everybody()
        used = [call.token for call in self.stage.fake.calls_of(CS_PATH)]
        assert len(set(used)) == 2, "the old one worked until there was the new one"
        after = (self.clock() - back).total_seconds() / 60
        return f"token due in it, traded {after:.0f} min after it at the {self._failures + 1}. try"

    def _standing(self) -> zalo_tokens.Standing:
        found = self.world.do(lambda c: zalo_tokens.standing(c, APP_ID))
        assert found is not None
        return found

    def verdict(self) -> Verdict:
        """By what the platform showed people."""
        return weigh(_heard((each.user, each.text) for each in self.stage.fake.messages))


@asynccontextmanager
async def _zalo_oa(
    runtime: Runtime, clock: Clock, folder: Path, people: int, minutes: float
) -> AsyncIterator[tuple[Talk[str], Front]]:
    """The token is to be traded a third into the outage."""
    life = EARLY + timedelta(minutes=minutes / 3)
    async with official_account(runtime, clock, people, life) as opened:
        yield opened


@asynccontextmanager
async def _zalo_oa_without(
    runtime: Runtime, clock: Clock, folder: Path, people: int, minutes: float
) -> AsyncIterator[tuple[Talk[str], Front]]:
    """The token ends a third into the outage, as when its server was away for hours before."""
    async with official_account(runtime, clock, people, timedelta(minutes=minutes / 3)) as opened:
        yield opened


@asynccontextmanager
async def official_account(
    runtime: Runtime, clock: Clock, people: int, life: timedelta
) -> AsyncIterator[tuple[OaTalk, Front]]:
    """An account whose token lives so long."""
    with FakeOa() as fake:
        async with Front(fake.port, CS_PATH) as front:
            url = {"zalo_oa_api_url": front.url, "zalo_oa_oauth_url": front.url}
            stage = OaStage(runtime, fake, zalo_oa_timeout=_PATIENCE, **url)
            connect(stage.runtime, fake, life)
            try:
                yield OaTalk(stage, clock, people), front
            finally:
                await stage.delivery.stop()
                await stage.oa.close()
                stage.stop()


CHANNELS: Mapping[str, Opening] = {
    TELEGRAM: _telegram,
    ZALO_OA: _zalo_oa,
    ZALO_BOT: _zalo_bot,
}


#: The account's token does not only fall due while it is away, but ends.
WITHOUT_TOKEN = f"{ZALO_OA} without a token"
OPENINGS: Mapping[str, Opening] = {**CHANNELS, WITHOUT_TOKEN: _zalo_oa_without}


def _heard(said: Iterable[tuple[str, str]]) -> dict[str, list[int]]:
    heard: dict[str, list[int]] = defaultdict(list)
    for chat, text in said:
        heard[chat].append(answered_number(text))
    return heard
