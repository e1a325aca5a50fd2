"""What people agree to is written down: what, when, in which words, and when they take it back."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.domain.data_effects import Consent
from bot.services.runtime import Runtime
from bot.store import consents
from bot.store.inbox import ChatKey
from tests.services.support import World, ask_for_help, web
from tests.support import Clock

BA = web("ba")


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


def agreed(world: World, key: ChatKey = BA) -> list[tuple[Consent, datetime | None]]:
    chat = world.chat(key)
    rows = world.do(lambda c: consents.of_chat(c, chat))
    return [(row.what, row.withdrawn_at) for row in rows]


async def test_a_request_by_phone_is_two_consents(world: World, clock: Clock) -> None:
    await ask_for_help(world, BA)
    assert agreed(world) == [(Consent.HANDOFF, None), (Consent.CALL, None)]
    chat = world.chat(BA)
    rows = world.do(lambda c: consents.of_chat(c, chat))
    assert {row.agreed_at for row in rows} == {clock()}
    assert len({row.wording for row in rows}) == 2
    assert all(len(row.wording) == 12 for row in rows)


async def test_asking_is_no_consent(world: World) -> None:
    await world.say(BA, "gặp người")
    await world.press(BA, "hand:no")
    await world.say(BA, "nhận cảnh báo")
    await world.press(BA, "alerts:no")
    assert agreed(world) == []


async def test_a_change_of_mind_takes_it_back(world: World, clock: Clock) -> None:
    await world.say(BA, "gặp người")
    await world.press(BA, "hand:yes")
    clock.forward(60)
    await world.press(BA, "hand:no")
    assert agreed(world) == [(Consent.HANDOFF, clock())]


async def test_for_somebody_else_is_another_consent(world: World) -> None:
    await world.say(BA, "gặp người")
    await world.press(BA, "hand:for:mother")
    await world.press(BA, "hand:yes")
    assert agreed(world) == [(Consent.HANDOFF_OTHER, None)]


async def test_alerts_are_agreed_to_and_ended(world: World, clock: Clock) -> None:
    await world.say(BA, "nhận cảnh báo")
    await world.press(BA, "alerts:everywhere")
    assert agreed(world) == [(Consent.ALERTS, None)]
    clock.forward(60)
    await world.say(BA, "dừng cảnh báo")
    assert agreed(world) == [(Consent.ALERTS, clock())]


async def test_an_erasure_leaves_none(world: World) -> None:
    await ask_for_help(world, BA)
    await world.say(BA, "xóa dữ liệu của tôi")
    await world.press(BA, "erase:yes")
    assert agreed(world) == []
