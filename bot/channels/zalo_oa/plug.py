"""The Official Account at work in this process."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.fetching import SOUNDS, Fetcher
from bot.channels.zalo_oa.calls import Calls
from bot.channels.zalo_oa.client import OaClient
from bot.channels.zalo_oa.inward import OaInward
from bot.channels.zalo_oa.oauth import OAuth
from bot.channels.zalo_oa.pictures import OaPictures
from bot.channels.zalo_oa.sender import OaSender
from bot.channels.zalo_oa.tokens import Tokens
from bot.domain.channels import ZALO_OA
from bot.domain.voice import BYTES_MOST as VOICE_BYTES_MOST
from bot.errors import StoreError
from bot.services.cards import Cards
from bot.services.conversation import Conversations
from bot.services.delivery import Delivery, Route
from bot.services.limits import Limiter, Rates
from bot.services.pictures import Pictures
from bot.services.runtime import Runtime
from bot.services.voices import Voices
from bot.store import windows
from bot.store.zalo_tokens import Standing

log = structlog.get_logger(__name__)

_EVERY = 30.0
_SPARE_CONNECTIONS = 4


class ZaloOa:
    """The parts of the channel, connected."""

    name = ZALO_OA

    def __init__(
        self,
        runtime: Runtime,
        conversations: Conversations,
        delivery: Delivery,
        cards: Cards,
        pictures: Pictures,
        voices: Voices,
    ) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self._calls = Calls(settings.zalo_oa_timeout, settings.send_at_once + _SPARE_CONNECTIONS)
        self.tokens = Tokens(runtime, OAuth(settings, self._calls))
        self._fetcher = Fetcher(settings.zalo_oa_file_hosts.split(","))
        self._sounds = Fetcher(
            settings.zalo_oa_file_hosts.split(","), kinds=SOUNDS, bytes_most=VOICE_BYTES_MOST
        )
        self._inward = OaInward(runtime, conversations, delivery, self.tokens)
        client = OaClient(settings, self._calls, self.tokens, delivery.places)
        sender = OaSender(runtime, client, OaPictures(runtime, client, cards))
        # The limiter puts what is urgent first; the client counts the requests themselves.
        rates = Rates(settings.zalo_oa_per_minute / 60, 0, 0, settings.send_at_once)
        delivery.add(ZALO_OA, Route(sender, Limiter(rates), client.alive))
        pictures.fetch_from(ZALO_OA, self._fetcher.fetch)
        voices.fetch_from(ZALO_OA, self._sounds.fetch)
        self.state = "starting"

    def router(self) -> APIRouter:
        """The platform's routes."""
        return self._inward.router()

    async def run(self) -> None:
        """Keep the token fresh, and the numbers true."""
        while True:
            try:
                await self.tick()
            except (SQLAlchemyError, StoreError) as error:
                self.state = f"the tokens cannot be read ({type(error).__name__})"
                log.warning("zalo tokens not looked at", error=type(error).__name__)
            await asyncio.sleep(_EVERY)

    async def tick(self) -> None:
        """One look."""
        runtime = self._runtime
        found = await self.tokens.tend()
        left = (found.expires_at - runtime.now()).total_seconds() if found else 0.0
        runtime.metrics.zalo_token.set(max(left, 0.0))
        runtime.metrics.zalo_waiting.set(await runtime.db.read(windows.waiting))
        self.state = describe(found, works=left > 0)

    async def close(self) -> None:
        """Finish a trade of tokens that has begun, then close the connections."""
        await self.tokens.finish()
        await self._fetcher.close()
        await self._sounds.close()
        await self._calls.close()


def describe(found: Standing | None, *, works: bool) -> str:
    """How the connection is, for /readyz."""
    if found is None:
        return "not connected: congdanso zalo connect"
    if found.lost:
        return f"connect again: congdanso zalo connect ({found.problem})"
    if found.problem:
        return found.problem
    return "ok" if works else "the token has expired"
