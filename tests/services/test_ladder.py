"""The ladder on real databases: who is told, and restarts, two schedulers, wrong clocks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.tickets import ClaimResult, DueKind, Rung, Standing, TicketStatus
from bot.errors import CongdansoError
from bot.models import schema
from bot.services.ladder import Ladder
from bot.services.passing import Passing
from bot.services.runtime import Runtime
from bot.store import standings, ticket_events, tickets, visits
from tests.services.support import WANTED, World, group, telegram, web
from tests.support import Clock

HAMLET, COMMUNE = "96.32083.rach-goc", "96.32083"
CITIZEN = web("citizen")


class Climbing:
    """A world with a hamlet's team, a commune's and a province's desk."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        self.woken: set[int] = set()
        self.acts = 0
        self.hamlet = self.team("Tổ ấp", "hamlet", HAMLET, "-1")
        self.commune = self.team("Tổ xã", "commune", COMMUNE, "-2")
        self.province = self.team("Bàn tỉnh", "province", "96", "-3")
        self.hoa = world.member(self.hamlet, "Hoa", "501")
        self.lan = world.member(self.commune, "Lan", "601")
        self.tam = world.member(self.province, "Tâm", "701")
        self.ladder = self.another()

    def another(self) -> Ladder:
        mine = self.world.runtime
        return Ladder(Runtime(mine.settings, mine.db, mine.vault, now=mine.now), self.woken.add)

    def team(self, name: str, rung: str, code: str, group: str | None) -> int:
        now = self.world.runtime.now()

        def work(c: Any) -> int:
            team = tickets.add_team(c, name, "x", group, now)
            c.execute(
                update(schema.teams).where(schema.teams.c.id == team).values(rung=rung, key=name)
            )
            c.execute(schema.team_coverage.insert().values(team_id=team, locality_code=code))
            return team

        return self.world.do(work)

    def member_is(self, member: int, **values: Any) -> None:
        table = schema.members
        self.world.do(
            lambda c: c.execute(update(table).where(table.c.id == member).values(**values)).rowcount
        )

    def open(self, number: int = 900, *, urgent: bool = False) -> int:
        wanted = replace(WANTED, urgent=urgent, locality=HAMLET, commune="Tân Ân")
        chat, runtime = self.world.chat(CITIZEN), self.world.runtime

        def work(c: Any) -> set[int]:
            desk = Passing(c, runtime.vault, runtime.now(), f"open{number}", runtime.plan)
            desk.open(number, chat, wanted)
            return desk.wake

        self.woken |= self.world.do(work)
        return number

    def desk(self, act: str, *args: Any) -> Any:
        runtime = self.world.runtime
        self.acts += 1

        def work(c: Any) -> tuple[Any, set[int]]:
            desk = Passing(c, runtime.vault, runtime.now(), f"act{self.acts}", runtime.plan)
            return getattr(desk, act)(*args), desk.wake

        result, woken = self.world.do(work)
        self.woken |= woken
        return result

    def standing(self, number: int = 900) -> Standing:
        found = self.world.do(lambda c: standings.load(c, number))
        assert found is not None
        return found

    def log(self, number: int = 900) -> list[str]:
        vault = self.world.runtime.vault
        found = self.world.do(lambda c: ticket_events.timeline(c, vault, number))
        return [event.kind for event in found]

    async def due(self, times: int = 1) -> None:
        """Each time: forward to the next deadline, and the ladder looks."""
        for _ in range(times):
            due = self.standing().due
            assert due is not None
            self.clock.at = max(self.clock.at, due.at)
            await self.ladder.tick()
        await self.settle()

    async def settle(self) -> None:
        """Everybody reads what they were told."""
        for chat in self.woken:
            self.world.talk.wake(chat)
        self.woken.clear()
        await self.world.talk.idle()


@pytest.fixture
def climb(world: World, clock: Clock) -> Climbing:
    return Climbing(world, clock)


# Climbing ---------------------------------------------------------------------------------------


async def test_nobody_takes_it_and_it_climbs_everybody_told(climb: Climbing) -> None:
    climb.open()
    assert (climb.standing().rung, climb.standing().team_id) == (Rung.HAMLET, climb.hamlet)
    await climb.due()
    assert (climb.standing().rung, climb.standing().team_id) == (Rung.COMMUNE, climb.commune)
    world = climb.world
    assert "Tổ xã" in world.texts(CITIZEN)[-1]
    assert "Tổ xã" in world.texts(group("-1"))[-1]
    assert "Phiếu 900" in world.texts(group("-2"))[-1]
    await climb.due()
    assert climb.standing().team_id == climb.province
    assert climb.log() == ["opened", "moved", "moved"]


