"""A member's work on real conversations: orders, handing on, warnings, and lines that are late."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from bot.domain import events as ev
from bot.domain.tickets import TicketOutcome, TicketStatus
from bot.models import schema
from bot.services.delivery import Delivery, Route
from bot.services.handoff import Desk
from bot.services.helping import Helping
from bot.services.lateness import Lateness
from bot.services.limits import Limiter, Rates
from bot.store import members, outbox, pulled, relay_lines, ticket_events, tickets
from tests.services.support import World, telegram, web
from tests.services.test_delivery import Memory
from tests.support import START, Clock

CITIZEN, LAN, HOA = web("citizen"), telegram("501"), telegram("502")
OF_LAN, OF_HOA = ev.Sender("501", "Lan"), ev.Sender("502", "Hoa")


@pytest.fixture
def team(world: World) -> int:
    return world.team(group="-1")


@pytest.fixture
def lan(world: World, team: int) -> int:
    return world.member(team, "Nguyễn Thị Lan", "501")


async def taken(world: World, lan: int, team: int, number: int = 900, key: Any = CITIZEN) -> int:
    """A ticket in Lan's hands, with everything told that there is to tell."""
    world.open_ticket(number, key, team)
    world.claim(number, lan)
    await world.talk.idle()
    return number


def kinds(world: World, number: int) -> list[str]:
    found = world.do(lambda c: ticket_events.timeline(c, world.runtime.vault, number))
    return [event.kind for event in found]


# Orders -----------------------------------------------------------------------------------------


async def test_a_ticket_is_taken_and_closed_by_typed_words_alone(
    world: World, team: int, lan: int
) -> None:
    world.open_ticket(900, CITIZEN, team)
    await world.talk.idle()
    await world.say(LAN, "nhan 900", OF_LAN)
    assert world.ticket(900).claimed_by == lan
    assert "Anh/chị đã nhận phiếu 900" in world.texts(LAN)[-1]
    await world.say(LAN, "900: Chào bác", OF_LAN)
    assert any("Chào bác" in text for text in world.texts(CITIZEN))
    await world.say(LAN, "xong 900 tai nha 45 phut", OF_LAN)
    closed = world.ticket(900)
    assert (closed.status, closed.outcome) == (TicketStatus.CLOSED, TicketOutcome.SOLVED_AT_HOME)
    minutes = world.do(lambda c: c.execute(schema.visits.select()).one()).minutes
    assert minutes == 45
    await world.say(LAN, "xong 900", OF_LAN)
    assert kinds(world, 900).count("closed") == 1


async def test_several_are_closed_at_once(world: World, team: int, lan: int) -> None:
    for number in (900, 901, 902):
        await taken(world, lan, team, number, web(f"c{number}"))
    await world.say(LAN, "xong 900 902 77", OF_LAN)
    assert [world.ticket(n).status.value for n in (900, 901, 902)] == [
        "closed",
        "claimed",
        "closed",
    ]
    assert "77" in world.texts(LAN)[-1]


async def test_of_two_who_type_it_at_once_one_gets_it(world: World, team: int, lan: int) -> None:
    world.member(team, "Hoa", "502")
    world.open_ticket(900, CITIZEN, team)
    await world.talk.idle()
    await world.accept(LAN, ev.Text("nhận 900"), OF_LAN)
    await world.accept(HOA, ev.Text("nhận 900"), OF_HOA)
    await world.talk.idle()
    winner = world.ticket(900).helper
    assert kinds(world, 900).count("claimed") == 1
    loser = HOA if winner == "Nguyễn Thị Lan" else LAN
    assert f"{winner} nhận trước rồi" in world.texts(loser)[-1]


async def test_a_stranger_and_another_team_can_do_nothing(
    world: World, team: int, lan: int
) -> None:
    other = world.team("Tổ hai", "-2")
    world.member(other, "Hoa", "502")
    await taken(world, lan, team)
    for text in ("xong 900", "trả lại 900", "gọi 900", "900: alo", "chuyển 900 lên xã"):
        await world.say(HOA, text, OF_HOA)
        await world.say(telegram("777"), text, ev.Sender("777", "Kẻ lạ"))
    assert world.ticket(900).claimed_by == lan
    assert kinds(world, 900) == ["opened", "claimed"]


