"""The state machine of a ticket: nothing illegal is taken, and no state is a dead end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.tickets import Deadline, DueKind, Rung, Standing, TicketOutcome, TicketStatus
from bot.handoff import moves as mv
from bot.handoff.files import RULES, load_rules
from bot.handoff.ladder import Option, on_due
from bot.handoff.rules import Timekeeper
from bot.schedule.hours import BusinessHours
from bot.schedule.week import Week
from bot.settings import ROOT
from tests.support import START

SHIPPED = load_rules(ROOT / "content" / RULES)
OPEN = (TicketStatus.WAITING, TicketStatus.CLAIMED)
ALL_MOVES: tuple[mv.AnyMove, ...] = (
    mv.Claim(member_id=1),
    mv.Claim(staff_id=2),
    mv.PassTo(3, 5, Rung.COMMUNE),
    mv.Move(Rung.COMMUNE, 7, "late"),
    mv.Move(Rung.PROVINCE, None, "nobody"),
    mv.GiveBack(),
    mv.GiveBack(taken=True),
    mv.Nudge(),
    mv.Overdue(),
    mv.HelperSaid(),
    mv.CitizenSaid(),
    mv.VisitSet(START + timedelta(days=1)),
    mv.VisitOver(done=True),
    mv.VisitOver(done=False),
    mv.Unreachable(),
    mv.Close(TicketOutcome.SOLVED),
    mv.Cancel(),
    mv.Reopen(),
    mv.Reopen(member_id=1),
)


def at(moment_seconds: float = 0, week: Week | None = None) -> Timekeeper:
    """The shipped rules, `moment_seconds` after START."""

    def hours(_team: int | None, rung: Rung) -> BusinessHours:
        return BusinessHours(week if week is not None else SHIPPED.hours[rung])

    return Timekeeper(START + timedelta(seconds=moment_seconds), SHIPPED, hours)


class Ticket(RuleBasedStateMachine):
    """A ticket to which everything may happen in any order, the clock going on meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = 0.0
        self.ticket: Standing

    @property
    def time(self) -> Timekeeper:
        return at(self.clock)

    @initialize(urgent=st.booleans(), rung=st.sampled_from(Rung), team=st.integers(1, 9))
    def opened(self, urgent: bool, rung: Rung, team: int) -> None:
        self.ticket = mv.opened(urgent, rung, team, self.time)

    @rule(seconds=st.floats(0, 3 * 86_400))
    def time_passes(self, seconds: float) -> None:
        self.clock += seconds

    @rule(move=st.sampled_from(ALL_MOVES))
    def anything(self, move: mv.AnyMove) -> None:
        before = self.ticket
        if isinstance(move, mv.VisitSet):
            move = mv.VisitSet(self.time.now + timedelta(hours=20))
        allowed = mv.may(before, move, self.time)
        if before.status not in mv.ALLOWED[type(move)]:
            assert not allowed
        if not allowed:
            with pytest.raises(mv.IllegalMove):
                mv.apply(before, move, self.time)
            return
        self.ticket = mv.apply(before, move, self.time)
        self.check_step(before, move)

    def check_step(self, before: Standing, move: mv.AnyMove) -> None:
        """What holds of any single step."""
        after = self.ticket
        if before.status.open and not after.status.open:
            assert isinstance(move, mv.Close | mv.Cancel)
        if before.status is TicketStatus.WAITING and after.status is TicketStatus.CLAIMED:
            assert isinstance(move, mv.Claim | mv.PassTo)
        if not before.status.open and after.status.open:
            assert isinstance(move, mv.Reopen)
        if before.first_reply_at is not None:
            assert after.first_reply_at == before.first_reply_at
        if after.due is not None and after.due != before.due:
            assert after.due.at > self.time.now

    @precondition(lambda self: self.ticket.status.open and self.ticket.due)
    @rule(people=st.lists(st.sampled_from(Rung), unique=True))
    def the_deadline_passes(self, people: list[Rung]) -> None:
        """Whatever is due leads on, whoever is or is not there."""
        assert self.ticket.due is not None
        self.clock = max(self.clock, (self.ticket.due.at - START).total_seconds())
        before = self.ticket
        move, _ = on_due(before, lambda rung: [Option(9, 1)] if rung in people else [])
        self.ticket = mv.apply(before, move, self.time)
        assert self.ticket.due is not None
        assert self.ticket.due.at > self.time.now
        assert list(Rung).index(self.ticket.rung) >= list(Rung).index(before.rung)

    @invariant()
    def it_is_somebodys_and_due(self) -> None:
        if hasattr(self, "ticket"):
            assert mv.check_invariant(self.ticket) == ()

    @invariant()
    def there_is_a_way_out(self) -> None:
        """Open tickets can be ended, ended ones are opened again while that is allowed."""
        if not hasattr(self, "ticket"):
            return
        allowed = [move for move in ALL_MOVES if mv.may(self.ticket, move, self.time)]
        if self.ticket.status in OPEN:
            assert any(isinstance(move, mv.Close) for move in allowed)
            assert any(isinstance(move, mv.Cancel) for move in allowed)
            assert any(isinstance(move, mv.Claim | mv.GiveBack) for move in allowed)
        else:
            ended = self.ticket.closed_at
            assert ended is not None
            again = self.time.now - ended <= SHIPPED.reopen
            assert again == any(isinstance(move, mv.Reopen) for move in allowed)
            assert all(isinstance(move, mv.Reopen) for move in allowed)


