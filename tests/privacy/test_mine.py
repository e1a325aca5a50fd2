"""What people are told, and given, of what is stored about them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from bot.app import Program, build, make_app
from bot.channels.web.routes import CHANNEL
from bot.models import schema
from bot.models.schema import metadata
from bot.services.runtime import Runtime
from bot.store import mine
from bot.store.inbox import ChatKey
from tests.privacy.tables import NOT_IN_THE_EXPORT
from tests.services.support import World, telegram, web
from tests.support import SQLITE, Clock

BA, SAU = web("ba"), web("sau")


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


async def ask_for_help(world: World, key: ChatKey, phone: str = "0900000001") -> None:
    await world.say(key, "gặp người")
    await world.press(key, "hand:yes")
    await world.say(key, "cô Ba")
    await world.press(key, "hand:phone")
    await world.say(key, phone)
    await world.press(key, "hand:when:any")
    await world.press(key, "hand:nocommune")


# In chat ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["tôi đã gửi những gì", "toi da gui nhung gi", "/dulieu"])
async def test_everybody_can_ask_what_is_stored(world: World, asked: str) -> None:
    await world.say(BA, "làm sao để xem bão")
    await world.say(BA, "số cccd 001099000001 của tôi")
    await ask_for_help(world, BA)
    await world.say(BA, asked)
    told = world.replies(BA)[-1]
    assert "2 câu" in told.text
    assert "1 phiếu gặp người, 1 phiếu chưa xong" in told.text
    assert "cô Ba" in told.text
    assert "…001" in told.text
    assert "0900000001" not in told.text
    assert f"{world.runtime.settings.retention_days} ngày" in told.text
    assert told.choices[0].id == "erase:ask"


async def test_it_leads_to_an_erasure(world: World) -> None:
    await world.say(BA, "tôi đã gửi những gì")
    await world.press(BA, "erase:ask")
    assert "erase:yes" in [choice.id for choice in world.replies(BA)[-1].choices]
    await world.press(BA, "erase:yes")
    await world.say(BA, "tôi đã gửi những gì")
    assert "0 câu" in world.texts(BA)[-1]


async def test_nobody_is_told_of_somebody_else(world: World) -> None:
    await ask_for_help(world, SAU)
    await world.say(BA, "tôi đã gửi những gì")
    assert "cô Ba" not in world.texts(BA)[-1]
    assert "phiếu" not in world.texts(BA)[-1]


async def test_in_a_group_nothing_is_told(world: World) -> None:
    world.team()
    group = ChatKey("telegram", "-1", is_group=True)
    await world.say(group, "tôi đã gửi những gì")
    assert world.texts(group) == []


async def test_where_there_is_no_page_no_file_is_spoken_of(world: World) -> None:
    await world.say(telegram("7"), "tôi đã gửi những gì")
    assert "Tải dữ liệu" not in world.texts(telegram("7"))[-1]
    await world.say(BA, "tôi đã gửi những gì")
    assert "Tải dữ liệu" in world.texts(BA)[-1]


# As a file --------------------------------------------------------------------------------------


@pytest.fixture
def program(runtime: Runtime) -> Iterator[Program]:
    made = build(runtime.settings, runtime)
    yield made
    made.cards.stop()


@pytest.fixture
def client(program: Program) -> Iterator[TestClient]:
    with TestClient(make_app(program)) as made:
        made.post("/chat/open")
        yield made


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
    for part in ("&lt;b&gt;xem&lt;/b&gt;", "cô Ba", "0900000001", "đang chờ", "khắp nơi"):
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


# Completeness -----------------------------------------------------------------------------------


def test_every_table_is_in_the_export_or_named_with_the_reason() -> None:
    read = {table.name for table in mine.READ}
    assert read | NOT_IN_THE_EXPORT.keys() == set(metadata.tables)
    assert read & NOT_IN_THE_EXPORT.keys() == set()
    assert all(len(why) > 10 for why in NOT_IN_THE_EXPORT.values())
    # Whatever is tied to a chat is somebody's.
    tied = {
        name
        for name, table in metadata.tables.items()
        if any(key.column.table.name == "chats" for key in table.foreign_keys)
    }
    assert tied - read <= {"inbox", "outbox", "link_codes", "cluster_reply_chats"}
