"""What is stored of somebody, as a file for whoever holds the cookie."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from bot.app import Program
from bot.channels.web.routes import CHANNEL
from bot.models import schema
from bot.services.runtime import Runtime
from bot.store.inbox import ChatKey
from tests.services.support import World, ask_for_help
from tests.support import SQLITE, Clock


def own_chat(client: TestClient, program: Program) -> ChatKey:
    newest = program.runtime.db.read_now(
        lambda c: c.execute(schema.chats.select().order_by(schema.chats.c.id.desc())).first()
    )
    assert newest is not None
    return ChatKey(CHANNEL, newest.external_id)


@SQLITE
async def test_the_file_has_everything_for_the_holder_of_the_cookie(
    runtime: Runtime, program: Program, client: TestClient
) -> None:
    world = World(runtime)
    key = own_chat(client, program)
    await world.say(key, "làm sao để <b>xem</b> bão")
    await ask_for_help(world, key)
    await world.say(key, "nhận cảnh báo")
    await world.press(key, "alerts:everywhere")
    answer = client.post("/chat/mine")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="du-lieu-cua-toi.html"'
    assert answer.headers["cache-control"] == "no-store"
    page = answer.text
    for part in ("&lt;b&gt;xem&lt;/b&gt;", "cô Ba", "0900000001", "đang chờ", "chung cả nước"):
        assert part in page
    assert "<b>xem" not in page
    assert page.count("bản lời hỏi") == 3
    assert not re.search(r"<(?:script|link|img)|https?://", page)


@SQLITE
def test_the_file_is_nobody_elses(program: Program, client: TestClient) -> None:
    assert client.get("/chat/mine").status_code == 405
    other = {"Origin": "https://elsewhere.example"}
    assert client.post("/chat/mine", headers=other).status_code == 403
    assert client.post("/chat/mine", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    cookies = dict(client.cookies)
    client.cookies.clear()
    assert client.post("/chat/mine").status_code == 401
    forged = {name: value[:-2] + "xx" for name, value in cookies.items()}
    assert client.post("/chat/mine", cookies=forged).status_code == 401


@SQLITE
def test_the_file_is_not_made_again_and_again(client: TestClient, clock: Clock) -> None:
    assert {client.post("/chat/mine").status_code for _ in range(10)} == {200}
    refused = client.post("/chat/mine")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    clock.forward(3600)
    assert client.post("/chat/mine").status_code == 200