TestTicket = Ticket.TestCase
TestTicket.settings = hypothesis_settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_a_ticket_left_alone_climbs_to_the_province_and_stays_due_there() -> None:
    """With people on every rung who never take it."""
    ticket = mv.opened(False, Rung.HAMLET, 1, at())
    teams = {Rung.HAMLET: 1, Rung.COMMUNE: 2, Rung.PROVINCE: 3}
    seen: list[tuple[Rung, int | None]] = []
    for _ in range(6):
        assert ticket.due is not None
        time = at((ticket.due.at - START).total_seconds())
        move, _ = on_due(ticket, lambda rung: [Option(teams[rung], 2)])
        ticket = mv.apply(ticket, move, time)
        seen.append((ticket.rung, ticket.team_id))
    assert seen == [(Rung.COMMUNE, 2), *[(Rung.PROVINCE, 3)] * 5]
    assert ticket.missed == 4


def test_a_silent_helper_is_told_once_then_loses_it() -> None:
    ticket = mv.apply(mv.opened(False, Rung.HAMLET, 1, at()), mv.Claim(member_id=5), at())
    assert ticket.due is not None
    assert ticket.due.kind is DueKind.FIRST_REPLY
    late = at((ticket.due.at - START).total_seconds())
    move, _ = on_due(ticket, lambda _: [Option(1, 1)])
    ticket = mv.apply(ticket, move, late)
    assert (move, ticket.member_id, ticket.missed) == (mv.Nudge(), 5, 1)
    assert ticket.due is not None
    later = at((ticket.due.at - START).total_seconds())
    move, _ = on_due(ticket, lambda _: [Option(1, 1)])
    ticket = mv.apply(ticket, move, later)
    assert (move, ticket.status) == (mv.GiveBack(taken=True), TicketStatus.WAITING)
    assert ticket.due is not None
    assert ticket.due.kind is DueKind.CLAIM


def test_an_urgent_ticket_of_a_silent_helper_climbs_in_minutes() -> None:
    ticket = mv.apply(mv.opened(True, Rung.HAMLET, 1, at()), mv.Claim(member_id=5), at())
    lookup = {Rung.HAMLET: 1, Rung.COMMUNE: 2, Rung.PROVINCE: 3}
    for _ in range(2):
        assert ticket.due is not None
        time = at((ticket.due.at - START).total_seconds())
        move, _ = on_due(ticket, lambda rung: [Option(lookup[rung], 1)])
        ticket = mv.apply(ticket, move, time)
    assert (ticket.rung, ticket.team_id, ticket.status) == (Rung.COMMUNE, 2, TicketStatus.WAITING)
    assert time.now - START <= timedelta(minutes=15)


def test_an_urgent_deadline_counts_the_night_and_a_normal_one_does_not() -> None:
    """START + 15 h is half past midnight between Saturday and Sunday."""
    night = at(15 * 3600)
    urgent = night.due(DueKind.CLAIM, Rung.HAMLET, 1, urgent=True)
    normal = night.due(DueKind.CLAIM, Rung.HAMLET, 1, urgent=False)
    assert urgent.at - night.now == timedelta(minutes=10)
    # Sunday 07:30-11:00 and 14:00 on: four hours end at 14:30.
    assert normal.at - night.now == timedelta(hours=14)