async def test_the_last_rung_stays_due_and_the_citizen_is_not_told_daily(climb: Climbing) -> None:
    climb.open()
    await climb.due(9)
    standing = climb.standing()
    assert (standing.rung, standing.team_id, standing.missed) == (Rung.PROVINCE, climb.province, 7)
    assert climb.log().count("overdue") == 7
    waits = [text for text in climb.world.texts(CITIZEN) if "vẫn chưa có ai nhận" in text]
    assert len(waits) == 3
    cards = [text for text in climb.world.texts(group("-3")) if "Phiếu 900" in text]
    assert len(cards) == 8


async def test_an_urgent_ticket_reaches_the_province_within_twenty_minutes_at_night(
    climb: Climbing,
) -> None:
    climb.clock.forward(15 * 3600)
    began = climb.clock.at
    climb.open(urgent=True)
    await climb.due(2)
    assert climb.standing().rung is Rung.PROVINCE
    assert climb.clock.at - began == timedelta(minutes=20)
    assert "113" in climb.world.texts(CITIZEN)[-1]


async def test_a_rung_with_nobody_there_is_skipped_at_once(climb: Climbing) -> None:
    climb.member_is(climb.hoa, away_until=climb.clock.at + timedelta(days=9))
    climb.open()
    assert climb.standing().team_id == climb.commune
    assert climb.world.texts(group("-1")) == []


async def test_a_team_of_evening_volunteers_is_there_before_it_is_due(climb: Climbing) -> None:
    """START is Saturday morning, the claim is due by 16:30; on Saturday she is there from 15:00."""
    climb.member_is(climb.hoa, hours='{"T7":["15:00-21:00"]}')
    climb.open()
    assert climb.standing().team_id == climb.hamlet
    climb.member_is(climb.hoa, hours='{"T7":["19:00-21:00"]}')
    climb.open(901)
    assert climb.standing(901).team_id == climb.commune


async def test_nobody_anywhere_is_the_desk_and_its_call_sheet(climb: Climbing) -> None:
    for member in (climb.hoa, climb.lan, climb.tam):
        climb.member_is(member, reach_failed_at=climb.clock.at)
    climb.open()
    await climb.settle()
    assert climb.standing().team_id == climb.province
    assert climb.log() == ["opened", "call_sheet"]
    assert "gọi điện" in climb.world.texts(group("-3"))[-1]
    await climb.due()
    assert climb.log()[2:] == ["overdue", "call_sheet"]


async def test_a_team_without_a_group_is_told_one_by_one(climb: Climbing) -> None:
    table = schema.teams
    climb.world.do(lambda c: c.execute(update(table).values(telegram_group=None)).rowcount)
    climb.open()
    await climb.settle()
    assert "Phiếu 900" in climb.world.texts(telegram("501"))[-1]
    assert climb.world.texts(telegram("601")) == []
    await climb.due()
    assert "chuyển lên Tổ xã" in climb.world.texts(telegram("501"))[-1]
    assert "Phiếu 900" in climb.world.texts(telegram("601"))[-1]


# A silent helper --------------------------------------------------------------------------------


async def test_a_silent_helper_is_told_then_it_goes_to_somebody_else(climb: Climbing) -> None:
    """She is alone in her team, so it climbs."""
    climb.open()
    assert climb.desk("claim", 900, climb.hoa) is ClaimResult.WON
    await climb.due()
    assert climb.standing().member_id == climb.hoa
    assert "chưa nghe câu nào" in climb.world.texts(telegram("501"))[-1]
    await climb.due()
    standing = climb.standing()
    assert (standing.status, standing.team_id) == (TicketStatus.WAITING, climb.commune)
    assert climb.log() == ["opened", "claimed", "nudged", "moved"]
    assert "quá hạn" in climb.world.texts(telegram("501"))[-1]
    assert "xin lỗi" in climb.world.texts(CITIZEN)[-1]
    assert climb.world.state(CITIZEN).relay is None


async def test_it_goes_back_to_the_team_when_others_are_there(climb: Climbing) -> None:
    climb.world.member(climb.hamlet, "Ba", "502")
    climb.open()
    climb.desk("claim", 900, climb.hoa)
    await climb.due(2)
    standing = climb.standing()
    assert (standing.status, standing.team_id) == (TicketStatus.WAITING, climb.hamlet)
    assert climb.log()[-1] == "given_back"
    assert "Phiếu 900" in climb.world.texts(group("-1"))[-1]


