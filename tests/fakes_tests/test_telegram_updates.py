"""Updates: polling, webhooks, and what people's actions look like to the bot."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
)

from tests.fakes.telegram import FakeTelegram
from tests.fakes.webhook import Hook


def test_offset_acknowledges_and_limit_limits(tg: FakeTelegram, raw: httpx.Client) -> None:
    tg.user(1, "An")
    ids = [tg.send_text(1, str(n))["update_id"] for n in range(5)]

    def got(**params: int) -> list[int]:
        answer = raw.get("getUpdates", params=params).json()["result"]
        return [update["update_id"] for update in answer]

    assert got() == ids == sorted(ids)
    assert got(limit=2) == ids[:2]
    assert got(offset=ids[2]) == ids[2:]
    assert got() == ids[2:]
    assert got(offset=-1) == ids[-1:]
    assert got(offset=ids[-1] + 1) == []
    assert raw.get("getWebhookInfo").json()["result"]["pending_update_count"] == 0


def test_long_poll_wakes_on_an_update(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")

    async def main() -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await tg.wait_for_async(lambda world: world.polling)
        started = time.monotonic()
        tg.send_text(1, "/start abc")
        (update,) = await poll
        assert time.monotonic() - started < 5
        assert update.message
        assert update.message.entities[0].type == "bot_command"
        assert await bot.get_updates(offset=update.update_id + 1, timeout=1) == ()

    asyncio.run(main())


def test_the_newer_poller_ends_the_older_one(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")
    twin = Bot(tg.token, base_url=tg.url)

    async def main() -> None:
        older = asyncio.create_task(bot.get_updates(timeout=30))
        await tg.wait_for_async(lambda world: world.polling)
        newer = asyncio.create_task(twin.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await older
        tg.send_text(1, "x")
        assert len(await newer) == 1
        tg.conflict_terminates = "newer"
        keeper = asyncio.create_task(bot.get_updates(offset=tg.last_update_id + 1, timeout=30))
        await tg.wait_for_async(lambda world: world.polling)
        with pytest.raises(Conflict):
            await twin.get_updates(timeout=30)
        tg.send_text(1, "y")
        assert len(await keeper) == 1

    asyncio.run(main())


def test_a_dead_poller_is_forgotten(tg: FakeTelegram, raw: httpx.Client) -> None:
    tg.user(1, "An")
    with pytest.raises(httpx.ReadTimeout):
        raw.get("getUpdates", params={"timeout": 40}, timeout=0.1)
    tg.wait_for(lambda world: not world.polling)
    tg.send_text(1, "x")
    assert len(raw.get("getUpdates").json()["result"]) == 1
    assert [c.status for c in tg.calls] == [200]


def test_a_whole_application_polls_answers_and_stops(tg: FakeTelegram) -> None:
    an = tg.user(1, "An")
    tg.limits.enabled = True

    async def greet(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        button = InlineKeyboardButton("Tiếp", callback_data="next")
        assert update.message
        await update.message.reply_html(
            "<b>Xin chào</b>", reply_markup=InlineKeyboardMarkup([[button]])
        )

    async def pressed(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query
        await update.callback_query.answer()
        await update.callback_query.edit_message_text("Đã chọn")

    async def main() -> None:
        app = (
            Application.builder()
            .token(tg.token)
            .base_url(tg.url)
            .base_file_url(tg.file_url)
            .build()
        )
        app.add_handler(CommandHandler("start", greet))
        app.add_handler(CallbackQueryHandler(pressed))
        async with app:
            await app.start()
            assert app.updater
            await app.updater.start_polling()
            tg.start(an)
            menu = await tg.wait_message_async(1, "Xin chào")
            press = tg.press(an, menu, "Tiếp")
            await tg.wait_for_async(lambda world: world.last(1).text == "Đã chọn")
            assert tg.answers(press)
            await app.updater.stop()
            await app.stop()

    asyncio.run(main())
    assert not tg.polling
    assert not tg.pending


def test_a_webhook_ends_a_poll(tg: FakeTelegram, bot: Bot, hook: Hook) -> None:
    async def main() -> None:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await tg.wait_for_async(lambda world: world.polling)
        await bot.set_webhook(hook.url)
        with pytest.raises(Conflict, match="terminated by setWebhook request"):
            await poll

    asyncio.run(main())


def test_webhook_gets_updates_in_order_with_secret_and_retries(
    tg: FakeTelegram, bot: Bot, hook: Hook
) -> None:
    tg.user(1, "An")
    hook.statuses = [500, 403, 200]
    waiting = tg.send_text(1, "before")["update_id"]

    async def main() -> None:
        await bot.set_webhook(hook.url, secret_token="Bi_mat-1")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        more = [tg.send_text(1, str(n))["update_id"] for n in range(3)]
        await tg.wait_for_async(lambda world: not world.pending)
        assert hook.ids == [waiting] * 3 + more
        info = await bot.get_webhook_info()
        assert info.url == hook.url
        assert info.pending_update_count == 0
        assert info.last_error_message == ("Wrong response from the webhook: 403 Forbidden")
        await bot.delete_webhook()
        tg.send_text(1, "after")
        assert len(await bot.get_updates()) == 1

    asyncio.run(main())
    assert {secret for _, secret in hook.seen} == {"Bi_mat-1"}
    assert [status for _, status in tg.webhook_deliveries[:3]] == [500, 403, 200]


def test_webhook_can_be_parallel_but_stays_in_order_per_chat(
    tg: FakeTelegram, bot: Bot, hook: Hook
) -> None:
    for n in (1, 2):
        tg.user(n, "An")
    hook.hold = threading.Barrier(2)
    asyncio.run(bot.set_webhook(hook.url, max_connections=2))
    ids = {n: [tg.send_text(n, str(k))["update_id"] for k in range(4)] for n in (1, 2)}
    tg.wait_for(lambda world: not world.pending)
    assert hook.most_together == 2
    for mine in ids.values():
        assert [i for i in hook.ids if i in mine] == mine


def test_webhook_survives_a_dead_endpoint_and_runs_replies(
    tg: FakeTelegram, raw: httpx.Client, hook: Hook, unused: int
) -> None:
    tg.user(1, "An")
    raw.post("setWebhook", data={"url": f"http://127.0.0.1:{unused}/"})
    update = tg.send_text(1, "x")["update_id"]
    tg.wait_for(lambda world: world.webhook.last_error_message == "Connection refused")
    hook.reply = {"method": "sendMessage", "chat_id": 1, "text": "qua webhook"}
    raw.post("setWebhook", data={"url": hook.url})
    assert tg.wait_message(1, "qua webhook")
    assert hook.ids == [update]


@pytest.fixture
def unused() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_webhook_arguments_are_checked(tg: FakeTelegram, bot: Bot, raw: httpx.Client) -> None:
    async def refused(words: str, url: str, secret: str | None = None) -> None:
        with pytest.raises(BadRequest, match=words):
            await bot.set_webhook(url, secret_token=secret)

    async def main() -> None:
        here = "http://127.0.0.1:9/"
        await refused("unallowed characters", here, "dấu cách")
        await refused("too long", here, "a" * 257)
        await refused("an https url must be provided", "ftp://127.0.0.1/")
        await refused("failed to resolve host", "https://example.vn/hook")
        assert await bot.set_webhook(here, secret_token="a" * 256)
        assert await bot.set_webhook("")

    asyncio.run(main())
    assert raw.get("getWebhookInfo").json()["result"]["url"] == ""


def test_setting_a_webhook_ends_nothing_that_is_pending(
    tg: FakeTelegram, bot: Bot, hook: Hook
) -> None:
    tg.user(1, "An")
    tg.send_text(1, "x")

    async def main() -> None:
        await bot.set_webhook(hook.url, drop_pending_updates=True)
        assert not tg.pending
        await bot.delete_webhook()
        tg.send_text(1, "y")
        await bot.delete_webhook(drop_pending_updates=True)
        assert await bot.get_updates() == ()

    asyncio.run(main())
    assert hook.ids == []


def test_what_people_do_reads_well_in_ptb(tg: FakeTelegram, bot: Bot) -> None:
    an = tg.user(1, "An", last_name="Nguyễn", language_code="vi")
    tg.group(-1007, "Tổ", [an])
    first = tg.send_text(an, "Xin chào @congdanso_test_bot https://x.vn #a")
    tg.send_photo(an, caption="cccd")
    tg.send_sticker(an)
    tg.send_video(an)
    tg.send_contact(an, "0900")
    tg.send_location(an, 10.5, 106.5)
    tg.send_poll(an, "Hỏi?", ["A", "B"])
    tg.send_document(an, b"x")
    tg.edited_message(an, first, "Sửa")
    tg.send_text(an, "nhóm", -1007)
    tg.my_chat_member(-1007, "kicked", by=an)
    tg.block(an)
    sent = {
        "message_id": 5,
        "date": 1,
        "text": "r",
        "chat": {"id": 9, "type": "private"},
    }
    sender = {"id": 9, "is_bot": False, "first_name": "Raw"}
    tg.inject({"message": {**sent, "from": sender}})

    async def main() -> tuple[Update, ...]:
        return await bot.get_updates()

    updates = asyncio.run(main())
    assert [u.update_id for u in updates] == sorted(u.update_id for u in updates)
    messages = [u.message for u in updates if u.message]
    kinds = [e.type for e in messages[0].entities]
    assert kinds == ["mention", "url", "hashtag"]
    assert messages[0].from_user
    assert messages[0].from_user.last_name == "Nguyễn"
    assert abs(messages[0].date.timestamp() - time.time()) < 60
    assert messages[1].photo
    assert messages[1].caption == "cccd"
    assert messages[2].sticker
    assert messages[3].video
    assert messages[4].contact
    assert messages[5].location
    assert messages[6].poll
    assert messages[7].document
    assert messages[8].chat.title == "Tổ"
    assert messages[9].text == "r"
    edited = next(u.edited_message for u in updates if u.edited_message)
    assert (edited.text, bool(edited.edit_date)) == ("Sửa", True)
    changes = [u.my_chat_member for u in updates if u.my_chat_member]
    assert [c.new_chat_member.status for c in changes] == ["kicked", "kicked"]
    assert tg.chats[9].person


def test_allowed_updates_privacy_and_duplicates(
    tg: FakeTelegram, bot: Bot, raw: httpx.Client
) -> None:
    an = tg.user(1, "An")
    tg.group(-7, "Tổ", [an], bot_status="member")
    tg.set_member(-7, an, "administrator")
    assert not tg.pending
    raw.post("getUpdates", json={"allowed_updates": ["chat_member"]})
    tg.send_text(an, "x")
    tg.set_member(-7, an, "member")
    assert [list(p.update)[1] for p in tg.pending] == ["chat_member"]
    raw.post("getUpdates", json={"allowed_updates": []})
    tg.privacy = True
    tg.send_text(an, "nói chuyện", -7)
    seen = tg.send_text(an, "/help", -7)
    assert len(tg.pending) == 2
    tg.inject(seen)
    assert [p.update["update_id"] for p in tg.pending][1:] == [seen["update_id"]] * 2
