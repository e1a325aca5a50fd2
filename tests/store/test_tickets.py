"""Tickets, teams and members."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from bot.domain.effects import OpenTicket
from bot.domain.replies import Priority
from bot.domain.tickets import ClaimResult, TeamView, TicketStatus, TicketView
from bot.errors import StoreError
from bot.locality.teams import pick_team
from bot.models.schema import outbox as outbox_table
from bot.models.schema import ticket_messages
from bot.models.schema import tickets as table
from bot.store import inbox, outbox, reach, staff, ticket_contact, tickets
from bot.store.crypto import Vault
from bot.store.db import Database
from bot.store.inbox import ChatKey
from bot.store.outbox import NewMessage
from bot.store.tickets import Line
from tests.databases import file_bytes
from tests.standing import WORDS, end, waiting
from tests.support import SQLITE, START

T = TypeVar("T")
PHONE = "0912345678"
WANTED = OpenTicket(
    urgent=False,
    topic="Kích hoạt VNeID",
    guide_title="Kích hoạt",
    step=2,
    failed="Không nhận được mã",
    name="Bà Sáu Bí Mật",
    phone=PHONE,
    commune="xã Tân Ân",
    team_id=None,
    question_id=None,
)


class Tickets:
    """The store's functions, each in a transaction of its own."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self.vault = vault
        self.chat = self.do(lambda c: inbox.chat_id(c, ChatKey("web", "citizen"), START))
        self.team = self.do(lambda c: tickets.add_team(c, "Tổ một", "Tân Ân", "-1", START))
        self.member = self.add_member("Hoa", "501")

    def do(self, work: Callable[[Connection], T]) -> T:
        return self._database.write_now(work)

    def add_member(self, name: str, telegram: str | None, team: int = 0) -> int:
        team = team or self.team
        return self.do(lambda c: tickets.add_member(c, team, name, telegram, START))

    def open(self, number: int, **changes: Any) -> int:
        wanted = replace(WANTED, team_id=self.team, **changes)
        standing = waiting(self.team, urgent=wanted.urgent)
        self.do(
            lambda c: tickets.open_ticket(
                c, self.vault, number, self.chat, wanted, START, standing, WORDS
            )
        )
        return number

    def find(self, number: int) -> TicketView:
        found = self.do(lambda c: tickets.find(c, self.vault, number))
        assert found is not None
        return found

    def claim(self, number: int, member: int = 0) -> ClaimResult:
        return self.do(lambda c: tickets.claim(c, number, member or self.member, START))

    def end(self, number: int, status: TicketStatus = TicketStatus.CLOSED) -> bool:
        return self.do(lambda c: end(c, number, status, START))


@pytest.fixture
def box(database: Database, vault: Vault) -> Tickets:
    return Tickets(database, vault)


# Claiming ---------------------------------------------------------------------------------------


def test_exactly_one_of_many_claims_wins(box: Tickets, database: Database) -> None:
    members = [box.add_member(f"M{n}", str(n)) for n in range(8)]
    for number in range(1, 11):
        box.open(number)
    with ThreadPoolExecutor(8) as pool:
        for number in range(1, 11):
            results = list(pool.map(lambda m, n=number: box.claim(n, m), members))
            assert sorted(results) == [ClaimResult.TAKEN] * 7 + [ClaimResult.WON]
            winner = members[results.index(ClaimResult.WON)]
            assert box.find(number).claimed_by == winner


def test_the_other_results_of_a_claim(box: Tickets) -> None:
    box.open(1)
    other = box.add_member("Lan", "502")
    assert box.claim(1) is ClaimResult.WON
    assert box.claim(1) is ClaimResult.MINE
    assert box.claim(1, other) is ClaimResult.TAKEN
    box.end(1)
    assert box.claim(1) is ClaimResult.GONE
    assert box.claim(99) is ClaimResult.GONE


def test_staff_and_members_claim_the_same_tickets(box: Tickets) -> None:
    box.open(1)
    person = box.do(lambda c: staff.add(c, "lan", "hash", "viewer", START))
    assert person is not None
    assert box.do(lambda c: tickets.claim_for_staff(c, 1, person, START)) is ClaimResult.WON
    assert box.do(lambda c: tickets.claim_for_staff(c, 1, person, START)) is ClaimResult.MINE
    assert box.claim(1) is ClaimResult.TAKEN
    assert box.find(1).helper == "lan"
    assert box.find(1).claimed_by is None


def test_a_ticket_ends_once(box: Tickets) -> None:
    box.open(1)
    assert box.end(1)
    assert not box.end(1)
    assert not box.end(1, TicketStatus.CANCELLED)
    assert box.find(1).status is TicketStatus.CLOSED


