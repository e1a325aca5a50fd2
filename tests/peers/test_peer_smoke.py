"""python-telegram-bot against telegram-test-api, a Telegram emulator others wrote.

What our own fake and this one agree on is not merely our own reading of the Bot API.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import InvalidToken

from tests.fakes.webhook import Hook

TOKEN = "123:peer"

pytestmark = pytest.mark.node


@pytest.fixture
def bot(origin: str) -> Bot:
    """PTB's bot on the peer."""
    return Bot(TOKEN, base_url=f"{origin}/bot")


class Person:
    """Someone who writes to the bot through the peer's own routes."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        person = {"id": 7, "first_name": "An", "is_bot": False}
        chat = {"id": 7, "first_name": "An", "type": "private"}
        self.common = {"botToken": TOKEN, "from": person, "chat": chat}

    def act(self, route: str, **body: Any) -> None:
        """Post to a route of the peer."""
        httpx.post(
            f"{self.origin}/{route}", json={**self.common, **body}, trust_env=False
        ).raise_for_status()

    def write(self, text: str) -> None:
        """Send a text."""
        self.act("sendMessage", text=text, date=int(time.time()))

    def press(self, data: str, message_id: int) -> None:
        """Press an inline button."""
        message = {"message_id": message_id, "chat": self.common["chat"]}
        self.act("sendCallback", data=data, message=message)


@pytest.fixture
def an(origin: str) -> Person:
    """Ms An."""
    return Person(origin)


def test_get_me(bot: Bot) -> None:
    me = asyncio.run(bot.get_me())
    assert me.is_bot
    assert me.username == "TestNameBot"


def test_unknown_methods_are_refused_with_a_status(bot: Bot) -> None:
    with pytest.raises(InvalidToken, match="Not Found"):
        asyncio.run(bot.get_my_name())


def test_polling_keyboard_callback_and_edit(bot: Bot, an: Person) -> None:
    async def main() -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=20))
        await asyncio.to_thread(an.write, "xin chào")
        (update,) = await poll
        assert update.message
        assert update.message.text == "xin chào"
        assert abs(update.message.date.timestamp() - time.time()) < 60
        button = InlineKeyboardButton("Có", callback_data="y")
        sent = await bot.send_message(
            7,
            "<b>Chọn</b>",
            parse_mode="HTML",
            reply_markup=InlineKeyboardMarkup([[button]]),
        )
        assert abs(sent.date.timestamp() - time.time()) < 60
        assert sent.reply_markup
        assert sent.reply_markup.inline_keyboard[0][0].callback_data == "y"
        await asyncio.to_thread(an.press, "y", sent.message_id)
        (pressed,) = await bot.get_updates(timeout=20)
        query = pressed.callback_query
        assert query
        assert query.data == "y"
        assert query.chat_instance
        assert query.message
        assert query.message.message_id == sent.message_id
        assert pressed.update_id > update.update_id
        assert await query.answer("ghi rồi")
        assert await bot.edit_message_text("Xong", 7, sent.message_id)
        assert await bot.delete_message(7, sent.message_id)

    asyncio.run(main())


def test_webhook_with_its_secret(bot: Bot, an: Person) -> None:
    with Hook() as hook:

        async def main() -> None:
            assert await bot.set_webhook(hook.url, secret_token="Bi_mat-1")
            await asyncio.to_thread(an.write, "qua webhook")
            await asyncio.to_thread(an.write, "lần nữa")
            await asyncio.to_thread(hook.wait, 2)
            assert await bot.delete_webhook()

        asyncio.run(main())
    texts = {message.text for body in hook.bodies if (message := Update.de_json(body, bot).message)}
    assert texts == {"qua webhook", "lần nữa"}
    assert {secret for _, secret in hook.seen} == {"Bi_mat-1"}
    assert len(set(hook.ids)) == 2
