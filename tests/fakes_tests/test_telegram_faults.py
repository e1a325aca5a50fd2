"""Rate limits, injected faults, waiting, and the fake as its own process."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, NetworkError, RetryAfter

from tests.fakes.telegram import DEFAULT_TOKEN, FakeTelegram, RemoteTelegram


def say(raw: httpx.Client, chat_id: int, text: str = "x") -> httpx.Response:
    return raw.post("sendMessage", data={"chat_id": chat_id, "text": text})


def test_private_chats_take_one_message_a_second(
    tg: FakeTelegram, bot: Bot, raw: httpx.Client
) -> None:
    tg.user(1, "An")
    tg.user(2, "Bình")
    tg.limits.enabled = True
    assert [say(raw, 1).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = say(raw, 1).json()
    assert refused["parameters"] == {"retry_after": 1}
    assert refused["description"] == "Too Many Requests: retry after 1"
    assert say(raw, 2).status_code == 200
    tg.advance(1)
    assert say(raw, 1).status_code == 200

    async def main() -> None:
        with pytest.raises(RetryAfter):
            await bot.send_message(1, "x")

    asyncio.run(main())
    assert len(tg.messages(1)) == 4


def test_groups_take_twenty_a_minute(tg: FakeTelegram, raw: httpx.Client) -> None:
    tg.group(-5, "Tổ")
    tg.limits.enabled = True
    statuses = [say(raw, -5, str(n)).status_code for n in range(21)]
    assert statuses == [200] * 20 + [429]
    assert 55 <= say(raw, -5).json()["parameters"]["retry_after"] <= 60
    tg.advance(61)
    assert say(raw, -5).status_code == 200


def test_thirty_a_second_overall(tg: FakeTelegram, raw: httpx.Client) -> None:
    tg.limits.enabled = True
    tg.limits.per_second = 5
    for n in range(1, 7):
        tg.user(n, "An")
    statuses = [say(raw, n).status_code for n in range(1, 7)]
    tg.limits.per_second = 30
    assert statuses == [200] * 5 + [429]


def test_faults_answer_with_errors(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(1, "An")
    tg.user(2, "Bình")

    async def refused(kind: type[Exception], words: str, chat_id: int = 1) -> None:
        with pytest.raises(kind, match=words):
            await bot.send_message(chat_id, "x")

    async def main() -> None:
        tg.fault("sendMessage", status=500)
        await refused(NetworkError, "Internal Server Error")
        tg.fault("sendMessage", status=502)
        await refused(NetworkError, "Bad Gateway")
        tg.fault("sendMessage", retry_after=7)
        await refused(RetryAfter, "Retry in")
        tg.fault("sendMessage", status=400, description="Bad Request: odd")
        await refused(BadRequest, "Odd")
        only = tg.fault("*", chat_id=2, nth=2, status=500, times=None)
        await bot.send_message(1, "x")
        await bot.send_message(2, "x")
        await refused(NetworkError, "Internal", 2)
        await refused(NetworkError, "Internal", 2)
        assert (only.seen, only.hits) == (3, 2)
        tg.clear_faults()
        await bot.send_message(2, "x")

    asyncio.run(main())
    refusals = [c.status for c in tg.calls_of("sendMessage") if not c.ok]
    assert refusals == [500, 502, 429, 400, 500, 500]
    assert len(tg.messages(1)) == 1
    assert len(tg.messages(2)) == 2


def test_dropped_connections(tg: FakeTelegram, bot: Bot, raw: httpx.Client) -> None:
    tg.user(1, "An")

    async def lost() -> None:
        with pytest.raises(NetworkError):
            await bot.send_message(1, "mất")

    tg.fault("sendMessage", drop="before")
    asyncio.run(lost())
    assert tg.messages(1) == []
    assert not tg.calls_of("sendMessage")
    tg.fault("sendMessage", drop="after")
    asyncio.run(lost())
    (call,) = tg.calls_of("sendMessage")
    assert call.ok
    assert call.dropped
    assert [m.text for m in tg.messages(1)] == ["mất"]
    tg.fault("getUpdates", drop="after")
    with pytest.raises(httpx.TransportError):
        raw.get("getUpdates")
    assert say(raw, 1).status_code == 200


def test_delays_are_seen_by_the_client_only(tg: FakeTelegram) -> None:
    tg.user(1, "An")
    slow = httpx.Client(base_url=f"{tg.url}{tg.token}/", timeout=0.2, trust_env=False)
    tg.fault("sendMessage", delay_after=30)
    with slow, pytest.raises(httpx.ReadTimeout):
        say(slow, 1)
    assert len(tg.messages(1)) == 1
    fault = tg.fault("sendMessage", delay=0.05)
    started = time.monotonic()
    with httpx.Client(base_url=f"{tg.url}{tg.token}/", trust_env=False) as client:
        assert say(client, 1).status_code == 200
    assert time.monotonic() - started >= 0.05
    assert fault.hits == 1


def test_an_unreachable_telegram_comes_back_on_its_port() -> None:
    with FakeTelegram(rate_limits=False) as tg:
        tg.user(1, "An")
        port = tg.port
        tg.stop_server()
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{tg.url}{tg.token}/getMe", trust_env=False)
        tg.start_server()
        assert tg.port == port
        answer = httpx.get(f"{tg.url}{tg.token}/getMe", trust_env=False)
        assert answer.status_code == 200


def test_waiting_is_woken_by_calls(tg: FakeTelegram, raw: httpx.Client) -> None:
    tg.user(1, "An")
    say(raw, 1, "menu")
    first = tg.last(1)
    late = threading.Thread(target=say, args=(raw, 1, "menu 2"))
    late.start()
    found = tg.wait_message(1, containing="menu", after=first.message_id)
    late.join()
    assert found.text == "menu 2"
    with pytest.raises(TimeoutError, match="a message to 1"):
        tg.wait_message(1, containing="không có", timeout=0.01)


def test_concurrent_senders_lose_nothing(tg: FakeTelegram) -> None:
    for n in range(1, 11):
        tg.user(n, "An")

    async def main() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            await asyncio.gather(
                *(
                    client.post(
                        f"{tg.url}{tg.token}/sendMessage",
                        json={"chat_id": n % 10 + 1, "text": str(n)},
                    )
                    for n in range(200)
                )
            )

    asyncio.run(main())
    ids = [m.message_id for n in range(1, 11) for m in tg.messages(n)]
    assert len(ids) == len(set(ids)) == 200
    assert [c.seq for c in tg.calls] == list(range(1, 201))


def test_as_its_own_process(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    with RemoteTelegram.spawn(log, "--rate-limits") as remote:
        remote.batch([("user", {"id": 1, "first_name": "An"})])
        remote.settings(rate_limits=False)
        bot = Bot(DEFAULT_TOKEN, base_url=remote.url, base_file_url=remote.file_url)

        async def main() -> None:
            remote.do("send_photo", user=1, data="aGk=", caption="x")
            (update,) = await bot.get_updates()
            assert update.message
            file = await bot.get_file(update.message.photo[-1])
            assert bytes(await file.download_as_bytearray()) == b"hi"
            remote.do("fault", method="sendMessage", status=500)
            with pytest.raises(NetworkError):
                await bot.send_message(1, "hỏng")
            waiting = asyncio.create_task(
                asyncio.to_thread(remote.wait_message, 1, "Xin", timeout=20)
            )
            await bot.send_message(
                1,
                "Xin chào",
                reply_markup=InlineKeyboardMarkup.from_button(
                    InlineKeyboardButton("A", callback_data="a")
                ),
            )
            message = await waiting
            assert message["labels"] == ["A"]
            remote.do("press", user=1, message=message["message_id"], button="A")
            (pressed,) = await bot.get_updates(offset=update.update_id + 1)
            assert pressed.callback_query
            assert pressed.callback_query.data == "a"

        asyncio.run(main())
        assert remote.calls(method="sendMessage", count=2)[0]["status"] == 500
        assert remote.status()["sent"] == 1
        with pytest.raises(RuntimeError, match="no such action"):
            remote.do("__class__")
        duplicate = {"update_id": 5, "message": {"message_id": 1, "chat": {"id": 1}}}
        assert remote.update(duplicate)["update_id"] == 5
        logged = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["method"] for line in logged].count("sendMessage") == 1
    assert all(line["status"] == 200 for line in logged)
