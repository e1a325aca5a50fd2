"""How much one person, one address, one request may ask of us, and what a webhook believes."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.testclient import TestClient

from bot.app import Program
from bot.channels.zalo_oa.signature import SIGNATURE, TIMESTAMP
from bot.models.schema import inbox
from bot.services.pace import Pace
from bot.weblib.forms import client_address
from tests.security.conftest import APP_ID, OA_SECRET, SECRET
from tests.support import Clock

Send = Callable[[TestClient, bytes], int]
#: A moment of the clock that these tests share, which goes on from test to test.
_NUMBERS = iter(range(1, 10_000))


@pytest.fixture(autouse=True)
def later(whole: Program) -> None:
    """Every test begins in another hour."""
    clock = whole.runtime.now
    assert isinstance(clock, Clock)
    clock.forward(7200)


def kept(program: Program) -> int:
    """How many events were ever kept."""
    query = select(func.count()).select_from(inbox)
    return int(program.runtime.db.read_now(lambda c: c.execute(query).scalar_one()))


def telegram(client: TestClient, body: bytes) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    return int(client.post("/telegram/webhook", content=body, headers=headers).status_code)


def zalo_bot(client: TestClient, body: bytes) -> int:
    headers = {"X-Bot-Api-Secret-Token": SECRET}
    return int(client.post("/zalo-bot/webhook", content=body, headers=headers).status_code)


def signed(body: bytes, stamp: str = "1700000000000", secret: str = OA_SECRET) -> dict[str, str]:
    digest = hashlib.sha256(APP_ID.encode() + body + stamp.encode() + secret.encode())
    return {SIGNATURE: f"mac={digest.hexdigest()}", TIMESTAMP: stamp}


def zalo_oa(client: TestClient, body: bytes) -> int:
    return int(client.post("/zalo/oa/webhook", content=body, headers=signed(body)).status_code)


def update(text: str = "menu", person: int = 501, number: int | None = None) -> bytes:
    number = next(_NUMBERS) if number is None else number
    chat = {"id": person, "type": "private", "first_name": "Sáu"}
    message = {
        "message_id": number,
        "date": 1_700_000_000,
        "chat": chat,
        "from": {"id": person, "is_bot": False, "first_name": "Sáu"},
        "text": text,
    }
    return json.dumps({"update_id": number, "message": message}).encode()


# Who speaks -------------------------------------------------------------------------------------

WEBHOOKS = {
    "/telegram/webhook": "X-Telegram-Bot-Api-Secret-Token",
    "/zalo-bot/webhook": "X-Bot-Api-Secret-Token",
    "/zalo/oa/webhook": SIGNATURE,
}


@pytest.mark.parametrize("path", WEBHOOKS)
@pytest.mark.parametrize(
    "given", [None, "", "wrong", SECRET[:-1], SECRET + " x", SECRET.upper(), "mac=", "\x00" * 16]
)
def test_a_webhook_believes_nobody_without_its_secret(
    whole: Program, client: TestClient, path: str, given: str | None
) -> None:
    before = kept(whole)
    headers = {} if given is None else {WEBHOOKS[path]: given}
    answer = client.post(path, content=update(), headers=headers)
    assert answer.status_code == 403
    assert answer.content == b""
    assert kept(whole) == before


def test_a_signature_is_for_one_body(whole: Program, client: TestClient) -> None:
    before = kept(whole)
    body = b'{"event_name":"user_send_text","timestamp":"1700000000000"}'
    for changed in (body + b" ", body.replace(b"text", b"link")):
        answer = client.post("/zalo/oa/webhook", content=changed, headers=signed(body))
        assert answer.status_code == 403
    other = signed(body, secret="another")
    assert client.post("/zalo/oa/webhook", content=body, headers=other).status_code == 403
    assert kept(whole) == before


def test_the_same_update_again_does_nothing(whole: Program, client: TestClient) -> None:
    """A replay, by the platform or by somebody who caught one."""
    body = update("menu")
    assert telegram(client, body) == 200
    before = kept(whole)
    assert [telegram(client, body) for _ in range(5)] == [200] * 5
    assert kept(whole) == before


# How much ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("send", [telegram, zalo_bot, zalo_oa])
def test_a_large_body_is_refused(whole: Program, client: TestClient, send: Send) -> None:
    before = kept(whole)
    most = whole.settings.max_body_bytes
    assert send(client, b'{"x": "' + b"a" * most + b'"}') == 413
    assert kept(whole) == before


@pytest.mark.parametrize("send", [telegram, zalo_bot, zalo_oa])
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 90_000, b"\xff\xfe", b"", b"nul"])
def test_a_body_that_is_none_is_no_crash(client: TestClient, send: Send, body: bytes) -> None:
    # Zalo's OA platform leaves an app alone that goes on refusing: there it is counted and taken.
    assert send(client, body) in (400, 413) if send is not zalo_oa else send(client, body) == 200


def test_one_account_has_its_pace_and_others_are_answered(
    whole: Program, client: TestClient
) -> None:
    most = whole.settings.messages_per_minute
    before = kept(whole)
    assert {telegram(client, update(person=777)) for _ in range(most + 40)} == {200}
    # One more: the event that tells its sender (test_too_fast.py).
    assert kept(whole) == before + most + 1
    assert telegram(client, update(person=778)) == 200
    assert kept(whole) == before + most + 2
    left = whole.runtime.metrics.requests.labels("telegram", "pace")
    assert left._value.get() == 40
    clock = whole.runtime.now
    assert isinstance(clock, Clock)
    clock.forward(61)
    telegram(client, update(person=777))
    assert kept(whole) == before + most + 3


def test_one_address_begins_so_many_web_chats(whole: Program, site: FastAPI) -> None:
    most = whole.settings.web_chats_per_hour
    before = kept(whole)
    with TestClient(site, "https://congdanso.example") as client:
        for _ in range(most):
            client.cookies.clear()
            assert client.post("/chat/open").status_code == 200
        mine = client.cookies
        client.cookies.clear()
        refused = client.post("/chat/open")
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "3600"
        assert "Gửi nhanh quá" in refused.json()["error"]
        assert kept(whole) == before + most
        # Who has a conversation keeps it.
        client.cookies = mine
    other = TestClient(site, "https://congdanso.example", client=("203.0.113.9", 5000))
    assert other.post("/chat/open").status_code == 200


def test_who_has_a_chat_is_not_counted(whole: Program, site: FastAPI) -> None:
    with TestClient(site, "https://congdanso.example", client=("203.0.113.77", 1)) as client:
        answers = {client.post("/chat/open").status_code for _ in range(30)}
        said = {"id": str(uuid.uuid4()), "text": "menu"}
        assert client.post("/chat/messages", json=said).status_code == 202
    assert answers == {200}


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
    ],
)
def test_what_counts_as_one_address(host: str, counted: str) -> None:
    request = Request({"type": "http", "client": (host, 1), "headers": []})
    assert client_address(request) == counted


def test_pace_over_an_hour() -> None:
    pace = Pace(2, seconds=3600)
    assert [pace.wait("a", at) for at in (0, 10, 20, 3599.5, 3600)] == [0, 0, 3580, 1, 0]


def test_made_up_links_cost_no_transaction(
    whole: Program, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever tries one link after another keeps nobody from being answered."""

    def refuse(*_: object) -> None:
        raise AssertionError("a transaction")

    monkeypatch.setattr(type(whole.runtime.db), "write", refuse)
    monkeypatch.setattr(type(whole.runtime.db), "read", refuse)
    for token in ("x", "A" * 40, "ab-_" * 20, "%00", "é"):
        assert client.get(f"/desk/join/{token}").status_code == 404
        assert client.post(f"/desk/join/{token}").status_code == 404
        assert client.get(f"/desk/{token}").status_code == 403
        cookie = {"Cookie": f"congdanso_chat={quote(token)}"}
        assert client.get("/chat/stream", headers=cookie).status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("10.1.2.3", 200), ("::1", 200), ("8.8.8.8", 404), ("2606:4700::1", 404)],
)
def test_metrics_are_for_inside(site: FastAPI, host: str, status: int) -> None:
    with TestClient(site, "https://congdanso.example", client=(host, 1)) as client:
        assert client.get("/metrics").status_code == status


def test_nothing_of_these_tests_is_on_disk_elsewhere(whole: Program) -> None:
    """The bodies refused above left no file."""
    names = {path.name for path in Path(whole.settings.var_dir).iterdir()}
    assert names <= {"congdanso.db", "congdanso.db-wal", "congdanso.db-shm", "cards", "models"}
