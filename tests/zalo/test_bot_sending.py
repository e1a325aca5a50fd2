"""Messages go out: in bubbles, with numbers, with pictures where others reach this server."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.channels.zalo_bot.sender import is_public
from bot.domain.alerts import AlertPhoto
from bot.domain.replies import Choice, PaymentPicture, Reply, StepPicture
from bot.renderers.apart import apart
from bot.renderers.text import choice_lines, numbered
from bot.services.runtime import Runtime
from bot.store import outbox
from bot.store.inbox import ChatKey
from tests.support import SQLITE
from tests.zalo.bot_fake import FakeZaloBot, Fault, Person, number_of, refusal
from tests.zalo.bot_fixtures import bot, fake
from tests.zalo.bot_stage import PUBLIC, BotStage

__all__ = ["bot", "fake"]

STEP = StepPicture("qr_pay", "Quét mã QR", 1, 3, "Mở ứng dụng", "Mở ra", date(2026, 1, 2))


def sender(stage: BotStage) -> Any:
    """The way out, without the outbox before it."""
    return stage.delivery._routes["zalo_bot"].sender


# Bubbles ----------------------------------------------------------------------------------------


def test_bubbles_are_short_and_say_everything_once() -> None:
    text = "\n\n".join(f"Bước {n}: " + "bấm tiếp tục. " * 12 for n in range(12))
    choices = tuple(Choice(f"c{n}", f"Việc số {n}") for n in range(8))
    reply = Reply(text, choices, ticket_id=7, line_id=9, picture=STEP)
    bubbles = apart(reply, 600, numbered=True)
    assert all(len(numbered(each)) <= 600 for each in bubbles)
    assert "".join("".join(b.text for b in bubbles).split()) == "".join(text.split())
    assert [b.choices for b in bubbles] == [()] * (len(bubbles) - 1) + [choices]
    assert [bool(b.picture) for b in bubbles] == [True] + [False] * (len(bubbles) - 1)
    assert [b.line_id for b in bubbles] == [None] * (len(bubbles) - 1) + [9]
    assert {b.ticket_id for b in bubbles} == {7}


def test_a_list_of_choices_stays_whole() -> None:
    choices = tuple(Choice(f"c{n}", "Một việc rất dài " * 4) for n in range(12))
    first, last = apart(Reply("Bác chọn việc nào? " * 10, choices), 600, numbered=True)
    assert (first.choices, last.text) == ((), "")
    assert numbered(last) == choice_lines(last)


@pytest.mark.parametrize("reply", [Reply("Dạ."), Reply("Dạ.", (Choice("a", "A"),)), Reply("")])
def test_a_short_reply_is_one(reply: Reply) -> None:
    assert apart(reply, 600, numbered=True) == [reply]


# Out ---------------------------------------------------------------------------------------------


async def test_a_number_is_an_answer(bot: BotStage) -> None:
    ted = bot.fake.person()
    (greeting,) = await bot.says(ted, "/start")
    shown = await bot.says(ted, number_of(greeting, "Trả tiền bằng mã QR"))
    assert any("cho ai" in text or "Bước 1" in text for text in shown)
    assert all(len(text) <= 600 for text in bot.fake.texts(ted.id))


@SQLITE
async def test_what_cannot_be_read_is_answered_kindly(bot: BotStage) -> None:
    ted = bot.fake.person()
    (told,) = await bot.sends(ted, "unsupported")
    assert "một cửa" in told
    assert "113" in told
    for kind, word in (("voice", "tin thoại"), ("sticker", "hình dán")):
        told = (await bot.sends(ted, kind, voice_url="https://v.zdn.vn/1.aac"))[0]
        assert word in told


@SQLITE
@pytest.mark.parametrize("field", ["photo", "photo_url"])
async def test_a_picture_is_fetched_and_read(bot: BotStage, field: str) -> None:
    ted = bot.fake.person()
    bot.fake.files["a"] = ("image/png", b"no picture at all")
    told = await bot.sends(ted, "image", **{field: f"{bot.fake.url}/files/a"})
    assert bot.fake.asked_files == ["a"]
    assert told
    await bot.sends(ted, "image", **{field: "https://evil.example/a"})
    assert bot.fake.asked_files == ["a"]


@SQLITE
async def test_who_blocks_is_left_alone_until_they_are_back(bot: BotStage) -> None:
    ted = bot.fake.person()
    await bot.says(ted, "/start")
    bot.fake.blocked.add(ted.id)
    await bot.says(ted, "menu")
    assert bot.world.chat_row(bot.chat(ted)).unreachable_at is not None
    sent = bot.fake.times("sendMessage")
    await bot.later(3600)
    assert bot.fake.times("sendMessage") == sent
    bot.fake.blocked.clear()
    assert await bot.says(ted, "menu")
    assert bot.world.chat_row(bot.chat(ted)).unreachable_at is None


@SQLITE
async def test_a_server_in_trouble_is_tried_again_a_few_times(bot: BotStage) -> None:
    ted, most = bot.fake.person(), bot.runtime.settings.send_attempts
    busy = Fault("sendMessage", times=3, status=503, body=refusal(503, "busy"))
    bot.fake.faults = [busy]
    await bot.says(ted, "/start")
    # After three failures the platform is asked how it is before it is tried again.
    for _ in range(6):
        await bot.later(400)
    assert len(bot.fake.texts(ted.id)) == 1
    bot.fake.faults = [Fault("sendMessage", times=100, status=500, body=refusal(500, "down"))]
    before = bot.fake.times("sendMessage")
    await bot.says(ted, "menu")
    for _ in range(2 * most + 4):
        await bot.later(400)
    assert bot.fake.times("sendMessage") - before == most
    assert bot.status_of(ted)[-1] == "failed"


@SQLITE
async def test_what_is_uncertain_is_shown_a_few_times_at_most(bot: BotStage) -> None:
    ted = bot.fake.person()
    bot.fake.faults = [Fault("sendMessage", times=9, cut=True, done=True)]
    await bot.says(ted, "/start")
    for _ in range(12):
        await bot.later(400)
    assert len(bot.fake.texts(ted.id)) == outbox.DOUBTS_MOST


@SQLITE
async def test_silence_is_kept_and_the_message_comes(bot: BotStage) -> None:
    ted = bot.fake.person()
    slow = refusal(429, "slow down", retry_after=0.05)
    bot.fake.faults = [Fault("sendMessage", times=12, status=429, body=slow)]
    await bot.says(ted, "/start")
    for _ in range(14):
        await bot.later(60)
    assert len(bot.fake.texts(ted.id)) == 1


# Pictures ---------------------------------------------------------------------------------------


@SQLITE
async def test_a_step_goes_as_a_picture_with_its_words(bot: BotStage) -> None:
    ted, out = bot.fake.person(), sender(bot)
    reply = Reply("Bước 1/3: Mở ứng dụng", (Choice("next", "Tiếp"),), picture=STEP)
    await out.send(bot.chat(ted), reply)
    (shown,) = bot.fake.shown
    digest = bot.cards.show(STEP).digest
    assert shown.photo == f"{PUBLIC}/the/{digest}.png"
    assert shown.text == "Bước 1/3: Mở ứng dụng\n\n1. Tiếp"
    alert = Reply("Cảnh báo", photo=AlertPhoto(4, 10, 10, "hình"), alert_id=4)
    await out.send(bot.chat(ted), alert)
    assert bot.fake.shown[-1].photo == f"{PUBLIC}/alert/4.jpg"


@SQLITE
@pytest.mark.parametrize(
    "fault",
    [Fault("sendPhoto", status=400, body=refusal(400, "no")), Fault("sendPhoto", status=500)],
)
async def test_words_come_without_the_picture(bot: BotStage, fault: Fault) -> None:
    ted = bot.fake.person()
    bot.fake.faults = [Fault(**vars(fault))]
    await sender(bot).send(bot.chat(ted), Reply("Bước 1", picture=STEP))
    (shown,) = bot.fake.shown
    assert (shown.photo, shown.text) == ("", "Bước 1")


@SQLITE
async def test_a_picture_with_a_long_text_is_not_sent_twice(bot: BotStage) -> None:
    ted, out = bot.fake.person(), sender(bot)
    long = Reply("Bước một. " * 150, picture=STEP)
    bot.fake.faults = [Fault("sendMessage", status=503, body=refusal(503, "busy"))]
    with pytest.raises(Exception, match="503"):
        await out.send(bot.chat(ted), long)
    await out.send(bot.chat(ted), long)
    assert [bool(each.photo) for each in bot.fake.shown] == [True, False]
    await out.send(bot.chat(ted), long)
    assert [bool(each.photo) for each in bot.fake.shown] == [True, False, True, False]


@SQLITE
async def test_at_home_there_are_words_only(runtime: Runtime, fake: FakeZaloBot) -> None:
    stage, ted = BotStage(runtime, fake, public_url=""), fake.person()
    await sender(stage).send(stage.chat(ted), Reply("Bước 1", picture=STEP))
    stage.stop()
    assert [(each.photo, each.text) for each in fake.shown] == [("", "Bước 1")]


@SQLITE
async def test_a_payment_code_is_made_elsewhere(bot: BotStage) -> None:
    ted = bot.fake.person()
    picture = PaymentPicture("000201", "H", "Agribank", "BA", ("1234567",), "F", "alt")
    reply = Reply("Đây là mã", (Choice("menu", "Trang đầu"),), payment=picture)
    await sender(bot).send(bot.chat(ted), reply)
    (shown,) = bot.fake.shown
    assert PUBLIC in shown.text
    assert "1. Trang đầu" in shown.text
    assert "Đây là mã" not in shown.text
    assert "1234567" not in shown.text


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://tro-ly.example.vn", True),
        ("https://8.8.8.8", True),
        ("http://tro-ly.example.vn", False),
        ("https://localhost:8000", False),
        ("https://127.0.0.1", False),
        ("https://192.168.1.5", False),
        ("https://may-chu.local", False),
        ("https://maychu", False),
        ("", False),
    ],
)
def test_what_others_reach(url: str, public: bool) -> None:
    assert is_public(url) is public


# The pilot's limits -----------------------------------------------------------------------------


async def test_how_much_of_the_pilot_is_used(bot: BotStage) -> None:
    people = [bot.fake.person(f"Người {n}") for n in range(3)]
    for each in people:
        await bot.says(each, "/start")
    found = await bot.bot.limits()
    assert (found.people, found.people_most, found.sent_most) == (3, 50, 3000)
    assert found.sent == len(bot.fake.shown)
    assert not found.near
    # Another month, and what was sent in other channels, is not counted.
    bot.world.chat(ChatKey("web", "ai đó"))
    bot.runtime.now.forward(40 * 86_400)  # type: ignore[attr-defined]
    assert (await bot.bot.limits()).sent == 0


@SQLITE
async def test_nearly_used_up(runtime: Runtime, fake: FakeZaloBot) -> None:
    stage = BotStage(runtime, fake, zalo_bot_people_most=1, zalo_bot_month_most=0)
    ted: Person = fake.person()
    await stage.says(ted, "/start")
    assert (await stage.bot.limits()).near
    stage.stop()