def test_a_rating_comes_from_the_tickets_own_citizen(box: Tickets, database: Database) -> None:
    box.open(1)
    other = box.do(lambda c: inbox.chat_id(c, ChatKey("web", "other"), START))
    box.do(lambda c: ticket_contact.rate(c, box.vault, 1, other, 1, ""))
    box.do(lambda c: ticket_contact.rate(c, box.vault, 1, box.chat, 5, ""))
    assert database.read_now(lambda c: c.execute(table.select()).one()).rating == 5


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "lost"},
        {"status": "claimed", "claimed_at": None},
        {"rating": 6},
        {"rating": 0},
        {"team_id": 999},
        {"claimed_by": 999},
        {"topic": None},
    ],
)
def test_the_database_refuses_what_cannot_be(box: Tickets, broken: dict[str, Any]) -> None:
    box.open(1)
    with pytest.raises(IntegrityError):
        box.do(lambda c: c.execute(update(table).values(broken)))
    assert box.find(1).status is TicketStatus.WAITING


def test_a_number_is_used_once(box: Tickets) -> None:
    box.open(1)
    with pytest.raises(IntegrityError):
        box.open(1)


def test_an_unknown_author_is_refused(box: Tickets) -> None:
    box.open(1)
    with pytest.raises(IntegrityError):
        box.do(lambda c: tickets.add_line(c, box.vault, 1, "robot", "", "x", START))


# Seeing -----------------------------------------------------------------------------------------


def test_a_ticket_comes_back_as_it_was_opened(box: Tickets) -> None:
    box.open(1)
    ticket = box.find(1)
    assert (ticket.name, ticket.phone, ticket.commune) == ("Bà Sáu Bí Mật", PHONE, "xã Tân Ân")
    assert (ticket.topic, ticket.step, ticket.failed) == (WANTED.topic, 2, WANTED.failed)
    assert (ticket.chat_id, ticket.team_id, ticket.helper) == (box.chat, box.team, "")
    assert ticket.created_at == START
    assert box.do(lambda c: tickets.find(c, box.vault, 2, lock=True)) is None


@SQLITE
def test_contact_and_talk_are_sealed_on_disk(box: Tickets, database: Database) -> None:
    box.open(1)
    box.do(lambda c: tickets.add_line(c, box.vault, 1, "citizen", "", "tôi bí quá", START))
    stored = file_bytes(database)
    assert WANTED.topic.encode() in stored
    for secret in (PHONE, "Bà Sáu Bí Mật", "tôi bí quá"):
        assert secret.encode() not in stored


def test_contact_opens_with_its_own_key_and_purpose_only(box: Tickets, database: Database) -> None:
    box.open(1)
    with pytest.raises(StoreError):
        database.read_now(lambda c: tickets.find(c, Vault(bytes(32)), 1))
    sealed = database.read_now(lambda c: c.execute(table.select()).one()).contact
    with pytest.raises(StoreError):
        box.vault.open(sealed, tickets.LINE)


def test_lists_are_urgent_first_then_by_age(box: Tickets) -> None:
    for number, urgent in ((1, False), (2, True), (3, False)):
        box.open(number, urgent=urgent)
    other = box.do(lambda c: tickets.add_team(c, "Tổ hai", "", "-2", START))
    box.do(lambda c: c.execute(update(table).where(table.c.id == 3).values(team_id=other)))
    box.end(box.open(4))

    def ids(team: int | None) -> list[int]:
        return [t.id for t in box.do(lambda c: tickets.of_team(c, box.vault, team))]

    assert ids(box.team) == [2, 1]
    assert ids(other) == [3]
    assert ids(None) == [2, 1, 3]
    assert [t.id for t in box.do(lambda c: tickets.of_chat(c, box.vault, box.chat))] == [1, 2, 3]
    box.claim(1)
    assert box.do(tickets.open_counts) == {"waiting": 2, "claimed": 1}


def test_the_talk_shows_its_last_lines_in_order(box: Tickets) -> None:
    box.open(1)
    for number in range(5):
        text = f"dòng {number}"
        box.do(lambda c, t=text: tickets.add_line(c, box.vault, 1, "helper", "Hoa", t, START))  # type: ignore[misc]
    box.do(lambda c: tickets.add_line(c, box.vault, 1, "citizen", "", "xóa", START))
    gone = ticket_messages.c.author == "citizen"
    box.do(lambda c: c.execute(update(ticket_messages).where(gone).values(payload=None)))
    lines = box.do(lambda c: tickets.thread(c, box.vault, 1, 2))
    assert lines == (
        Line(START, "helper", "Hoa", "dòng 3"),
        Line(START, "helper", "Hoa", "dòng 4"),
    )


# Teams and members ------------------------------------------------------------------------------


def test_a_team_of_the_same_name_is_changed_not_doubled(box: Tickets) -> None:
    again = box.do(lambda c: tickets.add_team(c, "Tổ một", "Viên An", "-9", START))
    assert again == box.team
    assert box.do(tickets.all_teams) == (TeamView(box.team, "Tổ một", "Viên An", "-9"),)
    assert box.do(lambda c: tickets.team(c, box.team)) == TeamView(again, "Tổ một", "Viên An", "-9")
    assert box.do(lambda c: tickets.team(c, 99)) is None


