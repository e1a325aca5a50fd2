"""What goes along: walks, what was finished, homes, tickets; and what stays when the link ends."""

from __future__ import annotations

import pytest

from bot.domain.tickets import TicketStatus
from bot.models import schema
from bot.services.runtime import Runtime
from bot.store.inbox import ChatKey
from tests.linking.people import OTHER, PHONE, WEB, asked, link, said
from tests.services.support import World, telegram
from tests.support import SQLITE, Clock

LEVEL_2, QR = "vneid_level_2", "qr_pay"


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


async def walk(world: World, key: ChatKey, guide: str, steps: int) -> None:
    """Begin a guide and come so far."""
    await world.press(key, f"guide:{guide}")
    for _ in range(20):
        session = world.state(key).session
        assert session is not None
        if session.step >= steps and not any(
            c.startswith("case:") for c in world.state(key).offered
        ):
            return
        await world.press(key, world.state(key).offered[0])


def at(world: World, key: ChatKey) -> tuple[str, int] | None:
    session = world.state(key).session
    return (session.guide_id, session.step) if session else None


async def test_a_walk_goes_on_where_it_was_left(world: World) -> None:
    await walk(world, WEB, QR, 1)
    await link(world, WEB, PHONE)
    assert at(world, PHONE) == (QR, 1)
    await world.say(PHONE, "tiếp")
    assert at(world, PHONE) == at(world, WEB) == (QR, 2)


async def test_of_two_open_walks_the_newer_is_open_and_the_other_put_aside(world: World) -> None:
    await walk(world, WEB, QR, 1)
    await walk(world, PHONE, "scam_link", 0)
    await link(world, WEB, PHONE)
    for key in (WEB, PHONE):
        assert at(world, key) == ("scam_link", 0)
        assert [(w.guide_id, w.step) for w in world.state(key).parked] == [(QR, 1)]


@SQLITE
async def test_of_one_guide_the_further_walk_counts(world: World) -> None:
    await walk(world, WEB, QR, 2)
    await walk(world, PHONE, QR, 0)
    await link(world, WEB, PHONE)
    assert at(world, WEB) == at(world, PHONE) == (QR, 2)
    assert world.state(PHONE).parked == ()


@SQLITE
async def test_what_was_finished_is_finished_on_both(world: World, clock: Clock) -> None:
    for key, guide in ((WEB, QR), (PHONE, "scam_link")):
        await world.press(key, f"guide:{guide}")
        for _ in range(20):
            if world.state(key).session is None:
                break
            await world.press(key, world.state(key).offered[0])
    await link(world, WEB, PHONE)
    for key in (WEB, PHONE):
        assert set(world.state(key).finished) == {QR, "scam_link"}


@SQLITE
async def test_a_walk_stopped_on_one_is_stopped_on_both(world: World) -> None:
    await walk(world, WEB, QR, 1)
    await link(world, WEB, PHONE)
    await world.say(PHONE, "thôi")
    assert at(world, WEB) is at(world, PHONE) is None


async def test_after_the_link_ended_nothing_goes_along(world: World) -> None:
    await walk(world, WEB, QR, 1)
    await link(world, WEB, PHONE)
    await world.say(WEB, "thôi liên kết")
    await world.say(PHONE, "tiếp")
    assert at(world, PHONE) == (QR, 2)
    assert at(world, WEB) == (QR, 1)


async def test_nothing_is_carried_before_the_yes(world: World) -> None:
    await walk(world, WEB, QR, 1)
    world.open_ticket(7, WEB, world.team())
    await asked(world, WEB, OTHER)
    await world.say(OTHER, "phiếu của tôi")
    assert world.state(OTHER).session is None
    assert not any("số 7" in text for text in world.texts(OTHER))


# Tickets -----------------------------------------------------------------------------------------


async def ticket(world: World) -> int:
    """A ticket of the web chat, in the hands of a member."""
    team = world.team()
    member = world.member(team, "Anh Hùng", "900")
    world.open_ticket(7, WEB, team)
    world.claim(7, member)
    await world.talk.idle()
    return member


async def test_a_ticket_is_seen_and_talked_of_on_both(world: World) -> None:
    await ticket(world)
    await link(world, WEB, PHONE)
    await world.say(PHONE, "phiếu của tôi")
    assert "Anh Hùng" in world.texts(PHONE)[-1]
    await world.press(PHONE, "talk:7")
    await world.say(PHONE, "Máy tôi báo lỗi")
    assert any("Máy tôi báo lỗi" in text for text in world.texts(telegram("900")))
    await world.say(telegram("900"), "Bác thử lại nhé")
    assert "Anh Hùng: Bác thử lại nhé" in world.texts(PHONE)[-1]
    assert not any("Bác thử lại nhé" in text for text in world.texts(WEB))


async def test_a_helper_is_answered_to_where_the_person_is_now(world: World, clock: Clock) -> None:
    await ticket(world)
    await link(world, WEB, PHONE)
    clock.forward(60)
    await world.say(WEB, "kết thúc")
    await world.say(telegram("900"), "Bác còn đó không")
    assert any("Bác còn đó không" in text for text in world.texts(WEB))
    # The page may be closed by now.
    clock.forward(3600)
    await world.say(telegram("900"), "Mai tôi ghé")
    assert any("Mai tôi ghé" in text for text in world.texts(PHONE))


@SQLITE
async def test_a_ticket_can_be_corrected_rated_and_cancelled_on_the_other(world: World) -> None:
    await ticket(world)
    await link(world, WEB, PHONE)
    await world.say(telegram("900"), "/xong 7")
    await world.press(telegram("900"), "fin:7:solved")
    await world.press(PHONE, "rate:7:5")
    query = schema.tickets.select().where(schema.tickets.c.id == 7)
    assert world.do(lambda c: c.execute(query).one()).rating == 5
    await world.press(PHONE, "reopen:7")
    assert world.ticket(7).status is TicketStatus.CLAIMED
    await world.press(PHONE, "drop:7")
    await world.press(PHONE, "dropped:7")
    assert world.ticket(7).status is TicketStatus.CANCELLED


async def test_a_ticket_stays_where_it_was_opened(world: World) -> None:
    await ticket(world)
    await link(world, WEB, PHONE)
    await world.press(PHONE, "talk:7")
    await world.say(telegram("900"), "Một dòng đang chờ gửi")
    await world.say(WEB, "thôi liên kết")
    assert not any("Một dòng đang chờ gửi" in text for text in world.texts(PHONE))
    await world.say(PHONE, "phiếu của tôi")
    assert not any("số 7" in text for text in world.texts(PHONE)[-1:])
    await world.say(PHONE, "còn nghe tôi không")
    assert not any("còn nghe" in text for text in world.texts(telegram("900")))
    await world.say(telegram("900"), "Câu sau đó")
    assert any("Câu sau đó" in text for text in world.texts(WEB))
    assert not any("Câu sau đó" in text for text in world.texts(PHONE))


@SQLITE
async def test_one_person_gets_an_alert_once(world: World) -> None:
    for key in (WEB, PHONE):
        await world.say(key, "nhận cảnh báo lừa đảo")
        await world.press(key, "alerts:everywhere")
        assert world.state(key).alerts
    await link(world, WEB, PHONE)
    assert (world.state(WEB).alerts, world.state(PHONE).alerts) == (False, True)
    assert said(world, WEB, "link_made", channel="Telegram")
