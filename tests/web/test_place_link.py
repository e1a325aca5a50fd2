"""/?loc=… on the web: the browser tells the place as the start of the conversation."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from bot.app import build, make_app
from bot.domain import events as ev
from bot.models import schema
from bot.services.posting import INBOX
from bot.services.runtime import Runtime
from tests.support import SQLITE

pytestmark = SQLITE


@pytest.fixture
def client(runtime: Runtime) -> Iterator[TestClient]:
    program = build(runtime.settings, runtime)
    with TestClient(make_app(program)) as made:
        made.post("/chat/open", json={})
        yield made
    program.cards.stop()


def send(client: TestClient, **body: object) -> int:
    answer = client.post("/chat/messages", json={"id": str(uuid.uuid4()), **body})
    return int(answer.status_code)


def test_a_place_is_kept_as_a_start(client: TestClient, runtime: Runtime) -> None:
    number = str(uuid.uuid4())
    for _ in range(2):
        assert (
            client.post(
                "/chat/messages", json={"id": number, "start": "loc_96_32236_rach-goc"}
            ).status_code
            == 202
        )
    box = schema.inbox
    rows = runtime.db.read_now(lambda c: c.execute(box.select().order_by(box.c.id)).all())
    events = [
        ev.decode(runtime.vault.open(row.payload, INBOX)).event for row in rows if row.payload
    ]
    assert events.count(ev.Start("loc_96_32236_rach-goc")) <= 1
    assert len(rows) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"start": "join_abc"},
        {"start": ""},
        {"start": "loc_<b>"},
        {"start": "loc_" + "9" * 80},
        {"start": "loc_96", "text": "x"},
        {"start": "loc_96", "choice": "menu"},
        {},
    ],
)
def test_anything_else_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert send(client, **body) == 422


def test_the_page_knows_the_parameter(client: TestClient) -> None:
    script = re.search(r'src="(/static/\w+/chat\.js)"', client.get("/").text)
    assert script
    assert "get('loc')" in client.get(script[1]).text