async def test_a_ticket_goes_to_a_colleague_by_name(world: World, team: int, lan: int) -> None:
    hoa = world.member(team, "Trần Thị Hoa", "502")
    await taken(world, lan, team)
    await world.say(LAN, "chuyển 900 cho Hoa", OF_LAN)
    assert world.ticket(900).claimed_by == hoa
    assert "Anh/chị đã nhận phiếu 900" in world.texts(HOA)[-1]
    await world.say(LAN, "chuyển 900 cho Hoa", OF_LAN)
    assert kinds(world, 900).count("transferred") == 1


async def test_given_back_with_a_word_for_whoever_comes_next(
    world: World, team: int, lan: int
) -> None:
    world.member(team, "Hoa", "502")
    await taken(world, lan, team)
    await world.say(LAN, "trả lại 900 vì máy cô hư, số 0900 000 012", OF_LAN)
    assert world.ticket(900).status is TicketStatus.WAITING
    await world.say(HOA, "nhận 900", OF_HOA)
    briefing = world.texts(HOA)[-1]
    assert "Nguyễn Thị Lan: vì máy cô hư" in briefing
    assert "0900 000 012" not in briefing


async def test_a_visit_is_agreed_by_typing(world: World, team: int, lan: int) -> None:
    await taken(world, lan, team)
    await world.say(LAN, "hẹn 900 chiều mai 3 giờ", OF_LAN)
    assert world.ticket(900).visit_at is None, "nobody is told before it is confirmed"
    await world.say(LAN, "đúng", OF_LAN)
    assert world.ticket(900).visit_at is not None
    assert any("hẹn tới nhà" in text for text in world.texts(CITIZEN))
    assert "đã ghi hẹn tới nhà" in world.texts(LAN)[-1]
    await world.say(LAN, "bỏ hẹn 900", OF_LAN)
    assert world.ticket(900).visit_at is None


async def test_calls_are_counted_and_the_citizen_hears_of_them(
    world: World, team: int, lan: int, clock: Clock
) -> None:
    await taken(world, lan, team)
    await world.say(LAN, "không nghe máy 900", OF_LAN)
    await world.say(LAN, "không nghe máy 900", OF_LAN)
    assert kinds(world, 900).count("no_answer") == 1, "the same call"
    clock.forward(5 * 60)
    await world.say(LAN, "900 khong nghe may", OF_LAN)
    assert kinds(world, 900).count("no_answer") == 2
    assert "lần thứ 2" in world.texts(LAN)[-1]
    assert sum("gọi" in text for text in world.texts(CITIZEN)) >= 2


async def test_a_step_is_shown_to_the_citizen(world: World, team: int, lan: int) -> None:
    await taken(world, lan, team)
    guide = world.publisher.content.guides["qr_pay"]
    await world.say(LAN, "gửi 900 bước 1 của quét qr trả tiền", OF_LAN)
    title = world.publisher.content.phrases.fill(guide.steps[0].title)
    assert any(title in text for text in world.texts(CITIZEN))
    await world.say(LAN, "gửi 900 mẫu 1", OF_LAN)
    assert "{you}" not in world.texts(CITIZEN)[-1].lower()


async def test_a_member_who_was_removed_can_do_nothing_more(
    world: World, team: int, lan: int
) -> None:
    world.member(team, "Hoa", "502")
    await taken(world, lan, team)

    def remove(connection: Any) -> None:
        gone = {"removed_at": world.runtime.now(), "telegram_id": None}
        connection.execute(update(schema.members).where(schema.members.c.id == lan).values(gone))
        desk = Helping(
            connection, world.runtime.vault, world.runtime.now(), "gone", world.runtime.plan
        )
        assert desk.member_gone(lan) == 1

    world.do(remove)
    assert world.ticket(900).status is TicketStatus.WAITING
    await world.say(LAN, "xong 900", OF_LAN)
    assert world.ticket(900).status is TicketStatus.WAITING


