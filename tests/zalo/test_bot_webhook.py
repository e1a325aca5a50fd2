"""Updates come in: by webhook, once each, whatever the platform repeats; and by polling."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot.channels.zalo_bot import inward
from bot.errors import SettingsError
from bot.services.runtime import Runtime
from bot.settings import UpdateMode, load_settings
from tests.support import SQLITE
from tests.zalo.bot_fake import SECRET, FakeZaloBot, Fault, refusal
from tests.zalo.bot_fixtures import bot, fake
from tests.zalo.bot_stage import BotStage

__all__ = ["bot", "fake"]


@pytest.mark.parametrize("bare", [False, True])
async def test_a_message_is_kept_once_and_answered(bot: BotStage, bare: bool) -> None:
    ted = bot.fake.person()
    update = bot.fake.update(ted, "text", text="/start")
    for _ in range(3):
        await bot.happens(update, bare=bare)
    (greeting,) = bot.fake.texts(ted.id)
    assert "1. " in greeting
    assert len(bot.world.in_rows(bot.chat(ted))) == 1
    assert ("sendChatAction", {"chat_id": ted.id, "action": "typing"}) in bot.fake.calls


@SQLITE
async def test_messages_out_of_order_are_all_answered(bot: BotStage) -> None:
    ted = bot.fake.person()
    first, second = (bot.fake.update(ted, "text", text=t) for t in ("/start", "menu"))
    for update in (second, first, second, first):
        await bot.happens(update)
    assert len(bot.fake.texts(ted.id)) == 2


@SQLITE
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Bot-Api-Secret-Token": ""},
        {"X-Bot-Api-Secret-Token": SECRET[:-1]},
        {"X-Bot-Api-Secret-Token": SECRET + "x"},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET},
    ],
)
async def test_without_the_secret_nothing_is_read(bot: BotStage, headers: dict[str, str]) -> None:
    ted = bot.fake.person()
    body = json.dumps(bot.fake.update(ted, "text", text="/start")).encode()
    assert await bot.post(body, headers) == 403
    assert await bot.post(b"not json", headers) == 403
    assert bot.world.in_rows(bot.chat(ted)) == []


@SQLITE
async def test_bodies_that_are_none(bot: BotStage) -> None:
    ted = bot.fake.person()
    update = json.dumps(bot.fake.update(ted, "text", text="/start"), ensure_ascii=False)
    for body in (b"", b"{", b"[[", b"3", b"\xff\xfe{", b"[" * 90_000, b'{"event_name": 5}'):
        assert await bot.post(body) == 400
    assert await bot.post(b" " * (inward.BODY_MOST + 1)) == 413
    assert await bot.post(b"{}") == 200
    # JSON says of itself in which encoding of Unicode it is.
    assert await bot.post(update.encode("utf-16")) == 200
    assert await bot.post(update.encode("latin-1", "replace")) in (200, 400)
    await bot.settle()
    assert len(bot.fake.texts(ted.id)) == 1


@SQLITE
@hypothesis_settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda t: json.dumps(t).encode()))
def test_any_bytes_are_answered(bot: BotStage, body: bytes) -> None:
    assert asyncio.run(bot.post(body)) in (200, 400)


@SQLITE
async def test_the_platform_is_told_where_to_send(bot: BotStage) -> None:
    bot.fake.faults = [Fault("setWebhook", status=500, body=refusal(500, "later"))]
    inward._WAIT_FIRST, kept = 0.01, inward._WAIT_FIRST
    try:
        await bot.bot.run()
    finally:
        inward._WAIT_FIRST = kept
    assert bot.fake.webhook == {
        "url": "https://tro-ly.example.vn/zalo-bot/webhook",
        "secret_token": SECRET,
    }
    assert bot.bot.state == "ok"


# Polling ----------------------------------------------------------------------------------------


async def until(look: Any) -> None:
    """Let the loop go on until something is so."""
    async with asyncio.timeout(10):
        while not look():  # noqa: ASYNC110 - what another thread does announces itself nowhere
            await asyncio.sleep(0.01)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long."""
    for name in ("_WAIT_FIRST", "_WAIT_MOST", "_PAUSE"):
        monkeypatch.setattr(inward, name, 0.01)
    monkeypatch.setattr(inward, "_POLL_SECONDS", 0.2)


