"""The bot's channel with real conversations on a real database, against the fake platform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from bot.channels.zalo_bot.inward import PATH
from bot.channels.zalo_bot.plug import ZaloBot
from bot.domain.channels import ZALO_BOT
from bot.safety.qr.banks import Banks
from bot.services.cards import Cards
from bot.services.conversation import Conversations
from bot.services.delivery import Delivery
from bot.services.pictures import Pictures
from bot.services.runtime import Runtime
from bot.services.voices import Voices
from bot.settings import UpdateMode
from bot.store.inbox import ChatKey
from tests.services.support import World
from tests.zalo.bot_fake import SECRET, TOKEN, FakeZaloBot, Person

PUBLIC = "https://tro-ly.example.vn"


class BotStage:
    """One process: webhook in, conversations, delivery, the plug."""

    def __init__(self, runtime: Runtime, fake: FakeZaloBot, **more: Any) -> None:
        self.fake = fake
        given: dict[str, Any] = {
            "zalo_bot_token": SecretStr(TOKEN),
            "zalo_bot_api_url": fake.url,
            "zalo_bot_file_hosts": fake.url,
            "zalo_bot_mode": UpdateMode.WEBHOOK,
            "zalo_bot_webhook_secret": SecretStr(SECRET),
            "public_url": PUBLIC,
        }
        settings = runtime.settings.model_copy(update=given | more)
        self.runtime = replace(runtime, settings=settings)
        self.world = World(self.runtime)
        self.delivery = Delivery(self.runtime, lambda: self.runtime.now().timestamp())
        self.pictures = Pictures(Banks(), self.runtime.metrics)
        self.voices = Voices(self.runtime.metrics)
        self.cards = Cards(self.runtime, self.world.publisher)
        self.talk = Conversations(
            self.runtime,
            self.world.publisher,
            self.world.brain,
            self.delivery.notify,
            self.pictures,
            voices=self.voices,
        )
        self.world.talk = self.talk
        self.delivery.wake = self.talk.wake
        self.bot = ZaloBot(
            self.runtime,
            self.talk,
            self.delivery,
            self.cards,
            self.pictures,
            self.voices,
            self.world.publisher,
        )
        self._app = FastAPI(max_body_size=self.runtime.settings.max_body_bytes)
        self._app.include_router(self.bot.router())

    def stop(self) -> None:
        """Stop the threads."""
        self.pictures.stop()
        self.cards.stop()

    async def post(self, raw: bytes, headers: Mapping[str, str] | None = None) -> int:
        """Post a body to the webhook; the status."""
        known = {"X-Bot-Api-Secret-Token": SECRET} if headers is None else dict(headers)
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return (await client.post(PATH, content=raw, headers=known)).status_code

    async def happens(self, update: dict[str, Any], *, bare: bool = False) -> None:
        """The platform posts an update, and everything that comes of it is done."""
        body = update if bare else {"ok": True, "result": update}
        assert await self.post(json.dumps(body).encode()) == 200
        await self.settle()

    async def says(self, person: Person, text: str) -> list[str]:
        """Somebody writes; what came back."""
        return await self.sends(person, "text", text=text)

    async def sends(self, person: Person, kind: str, **fields: Any) -> list[str]:
        """Somebody sends something; what came back."""
        before = len(self.fake.texts(person.id))
        await self.happens(self.fake.update(person, kind, **fields))
        return self.fake.texts(person.id)[before:]

    async def settle(self) -> None:
        """Work everything off."""
        for _ in range(4):
            await self.talk.idle()
            await self.delivery.idle()

    async def later(self, seconds: float) -> None:
        """The clock goes on, and what is due then is done."""
        self.runtime.now.forward(seconds)  # type: ignore[attr-defined]
        await self.talk.poll()
        await self.delivery.poll()
        await self.settle()

    @staticmethod
    def chat(person: Person) -> ChatKey:
        """A person's chat."""
        return ChatKey(ZALO_BOT, person.id)

    def status_of(self, person: Person) -> list[str]:
        """The states of all messages to a person, in order."""
        return [row.status for row in self.world.out_rows(self.chat(person))]
