"""The calls of the web chat: pace, cookie, bubbles, forgetting."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from bot.app import Program
from bot.channels.web.routes import CHANNEL, COOKIE
from bot.channels.web.stream import messages
from bot.domain.replies import Choice, Priority, Reply, encode_reply
from bot.models import schema
from bot.renderers.bubbles import BUBBLE_MOST, split
from bot.renderers.text import utf16_length
from bot.services.pace import Pace
from bot.services.posting import OUTBOX
from bot.store import inbox, outbox
from bot.store.inbox import ChatKey
from bot.store.outbox import NewMessage
from tests.support import SQLITE, Clock


def say(client: TestClient, number: uuid.UUID | None = None) -> tuple[int, str]:
    """Send a message; the status and when to try again."""
    body = {"id": str(number or uuid.uuid4()), "text": "chào"}
    answer = client.post("/chat/messages", json=body)
    return answer.status_code, answer.headers.get("retry-after", "")


@SQLITE
def test_too_fast_is_told_when_to_try_again(
    program: Program, client: TestClient, clock: Clock
) -> None:
    most = program.settings.web_messages_per_minute
    assert {say(client) for _ in range(most)} == {(202, "")}
    assert say(client) == (429, "60")
    clock.forward(59.5)
    assert say(client) == (429, "1")
    clock.forward(0.5)
    assert say(client) == (202, "")


@SQLITE
def test_while_the_database_is_away_a_page_is_told_to_come_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "put", away)
        assert say(client)[0] == 503
    assert say(client)[0] == 202


@given(
    st.integers(1, 5),
    st.lists(st.integers(0, 30_000).map(lambda ms: ms / 1000), min_size=1, max_size=60),
)
def test_pace_lets_through_no_more_and_waits_no_longer(most: int, gaps: list[float]) -> None:
    pace, now = Pace(most), 0.0
    sent: list[float] = []
    for gap in gaps:
        now += gap
        wait = pace.wait("x", now)
        recent = [at for at in sent if at > now - 60]
        assert (wait == 0) == (len(recent) < most)
        if wait == 0:
            sent.append(now)
        else:
            assert -1e-6 < now + wait - (recent[0] + 60) < 1 + 1e-6


def test_pace_forgets_the_oldest_chats() -> None:
    pace = Pace(1, remember=2)
    assert [pace.wait(chat, 0) for chat in ("a", "b", "c", "a")] == [0, 0, 0, 0]
    assert pace.wait("a", 0) == 60


@SQLITE
def test_who_comes_back_keeps_the_conversation(client: TestClient, clock: Clock) -> None:
    """Three years of coming back every eleven months."""
    first = client.post("/chat/open").json()
    for _ in range(4):
        clock.forward(timedelta(days=330).total_seconds())
        answer = client.post("/chat/open")
        assert answer.json() == first
        assert "Max-Age=31536000" in answer.headers["set-cookie"]
    clock.forward(timedelta(days=366).total_seconds())
    assert client.post("/chat/open").json() != first


@SQLITE
def test_forgetting_clears_what_the_page_cannot_reach(client: TestClient) -> None:
    answer = client.post("/chat/forget")
    assert answer.status_code == 204
    # "cookies" would sign out staff who use the same browser.
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert COOKIE not in client.cookies


@SQLITE
def test_the_same_message_twice_is_kept_once(program: Program, client: TestClient) -> None:
    number = uuid.uuid4()
    assert [say(client, number)[0] for _ in range(3)] == [202] * 3
    rows = program.runtime.db.read_now(lambda c: c.execute(schema.inbox.select()).all())
    assert [row.external_id.endswith(f":{number}") for row in rows].count(True) == 1


async def frames(program: Program, *replies: Reply) -> list[dict[str, object]]:
    """What an open page receives for these replies."""
    runtime = program.runtime
    now = runtime.now()
    rows = [NewMessage(runtime.vault.seal(encode_reply(r), OUTBOX), r.priority) for r in replies]

    def work(connection: Connection) -> int:
        chat = inbox.chat_id(connection, ChatKey(CHANNEL, "x"), now)
        outbox.add(connection, chat, 1, rows, now)
        return chat

    chat = runtime.db.write_now(work)
    stream = messages(runtime, program.hub, program.cards, chat, 0)
    found = []
    async for frame in stream:
        found += [json.loads(line[6:]) for line in frame.decode().split("\n") if "data: " in line]
        if len(found) == len(replies):
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return found


@SQLITE
async def test_long_texts_say_where_bubbles_begin(program: Program) -> None:
    text = "\n\n".join(f"🌾 Đoạn {n}: bác bấm nút xanh rồi chờ một lát." for n in range(40))
    long, short = await frames(
        program, Reply(text, (Choice("menu", "Về đầu"),)), Reply("Chào bác.")
    )
    assert "cuts" not in short
    units = text.encode("utf-16-le")
    ends = [0, *long["cuts"], len(units) // 2]  # type: ignore[misc]
    parts = [units[2 * a : 2 * b].decode("utf-16-le").strip() for a, b in pairwise(ends)]
    assert parts == split(text)
    assert max(map(utf16_length, parts)) <= BUBBLE_MOST
    assert long["text"] == text
    assert long["choices"] == [{"id": "menu", "label": "Về đầu"}]


@SQLITE
async def test_a_message_of_a_helper_is_marked(program: Program) -> None:
    helper, machine = await frames(
        program, Reply("Cô Ba: chào bác", priority=Priority.RELAY), Reply("Chào bác.")
    )
    assert helper["relay"] is True
    assert "relay" not in machine
