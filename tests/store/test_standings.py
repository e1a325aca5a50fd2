"""Where tickets stand, their event log, visits and records, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.domain.effects import OpenTicket
from bot.domain.tickets import Deadline, DueKind, Rung, Standing, TicketOutcome, TicketStatus
from bot.models.schema import ticket_events as log_table
from bot.models.schema import tickets as table
from bot.store import (
    inbox,
    records,
    standings,
    ticket_contact,
    ticket_events,
    tickets,
    trust_words,
    visits,
)
from bot.store.crypto import Vault
from bot.store.db import Database
from bot.store.inbox import ChatKey
from bot.store.ticket_events import CITIZEN, SYSTEM, Actor, ActorKind, TicketEvent
from tests.standing import end, waiting
from tests.support import START, minutes

T = TypeVar("T")
EFFECT = OpenTicket(False, "Chủ đề", "", None, "đã thử", "Bà Sáu", "0900000001", "", None, None)


class Box:
    """Tickets of one citizen."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self.vault = database, vault
        self.chat = self.do(lambda c: inbox.chat_id(c, ChatKey("web", "citizen"), START))
        self.team = self.do(lambda c: tickets.add_team(c, "Tổ một", "", "-1", START))
        self.member = self.do(lambda c: tickets.add_member(c, self.team, "Hoa", "501", START))

    def do(self, work: Callable[[Connection], T]) -> T:
        return self._database.write_now(work)

    def open(self, number: int, words: str = "a, b, c", locality: str = "", **more: Any) -> int:
        standing = replace(waiting(self.team), **more)
        effect = replace(EFFECT, locality=locality)
        self.do(
            lambda c: tickets.open_ticket(
                c, self.vault, number, self.chat, effect, START, standing, words
            )
        )
        return number

    def load(self, number: int) -> Standing:
        found = self.do(lambda c: standings.load(c, number))
        assert found is not None
        return found

    def note(self, number: int, kind: str, actor: Actor = SYSTEM, **data: object) -> None:
        event = TicketEvent(START, kind, actor, Rung.HAMLET, data)
        self.do(lambda c: ticket_events.add(c, self.vault, number, event))

    def timeline(self, number: int) -> tuple[TicketEvent, ...]:
        return self.do(lambda c: ticket_events.timeline(c, self.vault, number))


@pytest.fixture
def box(database: Database, vault: Vault) -> Box:
    return Box(database, vault)


def due_in(number: float) -> Deadline:
    return Deadline(DueKind.CLAIM, START + minutes(number))


# Standings --------------------------------------------------------------------------------------


def test_what_is_saved_is_loaded(box: Box) -> None:
    box.open(1)
    assert box.load(1) == waiting(box.team)
    whole = Standing(
        TicketStatus.CLAIMED,
        True,
        Rung.COMMUNE,
        box.team,
        Deadline(DueKind.VISIT, START + minutes(9)),
        member_id=box.member,
        missed=2,
        claimed_at=START,
        first_reply_at=START + minutes(1),
        visit_at=START + minutes(8),
        unreachable_at=START + minutes(3),
    )
    box.do(lambda c: standings.save(c, 1, whole))
    assert box.load(1) == whole
    closed = replace(
        whole,
        status=TicketStatus.CLOSED,
        due=None,
        visit_at=None,
        closed_at=START + minutes(10),
        outcome=TicketOutcome.SOLVED_AT_HOME,
    )
    box.do(lambda c: standings.save(c, 1, closed))
    assert box.load(1) == closed
    assert box.do(lambda c: standings.load(c, 99)) is None


@pytest.mark.parametrize("broken", [{"due_at": None}, {"due_kind": None}, {"rung": "village"}])
def test_the_database_refuses_what_nobody_is_due_to_do(box: Box, broken: dict[str, Any]) -> None:
    box.open(1)
    with pytest.raises(IntegrityError):
        box.do(lambda c: c.execute(update(table).values(broken)).rowcount)


