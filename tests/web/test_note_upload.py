"""A voice note sent from the web chat: kept encrypted until the conversation has come to it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.app import Program
from bot.domain import events as ev
from bot.domain.voice import BYTES_MOST
from bot.models import schema
from bot.services.posting import open_event
from tests.support import SQLITE

pytestmark = SQLITE

NOTE = b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 8


@pytest.fixture
def program(program: Program) -> Program:
    """Another worker's chat: what was kept can be looked at before anybody comes to it."""
    program.conversations._stopping = True
    return program


def send(client: TestClient, data: bytes, number: str = "", seconds: str = "7") -> int:
    """Send a note; the status."""
    path = f"/chat/notes?seconds={seconds}&id={number or uuid.uuid4()}"
    answer = client.post(path, content=data)
    return int(answer.status_code)


def rows(program: Program, table: Any) -> list[Any]:
    return list(program.runtime.db.write_now(lambda c: c.execute(table.select()).all()))


def events(program: Program) -> list[ev.Event]:
    vault = program.runtime.vault
    return [open_event(vault, row.payload).event for row in rows(program, schema.inbox)]


def test_a_note_is_kept_with_its_event(program: Program, client: TestClient) -> None:
    number = str(uuid.uuid4())
    assert send(client, NOTE, number) == 202
    (kept,) = rows(program, schema.voice_notes)
    assert (kept.media, kept.ticket_id) == ("audio/webm", None)
    assert NOTE not in bytes(kept.payload)
    assert events(program)[-1] == ev.Attachment("voice", f"web:{kept.name}", seconds=7)
    # The same once more, as after an answer that was lost.
    assert send(client, NOTE, number) == 202
    assert len(rows(program, schema.voice_notes)) == 1


@pytest.mark.parametrize("seconds", ["", "x", "-3", "99999999", "1e9"])
def test_an_odd_length_is_none(program: Program, client: TestClient, seconds: str) -> None:
    assert send(client, NOTE, seconds=seconds) == 202
    event = events(program)[-1]
    assert isinstance(event, ev.Attachment)
    assert event.seconds == 0


def test_what_is_refused_leaves_nothing(program: Program, client: TestClient) -> None:
    assert send(client, bytes(BYTES_MOST + 1)) == 413
    assert send(client, NOTE, number="not-a-number") == 422
    headers = {"Origin": "https://evil.example"}
    path = f"/chat/notes?id={uuid.uuid4()}"
    assert client.post(path, content=NOTE, headers=headers).status_code == 403
    client.cookies.clear()
    assert send(client, NOTE) == 401
    assert rows(program, schema.voice_notes) == []
