"""What people are told, and given, of what is stored about them."""

from __future__ import annotations

import pytest

from bot.models.schema import metadata
from bot.services.runtime import Runtime
from bot.store import mine
from bot.store.inbox import ChatKey
from tests.privacy.tables import NOT_IN_THE_EXPORT
from tests.services.support import World, ask_for_help, telegram, web

BA, SAU = web("ba"), web("sau")


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


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
