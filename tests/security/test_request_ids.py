"""One request can be followed through the log; what is handled later is named by its event."""

from __future__ import annotations

import json
import re

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from bot import logs
from bot.app import Program
from bot.domain import events as ev
from bot.services.runtime import Runtime
from bot.store import inbox
from tests.security.test_limits import telegram, update
from tests.services.support import World
from tests.services.support import telegram as person
from tests.support import SQLITE

DRAWN = re.compile(r"[0-9a-f]{16}")


def lines(written: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.splitlines() if line.startswith("{")]


def test_every_answer_has_a_name_of_its_own(site: FastAPI, client: TestClient) -> None:
    names = [
        client.get(path).headers.get_list("x-request-id")
        for path in ("/", "/", "/nothing", "/staff", "/metrics", "/readyz")
    ]
    assert all(len(each) == 1 and DRAWN.fullmatch(each[0]) for each in names)
    assert len({each[0] for each in names}) == len(names)


def test_what_is_kept_for_others_has_no_name(client: TestClient) -> None:
    page = client.get("/").text
    found = re.search(r"/static/[0-9a-f]+/[a-z]+\.js", page)
    assert found is not None
    file = client.get(found[0])
    assert file.status_code == 200
    assert "x-request-id" not in file.headers


@pytest.mark.parametrize("given", ["0123abcd" * 4, "a-b-c-d-1"])
def test_a_proxy_may_name_it(client: TestClient, given: str) -> None:
    assert client.get("/", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, 'a" error="made up', "có-dấu-đây".encode()]
)
def test_what_could_harm_the_log_is_no_name(client: TestClient, given: str | bytes) -> None:
    said = client.get("/", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert DRAWN.fullmatch(said)


def test_the_log_names_the_request(
    whole: Program,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")

    def away(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk I/O error"))

    monkeypatch.setattr(inbox, "put", away)
    headers = {"X-Telegram-Bot-Api-Secret-Token": "x", "X-Request-ID": "cafe" * 4}
    assert client.post("/telegram/webhook", headers=headers).status_code == 403
    assert telegram(client, update("câu hỏi thầm kín")) == 503
    found = [line for line in lines(capsys.readouterr().err) if "not kept" in str(line["event"])]
    assert len(found) == 1
    assert DRAWN.fullmatch(str(found[0]["request"]))
    assert "thầm" not in repr(found)


@SQLITE
async def test_an_event_handled_later_is_named_by_itself(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not by the request that happened to wake its chat."""
    world = World(runtime)
    logs.configure("debug")

    def broken(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(inbox, "handled", broken)
    await world.accept(person("501"), ev.Text("câu hỏi thầm kín"))
    await world.talk.idle()
    said = lines(capsys.readouterr().err)
    (row,) = world.in_rows(person("501"))
    kept = [line for line in said if line["event"] == "event kept"]
    failed = [line for line in said if line["event"] == "event failed"]
    assert [line["chat"] for line in kept] == [row.chat_id]
    assert {(line["chat"], line["inbox"]) for line in failed} == {(row.chat_id, row.id)}
    assert not any("request" in line for line in failed)
    assert "thầm" not in repr(said)
