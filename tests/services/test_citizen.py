"""What citizens do with their requests, on real databases: who is told, and what is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain import events as ev
from bot.domain.effects import CorrectTicket
from bot.domain.tickets import TicketStatus, TicketView
from bot.models import schema
from bot.services.amending import correct
from bot.services.handoff import Desk
from bot.services.passing import Passing
from bot.store import ticket_events, tickets
from tests.services.support import World, group, telegram, web

CITIZEN, HELPER = web("citizen"), telegram("501")
HERE, THERE = "96.32083", "96.32236"


@pytest.fixture
def team(world: World) -> int:
    return world.team()


@pytest.fixture
def hoa(world: World, team: int) -> int:
    return world.member(team, "Hoa", "501")


async def claimed(world: World, team: int, hoa: int, number: int = 900) -> int:
    world.open_ticket(number, CITIZEN, team)
    world.claim(number, hoa)
    await world.talk.idle()
    return number


def row(world: World, number: int) -> Any:
    query = select(schema.tickets).where(schema.tickets.c.id == number)
    return world.do(lambda c: c.execute(query).one())


def kinds(world: World, number: int) -> list[str]:
    events = world.do(lambda c: ticket_events.timeline(c, world.runtime.vault, number))
    return [event.kind for event in events]


def mine(world: World) -> TicketView:
    chat = world.chat(CITIZEN)
    (found,) = world.do(lambda c: tickets.of_chat(c, world.runtime.vault, chat))
    return found


async def test_asking_to_be_called_for_somebody_else(world: World, team: int) -> None:
    await world.say(CITIZEN, "gọi cho tôi")
    for choice in ("hand:other", "hand:for:mother", "hand:yes"):
        await world.press(CITIZEN, choice)
    await world.say(CITIZEN, "0900 000 001")
    await world.say(CITIZEN, "sau 5 giờ chiều")
    await world.press(CITIZEN, "hand:nocommune")
    ticket = mine(world)
    assert (ticket.phone, ticket.call_requested, ticket.whom) == ("0900000001", True, "má (mẹ)")
    assert ticket.call_when.startswith("sau 5 giờ chiều")
    assert ticket.for_other
    stored = row(world, ticket.id)
    assert stored.consent_at == world.runtime.now()
    assert b"0900000001" not in stored.contact
    assert "má" not in repr(dict(stored._mapping))


async def test_what_is_added_waits_for_whoever_takes_it(world: World, team: int, hoa: int) -> None:
    world.open_ticket(900, CITIZEN, team)
    await world.talk.idle()
    await world.say(CITIZEN, "bổ sung: máy tôi là Nokia")
    lines = world.do(lambda c: tickets.thread(c, world.runtime.vault, 900))
    assert [line.text for line in lines] == ["máy tôi là Nokia"]
    await world.press(group(), "claim:900", ev.Sender("501", "Hoa"))
    assert "máy tôi là Nokia" in world.texts(HELPER)[-1]


async def test_a_correction_reaches_the_holder_and_no_log(
    world: World, team: int, hoa: int
) -> None:
    await claimed(world, team, hoa)
    await world.say(CITIZEN, "sửa số điện thoại 0900000002")
    assert world.ticket(900).phone == "0900000002"
    assert "0900000002" in world.texts(HELPER)[-1]
    assert "0900000002" not in "\n".join(world.texts(group()))
    events = world.do(lambda c: ticket_events.timeline(c, world.runtime.vault, 900))
    (event,) = [e for e in events if e.kind == "corrected"]
    assert event.data == {"what": ["phone"]}
    await world.say(CITIZEN, "sửa tên: cô Tư")
    assert (world.ticket(900).name, world.ticket(900).phone) == ("cô Tư", "0900000002")


async def test_nobody_corrects_another_persons_ticket(world: World, team: int) -> None:
    world.open_ticket(900, CITIZEN, team)
    change = CorrectTicket(900, name="kẻ lạ", phone="0900000009")
    own, other = world.chat(CITIZEN), world.chat(web("other"))
    now = world.runtime.now()

    def work(c: Any, chat: int) -> bool:
        desk = Desk(c, world.runtime.vault, now, "x", world.runtime.plan)
        return correct(c, world.runtime.vault, desk.mover, chat, change)

    assert not world.do(lambda c: work(c, other))
    assert world.ticket(900).name == "Bà Sáu"
    world.do(lambda c: Desk(c, world.runtime.vault, now, "y", world.runtime.plan).cancel(900))
    assert not world.do(lambda c: work(c, own))
    assert "corrected" not in kinds(world, 900)


def local_team(world: World, name: str, code: str, group_id: str) -> int:
    now = world.runtime.now()

    def work(c: Any) -> int:
        team = tickets.add_team(c, name, "x", group_id, now)
        c.execute(
            update(schema.teams).where(schema.teams.c.id == team).values(rung="commune", key=name)
        )
        c.execute(schema.team_coverage.insert().values(team_id=team, locality_code=code))
        return team

    return world.do(work)


async def test_a_corrected_place_takes_it_to_the_right_team(world: World) -> None:
    wrong = local_team(world, "Tổ đây", HERE, "-1")
    right = local_team(world, "Tổ kia", THERE, "-2")
    world.member(wrong, "Hoa", "501")
    world.member(right, "Lan", "601")
    world.open_ticket(900, CITIZEN, wrong)
    await world.talk.idle()
    assert world.ticket(900).team_id == wrong
    change = CorrectTicket(900, commune="xã Tân Ân", locality=THERE)
    chat, now = world.chat(CITIZEN), world.runtime.now()

    def work(c: Any) -> set[int]:
        desk = Desk(c, world.runtime.vault, now, "fix", world.runtime.plan)
        assert correct(c, world.runtime.vault, desk.mover, chat, change)
        return desk.wake

    for told in world.do(work):
        world.talk.wake(told)
    await world.talk.idle()
    ticket = world.ticket(900)
    assert (ticket.team_id, ticket.locality, ticket.due is not None) == (right, THERE, True)
    assert "Tổ kia" in world.texts(CITIZEN)[-1]
    assert "900" in world.texts(group("-2"))[-1]
    assert "Tổ kia" in world.texts(group("-1"))[-1]


async def test_what_was_closed_is_seen_for_some_days_and_can_be_opened_again(
    world: World, team: int, hoa: int
) -> None:
    await claimed(world, team, hoa)
    await world.say(HELPER, "xong 900")
    await world.press(CITIZEN, "rate:900:1")
    assert row(world, 900).rating == 1
    await world.press(CITIZEN, "reopen:900")
    assert world.ticket(900).status is TicketStatus.CLAIMED
    assert world.state(CITIZEN).relay is not None
    assert "reopened" in kinds(world, 900)
    await world.say(CITIZEN, "kết thúc")
    await world.press(CITIZEN, "drop:900")
    await world.press(CITIZEN, "dropped:900")
    chat = world.chat(CITIZEN)
    since = world.runtime.now() - world.runtime.plan.rules.reopen

    def known(later: timedelta) -> int:
        return len(
            world.do(lambda c: tickets.recent_of_chat(c, world.runtime.vault, chat, since + later))
        )

    assert known(timedelta()) == 1
    assert known(world.runtime.plan.rules.reopen + timedelta(seconds=1)) == 0


async def test_a_sentence_on_the_help_is_kept_sealed(world: World, team: int, hoa: int) -> None:
    await claimed(world, team, hoa)
    await world.say(HELPER, "xong 900")
    await world.press(CITIZEN, "rate:900:5")
    await world.press(CITIZEN, "hand:note:900")
    await world.say(CITIZEN, "chị Hoa tận tình")
    stored = row(world, 900)
    assert stored.rating == 5
    assert b"Hoa" not in stored.rating_note
    assert world.runtime.vault.open(stored.rating_note, "ticket.rating_note").decode() == (
        "chị Hoa tận tình"
    )


async def test_words_to_somebody_who_erased_everything_are_dropped(
    world: World, team: int, hoa: int
) -> None:
    await claimed(world, team, hoa)
    late = world.ticket(900)
    await world.say(CITIZEN, "xóa dữ liệu của tôi")
    await world.press(CITIZEN, "erase:yes")
    before = world.texts(CITIZEN)
    told = len(world.texts(HELPER))
    now = world.runtime.now()

    def work(c: Any) -> set[int]:
        # The helper's page still showed the ticket as open.
        desk = Desk(c, world.runtime.vault, now, "late", world.runtime.plan)
        desk.say_to_citizen(late, "Bác còn đó không?")
        return desk.wake

    for chat in world.do(work):
        world.talk.wake(chat)
    await world.talk.idle()
    assert world.texts(CITIZEN) == before
    assert len(world.texts(HELPER)) == told + 1
    assert "900" in world.texts(HELPER)[-1]


async def test_a_visit_put_to_another_time_is_told_as_such(
    world: World, team: int, hoa: int
) -> None:
    await claimed(world, team, hoa)
    now = world.runtime.now()
    for days in (1, 2):

        def work(c: Any, at: Any, name: str) -> set[int]:
            desk = Passing(c, world.runtime.vault, now, name, world.runtime.plan)
            assert desk.set_visit(900, at)
            return desk.wake

        at = now + timedelta(days=days)
        for chat in world.do(lambda c, a=at, n=f"visit{days}": work(c, a, n)):  # type: ignore[misc]
            world.talk.wake(chat)
        await world.talk.idle()
    said = [text for text in world.texts(CITIZEN) if "hẹn" in text]
    assert "đổi giờ" not in said[0]
    assert "đổi giờ" in said[-1]
