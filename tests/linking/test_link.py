"""Linking with a code: given, typed, confirmed; and everything a code alone does not do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.linking import VALID, WRONG_MOST, WRONG_MOST_ALL
from bot.models import schema
from bot.services.runtime import Runtime
from bot.store import linking
from bot.store.inbox import ChatKey
from tests.linking.people import (
    OTHER,
    PHONE,
    WEB,
    ZALO,
    asked,
    code,
    confirm,
    link,
    others,
    rows,
    said,
)
from tests.services.support import World, telegram
from tests.support import SQLITE, Clock


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


async def test_two_chats_are_linked_by_a_code_and_a_yes(world: World) -> None:
    await asked(world, WEB, PHONE)
    assert said(world, PHONE, "link_sent", minutes=10)
    assert "Telegram" in world.texts(WEB)[-1]
    assert "9 giờ 30 hôm nay" in world.texts(WEB)[-1]
    assert others(world, WEB) == set()
    await confirm(world, WEB)
    assert others(world, WEB) == {"telegram"}
    assert others(world, PHONE) == {"web"}
    assert said(world, WEB, "link_made", channel="Telegram")
    assert said(world, PHONE, "link_made", channel="trang web")


async def test_the_code_warns_and_is_kept_as_a_hash_only(world: World) -> None:
    given = await code(world, WEB)
    assert "Đừng đọc mã" in world.texts(WEB)[-1]
    query = schema.link_codes.select()
    kept = world.do(lambda c: c.execute(query).one())
    assert given not in str(kept)
    assert len(kept.code_hash) == 64


@SQLITE
@pytest.mark.parametrize("typed", ["{} ", "ma {}", "mã liên kết: {}", "Liên kết {}"])
async def test_a_code_may_be_typed_in_many_ways(world: World, typed: str) -> None:
    given = await code(world, WEB)
    await world.say(PHONE, typed.format(f"{given[:3].lower()} {given[3:]}"))
    assert said(world, PHONE, "link_sent", minutes=10)


async def test_no_means_no_and_nothing_was_shown(world: World) -> None:
    await asked(world, WEB, PHONE)
    await confirm(world, WEB, "no")
    assert others(world, WEB) == set()
    assert said(world, WEB, "link_no")
    assert said(world, PHONE, "link_refused")
    assert rows(world, "people") == rows(world, "linked_chats") == 0


@SQLITE
async def test_the_answer_may_be_typed(world: World) -> None:
    await asked(world, WEB, PHONE)
    await world.say(WEB, "dong y lien ket")
    assert others(world, WEB) == {"telegram"}


@SQLITE
@pytest.mark.parametrize("text", ["có", "ừ", "đúng rồi"])
async def test_a_bare_yes_is_not_enough(world: World, text: str) -> None:
    await asked(world, WEB, PHONE)
    await world.say(WEB, text)
    assert others(world, WEB) == set()


async def test_a_code_is_good_once(world: World) -> None:
    given = await code(world, WEB)
    await world.say(PHONE, given)
    await confirm(world, WEB, "no")
    await world.say(OTHER, given)
    assert said(world, OTHER, "link_wrong", minutes=10, left=4)


async def test_a_code_is_good_for_ten_minutes(world: World, clock: Clock) -> None:
    given = await code(world, WEB)
    clock.forward(VALID.total_seconds())
    await world.say(PHONE, given)
    assert said(world, PHONE, "link_wrong", minutes=10, left=4)


@SQLITE
async def test_a_confirmation_comes_too_late_after_ten_minutes(world: World, clock: Clock) -> None:
    await asked(world, WEB, PHONE)
    clock.forward(VALID.total_seconds())
    await confirm(world, WEB)
    assert said(world, WEB, "link_late")
    assert others(world, WEB) == set()


@SQLITE
async def test_a_new_code_ends_the_one_before(world: World) -> None:
    old = await code(world, WEB)
    await code(world, WEB)
    await world.say(PHONE, old)
    assert said(world, PHONE, "link_wrong", minutes=10, left=4)


@SQLITE
async def test_the_yes_of_another_chat_is_none(world: World) -> None:
    await asked(world, WEB, PHONE)
    pressed = next(c for c in world.state(WEB).offered if c.startswith("link:yes:"))
    for stranger in (PHONE, OTHER):
        await world.press(stranger, pressed)
        assert said(world, stranger, "link_late")
    assert others(world, WEB) == set()


@SQLITE
async def test_a_yes_counts_once(world: World) -> None:
    await link(world, WEB, PHONE)
    await world.say(WEB, "thôi liên kết")
    await world.say(WEB, "đồng ý liên kết")
    assert said(world, WEB, "link_late")
    assert others(world, WEB) == set()


async def test_five_wrong_codes_an_hour(world: World, clock: Clock) -> None:
    for _ in range(WRONG_MOST):
        await world.say(PHONE, "A3A3A3")
    given = await code(world, WEB)
    await world.say(PHONE, given)
    assert said(world, PHONE, "link_blocked")
    assert rows(world, "link_tries") == WRONG_MOST
    clock.forward(timedelta(hours=1).total_seconds())
    await world.say(PHONE, await code(world, WEB))
    assert said(world, PHONE, "link_sent", minutes=10)


@SQLITE
async def test_an_erasure_gives_no_new_tries(world: World) -> None:
    for _ in range(WRONG_MOST):
        await world.say(PHONE, "A3A3A3")
    await world.say(PHONE, "xóa dữ liệu của tôi")
    await world.press(PHONE, "erase:yes")
    await world.say(PHONE, "A3A3A3")
    assert said(world, PHONE, "link_blocked")


@SQLITE
async def test_all_chats_together_have_a_limit(world: World) -> None:
    now = world.runtime.now()
    for number in range(WRONG_MOST_ALL):
        world.do(lambda c, n=number: linking.missed(c, f"{n}", now))  # type: ignore[misc]
    await world.say(PHONE, await code(world, WEB))
    assert said(world, PHONE, "link_busy")


@SQLITE
async def test_a_wrong_code_counts_in_a_talk_with_a_helper_too(world: World) -> None:
    team = world.team()
    world.open_ticket(7, WEB, team)
    world.claim(7, world.member(team, "Anh Hùng", "900"))
    await world.talk.idle()
    await world.say(WEB, "A3A3A3")
    assert rows(world, "link_tries") == 1
    assert not said(world, WEB, "link_wrong", minutes=10, left=4)


@SQLITE
async def test_what_was_given_here_is_not_for_here(world: World) -> None:
    await world.say(WEB, await code(world, WEB))
    assert said(world, WEB, "link_own")


@SQLITE
async def test_linked_already_and_linked_with_another(world: World) -> None:
    await link(world, WEB, PHONE)
    await world.say(PHONE, await code(world, WEB))
    assert said(world, PHONE, "link_same")
    await world.say(PHONE, await code(world, OTHER))
    assert said(world, PHONE, "link_taken", channels="trang web")


@SQLITE
async def test_at_most_four_chats(world: World) -> None:
    for key in (PHONE, ZALO, telegram("502")):
        await link(world, WEB, key)
    await world.say(WEB, "liên kết")
    assert said(world, WEB, "link_full", most=4)


async def test_either_side_ends_it(world: World) -> None:
    for here, there, name in ((WEB, PHONE, "Telegram"), (PHONE, WEB, "trang web")):
        await link(world, WEB, PHONE)
        await world.say(here, "thôi liên kết")
        assert said(world, here, "unlinked", channels=name)
        other = {"Telegram": "trang web", "trang web": "Telegram"}[name]
        assert said(world, there, "link_ended", channel=other)
        assert others(world, WEB) == others(world, PHONE) == set()
        assert rows(world, "people") == rows(world, "linked_chats") == 0
    await world.say(WEB, "thôi liên kết")
    assert said(world, WEB, "unlink_none")


async def test_one_of_three_leaves(world: World) -> None:
    await link(world, WEB, PHONE)
    await link(world, WEB, ZALO)
    await world.say(WEB, "thôi liên kết")
    assert others(world, PHONE) == {"zalo_bot"}
    assert rows(world, "people") == 1


def test_a_group_is_nobody(world: World) -> None:
    team, one = ChatKey("telegram", "-5", is_group=True), world.chat(WEB)
    group, now = world.chat(team), world.runtime.now()
    assert not world.do(lambda c: linking.join(c, one, group, now))
    assert not world.do(lambda c: linking.join(c, group, one, now))
    assert rows(world, "people") == 0
