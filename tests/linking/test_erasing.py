"""Erasing what is linked: everywhere or only here, after asking once."""

from __future__ import annotations

import pytest

from bot.domain import events as ev
from bot.domain.tickets import TicketStatus
from bot.services.runtime import Runtime
from tests.linking.people import OTHER, PHONE, WEB, ZALO, code, link, others, rows, said
from tests.services.support import World
from tests.support import SQLITE


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


async def two(world: World) -> None:
    await world.press(WEB, "guide:qr_pay")
    team = world.team()
    world.open_ticket(7, WEB, team)
    world.open_ticket(8, PHONE, team)
    await link(world, WEB, PHONE)


async def test_everything_is_erased_everywhere_after_asking_once(world: World) -> None:
    await two(world)
    await world.say(PHONE, "xóa dữ liệu của tôi")
    assert said(world, PHONE, "erase_ask_linked", channels="trang web")
    await world.press(PHONE, "erase:all")
    for key in (WEB, PHONE):
        assert world.state(key).session is None
        assert others(world, key) == set()
    assert said(world, PHONE, "erase_done_all", channels="trang web")
    assert said(world, WEB, "erase_done_elsewhere", channel="Telegram")
    for number in (7, 8):
        assert world.ticket(number).status is TicketStatus.CANCELLED
        assert world.ticket(number).name == ""
    assert rows(world, "people") == rows(world, "linked_chats") == rows(world, "link_codes") == 0


async def test_only_here(world: World) -> None:
    await two(world)
    await world.say(PHONE, "xóa khỏi máy này")
    await world.press(PHONE, "erase:yes")
    assert world.state(PHONE).session is None
    assert world.state(WEB).session is not None
    assert world.ticket(7).status is TicketStatus.WAITING
    assert world.ticket(8).status is TicketStatus.CANCELLED
    assert said(world, WEB, "link_ended", channel="Telegram")
    assert rows(world, "people") == 0


@SQLITE
async def test_an_old_button_erases_nothing(world: World) -> None:
    await two(world)
    await world.press(PHONE, "erase:all")
    assert others(world, PHONE) == {"web"}
    assert said(world, PHONE, "erase_ask_linked", channels="trang web")


@SQLITE
async def test_a_third_chat_is_erased_too(world: World) -> None:
    await two(world)
    await link(world, WEB, ZALO)
    await world.say(WEB, "xóa dữ liệu của tôi")
    await world.press(WEB, "erase:all")
    for key in (PHONE, ZALO):
        assert said(world, key, "erase_done_elsewhere", channel="trang web")


@SQLITE
async def test_consent_taken_back_at_the_platform_is_for_that_chat(world: World) -> None:
    await two(world)
    await world.accept(PHONE, ev.Withdrawn())
    await world.talk.idle()
    assert world.ticket(8).status is TicketStatus.CANCELLED
    assert world.ticket(7).status is TicketStatus.WAITING
    assert others(world, WEB) == set()
    assert said(world, WEB, "link_ended", channel="Telegram")


@SQLITE
async def test_a_code_given_before_is_gone(world: World) -> None:
    given = await code(world, WEB)
    await world.say(WEB, "xóa dữ liệu của tôi")
    await world.press(WEB, "erase:yes")
    await world.say(OTHER, given)
    assert said(world, OTHER, "link_wrong", minutes=10, left=4)
