"""The conversation in a terminal: `congdanso chat` and `congdanso ask`."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import replace

from bot.domain import events as ev
from bot.domain.replies import Reply, decode_reply
from bot.services.cards import Cards
from bot.services.conversation import Conversations
from bot.services.posting import OUTBOX
from bot.services.runtime import Runtime
from bot.store import inbox, pulled
from bot.store.inbox import ChatKey

CHANNEL = "terminal"


class TerminalChat:
    """One conversation on this terminal, new each time, through the same inbox and outbox."""

    def __init__(self, runtime: Runtime, conversations: Conversations, cards: Cards) -> None:
        self._runtime = runtime
        self._conversations = conversations
        self._cards = cards
        self._key = ChatKey(CHANNEL, secrets.token_urlsafe(12))
        self._numbers = itertools.count(1)
        self._seen = 0

    async def hello(self) -> list[Reply]:
        """Open the conversation."""
        return await self._say(ev.Hello())

    async def say(self, text: str) -> list[Reply]:
        """Type a line; returns what the bot answers."""
        return await self._say(ev.Text(text))

    async def _say(self, event: ev.Event) -> list[Reply]:
        external_id = f"{self._key.external_id}:{next(self._numbers)}"
        await self._conversations.accept(self._key, CHANNEL, external_id, ev.Envelope(event))
        await self._conversations.idle()
        return await self.new()

    async def new(self) -> list[Reply]:
        """Messages that were not shown yet; shown means delivered."""
        runtime = self._runtime
        chat = await runtime.db.read(lambda c: inbox.find_chat(c, self._key))
        if chat is None:
            return []
        rows = await runtime.db.read(lambda c: pulled.after(c, chat, self._seen))
        replies = [decode_reply(runtime.vault.open(row.payload, OUTBOX)) for row in rows]
        if rows:
            self._seen = rows[-1].seq
            now = runtime.now()
            await runtime.db.write(lambda c: pulled.acknowledge(c, chat, self._seen, now))
        return [self._in_words(reply) for reply in replies]

    def _in_words(self, reply: Reply) -> Reply:
        """The reply with what its picture says: a terminal shows no pictures."""
        if reply.payment is not None:
            return replace(reply, text=f"{reply.text}\n\n[{reply.payment.alt}]", payment=None)
        if reply.photo is not None:
            return replace(reply, text=f"{reply.text}\n\n[{reply.photo.alt}]", photo=None)
        if reply.picture is None:
            return reply
        alt = self._cards.alt(reply.picture)
        return replace(reply, text=f"{reply.text}\n\n[{alt}]", picture=None)