def test_a_group_belongs_to_one_team(box: Tickets) -> None:
    with pytest.raises(IntegrityError):
        box.do(lambda c: tickets.add_team(c, "Tổ hai", "", "-1", START))
    assert box.do(lambda c: tickets.team_of_group(c, "-1")) is not None
    assert box.do(lambda c: tickets.team_of_group(c, "-5")) is None


def test_the_same_account_joins_a_team_once(box: Tickets) -> None:
    assert box.add_member("Hoa khác", "501") == box.member
    other_team = box.do(lambda c: tickets.add_team(c, "Tổ hai", "", "-2", START))
    other = box.add_member("Hoa", "501", other_team)
    assert other != box.member
    first = box.do(lambda c: tickets.member_of_account(c, box.vault, ChatKey("telegram", "501")))
    second = box.do(
        lambda c: tickets.member_of_account(c, box.vault, ChatKey("telegram", "501"), other_team)
    )
    assert first is not None
    assert second is not None
    assert (first.id, second.id) == (box.member, other)


def test_members_without_an_account_are_many(box: Tickets) -> None:
    assert box.add_member("Ba", None) != box.add_member("Tư", None)


def test_a_member_has_the_tickets_in_their_hands(box: Tickets) -> None:
    for number in (1, 2, 3):
        box.open(number)
        box.claim(number)
    box.end(2)
    member = box.do(lambda c: tickets.member(c, box.vault, box.member))
    assert member is not None
    assert [t.id for t in member.claimed] == [1, 3]
    assert box.do(lambda c: reach.holder(c, 1)) == (ChatKey("telegram", "501"),)
    assert box.do(lambda c: reach.holder(c, 99)) == ()
    team = box.do(lambda c: reach.team(c, box.team))
    assert team is not None
    assert (team.group, team.rostered) == ("-1", False)


def test_an_account_is_tied_later(box: Tickets) -> None:
    member = box.add_member("Ba", None)
    box.do(lambda c: tickets.join_telegram(c, member, "777"))
    found = box.do(lambda c: tickets.member_of_account(c, box.vault, ChatKey("telegram", "777")))
    assert found is not None
    assert found.id == member
    assert (
        box.do(lambda c: tickets.member_of_account(c, box.vault, ChatKey("telegram", "0"))) is None
    )


@pytest.mark.parametrize(
    ("commune", "team"),
    [
        ("xã Tân Ân, Cà Mau", "a"),
        ("tan an", "a"),
        ("Tân Ân Tây", "b"),
        ("xa tan an tay ca mau", "b"),
        ("Tân Ăn", "a"),
        ("Phú Mỹ", "everywhere"),
        ("", "everywhere"),
    ],
)
def test_a_commune_finds_its_team(commune: str, team: str) -> None:
    teams = (
        TeamView(1, "everywhere", ""),
        TeamView(2, "a", "Tân Ân"),
        TeamView(3, "b", "Xã Tân Ân Tây"),
    )
    found = pick_team(teams, commune)
    assert found is not None
    assert found.name == team
    assert pick_team(teams[1:], "Phú Mỹ") is None


# A group becomes another ------------------------------------------------------------------------


def group(name: str) -> ChatKey:
    return ChatKey("telegram", name, is_group=True)


def test_a_group_that_moved_keeps_its_chat(box: Tickets) -> None:
    chat = box.do(lambda c: inbox.chat_id(c, group("-1"), START))
    assert box.do(lambda c: tickets.move_group(c, "-1", "-100")) == chat
    assert box.do(lambda c: inbox.find_chat(c, group("-1"))) is None
    assert box.do(lambda c: inbox.find_chat(c, group("-100"))) == chat
    assert box.do(lambda c: tickets.team_of_group(c, "-100")) is not None
    # Told twice (by an update and by a refused send): nothing more happens.
    assert box.do(lambda c: tickets.move_group(c, "-1", "-100")) == chat


def test_a_group_that_moved_and_spoke_already_gets_what_waited(
    box: Tickets, database: Database
) -> None:
    old = box.do(lambda c: inbox.chat_id(c, group("-1"), START))
    new = box.do(lambda c: inbox.chat_id(c, group("-100"), START))
    waiting = [NewMessage(b"card", Priority.RELAY)]
    box.do(lambda c: outbox.add(c, old, 1, waiting, START))
    assert box.do(lambda c: tickets.move_group(c, "-1", "-100")) == new
    rows = database.read_now(lambda c: c.execute(outbox_table.select()).all())
    assert [(row.chat_id, row.seq, row.payload) for row in rows] == [(new, 1, b"card")]
    found = box.do(lambda c: tickets.team_of_group(c, "-100"))
    assert found is not None
    assert found.id == box.team


def test_a_group_nobody_knows_moves_quietly(box: Tickets) -> None:
    assert box.do(lambda c: tickets.move_group(c, "-7", "-8")) is None
