"""A picture sent from the web chat, and a payment code sent to it."""

from __future__ import annotations

import base64
import json
import uuid

import pytest
from starlette.testclient import TestClient

from bench.bad_pictures import code, encoded
from bot.app import Program
from bot.channels.terminal import TerminalChat
from bot.channels.web import routes
from bot.channels.web.stream import messages
from bot.domain.replies import PaymentPicture, Priority, Reply, encode_reply
from bot.domain.replies import decode_reply as decoded
from bot.models import schema
from bot.pictures.codes import find_codes
from bot.pictures.opening import BYTES_MOST
from bot.safety.qr.vietqr import make
from bot.services.posting import OUTBOX
from bot.store import inbox, outbox
from bot.store.inbox import ChatKey
from bot.store.outbox import NewMessage
from tests.support import SQLITE

pytestmark = SQLITE

PAYLOAD = make("970405", "1234567890", 150_000)
PICTURE = encoded(code(PAYLOAD))
PAYMENT = PaymentPicture(PAYLOAD, "TRẢ TIỀN", "Agribank", "CÔ BA", (), "Xem tên", "Hình mã QR")


def send(client: TestClient, data: bytes, number: str = "") -> tuple[int, str]:
    """Send a picture; the status and what is said of a refusal."""
    answer = client.post(f"/chat/pictures?id={number or uuid.uuid4()}", content=data)
    return answer.status_code, answer.json()["error"] if answer.content else ""


def said(program: Program) -> list[str]:
    """All texts that wait to be shown."""
    rows = program.runtime.db.read_now(
        lambda c: c.execute(schema.outbox.select().order_by(schema.outbox.c.id)).all()
    )
    return [decoded(program.runtime.vault.open(row.payload, OUTBOX)).text for row in rows]


def answered(client: TestClient, program: Program) -> str:
    """The newest answer, when everything has been handled."""
    assert client.portal is not None
    client.portal.call(program.conversations.idle)
    return said(program)[-1]


def test_a_picture_is_answered(client: TestClient, program: Program) -> None:
    assert send(client, PICTURE) == (202, "")
    text = answered(client, program)
    assert "Agribank" in text
    assert "1234567890" not in text


def test_the_same_picture_sent_again_is_answered_once(client: TestClient, program: Program) -> None:
    number = str(uuid.uuid4())
    assert send(client, PICTURE, number) == send(client, PICTURE, number) == (202, "")
    answered(client, program)
    assert sum("Agribank" in text for text in said(program)) == 1


@pytest.mark.parametrize(
    ("data", "words"), [(b"%PDF-1.7", "PDF"), (b"", "không phải hình"), (b"abc", "không phải hình")]
)
def test_what_is_no_picture_is_said_to_be_none(
    client: TestClient, program: Program, data: bytes, words: str
) -> None:
    assert send(client, data) == (202, "")
    assert words in answered(client, program)


@pytest.mark.parametrize("size", [BYTES_MOST + 1, BYTES_MOST + 2_000_000])
def test_a_picture_over_twenty_megabytes_is_refused(client: TestClient, size: int) -> None:
    status, words = send(client, b"\0" * size)
    assert status == 413
    assert "20 MB" in words


def test_messages_keep_their_own_smaller_limit(client: TestClient) -> None:
    body = json.dumps({"id": str(uuid.uuid4()), "text": "a" * 2_000_000})
    assert client.post("/chat/messages", content=body).status_code == 413


def test_who_has_no_chat_or_no_number_is_refused(client: TestClient) -> None:
    assert send(client, PICTURE, "x")[0] == 422
    client.cookies.clear()
    assert send(client, PICTURE)[0] == 401


def test_another_page_is_refused(client: TestClient) -> None:
    answer = client.post(
        f"/chat/pictures?id={uuid.uuid4()}",
        content=PICTURE,
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_too_many_at_once_are_asked_to_wait(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "UPLOADS_MOST", 0)
    assert send(client, PICTURE)[0] == 429


# Out --------------------------------------------------------------------------------------------


def write(program: Program, key: ChatKey, reply: Reply) -> int:
    """Put a message into a chat's outbox; the chat's row."""
    runtime, now = program.runtime, program.runtime.now()
    row = NewMessage(runtime.vault.seal(encode_reply(reply), OUTBOX), Priority.REPLY)
    chat = runtime.db.write_now(lambda c: inbox.chat_id(c, key, now))
    runtime.db.write_now(lambda c: outbox.add(c, chat, 1, [row], now))
    return chat


async def test_a_payment_code_comes_inside_its_message(program: Program) -> None:
    chat = write(program, ChatKey("web", "x"), Reply("đây", payment=PAYMENT))
    frames = messages(program.runtime, program.hub, program.cards, chat, 0)
    data: dict[str, dict[str, str]] = {}
    async for frame in frames:
        lines = frame.decode().split("\n")
        data = next((json.loads(line[6:]) for line in lines if line.startswith("data: ")), {})
        if data:
            break
    await frames.aclose()  # type: ignore[attr-defined]
    src = data["picture"]["src"]
    assert src.startswith("data:image/png;base64,")
    assert find_codes(base64.b64decode(src.partition(",")[2])).payloads == (PAYLOAD,)
    cached = program.settings.var_dir / "cards"
    assert not cached.exists() or not list(cached.iterdir())


async def test_the_terminal_says_what_the_code_is(program: Program) -> None:
    terminal = TerminalChat(program.runtime, program.conversations, program.cards)
    write(program, terminal._key, Reply("đây", payment=PAYMENT))
    (reply,) = await terminal.new()
    assert reply.text == "đây\n\n[Hình mã QR]"