def polling(runtime: Runtime, fake: FakeZaloBot) -> BotStage:
    """A bot that polls."""
    return BotStage(runtime, fake, zalo_bot_mode=UpdateMode.POLLING)


@SQLITE
@pytest.mark.usefixtures("quick")
async def test_polling_goes_on_through_every_fault(runtime: Runtime, fake: FakeZaloBot) -> None:
    stage, ted = polling(runtime, fake), fake.person()
    fake.webhook = {"url": "https://elsewhere.example.vn"}
    page = b"<html>busy</html>"
    fake.faults = [
        Fault("deleteWebhook", cut=True),
        Fault("getUpdates", status=408, body=refusal(408, "Request timeout")),
        Fault("getUpdates", status=500, body=page, kind="text/html"),
        Fault("getUpdates", body=page, kind="text/html"),
        Fault("getUpdates", status=429, body=refusal(429, "slow down", retry_after=0.01)),
        Fault("getUpdates", body=b'{"ok": true, "result": null}'),
        Fault("getUpdates", body=b'{"ok": true, "result": {"message": {"text": 1}}}'),
        Fault("getUpdates", status=401, body=refusal(401, "Unauthorized")),
        Fault("getUpdates", cut=True),
    ]
    task = asyncio.create_task(stage.bot.run())
    try:
        await until(lambda: not any(fault.times for fault in fake.faults))
        update = fake.receive(ted, "text", text="/start")
        fake.hand_out(update)
        await until(lambda: fake.texts(ted.id))
        await until(lambda: stage.bot.state == "ok")
        await stage.settle()
        assert len(fake.texts(ted.id)) == 1
        assert fake.webhook == {}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await stage.bot.close()
        stage.stop()


@SQLITE
@pytest.mark.usefixtures("quick")
async def test_what_was_handed_out_is_kept_in_hand_while_the_database_is_away(
    runtime: Runtime, fake: FakeZaloBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, ted = polling(runtime, fake), fake.person()
    accept, failures = stage.talk.accept, [1, 2]

    async def away(*given: Any) -> bool:
        if failures:
            failures.pop()
            raise OperationalError("INSERT", {}, Exception("the database is away"))
        return await accept(*given)

    monkeypatch.setattr(stage.talk, "accept", away)
    ted.say("/start")
    task = asyncio.create_task(stage.bot.run())
    try:
        await until(lambda: fake.texts(ted.id))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await stage.bot.close()
        stage.stop()
    assert failures == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"zalo_bot_webhook_secret": ""}, "CONGDANSO_ZALO_BOT_WEBHOOK_SECRET"),
        ({"zalo_bot_webhook_secret": "short"}, "CONGDANSO_ZALO_BOT_WEBHOOK_SECRET"),
        ({"zalo_bot_webhook_secret": "with a blank"}, "CONGDANSO_ZALO_BOT_WEBHOOK_SECRET"),
        ({"public_url": "http://tro-ly.example.vn"}, "CONGDANSO_PUBLIC_URL"),
    ],
)
def test_wrong_settings_are_named(wrong: dict[str, str], named: str) -> None:
    right = {
        "zalo_bot_token": "1:a",
        "zalo_bot_mode": "webhook",
        "zalo_bot_webhook_secret": SECRET,
        "public_url": "https://tro-ly.example.vn",
    }
    load_settings(_env_file=None, **right)
    with pytest.raises(SettingsError, match=named):
        load_settings(_env_file=None, **(right | wrong))
