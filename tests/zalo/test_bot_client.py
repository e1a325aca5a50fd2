"""Calls to the Bot API: what each thing that may go wrong means for a message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from zalo_bot import Bot  # type: ignore[import-untyped]

from bot.channels.zalo_bot.client import Answer, ZaloBotClient, translate
from bot.errors import ChannelError, NotSent, RateLimited, Rejected, Uncertain, Unreachable
from bot.settings import Settings
from tests.zalo.bot_fake import TOKEN, FakeZaloBot, Fault, refusal, zalo_bot


@pytest.fixture
def fake() -> Iterator[FakeZaloBot]:
    with zalo_bot() as made:
        yield made


def client(url: str, token: str = TOKEN, seconds: float = 5.0) -> ZaloBotClient:
    """A client of ours."""
    settings = Settings(
        _env_file=None, zalo_bot_token=token, zalo_bot_api_url=url, zalo_bot_timeout=seconds
    )
    return ZaloBotClient(settings)


def trouble(url: str, chat: str, token: str = TOKEN, seconds: float = 5.0) -> ChannelError:
    """The error of a message that could not be sent."""

    async def work() -> ChannelError:
        ours = client(url, token, seconds)
        try:
            await ours.send("sendMessage", chat_id=chat, text="Chào bác")
        except ChannelError as error:
            return error
        finally:
            await ours.close()
        raise AssertionError("it was sent")

    return asyncio.run(work())


async def test_a_message_goes_out_and_its_id_comes_back(fake: FakeZaloBot) -> None:
    ted, ours = fake.person(), client(fake.url)
    sent = await ours.send("sendMessage", chat_id=ted.id, text="Chào bác")
    await ours.close()
    assert sent.startswith("82599fa32f56d00e")
    assert fake.texts(ted.id) == ["Chào bác"]


HTML = b"<html><body>502 Bad Gateway</body></html>"
FAULTS = [
    (Fault(status=500, body=refusal(500, "Internal")), NotSent),
    (Fault(status=503, body=HTML, kind="text/html"), NotSent),
    (Fault(status=502, body=HTML, kind="text/html"), Uncertain),
    (Fault(status=504, body=b""), Uncertain),
    (Fault(status=408, body=refusal(408, "Request timeout")), Uncertain),
    (Fault(status=200, body=HTML, kind="text/html"), Uncertain),
    (Fault(status=200, body=b"[1]"), Uncertain),
    (Fault(status=200, body=b"\xff\xfe\x00"), Uncertain),
    (Fault(cut=True), Uncertain),
    (Fault(cut=True, done=True), Uncertain),
    (Fault(hang=0.6), Uncertain),
    (Fault(status=429, body=refusal(429, "Too Many Requests", retry_after=7)), RateLimited),
    (Fault(status=200, body=refusal(429, "Too Many Requests")), RateLimited),
    (Fault(status=403, body=refusal(403, "Forbidden")), Unreachable),
    (Fault(status=200, body=refusal(-201, "user not found")), Unreachable),
    (Fault(status=400, body=refusal(400, "Bad Request: text is empty")), Rejected),
    (Fault(status=200, body=refusal(-1, "try again")), NotSent),
    (Fault(status=302, body=b""), Rejected),
]


@pytest.mark.parametrize(("fault", "meaning"), FAULTS)
def test_what_goes_wrong_has_a_meaning(
    fake: FakeZaloBot, fault: Fault, meaning: type[ChannelError]
) -> None:
    fake.faults = [Fault(**vars(fault))]
    error = trouble(fake.url, fake.person().id, seconds=0.3 if fault.hang else 5.0)
    assert type(error) is meaning
    assert TOKEN not in repr(error)


def test_silence_lasts_as_long_as_the_platform_says(fake: FakeZaloBot) -> None:
    fake.faults = [Fault(status=429, body=refusal(429, "slow down", retry_after=7))]
    error = trouble(fake.url, fake.person().id)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7
    for odd in (-1, "soon", 10**9, None):
        fake.faults = [Fault(status=429, body=refusal(429, "slow down", retry_after=odd))]
        error = trouble(fake.url, fake.person().id)
        assert isinstance(error, RateLimited)
        assert 0 < error.retry_after <= 3600


def test_a_blocked_person_a_stranger_a_wrong_token_and_nobody_there(fake: FakeZaloBot) -> None:
    ted = fake.person()
    fake.blocked.add(ted.id)
    assert type(trouble(fake.url, ted.id)) is Unreachable
    assert type(trouble(fake.url, "nobody")) is Unreachable
    assert type(trouble(fake.url, ted.id, token="wrong")) is NotSent
    assert type(trouble("http://127.0.0.1:9", ted.id)) is NotSent


def test_every_code_means_something() -> None:
    for code in (*range(-300, 0), *range(300, 620)):
        assert isinstance(translate(Answer(code, words="…")), ChannelError)


async def test_somebody_elses_client_gets_on_with_our_platform(fake: FakeZaloBot) -> None:
    ted = fake.person()
    theirs = Bot(TOKEN, base_url=fake.url)
    await theirs.initialize()
    me = await theirs.get_me()
    assert me.id
    ted.say("Xin chào")
    update = await theirs.get_update(timeout=5)
    assert update.message.text == "Xin chào"
    assert update.message.chat.id == update.effective_user.id == ted.id
    sent = await theirs.send_message(ted.id, "Chào Ted")
    assert sent.message_id
    await theirs.send_photo(ted.id, "một hình", "https://tro-ly.example.vn/the/1.png")
    await theirs.shutdown()
    assert fake.texts(ted.id) == ["Chào Ted", "một hình"]
    assert fake.shown[-1].photo == "https://tro-ly.example.vn/the/1.png"
