"""The channel with real conversations on a real database, against the fake platform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from bot.channels.zalo_oa.inward import PATH
from bot.channels.zalo_oa.plug import ZaloOa
from bot.domain.channels import ZALO_OA
from bot.safety.qr.banks import Banks
from bot.services.cards import Cards
from bot.services.conversation import Conversations
from bot.services.delivery import Delivery
from bot.services.pictures import Pictures
from bot.services.runtime import Runtime
from bot.services.voices import Voices
from bot.store import zalo_tokens
from bot.store.inbox import ChatKey
from bot.store.zalo_tokens import Pair
from tests.services.support import World
from tests.zalo import oa_fake
from tests.zalo.oa_fake import APP_ID, OA_ID, FakeOa, Sent, signed

LIFE = timedelta(hours=25)


def with_oa(runtime: Runtime, url: str, **more: Any) -> Runtime:
    """The runtime with the channel's settings."""
    secret = ("zalo_oa_app_secret", "zalo_oa_webhook_secret")
    given = oa_fake.settings(url) | more
    update = {k: SecretStr(v) if k in secret else v for k, v in given.items()}
    return replace(runtime, settings=runtime.settings.model_copy(update=update))


def connect(runtime: Runtime, fake: FakeOa, life: timedelta = LIFE) -> Pair:
    """Store a pair, as `congdanso zalo connect` does."""
    now = runtime.now()
    pair = Pair(*fake.grant(), now + life, now + timedelta(days=90))
    runtime.db.write_now(lambda c: zalo_tokens.connect(c, runtime.vault, APP_ID, OA_ID, pair, now))
    return pair


class OaStage:
    """One process: webhook in, conversations, delivery, the plug."""

    def __init__(self, runtime: Runtime, fake: FakeOa, **more: Any) -> None:
        self.fake = fake
        fake.now = runtime.now
        self.runtime = with_oa(runtime, fake.url, **more)
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
        self.oa = ZaloOa(
            self.runtime, self.talk, self.delivery, self.cards, self.pictures, self.voices
        )
        self._app = FastAPI(max_body_size=self.runtime.settings.max_body_bytes)
        self._app.include_router(self.oa.router())

    def stop(self) -> None:
        """Stop the threads."""
        self.pictures.stop()
        self.cards.stop()

    async def post(self, raw: bytes, headers: Mapping[str, str] | None = None) -> int:
        """Post a body to the webhook; the status."""
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return (await client.post(PATH, content=raw, headers=dict(headers or {}))).status_code

    async def happens(self, event: dict[str, Any]) -> None:
        """Zalo posts an event, and everything that comes of it is done."""
        assert await self.post(*signed(event)) == 200
        await self.settle()

    async def says(self, user: str, text: str) -> list[Sent]:
        """Somebody writes; what came back."""
        before = len(self.of(user))
        await self.happens(self.fake.text(user, text))
        return self.of(user)[before:]

    async def presses(self, user: str, label: str) -> list[Sent]:
        """Somebody taps a button of the newest message that has it: Zalo posts its payload."""
        buttons = [b for m in self.of(user) for b in m.buttons if b["title"] == label]
        return await self.says(user, buttons[-1]["payload"])

    def of(self, user: str) -> list[Sent]:
        """What came to a person."""
        return [message for message in self.fake.messages if message.user == user]

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

    def chat(self, user: str) -> ChatKey:
        """A person's chat."""
        return ChatKey(ZALO_OA, user)

    def status_of(self, user: str) -> list[str]:
        """The states of all messages to a person, in order."""
        return [row.status for row in self.world.out_rows(self.chat(user))]

    def kept(self, user: str) -> int:
        """How many events of a person were ever kept."""
        return len(self.world.in_rows(self.chat(user)))


def body(event: dict[str, Any]) -> bytes:
    """An event as bytes."""
    return json.dumps(event, ensure_ascii=False).encode()
