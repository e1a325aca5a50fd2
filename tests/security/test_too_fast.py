"""Who sends more than is taken is told so, kindly and once; nothing is lost without a word."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from bot.domain import events as ev
from bot.domain.channels import TELEGRAM, ZALO_BOT, ZALO_OA
from bot.domain.tickets import TicketStatus
from bot.services.incoming import SOURCE
from bot.services.runtime import Runtime
from bot.store import inbox
from bot.store.inbox import ChatKey
from tests.services.support import World, group, telegram
from tests.support import SQLITE, Clock

MOST = 8
PERSON = telegram("501")
TOLD = "gửi nhiều tin nhanh quá"


@pytest.fixture
def world(runtime: Runtime) -> World:
    """Where an account may send eight messages a minute."""
    runtime.settings = runtime.settings.model_copy(update={"messages_per_minute": MOST})
    return World(runtime)


def told(world: World, key: ChatKey) -> list[str]:
    return [text for text in world.texts(key) if TOLD in text]


@SQLITE
@pytest.mark.parametrize("channel", [TELEGRAM, ZALO_OA, ZALO_BOT])
async def test_told_once_on_every_channel(world: World, channel: str) -> None:
    key = ChatKey(channel, "501")
    for number in range(MOST + 20):
        await world.say(key, f"câu hỏi {number}")
    said = world.texts(key)
    assert told(world, key) == [said[-1]]
    assert "chờ một phút rồi gửi lại" in said[-1]
    assert "113" in said[-1]
    assert [row.source for row in world.in_rows(key)] == [channel] * MOST + [SOURCE]


@SQLITE
async def test_a_minute_later_all_is_well_and_another_flood_is_told_again(
    world: World, clock: Clock
) -> None:
    for _ in range(MOST + 1):
        await world.say(PERSON, "chào")
    clock.forward(61)
    assert await world.accept(PERSON, ev.Text("chào"))
    await world.talk.idle()
    assert len(told(world, PERSON)) == 1
    for _ in range(MOST + 5):
        await world.say(PERSON, "chào")
    assert len(told(world, PERSON)) == 2


@SQLITE
async def test_what_is_under_way_is_as_it_was(world: World) -> None:
    """A request for help stands where it stood, and the numbers offered last still count."""
    for _ in range(MOST - 1):
        await world.say(PERSON, "chào")
    await world.say(PERSON, "gặp người")
    before = world.state(PERSON)
    assert before.offered
    await world.press(PERSON, "hand:yes")
    assert len(told(world, PERSON)) == 1
    assert world.state(PERSON) == before


@SQLITE
async def test_a_line_to_a_helper_is_not_lost_without_a_word(world: World) -> None:
    team = world.team()
    member = world.member(team, "Anh Tư", "900")
    world.open_ticket(900, PERSON, team)
    world.claim(900, member)
    await world.talk.idle()
    for number in range(MOST + 3):
        await world.say(PERSON, f"dòng {number}")
    assert world.ticket(900).status is TicketStatus.CLAIMED
    heard = "\n".join(world.texts(telegram("900")))
    assert f"dòng {MOST - 1}" in heard
    assert f"dòng {MOST}" not in heard
    assert "chưa chuyển cho ai" in told(world, PERSON)[0]


@SQLITE
async def test_helpers_and_groups_are_told_in_their_words(world: World) -> None:
    team = world.team()
    world.member(team, "Anh Tư", "900")
    helper = telegram("900")
    for _ in range(MOST + 3):
        await world.say(helper, "/phieu")
    assert [t for t in world.texts(helper) if "Anh/chị chờ một phút" in t] == world.texts(helper)[
        -1:
    ]


@SQLITE
async def test_in_a_group_each_counts_for_themselves(world: World) -> None:
    world.team(group="-5")
    key = group("-5")
    one, other = ev.Sender("1", "Một"), ev.Sender("2", "Hai")
    taken = [await world.accept(key, ev.Press("claim:1"), one) for _ in range(MOST + 2)]
    assert taken == [True] * MOST + [False] * 2
    assert await world.accept(key, ev.Press("claim:1"), other)
    await world.talk.idle()
    assert sum("bấm lại giúp" in text for text in world.texts(key)) == 1


@SQLITE
async def test_taking_back_consent_always_gets_through(world: World) -> None:
    key = ChatKey(ZALO_OA, "501")
    for _ in range(MOST + 1):
        await world.say(key, "chào")
    assert await world.accept(key, ev.Withdrawn())
    await world.talk.idle()
    assert world.chat_row(key).locality is None
    assert not world.state(key).greeted


@SQLITE
async def test_what_the_platform_repeats_counts_once(world: World) -> None:
    envelope = ev.Envelope(ev.Text("chào"))
    taken = [await world.talk.accept(PERSON, TELEGRAM, "7", envelope) for _ in range(MOST * 3)]
    assert sum(taken) == 1
    assert await world.accept(PERSON, ev.Text("chào"))
    await world.talk.idle()
    assert told(world, PERSON) == []


@SQLITE
async def test_what_could_not_be_kept_counts_for_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database is away the platform tries again and again."""

    def away(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "put", away)
        for _ in range(MOST * 3):
            with pytest.raises(OperationalError):
                await world.accept(PERSON, ev.Text("chào"))
    for _ in range(MOST):
        await world.say(PERSON, "chào")
    assert told(world, PERSON) == []
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "put", away)
        with pytest.raises(OperationalError):
            await world.accept(PERSON, ev.Text("chào"))
    # Not answered with 200, it comes again: only now is it left, and told.
    assert not await world.accept(PERSON, ev.Text("chào"))
    await world.talk.idle()
    assert len(told(world, PERSON)) == 1


@SQLITE
async def test_two_processes_tell_once(world: World) -> None:
    second = world.worker("two")
    for _ in range(MOST + 2):
        await world.say(PERSON, "chào")
    for _ in range(MOST + 2):
        await world.accept(PERSON, ev.Text("chào"), worker=second)
    await asyncio.gather(world.talk.idle(), second.idle())
    assert len(told(world, PERSON)) == 1
