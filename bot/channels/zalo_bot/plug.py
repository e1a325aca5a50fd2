"""The Zalo Bot Platform at work in this process."""

from __future__ import annotations

from fastapi import APIRouter

from bot.channels.fetching import SOUNDS, Fetcher
from bot.channels.zalo_bot.client import ZaloBotClient
from bot.channels.zalo_bot.inward import ZaloBotInward
from bot.channels.zalo_bot.sender import ZaloBotSender
from bot.domain.channels import ZALO_BOT as CHANNEL
from bot.domain.voice import BYTES_MOST as VOICE_BYTES_MOST
from bot.services import pilot
from bot.services.cards import Cards
from bot.services.conversation import Conversations
from bot.services.delivery import Delivery, Route
from bot.services.limits import Rates
from bot.services.pictures import Pictures
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.services.voices import Voices
from bot.settings import UpdateMode

#: The platform names no rate; it says 429 when it wants fewer. This many never made it say so to
#: others, and a whole month of the pilot is two minutes of it.
_RATES = Rates(overall_per_second=20, chat_per_second=0, group_per_minute=0, at_once=8)


class ZaloBot:
    """The bot: its way in and its way out."""

    def __init__(
        self,
        runtime: Runtime,
        conversations: Conversations,
        delivery: Delivery,
        cards: Cards,
        pictures: Pictures,
        voices: Voices,
        publisher: Publisher,
    ) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self._client = ZaloBotClient(settings)
        self._fetcher = Fetcher(settings.zalo_bot_file_hosts.split(","))
        self._sounds = Fetcher(
            settings.zalo_bot_file_hosts.split(","), kinds=SOUNDS, bytes_most=VOICE_BYTES_MOST
        )
        self._inward = ZaloBotInward(runtime, conversations, self._client)
        sender = ZaloBotSender(
            self._client,
            cards,
            runtime.metrics,
            settings.base_url,
            lambda: publisher.content.phrases,
        )
        limiter = delivery.limiter(CHANNEL, _RATES)
        delivery.add(CHANNEL, Route(sender, limiter, self._client.alive))
        pictures.fetch_from(CHANNEL, self._fetcher.fetch)
        voices.fetch_from(CHANNEL, self._sounds.fetch)

    @property
    def name(self) -> str:
        """The channel's name."""
        return CHANNEL

    @property
    def state(self) -> str:
        """How the connection is."""
        return self._inward.state

    @property
    def _hooked(self) -> bool:
        return self._runtime.settings.zalo_bot_mode is UpdateMode.WEBHOOK

    def router(self) -> APIRouter:
        """The webhook, where there is one."""
        router = APIRouter()
        if self._hooked:
            self._inward.add_webhook(router)
        return router

    async def run(self) -> None:
        """Take what comes in."""
        await (self._inward.set_webhook() if self._hooked else self._inward.poll())

    async def limits(self) -> pilot.Limits:
        """How much of the pilot is used."""
        runtime, now = self._runtime, self._runtime.now()
        return await runtime.db.read(lambda c: pilot.limits(c, runtime.settings, now))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()
        await self._fetcher.close()
        await self._sounds.close()
