"""Step cards in the web chat and the terminal: where the picture is, what it says, how it comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection
from starlette.testclient import TestClient

from bot.app import Program, build, make_app
from bot.channels.terminal import CHANNEL as TERMINAL
from bot.channels.terminal import TerminalChat
from bot.channels.web.routes import CHANNEL as WEB
from bot.channels.web.stream import messages
from bot.domain.replies import Priority, Reply, StepPicture, encode_reply
from bot.guides.pictures import step_picture
from bot.services.posting import OUTBOX
from bot.services.runtime import Runtime
from bot.store import inbox, outbox
from bot.store.inbox import ChatKey
from bot.store.outbox import NewMessage
from tests.support import SQLITE

pytestmark = SQLITE


@pytest.fixture
def picture(program: Program) -> StepPicture:
    """A step of a real guide."""
    content = program.publisher.content
    return step_picture(content.guides["qr_pay"], 1, content.phrases.fill)


@pytest.fixture
def client(program: Program) -> Iterator[TestClient]:
    """Somebody's browser."""
    with TestClient(make_app(program)) as made:
        yield made


def write(program: Program, key: ChatKey, *replies: Reply) -> int:
    """Put messages into a chat's outbox; the chat's row."""
    runtime = program.runtime
    now = runtime.now()
    rows = [
        NewMessage(runtime.vault.seal(encode_reply(r), OUTBOX), Priority.REPLY) for r in replies
    ]

    def work(connection: Connection) -> int:
        chat = inbox.chat_id(connection, key, now)
        outbox.add(connection, chat, 1, rows, now)
        return chat

    return runtime.db.write_now(work)


async def test_the_stream_says_where_the_picture_is(program: Program, picture: StepPicture) -> None:
    chat = write(program, ChatKey(WEB, "x"), Reply("Bước 2", picture=picture), Reply("Chữ thôi"))
    frames = messages(program.runtime, program.hub, program.cards, chat, 0)
    found = []
    async for frame in frames:
        found += [json.loads(line[6:]) for line in frame.decode().split("\n") if "data: " in line]
        if len(found) == 2:
            break
    await frames.aclose()  # type: ignore[attr-defined]
    with_picture, without = found
    shown = program.cards.show(picture)
    assert with_picture["picture"] == {
        "src": f"/the/{shown.digest}.png",
        "alt": shown.alt,
        "width": 1080,
        "height": 1350,
    }
    assert with_picture["text"] == "Bước 2"
    assert "picture" not in without


def test_the_picture_is_served_for_ever(
    program: Program, client: TestClient, picture: StepPicture
) -> None:
    digest = program.cards.show(picture).digest
    answer = client.get(f"/the/{digest}.png")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\x89PNG")
    headers = answer.headers
    assert headers["content-type"] == "image/png"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert client.get(f"/the/{digest}.png").content == answer.content


def test_a_published_step_is_there_before_anybody_asked(
    program: Program, client: TestClient, runtime: Runtime
) -> None:
    """As after a restart, when the browser has its transcript still."""
    content = program.publisher.content
    other = build(runtime.settings, runtime)
    picture = step_picture(content.guides["qr_pay"], 0, content.phrases.fill)
    digest = other.cards.show(picture).digest
    other.cards.stop()
    assert client.get(f"/the/{digest}.png").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["0" * 64, "x", "A" * 64, "..%2f..%2fkey", "%2e%2e/key", "0" * 64 + ".png", "é" * 64],
)
def test_a_card_there_never_was_is_not_found(client: TestClient, name: str) -> None:
    answer = client.get(f"/the/{name}.png")
    assert answer.status_code == 404
    if "cache-control" in answer.headers:
        assert answer.headers["cache-control"] == "no-store"


def test_a_card_that_cannot_be_drawn_is_not_found(
    program: Program, client: TestClient, picture: StepPicture
) -> None:
    digest = program.cards.show(replace(picture, text="dài quá " * 500)).digest
    assert client.get(f"/the/{digest}.png").status_code == 404


def test_only_looking_is_allowed(client: TestClient) -> None:
    assert client.post("/the/" + "0" * 64 + ".png").status_code == 405


async def test_the_terminal_says_what_the_picture_says(
    program: Program, picture: StepPicture
) -> None:
    terminal = TerminalChat(program.runtime, program.conversations, program.cards)
    write(program, ChatKey(TERMINAL, terminal._key.external_id), Reply("Bước 2", picture=picture))
    (reply,) = await terminal.new()
    assert reply.text == f"Bước 2\n\n[{program.cards.alt(picture)}]"
    assert reply.picture is None


def test_the_page_allows_its_own_pictures_only(client: TestClient) -> None:
    assert "img-src 'self' data:" in client.get("/").headers["content-security-policy"]
