"""Steps as photos: uploaded once, with the text below; and the text alone when they fail."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import Connection

from bot.cards.cache import whole_png
from bot.channels.telegram.client import make_bot
from bot.channels.telegram.photos import CAPTION_MOST, Photos
from bot.channels.telegram.sender import TelegramSender
from bot.domain.alerts import AlertPhoto
from bot.domain.replies import Choice, Priority, Reply, StepPicture, decode_reply, encode_reply
from bot.errors import RateLimited, Uncertain, Unreachable
from bot.guides.pictures import step_picture
from bot.pictures.shrink import shrink
from bot.services.cards import Cards
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store import alerts
from bot.store.inbox import ChatKey
from tests.fakes.telegram import DEFAULT_TOKEN, FakeTelegram, SentMessage
from tests.services.support import TITLES
from tests.support import SQLITE

pytestmark = SQLITE

BA = 1001
KEY = ChatKey("telegram", str(BA))
CHOICES = (Choice("next:qr_pay:0", "Xong, bước tiếp"), Choice("human", "Gặp người giúp"))


@pytest.fixture
def tg() -> Iterator[FakeTelegram]:
    """A platform with one person on it."""
    with FakeTelegram(rate_limits=False) as made:
        made.user(BA, "Ba")
        yield made


@pytest.fixture
def publisher(runtime: Runtime) -> Publisher:
    """The shipped content."""
    return Publisher(runtime, TITLES)


@pytest.fixture
def reply(publisher: Publisher) -> Reply:
    """A step with its picture."""
    picture = step_picture(publisher.content.guides["qr_pay"], 0, publisher.content.phrases.fill)
    return Reply("Bước 1: mở ứng dụng.", CHOICES, picture=picture)


@contextlib.asynccontextmanager
async def sending(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher
) -> AsyncIterator[TelegramSender]:
    """The real sender with the real client."""
    settings = Settings(
        _env_file=None,
        var_dir=runtime.settings.var_dir,
        telegram_token=DEFAULT_TOKEN,
        telegram_api_url=tg.url,
    )
    bot = make_bot(settings)
    cards = Cards(runtime, publisher)
    for request in bot._request:
        await request.initialize()
    try:
        yield TelegramSender(bot, Photos(bot, cards, runtime.metrics))
    finally:
        for request in bot._request:
            await request.shutdown()
        cards.stop()


def got(tg: FakeTelegram) -> list[tuple[str, str, list[str]]]:
    """What the person has: method, text, buttons."""
    return [(m.method, m.text, m.labels) for m in tg.messages(BA)]


def pictured(message: SentMessage, tg: FakeTelegram) -> bytes:
    """The file of a message."""
    assert message.file_id is not None
    return tg.files[message.file_id].data


def counted(runtime: Runtime, result: str) -> float:
    """How many pictures ended so."""
    labels = {"channel": "telegram", "result": result}
    return runtime.metrics.registry.get_sample_value("congdanso_pictures_total", labels) or 0


LABELS = [choice.label for choice in CHOICES]


async def test_a_step_is_a_photo_with_its_text_and_its_buttons(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    async with sending(tg, runtime, publisher) as sender:
        external = await sender.send(KEY, reply)
    assert got(tg) == [("sendPhoto", reply.text, LABELS)]
    (message,) = tg.messages(BA)
    assert external == str(message.message_id)
    assert whole_png(pictured(message, tg))
    assert counted(runtime, "sent") == 1


async def test_the_second_time_nothing_is_uploaded(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    async with sending(tg, runtime, publisher) as sender:
        for _ in range(2):
            await sender.send(KEY, reply)
    first, second = tg.messages(BA)
    assert first.file_id == second.file_id
    upload, again = (call.params.get("photo", "") for call in tg.calls_of("sendPhoto"))
    assert first.file_id not in upload
    assert again == first.file_id


async def test_an_id_the_platform_has_forgotten_is_uploaded_again(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    async with sending(tg, runtime, publisher) as sender:
        await sender.send(KEY, reply)
        tg.files.clear()
        await sender.send(KEY, reply)
    assert got(tg) == [("sendPhoto", reply.text, LABELS)] * 2
    assert counted(runtime, "failed") == 0


async def test_a_text_too_long_for_a_caption_comes_below_with_the_buttons(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    long = replace(reply, text="Chữ " * 300)
    fits = replace(reply, text="a" * CAPTION_MOST)
    async with sending(tg, runtime, publisher) as sender:
        for some in (long, long, fits):
            await sender.send(KEY, some)
    below = [("sendPhoto", "", []), ("sendMessage", long.text.strip(), LABELS)]
    assert got(tg) == [*below, *below, ("sendPhoto", fits.text, LABELS)]


async def test_emoji_count_twice_as_they_do_on_telegram(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    async with sending(tg, runtime, publisher) as sender:
        await sender.send(KEY, replace(reply, text="👍" * (CAPTION_MOST // 2 + 1)))
    assert [method for method, _, _ in got(tg)] == ["sendPhoto", "sendMessage"]


@pytest.mark.parametrize(
    ("status", "description"),
    [(400, "Bad Request: IMAGE_PROCESS_FAILED"), (413, "Request Entity Too Large"), (500, None)],
)
async def test_a_refused_upload_leaves_the_text(
    tg: FakeTelegram,
    runtime: Runtime,
    publisher: Publisher,
    reply: Reply,
    status: int,
    description: str | None,
) -> None:
    tg.fault("sendPhoto", times=None, status=status, description=description)
    async with sending(tg, runtime, publisher) as sender:
        await sender.send(KEY, reply)
    assert got(tg) == [("sendMessage", reply.text, LABELS)]
    assert counted(runtime, "failed") == 1


async def test_a_picture_that_cannot_be_drawn_leaves_the_text(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    assert reply.picture is not None
    broken = replace(reply, picture=replace(reply.picture, text="dài quá " * 500))
    async with sending(tg, runtime, publisher) as sender:
        await sender.send(KEY, broken)
    assert got(tg) == [("sendMessage", reply.text, LABELS)]
    assert counted(runtime, "failed") == 1


async def test_no_answer_to_an_upload_is_uncertain_and_then_only_text_is_tried(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    tg.fault("sendPhoto", drop="after", times=None)
    async with sending(tg, runtime, publisher) as sender:
        with pytest.raises(Uncertain):
            await sender.send(KEY, reply)
        await sender.send(KEY, reply)
        assert [method for method, _, _ in got(tg)] == ["sendPhoto", "sendMessage"]
        # It was for that message only: the next one is tried with its picture.
        with pytest.raises(Uncertain):
            await sender.send(KEY, reply)


async def test_a_picture_already_there_is_not_sent_again_with_its_text(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    long = replace(reply, text="Chữ " * 300)
    tg.fault("sendMessage", retry_after=1)
    async with sending(tg, runtime, publisher) as sender:
        with pytest.raises(RateLimited):
            await sender.send(KEY, long)
        await sender.send(KEY, long)
    assert [method for method, _, _ in got(tg)] == ["sendPhoto", "sendMessage"]


async def test_limits_and_closed_doors_are_the_delivery_s_business(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, reply: Reply
) -> None:
    tg.fault("sendPhoto", retry_after=3)
    async with sending(tg, runtime, publisher) as sender:
        with pytest.raises(RateLimited):
            await sender.send(KEY, reply)
        await sender.send(KEY, reply)
        tg.block(BA)
        with pytest.raises(Unreachable):
            await sender.send(KEY, reply)
    assert got(tg) == [("sendPhoto", reply.text, LABELS)]


def test_a_picture_survives_the_outbox(reply: Reply) -> None:
    assert isinstance(reply.picture, StepPicture)
    assert decode_reply(encode_reply(reply)) == reply
    before_pictures = b'{"text":"x","choices":[],"priority":2,"ticket_id":null,"coalesce":""}'
    assert decode_reply(before_pictures) == Reply("x")


# Alerts -----------------------------------------------------------------------------------------


def alert_of(runtime: Runtime, text: str = "📢 Cảnh báo.", *, sent: bool = True) -> Reply:
    """An alert with a picture, sent by staff."""
    now = runtime.now()
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "PNG")
    jpeg = shrink(out.getvalue()) if sent else None

    def work(connection: Connection) -> int:
        number = alerts.write(
            connection,
            text="Cảnh báo.",
            until=now + timedelta(days=1),
            picture=jpeg.data if jpeg else None,
            width=40,
            height=30,
            written_by="lan",
            written_at=now,
        )
        alerts.begin(connection, number, "minh", 1, now)
        return number

    number = runtime.db.write_now(work)
    photo = AlertPhoto(number, 40, 30, "Hình kèm cảnh báo")
    stop = (Choice("alerts:off", "Thôi nhận cảnh báo"),)
    return Reply(text, stop, Priority.ALERT, alert_id=number, photo=photo)


async def test_an_alert_is_uploaded_once_for_everybody(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher
) -> None:
    reply = alert_of(runtime)
    async with sending(tg, runtime, publisher) as sender:
        await sender.send(KEY, reply)
        await sender.send(KEY, reply)
    assert got(tg) == [("sendPhoto", reply.text, ["Thôi nhận cảnh báo"])] * 2
    first, second = tg.messages(BA)
    assert first.file_id == second.file_id
    assert pictured(first, tg).startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("how", ["refused", "no picture", "long"])
async def test_an_alert_whose_picture_cannot_go_is_said_in_words(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher, how: str
) -> None:
    text = "a" * (CAPTION_MOST + 1) if how == "long" else "📢 Cảnh báo."
    reply = alert_of(runtime, text, sent=how != "no picture")
    if how == "refused":
        tg.fault("sendPhoto", times=None, status=400, description="Bad Request: PHOTO_INVALID")
    async with sending(tg, runtime, publisher) as sender:
        await sender.send(KEY, reply)
    assert got(tg) == [("sendMessage", text, ["Thôi nhận cảnh báo"])]


async def test_no_answer_to_an_alert_s_upload_is_uncertain_and_then_only_text_is_tried(
    tg: FakeTelegram, runtime: Runtime, publisher: Publisher
) -> None:
    reply = alert_of(runtime)
    tg.fault("sendPhoto", drop="after", times=None)
    async with sending(tg, runtime, publisher) as sender:
        with pytest.raises(Uncertain):
            await sender.send(KEY, reply)
        await sender.send(KEY, reply)
    assert [method for method, _, _ in got(tg)] == ["sendPhoto", "sendMessage"]