def test_due_tickets_come_oldest_first_and_in_parts(box: Box) -> None:
    for number, at in ((1, 30), (2, 10), (3, 10), (4, 60), (5, 20)):
        box.open(number, due=due_in(at))
    box.do(lambda c: end(c, 5, TicketStatus.CANCELLED, START))
    now = START + minutes(30)
    first = box.do(lambda c: standings.due(c, now, 2))
    assert [number for _, number in first] == [2, 3]
    rest = box.do(lambda c: standings.due(c, now, 2, first[-1]))
    assert [number for _, number in rest] == [1]
    assert box.do(lambda c: standings.due(c, now, 2, rest[-1])) == []
    assert box.do(lambda c: standings.overdue_count(c, now)) == 3
    assert box.do(lambda c: standings.open_ids(c, 1)) == [2, 3, 4]


def test_whose_tickets(box: Box) -> None:
    box.open(1)
    box.open(2)
    box.do(lambda c: tickets.claim(c, 2, box.member, START))
    assert box.do(lambda c: standings.waiting_at(c, box.team)) == [1]
    assert box.do(lambda c: standings.held_by(c, box.member)) == [2]


def test_records_have_how_long_things_took(box: Box) -> None:
    box.open(1, locality="96.32083.rach-goc")
    done = replace(box.load(1), first_reply_at=START + minutes(5), outcome=TicketOutcome.SOLVED)
    done = replace(done, status=TicketStatus.CLOSED, due=None, closed_at=START + minutes(50))
    box.do(lambda c: standings.save(c, 1, done))
    box.open(2)
    box.do(lambda c: end(c, 2, TicketStatus.CANCELLED, START + minutes(1)))
    first, second = box.do(lambda c: list(standings.courses(c, START, START + minutes(1))))
    assert (first.locality, first.team_id) == ("96.32083.rach-goc", box.team)
    assert first.first_reply_at == START + minutes(5)
    assert (first.closed_at, first.outcome) == (START + minutes(50), TicketOutcome.SOLVED)
    assert second.closed_at is None
    assert box.do(lambda c: list(standings.courses(c, START + minutes(1), START))) == []


# The event log ----------------------------------------------------------------------------------


def test_the_log_keeps_order_actor_and_data(box: Box) -> None:
    box.open(1)
    box.note(1, "opened", CITIZEN, team_id=3)
    box.note(1, "claimed", Actor(ActorKind.MEMBER, box.member))
    first, second = box.timeline(1)
    assert (first.kind, first.actor, dict(first.data)) == ("opened", CITIZEN, {"team_id": 3})
    assert (second.kind, second.actor.id, dict(second.data)) == ("claimed", box.member, {})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ticket_events SET kind = 'closed'",
        "UPDATE ticket_events SET actor_id = 7",
        "UPDATE ticket_events SET ticket_id = 2",
        "UPDATE ticket_events SET rung = 'province', data = NULL",
        "UPDATE ticket_events SET at = '2020-01-01 00:00:00', data = NULL",
        "DELETE FROM ticket_events",
    ],
)
def test_the_database_lets_nobody_rewrite_the_log(box: Box, statement: str) -> None:
    box.open(1)
    box.open(2)
    box.note(1, "opened", CITIZEN, team_id=3)
    with pytest.raises(DBAPIError, match="append-only"):
        box.do(lambda c: c.execute(text(statement)).rowcount)
    assert [event.kind for event in box.timeline(1)] == ["opened"]


def test_data_cannot_be_written_anew(box: Box) -> None:
    box.open(1)
    box.note(1, "opened", CITIZEN, team_id=3)
    with pytest.raises(DBAPIError, match="append-only"):
        box.do(lambda c: c.execute(update(log_table).values(data=b"x")).rowcount)


def test_a_ticket_with_a_log_cannot_be_deleted(box: Box) -> None:
    box.open(1)
    box.note(1, "opened")
    with pytest.raises(IntegrityError):
        box.do(lambda c: c.execute(text("DELETE FROM tickets")).rowcount)