async def test_an_answer_in_time_moves_the_deadline(climb: Climbing) -> None:
    climb.open()
    climb.desk("claim", 900, climb.hoa)
    ticket = climb.world.ticket(900)
    climb.desk("say_to_citizen", ticket, "Dạ bác chờ con chút")
    due = climb.standing().due
    assert due is not None
    assert due.kind is DueKind.RESOLVE
    climb.desk("say_to_helper", 900, "còn vướng cháu ơi")
    again = climb.standing().due
    assert again is not None
    assert again.kind is DueKind.REPLY
    assert again.at < due.at


# Restarts, two schedulers, clocks ---------------------------------------------------------------


async def test_two_schedulers_at_once_do_it_once(climb: Climbing) -> None:
    for number in range(900, 912):
        climb.open(number)
    climb.clock.forward(30 * 3600)
    other = climb.another()
    done = await asyncio.gather(climb.ladder.tick(), other.tick(), climb.another().tick())
    await climb.settle()
    assert sum(done) == 12
    for number in range(900, 912):
        assert climb.log(number) == ["opened", "moved"]
    moved = [text for text in climb.world.texts(CITIZEN) if "Tổ xã" in text]
    assert len(moved) == 12
    assert await other.tick() == 0


async def test_a_scheduler_that_was_down_for_a_day_catches_up_step_by_step(climb: Climbing) -> None:
    climb.open()
    climb.open(901, urgent=True)
    climb.clock.forward(86_400)
    assert await climb.another().tick() == 2
    assert {climb.standing(n).rung for n in (900, 901)} == {Rung.COMMUNE}
    for number in (900, 901):
        due = climb.standing(number).due
        assert due is not None
        assert due.at > climb.clock.at


async def test_a_ticket_claimed_at_the_last_moment_stays(climb: Climbing) -> None:
    climb.open()
    due = climb.standing().due
    assert due is not None
    climb.clock.at = due.at
    climb.desk("claim", 900, climb.hoa)
    assert await climb.ladder.tick() == 0
    assert climb.standing().member_id == climb.hoa


async def test_a_clock_that_ran_a_year_ahead_leaves_no_deadline_there(climb: Climbing) -> None:
    climb.open()
    right = climb.clock.at
    climb.clock.at = right + timedelta(days=365)
    await climb.ladder.tick()
    climb.clock.at = right + timedelta(minutes=1)
    await climb.ladder.tick()
    due = climb.standing().due
    assert due is not None
    assert due.at - right < timedelta(days=5)
    assert climb.log() == ["opened", "moved", "recounted"]
    # And set right again it is left alone.
    await climb.ladder.tick()
    assert climb.log() == ["opened", "moved", "recounted"]


