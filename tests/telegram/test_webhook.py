"""Updates by webhook: who may post, what may be posted, and when Telegram is told to forget it."""

from __future__ import annotations

import contextlib
import itertools
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

import httpx
import pytest

from tests.process import WEBHOOK_SECRET
from tests.telegram.stage import Person, Stage, level_2

pytestmark = pytest.mark.program

SECRET = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
MEGABYTE = 1_000_000
_numbers = itertools.count(5_000_000)


def post(stage: Stage, content: Any, headers: dict[str, str] | None = None) -> int:
    """The status that a body gets."""
    given = SECRET if headers is None else headers
    url = f"{stage.served.url}/telegram/webhook"
    with httpx.Client(trust_env=False, verify=False, timeout=60) as client:
        return client.post(url, content=content, headers=given).status_code


def update(person: Person, text: str) -> bytes:
    """An update as Telegram posts it."""
    sender = {"id": person.id, "is_bot": False, "first_name": person.name}
    chat = {"id": person.id, "type": "private", "first_name": person.name}
    number = next(_numbers)
    message = {"message_id": number, "date": 1, "chat": chat, "from": sender, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


@pytest.fixture
def ba(hooked: Stage) -> Person:
    """A citizen who has read the greeting."""
    person = hooked.person("Ba")
    person.start()
    return person


def test_the_webhook_is_set_with_its_secret(hooked: Stage) -> None:
    (call,) = hooked.tg.calls_of("setWebhook")
    assert call.params["url"] == f"{hooked.served.url}/telegram/webhook"
    assert call.params["secret_token"] == WEBHOOK_SECRET
    assert call.params["allowed_updates"] == [
        "message",
        "callback_query",
        "my_chat_member",
    ]
    assert not hooked.tg.calls_of("getUpdates", "deleteWebhook")
    assert hooked.telegram_state() == "ok"


def test_a_conversation(hooked: Stage) -> None:
    person = hooked.person()
    greeting = person.start()
    assert "Bước 1/8" in level_2(person, greeting).text
    assert "Bước 2/8" in person.say("tiếp").text
    assert {status for _, status in hooked.tg.webhook_deliveries} == {200}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Telegram-Bot-Api-Secret-Token": ""},
        {"X-Telegram-Bot-Api-Secret-Token": "wrong"},
        {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET[:-1]},
        {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET + "x"},
        {"Authorization": f"Bearer {WEBHOOK_SECRET}"},
    ],
)
@pytest.mark.parametrize("body", [None, b"{", b"[" * 100_000, b""])
def test_without_the_secret_nothing_is_even_read(
    hooked: Stage, ba: Person, headers: dict[str, str], body: bytes | None
) -> None:
    before = hooked.kept()
    content = update(ba, "/khongco") if body is None else body
    assert post(hooked, content, headers) == 403
    assert hooked.kept() == before
    assert not ba.unread


def test_a_secret_of_other_letters_is_refused(hooked: Stage) -> None:
    given = [(b"X-Telegram-Bot-Api-Secret-Token", "bí mật".encode())]
    url = f"{hooked.served.url}/telegram/webhook"
    assert httpx.post(url, content=b"{}", headers=given, trust_env=False).status_code == 403


MALFORMED = {
    "nothing": b"",
    "half": b'{"update_id": 1',
    "words": b"chao",
    "not UTF-8": b'{"update_id": 1, "x": "\xff"}',
    "a list": b"[]",
    "null": b"null",
    "a number": b"17",
    "no id": b'{"message": {}}',
    "an id of words": b'{"update_id": "1"}',
    "a broken id": b'{"update_id": 1.5}',
    "nested deeply": b'{"update_id": 1, "message": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "objects nested deeply": b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
    "a number of many digits": b'{"update_id": ' + b"9" * 10_000 + b"}",
    "no chat": b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "x"}}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_update_is_refused(hooked: Stage, body: bytes) -> None:
    assert post(hooked, body) == 400


def test_an_update_of_no_interest_is_taken(hooked: Stage) -> None:
    assert post(hooked, b'{"update_id": 1}') == 200
    assert post(hooked, b'{"update_id": 2, "something_new": {"id": 1}}') == 200


def test_a_body_of_five_megabytes_is_too_large(hooked: Stage) -> None:
    assert post(hooked, b"x" * 5 * MEGABYTE) == 413


def test_a_body_of_no_announced_length_is_cut_off(hooked: Stage) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * (MEGABYTE // 16)

    assert post(hooked, pieces()) == 413


def test_a_body_in_pieces_that_is_small_enough_is_taken(hooked: Stage, ba: Person) -> None:
    body = update(ba, "/khongco")
    assert post(hooked, iter([body[:10], body[10:]])) == 200
    assert "không biết lệnh" in ba.next().text


def test_an_update_posted_twice_is_answered_once(hooked: Stage, ba: Person) -> None:
    body = update(ba, "/khongco")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: post(hooked, body), range(4))) == [200] * 4
    assert "không biết lệnh" in ba.next().text
    assert post(hooked, body) == 200
    assert "Chào anh/chị" in ba.start().text
    assert len(hooked.tg.messages(ba.id)) == 3


def test_edited_messages_are_ignored(hooked: Stage, ba: Person) -> None:
    body = update(ba, "/khongco").replace(b'"message"', b'"edited_message"')
    assert post(hooked, body) == 200
    assert "Chào anh/chị" in ba.start().text
    assert len(hooked.tg.messages(ba.id)) == 2


def test_the_200_comes_after_the_update_is_in_the_database(hooked: Stage, ba: Person) -> None:
    body = update(ba, "/khongco")
    number = str(json.loads(body)["update_id"])
    with ThreadPoolExecutor(1) as pool:
        answer: Future[int] = pool.submit(lambda: 0)
        with contextlib.closing(sqlite3.connect(hooked.database, isolation_level=None)) as db:
            db.execute("PRAGMA busy_timeout=30000")
            db.execute("BEGIN IMMEDIATE")
            answer = pool.submit(post, hooked, body)
            # Nobody can write now, so nobody may say that it is written.
            with pytest.raises(NotYet):
                answer.result(0.4)
            db.execute("ROLLBACK")
        assert answer.result(60) == 200
    found = hooked.rows("SELECT source FROM inbox WHERE external_id = ?", number)
    assert found == [("telegram",)]
    assert "không biết lệnh" in ba.next().text