# Secrets ----------------------------------------------------------------------------------------


async def test_who_asks_for_a_secret_is_told_and_so_are_citizen_and_lead(
    world: World, team: int, lan: int
) -> None:
    lead = world.member(team, "Tổ trưởng", "599")
    role = update(schema.members).where(schema.members.c.id == lead).values(role="lead")
    world.do(lambda c: c.execute(role).rowcount)
    await taken(world, lan, team)
    await world.say(LAN, "bác đọc mã OTP cho con nhé", OF_LAN)
    bubble = next(text for text in world.texts(CITIZEN) if "đọc mã OTP" in text)
    assert world.publisher.content.phrases.say("helper_asks_secret", helper="Nguyễn Thị Lan") in (
        bubble
    )
    assert any("hỏi mã, mật khẩu" in text for text in world.texts(LAN))
    assert any("Phiếu 900" in text for text in world.texts(telegram("599")))
    assert kinds(world, 900).count("secret_asked") == 1


async def test_a_lead_who_asks_is_reported_to_nobody_below(
    world: World, team: int, lan: int
) -> None:
    world.member(team, "Hoa", "502")
    role = update(schema.members).where(schema.members.c.id == lan).values(role="lead")
    world.do(lambda c: c.execute(role).rowcount)
    await taken(world, lan, team)
    await world.say(LAN, "bác đọc mã OTP cho con nhé", OF_LAN)
    assert world.texts(HOA) == []
    assert "secret_asked" in kinds(world, 900)


# Lines that are late ----------------------------------------------------------------------------