async def test_trouble_with_one_ticket_stops_no_other(
    climb: Climbing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.services import ladder

    climb.open()
    climb.open(901)
    real = ladder.work_due

    def broken(connection: Any, mover: Any, ticket_id: int) -> bool:
        if ticket_id == 900:
            raise CongdansoError("broken")
        return real(connection, mover, ticket_id)

    monkeypatch.setattr(ladder, "work_due", broken)
    climb.clock.forward(30 * 3600)
    assert await climb.ladder.tick() == 1
    assert (climb.standing().rung, climb.standing(901).rung) == (Rung.HAMLET, Rung.COMMUNE)
    monkeypatch.setattr(ladder, "work_due", real)
    assert await climb.ladder.tick() == 1


# By hand ----------------------------------------------------------------------------------------


async def test_give_back_with_nobody_else_climbs(climb: Climbing) -> None:
    climb.open()
    climb.desk("claim", 900, climb.hoa)
    assert climb.desk("give_back", 900)
    assert climb.standing().team_id == climb.commune
    assert not climb.desk("give_back", 900)


async def test_handing_to_a_member_only_when_they_are_there(climb: Climbing) -> None:
    ba = climb.world.member(climb.hamlet, "Ba", "502")
    climb.open()
    climb.desk("claim", 900, climb.hoa)
    climb.member_is(ba, away_until=climb.clock.at + timedelta(days=2))
    assert not climb.desk("to_member", 900, ba)
    assert climb.standing().member_id == climb.hoa
    climb.member_is(ba, away_until=None)
    assert climb.desk("to_member", 900, ba)
    await climb.settle()
    assert climb.standing().member_id == ba
    assert "Ba" in climb.world.texts(CITIZEN)[-1]
    assert "Phiếu 900" in climb.world.texts(telegram("501"))[-1]
    assert "đã nhận phiếu 900" in climb.world.texts(telegram("502"))[-1]


async def test_handing_to_a_team_and_up(climb: Climbing) -> None:
    climb.open()
    assert climb.desk("to_team", 900, climb.province)
    assert climb.standing().rung is Rung.PROVINCE
    assert not climb.desk("to_team", 900, climb.province)
    assert not climb.desk("climb", 900)
    climb.open(901)
    assert climb.desk("climb", 901)
    assert climb.standing(901).team_id == climb.commune


async def test_a_removed_members_tickets_go_on(climb: Climbing) -> None:
    climb.open()
    climb.open(901)
    for number in (900, 901):
        climb.desk("claim", number, climb.hoa)
    assert climb.desk("member_gone", climb.hoa) == 2
    assert climb.standing().status is TicketStatus.WAITING
    assert climb.standing().team_id == climb.commune
    await climb.settle()
    assert "không còn làm" in climb.world.texts(CITIZEN)[-1]


async def test_a_team_that_is_no_more_keeps_nothing(climb: Climbing) -> None:
    climb.open()
    table = schema.teams
    climb.world.do(
        lambda c: c.execute(update(table).where(table.c.id == climb.hamlet).values(active=False))
    )
    assert climb.desk("team_gone", climb.hamlet) == 1
    assert climb.standing().team_id == climb.commune


async def test_a_visit_is_told_reminded_once_and_asked_about(climb: Climbing) -> None:
    climb.open()
    climb.desk("claim", 900, climb.hoa)
    at = climb.clock.at + timedelta(hours=6)
    assert climb.desk("set_visit", 900, at)
    assert not climb.desk("set_visit", 900, climb.clock.at)
    climb.clock.forward(4.5 * 3600)
    await asyncio.gather(climb.ladder.tick(), climb.another().tick())
    await climb.settle()
    for key in (CITIZEN, telegram("501")):
        assert len([t for t in climb.world.texts(key) if "15 giờ 30" in t and "nhắc" in t]) == 1
    words = climb.world.ticket(900).words
    assert words in climb.world.texts(CITIZEN)[-1]
    await climb.due()
    assert "giờ hẹn tới nhà đã qua" in climb.world.texts(telegram("501"))[-1]
    assert climb.desk("visited", 900, 45)
    row = climb.world.do(lambda c: c.execute(schema.visits.select()).one())
    assert (row.minutes, row.done_at, row.cancelled_at) == (45, climb.clock.at, None)
    assert not climb.desk("visited", 900, 45)


async def test_a_visit_is_off_when_the_ticket_ends_or_it_is_called_off(climb: Climbing) -> None:
    for number, act in ((900, "call_off_visit"), (901, "cancel")):
        climb.open(number)
        climb.desk("claim", number, climb.hoa)
        climb.desk("set_visit", number, climb.clock.at + timedelta(hours=6))
        climb.desk(act, number)
    rows = climb.world.do(lambda c: c.execute(schema.visits.select()).all())
    assert [row.cancelled_at for row in rows] == [climb.clock.at] * 2
    assert climb.world.do(lambda c: visits.to_remind(c, climb.clock.at + timedelta(days=9))) == []


async def test_not_done_after_all(climb: Climbing) -> None:
    climb.open()
    climb.desk("claim", 900, climb.hoa)
    climb.desk("close", climb.world.ticket(900))
    chat, other = climb.world.chat(CITIZEN), climb.world.chat(web("other"))
    assert not climb.desk("reopen", 900, other)
    climb.clock.forward(3 * 86_400)
    assert climb.desk("reopen", 900, chat)
    await climb.settle()
    assert climb.standing().member_id == climb.hoa
    assert "chưa được" in climb.world.texts(telegram("501"))[-1]
    assert climb.world.state(CITIZEN).relay is not None
    climb.desk("close", climb.world.ticket(900))
    climb.clock.forward(8 * 86_400)
    assert not climb.desk("reopen", 900, chat)


async def test_not_done_and_the_helper_is_away(climb: Climbing) -> None:
    climb.open()
    climb.desk("claim", 900, climb.hoa)
    climb.desk("close", climb.world.ticket(900))
    climb.member_is(climb.hoa, away_until=climb.clock.at + timedelta(days=9))
    assert climb.desk("reopen", 900, climb.world.chat(CITIZEN))
    standing = climb.standing()
    assert (standing.status, standing.team_id) == (TicketStatus.WAITING, climb.commune)


# Words ------------------------------------------------------------------------------------------


async def test_citizen_and_helper_are_given_the_same_words(climb: Climbing) -> None:
    climb.open()
    climb.desk("claim", 900, climb.hoa)
    await climb.settle()
    words = climb.world.ticket(900).words
    assert len(words.split(", ")) == 3
    assert words in climb.world.texts(CITIZEN)[-1]
    assert words in climb.world.texts(telegram("501"))[-1]
    assert not any(words in text for text in climb.world.texts(group("-1")))
    climb.open(901)
    assert climb.world.ticket(901).words != words