def test_erasing_a_person_keeps_that_things_happened(box: Box) -> None:
    box.open(1)
    box.note(1, "opened", CITIZEN, team_id=3)
    at = START + timedelta(hours=5)
    box.do(lambda c: tickets.claim(c, 1, box.member, START))
    box.do(lambda c: visits.add(c, 1, box.member, at, START))
    assert box.do(lambda c: records.erase_chat(c, box.chat, 0, START)) == [1]
    (event,) = box.timeline(1)
    assert (event.kind, dict(event.data)) == ("opened", {})
    row = box.do(lambda c: c.execute(table.select()).one())
    assert (row.status, row.due_at, row.words, row.contact) == ("cancelled", None, None, None)
    assert box.do(lambda c: visits.to_remind(c, at)) == []


def test_retention_empties_words_and_log(box: Box) -> None:
    box.open(1)
    box.note(1, "opened", CITIZEN, team_id=3)
    box.do(lambda c: end(c, 1, TicketStatus.CLOSED, START))
    assert box.do(lambda c: records.purge(c, START)) == 0
    assert box.do(lambda c: records.purge(c, START + minutes(1))) == 2
    assert dict(box.timeline(1)[0].data) == {}
    assert box.do(lambda c: records.purge(c, START + minutes(1))) == 0


# Words and ratings ------------------------------------------------------------------------------


def test_words_in_use_are_those_of_the_commune(box: Box) -> None:
    for number, words, locality in (
        (1, "three words 1", "96.32083.rach-goc"),
        (2, "three words 2", "96.32083"),
        (3, "three words 3", "96.32089"),
        (4, "three words 4", ""),
        (5, "three words 5", "96.32083.tan-an"),
    ):
        box.open(number, words, locality)
    box.do(lambda c: end(c, 5, TicketStatus.CLOSED, START))

    def used(locality: str) -> frozenset[str]:
        return box.do(lambda c: trust_words.in_use(c, box.vault, locality))

    assert used("96.32083.other") == {"three words 1", "three words 2"}
    assert used("96.32089") == {"three words 3"}
    assert used("") == {"three words 4"}
    found = box.do(lambda c: tickets.find(c, box.vault, 1))
    assert found is not None
    assert found.words == "three words 1"
    kept = box.do(lambda c: c.execute(table.select()).first())
    assert kept is not None
    assert b"three words 1" not in kept.words


def test_a_sentence_on_the_rating_is_sealed(box: Box) -> None:
    box.open(1)
    assert box.do(lambda c: ticket_contact.rate(c, box.vault, 1, box.chat, 5, "giúp tận tình"))
    assert box.do(lambda c: ticket_contact.rate(c, box.vault, 1, box.chat, None, "cảm ơn"))
    assert not box.do(lambda c: ticket_contact.rate(c, box.vault, 1, box.chat, None, ""))
    row = box.do(lambda c: c.execute(table.select()).one())
    assert row.rating == 5
    assert box.vault.open(row.rating_note, ticket_contact.NOTE).decode() == "cảm ơn"


# Visits -----------------------------------------------------------------------------------------


def test_of_two_visits_the_later_agreed_counts(box: Box) -> None:
    box.open(1)
    box.do(lambda c: tickets.claim(c, 1, box.member, START))
    first, second = START + minutes(60), START + minutes(90)
    box.do(lambda c: visits.add(c, 1, box.member, first, START))
    box.do(lambda c: visits.add(c, 1, box.member, second, START))
    (visit,) = box.do(lambda c: visits.to_remind(c, second))
    assert (visit.ticket_id, visit.member_id, visit.at) == (1, box.member, second)
    assert box.do(lambda c: visits.reminded(c, visit.id, START))
    assert not box.do(lambda c: visits.reminded(c, visit.id, START))
    assert box.do(lambda c: visits.to_remind(c, second)) == []