class Watch:
    """A look at lines that are late, on a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lateness = Lateness(world.runtime, world.talk.wake)
        self.platform = Memory()
        self.delivery = Delivery(world.runtime)
        self.delivery.add("telegram", Route(self.platform, Limiter(Rates(0, 0, 0))))
        self.delivery.wake = world.talk.wake

    async def look(self) -> int:
        found = await self.lateness.tick()
        await self.world.talk.idle()
        return found

    async def send(self) -> None:
        await self.delivery.poll()
        await self.delivery.idle()
        await self.world.talk.idle()


async def test_a_closed_page_is_told_after_ten_seconds_once_and_its_opening_too(
    world: World, team: int, lan: int, clock: Clock
) -> None:
    watch = Watch(world)
    await taken(world, lan, team)
    await world.say(LAN, "Chào bác", OF_LAN)
    assert await watch.look() == 0
    clock.forward(11)
    assert await watch.look() == 1
    late = world.texts(LAN)[-1]
    assert "Chào bác" in late
    assert "không mở trang chat" in late
    assert await watch.look() == 0
    chat = world.chat(CITIZEN)
    seq = world.out_rows(CITIZEN)[-1].seq
    world.do(lambda c: pulled.acknowledge(c, chat, seq, world.runtime.now()))
    assert await watch.look() == 1
    assert "đã tới người hỏi" in world.texts(LAN)[-1]
    assert await watch.look() == 0


async def test_what_a_citizen_who_left_has_missed_waits_for_them(
    world: World, team: int, lan: int, clock: Clock
) -> None:
    watch, citizen = Watch(world), telegram("900")
    await taken(world, lan, team, key=citizen)
    await watch.send()
    watch.platform.gone.add("900")
    await world.say(LAN, "Chào bác", OF_LAN)
    await watch.send()
    assert world.ticket(900).unreachable_at is not None
    assert any("không gửi được tin tới người hỏi" in t for t in watch.platform.texts(LAN)) or any(
        "không gửi được tin tới người hỏi" in t for t in world.texts(LAN)
    )
    clock.forward(1 * 60)
    assert await watch.look() == 0, "the helper was told at once"
    states = world.do(lambda c: relay_lines.states(c, 900))
    assert set(states.values()) == {relay_lines.LineState.HELD}
    watch.platform.gone.clear()
    before = len(watch.platform.texts(citizen))
    await watch.send()
    assert len(watch.platform.texts(citizen)) == before, "nothing is tried again by itself"
    await world.say(citizen, "alo")
    await watch.send()
    assert any("Chào bác" in text for text in watch.platform.texts(citizen)[before:])
    assert world.ticket(900).unreachable_at is None
    assert await watch.look() == 1
    await watch.send()
    assert any("đã tới người hỏi" in text for text in watch.platform.texts(LAN))


async def test_a_line_that_was_given_up_is_sent_again_on_request(
    world: World, team: int, lan: int, clock: Clock
) -> None:
    watch, citizen = Watch(world), telegram("900")
    await taken(world, lan, team, key=citizen)
    await watch.send()
    await world.say(LAN, "Chào bác", OF_LAN)
    rows = [row.id for row in world.out_rows(citizen) if row.line_id is not None]
    world.do(lambda c: outbox.fail(c, rows, "uncertain twice", world.runtime.now()))
    assert await watch.look() == 1
    assert "gửi lại 900" in world.texts(LAN)[-1]
    await world.say(LAN, "gửi lại 900", OF_LAN)
    await world.say(LAN, "gửi lại 900", OF_LAN)
    await watch.send()
    assert sum("Chào bác" in text for text in watch.platform.texts(citizen)) == 1


async def test_two_who_look_tell_it_once(world: World, team: int, lan: int, clock: Clock) -> None:
    first, second = Watch(world), Watch(world)
    await taken(world, lan, team)
    await world.say(LAN, "Chào bác", OF_LAN)
    clock.forward(11)
    found = await first.look() + await second.look()
    assert found == 1
    assert sum("không mở trang chat" in text for text in world.texts(LAN)) == 1


async def test_a_line_written_just_before_closing_arrives(
    world: World, team: int, lan: int
) -> None:
    await taken(world, lan, team)
    runtime, ticket = world.runtime, world.ticket(900)

    def both(connection: Any) -> set[int]:
        desk = Desk(connection, runtime.vault, runtime.now(), "both", runtime.plan)
        desk.say_to_citizen(ticket, "Xong rồi nha bác")
        desk.close(ticket)
        return desk.wake

    for chat in world.do(both):
        world.talk.wake(chat)
    await world.talk.idle()
    assert any("Xong rồi nha bác" in text for text in world.texts(CITIZEN))


async def test_the_citizen_s_rows_of_a_ticket_know_their_lines(
    world: World, team: int, lan: int
) -> None:
    await taken(world, lan, team)
    await world.say(LAN, "Chào bác", OF_LAN)
    (line,) = world.do(lambda c: tickets.thread(c, world.runtime.vault, 900))
    states = world.do(lambda c: relay_lines.states(c, 900))
    assert states == {line.id: relay_lines.LineState.ON_ITS_WAY}


async def test_a_person_of_two_teams_works_in_both(world: World, team: int, lan: int) -> None:
    other = world.team("Tổ hai", "-2")
    there = world.member(other, "Lan", "501")
    await taken(world, lan, team)
    world.open_ticket(901, web("second"), team)
    theirs = update(schema.tickets).where(schema.tickets.c.id == 901).values(team_id=other)
    world.do(lambda c: c.execute(theirs).rowcount)
    await world.talk.idle()
    await world.say(LAN, "nhận 901", OF_LAN)
    assert world.ticket(901).claimed_by == there
    await world.say(LAN, "xong 900 901", OF_LAN)
    assert {world.ticket(n).status for n in (900, 901)} == {TicketStatus.CLOSED}


async def test_a_member_whose_account_refuses_messages_counts_as_away_until_heard_of(
    world: World, team: int, lan: int
) -> None:
    watch = Watch(world)
    watch.platform.gone.add("501")
    await taken(world, lan, team)
    await watch.send()

    def there() -> list[int]:
        return world.do(lambda c: [h.id for h in members.available(c, team, START) if h.joined])

    assert there() == []
    watch.platform.gone.clear()
    await world.say(LAN, "phiếu", OF_LAN)
    assert there() == [lan]