def test_hours_that_never_open_do_not_make_a_ticket_that_is_never_due() -> None:
    due = at(week=Week()).due(DueKind.CLAIM, Rung.HAMLET, 1, urgent=False)
    assert due == at().due(DueKind.CLAIM, Rung.HAMLET, 1, urgent=False)


def test_the_first_of_several_lines_sets_the_deadline() -> None:
    ticket = mv.apply(mv.opened(False, Rung.HAMLET, 1, at()), mv.Claim(member_id=5), at())
    ticket = mv.apply(ticket, mv.HelperSaid(), at(60))
    first = mv.apply(ticket, mv.CitizenSaid(), at(120))
    second = mv.apply(first, mv.CitizenSaid(), at(4000))
    assert first.due is not None
    assert first.due.kind is DueKind.REPLY
    assert second.due == first.due


def test_a_visit_is_due_after_it_and_a_question_meanwhile_before() -> None:
    ticket = mv.apply(mv.opened(False, Rung.HAMLET, 1, at()), mv.Claim(member_id=5), at())
    visit = START + timedelta(days=2)
    ticket = mv.apply(ticket, mv.VisitSet(visit), at(60))
    assert ticket.due == Deadline(DueKind.VISIT, visit + SHIPPED.visit_grace)
    asked = mv.apply(ticket, mv.CitizenSaid(), at(120))
    assert asked.due is not None
    assert asked.due.kind is DueKind.REPLY
    answered = mv.apply(asked, mv.HelperSaid(), at(180))
    assert answered.due == ticket.due


def test_a_word_after_a_visit_that_is_long_over_is_not_due_at_once() -> None:
    ticket = mv.apply(mv.opened(False, Rung.HAMLET, 1, at()), mv.Claim(member_id=5), at())
    ticket = mv.apply(ticket, mv.VisitSet(START + timedelta(hours=1)), at(60))
    late = at(86_400)
    spoken = mv.apply(ticket, mv.HelperSaid(), late)
    assert spoken.due is not None
    assert spoken.due.kind is DueKind.RESOLVE
    assert spoken.due.at > late.now


def test_a_holder_who_was_erased_is_no_holder() -> None:
    ticket = mv.apply(mv.opened(False, Rung.HAMLET, 1, at()), mv.Claim(member_id=5), at())
    lost = replace(ticket, member_id=None)
    assert mv.check_invariant(lost) == ("claimed by 0",)
    move, _ = on_due(lost, lambda _: [Option(1, 1)])
    assert mv.check_invariant(mv.apply(lost, move, at())) == ()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"due": None}, "open without a deadline"),
        ({"team_id": None}, "open without an owner"),
        ({"member_id": 5}, "waiting with a holder"),
        ({"status": TicketStatus.CLOSED}, "ended with a deadline"),
        ({"status": TicketStatus.CANCELLED, "due": None}, "ended at no time"),
    ],
)
def test_the_invariant_notices(broken: dict[str, object], why: str) -> None:
    good = mv.opened(False, Rung.HAMLET, 1, at())
    bad = replace(good, **broken)  # type: ignore[arg-type]
    assert why in mv.check_invariant(bad)
    with pytest.raises(mv.InvariantBroken, match=why):
        mv.checked(bad)


@given(forward=st.floats(0, 400 * 86_400), kind=st.sampled_from(list(DueKind)[:4]))
def test_a_clock_that_was_set_back_leaves_no_far_deadline(forward: float, kind: DueKind) -> None:
    """A deadline counted while the clock was wrong is counted anew; any other one stays."""
    wrong = at(forward)
    ticket = mv.opened(False, Rung.HAMLET, 1, at())
    far = replace(ticket, due=wrong.due(kind, Rung.HAMLET, 1, urgent=False))
    near = mv.refreshed(far, at(1))
    assert near.due is not None
    assert near.due.at <= at(1).due(kind, Rung.HAMLET, 1, urgent=False).at
    assert mv.refreshed(ticket, at(1)) == ticket


def test_the_rules_are_the_shipped_file() -> None:
    assert Path(ROOT / "content" / RULES).is_file()
    assert SHIPPED.deadlines[Rung.HAMLET][DueKind.CLAIM].normal == timedelta(hours=4)
    assert SHIPPED.deadlines[Rung.PROVINCE][DueKind.CLAIM].urgent == timedelta(minutes=15)
