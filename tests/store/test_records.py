"""The question log, timers, retention and erasure."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.effects import LogQuestion, OpenTicket, Outcome, SetOutcome, SetTimer
from bot.domain.replies import Priority
from bot.domain.tickets import TicketStatus
from bot.models import schema
from bot.store import guides, inbox, outbox, questions, records, staff, staff_sessions, tickets
from bot.store.crypto import Vault
from bot.store.db import Database
from bot.store.inbox import ChatKey
from bot.store.outbox import NewMessage
from tests.databases import file_bytes
from tests.standing import WORDS, end, waiting
from tests.support import SQLITE, START

T = TypeVar("T")
DAY = timedelta(days=1)
NOW = START + 100 * DAY
BEFORE = NOW - 90 * DAY


@dataclass
class Box:
    """The store's functions, each in a transaction of its own."""

    database: Database
    vault: Vault
    chat: int = 0

    def do(self, work: Callable[[Connection], T]) -> T:
        return self.database.write_now(work)

    def new_chat(self, name: str) -> int:
        return self.do(lambda c: inbox.chat_id(c, ChatKey("web", name), START))

    def ask(self, number: int, text: str, *, days_ago: int = 0, chat: int = 0) -> None:
        effect = LogQuestion(text, "qr_pay", 0.9, Outcome.ANSWERED, "qr_pay")
        at = NOW - days_ago * DAY
        chat = chat or self.chat
        self.do(lambda c: records.log_question(c, number, chat, "web", "Tân Ân", effect, at))

    def set_outcome(self, number: int, outcome: Outcome, chat: int = 0, **more: object) -> None:
        effect = SetOutcome(number, outcome, **more)  # type: ignore[arg-type]
        self.do(lambda c: records.set_outcome(c, chat or self.chat, effect))

    def open_ticket(self, number: int, word: str, chat: int = 0) -> None:
        wanted = OpenTicket(
            False, "Chủ đề", "", None, f"thử {word}", f"tên {word}", "0912345678",
            f"xã {word}", None, None,
        )  # fmt: skip
        chat = chat or self.chat
        standing = waiting(None)
        self.do(
            lambda c: tickets.open_ticket(
                c, self.vault, number, chat, wanted, START, standing, WORDS
            )
        )
        line = f"lời {word}"
        self.do(
            lambda c: tickets.add_line(c, self.vault, number, "citizen", f"tên {word}", line, START)
        )

    def end_ticket(self, number: int, days_ago: int) -> None:
        at = NOW - days_ago * DAY
        self.do(lambda c: end(c, number, TicketStatus.CLOSED, at))

    def purge(self) -> int:
        total = 0
        while touched := self.do(lambda c: records.purge(c, BEFORE)):
            total += touched
        return total

    def question(self, number: int) -> questions.Question:
        return next(q for q in self.do(questions.page) if q.id == number)


@pytest.fixture
def box(database: Database, vault: Vault) -> Box:
    made = Box(database, vault)
    made.chat = made.new_chat("citizen")
    return made


# Questions --------------------------------------------------------------------------------------


def test_a_question_is_logged_with_what_became_of_it(box: Box) -> None:
    box.ask(1, "quét mã sao")
    box.set_outcome(1, Outcome.STOPPED, step=3)
    question = box.question(1)
    assert (question.outcome, question.step, question.text) == ("stopped", 3, "quét mã sao")
    box.set_outcome(1, Outcome.CLARIFIED, label="scam_link")
    assert (box.question(1).outcome, box.question(1).guide_id) == ("clarified", "scam_link")
    assert box.question(1).step == 3
    assert box.do(records.question_count) == 1


def test_another_chat_cannot_change_a_question(box: Box) -> None:
    box.ask(1, "x")
    box.set_outcome(1, Outcome.STOPPED, chat=box.new_chat("other"))
    assert box.question(1).outcome == "answered"


def test_an_unknown_outcome_is_refused(box: Box) -> None:
    box.ask(1, "x")
    with pytest.raises(IntegrityError):
        box.do(lambda c: c.execute(update(schema.questions).values(outcome="lost")))


def test_the_log_is_paged_newest_first_and_filtered(box: Box) -> None:
    for number in range(1, 8):
        box.ask(number, f"câu {number}")
    box.set_outcome(3, Outcome.NOT_UNDERSTOOD)
    first = box.do(lambda c: questions.page(c, most=3))
    assert [q.id for q in first] == [7, 6, 5]
    last = questions.Place(first[-1].asked_at, first[-1].id)
    second = box.do(lambda c: questions.page(c, after=last, most=3))
    assert [q.id for q in second] == [4, 3, 2]
    wanted = questions.Filter(outcome="not_understood")
    missed = box.do(lambda c: questions.page(c, wanted))
    assert [q.id for q in missed] == [3]


# Timers -----------------------------------------------------------------------------------------


def timer(guide: str, days: int, kind: str = "wait") -> SetTimer:
    return SetTimer(kind, guide, START + days * DAY)  # type: ignore[arg-type]


def test_one_timer_per_kind_and_guide(box: Box) -> None:
    for effect in (timer("a", 1), timer("b", 2), timer("a", 3), timer("a", 4, "followup")):
        box.do(lambda c, e=effect: records.set_timer(c, box.chat, e))  # type: ignore[misc]
    due = box.do(lambda c: records.due_timers(c, START + 9 * DAY))
    assert [(kind, guide) for _, _, kind, guide in due] == [
        ("wait", "b"),
        ("wait", "a"),
        ("followup", "a"),
    ]
    box.do(lambda c: records.drop_timers(c, box.chat, "wait", "b"))
    box.do(lambda c: records.drop_timers(c, box.chat, "followup"))
    due = box.do(lambda c: records.due_timers(c, START + 9 * DAY))
    assert [guide for *_, guide in due] == ["a"]


def test_a_timer_fires_once_whoever_asks(box: Box) -> None:
    box.do(lambda c: records.set_timer(c, box.chat, timer("a", 1)))
    assert box.do(lambda c: records.due_timers(c, START)) == []
    ((number, chat, _, _),) = box.do(lambda c: records.due_timers(c, START + DAY))
    assert chat == box.chat
    with ThreadPoolExecutor(4) as pool:
        fired = pool.map(
            lambda _: box.do(lambda c: records.timer_fired(c, number, START)), range(4)
        )
    assert sorted(fired) == [False, False, False, True]
    assert box.do(lambda c: records.due_timers(c, START + DAY)) == []


def test_a_new_timer_never_has_the_id_of_one_that_fired(box: Box) -> None:
    """Its event is known by the timer's id: one used before would count as told already."""

    def set_again(connection: Connection) -> int:
        records.set_timer(connection, box.chat, timer("a", 1))
        return int(connection.execute(select(schema.timers.c.id)).scalar_one())

    assert box.do(set_again) < box.do(set_again)


def test_a_cursor_is_remembered(box: Box) -> None:
    assert box.do(lambda c: records.cursor(c, "offset")) is None
    for value in ("1", "2"):
        box.do(lambda c, v=value: records.set_cursor(c, "offset", v))  # type: ignore[misc]
    assert box.do(lambda c: records.cursor(c, "offset")) == "2"


# Retention --------------------------------------------------------------------------------------


def seed_old_and_new(box: Box) -> None:
    box.ask(1, "câu cũ", days_ago=91)
    box.ask(2, "câu mới", days_ago=89)
    for number, word in ((11, "đóng lâu"), (12, "đóng mới"), (13, "còn mở")):
        box.open_ticket(number, word)
    box.end_ticket(11, 91)
    box.end_ticket(12, 89)


def test_old_texts_go_counts_and_open_tickets_stay(box: Box) -> None:
    seed_old_and_new(box)
    assert box.purge() > 0
    assert box.purge() == 0
    old = box.question(1)
    assert (old.text, old.intent, old.outcome, old.locality) == ("", "qr_pay", "answered", "Tân Ân")
    assert box.question(2).text == "câu mới"
    found = {n: box.do(lambda c, n=n: tickets.find(c, box.vault, n)) for n in (11, 12, 13)}  # type: ignore[misc]
    assert [(t.name, t.failed) for t in found.values() if t] == [
        ("", ""),
        ("tên đóng mới", "thử đóng mới"),
        ("tên còn mở", "thử còn mở"),
    ]
    talk = {n: box.do(lambda c, n=n: tickets.thread(c, box.vault, n)) for n in found}  # type: ignore[misc]
    assert [len(lines) for lines in talk.values()] == [0, 1, 1]


@SQLITE
def test_what_was_purged_is_not_on_disk(box: Box) -> None:
    seed_old_and_new(box)
    before = file_bytes(box.database)
    assert "câu cũ".encode() in before
    assert "thử đóng lâu".encode() in before
    box.purge()
    after = file_bytes(box.database)
    for gone in ("câu cũ", "thử đóng lâu"):
        assert gone.encode() not in after
    for kept in ("câu mới", "thử đóng mới", "thử còn mở"):
        assert kept.encode() in after


def test_a_purge_works_in_portions(box: Box) -> None:
    effect = LogQuestion("cũ", "qr_pay", 0.9, Outcome.ANSWERED)
    old = NOW - 91 * DAY

    def fill(connection: Connection) -> None:
        for number in range(1, 1102):
            records.log_question(connection, number, box.chat, "web", None, effect, old)

    box.do(fill)
    portions = [box.do(lambda c: records.purge(c, BEFORE)) for _ in range(4)]
    assert portions == [500, 500, 101, 0]
    assert box.do(records.question_count) == 1101


def test_old_events_messages_and_logins_go(box: Box) -> None:
    old, new = NOW - 91 * DAY, NOW - DAY

    def seed(connection: Connection) -> None:
        for n, at in ((1, old), (2, new)):
            row = inbox.put(connection, box.chat, "web", str(n), b"x", at)
            assert row is not None
            inbox.handled(connection, row, at)
        inbox.put(connection, box.chat, "web", "waits", b"x", old)
        unread = [NewMessage(b"unread", Priority.REPLY)]
        outbox.add(connection, box.chat, 1, unread, old)
        outbox.add(connection, box.chat, 2, unread, new)
        staff.add_failures(connection, ["a"], old)
        staff.add_failures(connection, ["a"], new)

    box.do(seed)
    box.purge()

    def left(connection: Connection) -> list[int]:
        found = (schema.inbox, schema.outbox, schema.login_failures)
        return [len(connection.execute(select(t.c.id)).all()) for t in found]

    # What waits to be handled is never purged.
    assert box.do(left) == [2, 1, 1]


def test_ended_sessions_go(box: Box) -> None:
    person = box.do(lambda c: staff.add(c, "lan", "hash", "admin", START))
    assert person is not None
    for token, ends in (("old", START), ("new", NOW)):
        box.do(lambda c, t=token, e=ends: staff_sessions.begin(c, t, person, "csrf", START, e))  # type: ignore[misc]
    box.do(lambda c: records.purge_sessions(c, NOW))
    query = select(schema.staff_sessions.c.token_hash)
    assert list(box.do(lambda c: c.execute(query).scalars().all())) == ["new"]


# Erasure ----------------------------------------------------------------------------------------


def seed_person(box: Box, word: str, chat: int, number: int) -> None:
    """One row of every kind, each with `word` in it."""
    box.ask(number, f"câu {word}", chat=chat)
    box.open_ticket(number + 1, word, chat=chat)
    box.open_ticket(number + 2, word, chat=chat)
    box.end_ticket(number + 1, 1)
    box.do(lambda c: records.set_timer(c, chat, timer(word, 1)))
    box.do(lambda c: inbox.set_locality(c, chat, f"xã {word}"))
    box.do(lambda c: guides.viewed(c, chat, word, "r1", START))

    def messages(connection: Connection) -> None:
        # Not sealed here, so that a scan of the file would find what was left.
        inbox.put(connection, chat, "web", f"early {number}", f"vào {word}".encode(), START)
        outbox.add(connection, chat, 1, [NewMessage(f"ra {word}".encode(), Priority.REPLY)], START)

    box.do(messages)


def erase(box: Box, chat: int) -> list[int]:
    def work(connection: Connection) -> list[int]:
        row = inbox.put(connection, chat, "web", f"erase {chat}", b"now", START)
        assert row is not None
        return records.erase_chat(connection, chat, row, NOW)

    return box.do(work)


@SQLITE
def test_nothing_of_an_erased_person_is_on_disk(box: Box) -> None:
    other = box.new_chat("other")
    seed_person(box, "Kim Sa", box.chat, 100)
    seed_person(box, "Mỹ Lệ", other, 200)
    before = file_bytes(box.database)
    assert before.count(b"Kim Sa") >= 6
    kept = before.count("Mỹ Lệ".encode())
    assert erase(box, box.chat) == [102]
    after = file_bytes(box.database)
    assert b"Kim Sa" not in after
    assert after.count("Mỹ Lệ".encode()) == kept


def test_an_erasure_cancels_tickets_and_keeps_counts(box: Box) -> None:
    seed_person(box, "Kim Sa", box.chat, 100)
    erase(box, box.chat)
    ticket = box.do(lambda c: tickets.find(c, box.vault, 102))
    assert ticket is not None
    assert (ticket.status, ticket.name, ticket.phone) == (TicketStatus.CANCELLED, "", "")
    assert (ticket.commune, ticket.failed) == ("", "")
    assert box.do(lambda c: tickets.thread(c, box.vault, 102)) == ()
    closed = box.do(lambda c: tickets.find(c, box.vault, 101))
    assert closed is not None
    assert closed.status is TicketStatus.CLOSED
    question = box.question(100)
    assert (question.text, question.locality, question.intent) == ("", "", "qr_pay")
    assert box.do(lambda c: records.due_timers(c, NOW)) == []


def test_an_erasure_keeps_the_event_in_hand_and_what_comes_after(box: Box) -> None:
    seed_person(box, "Kim Sa", box.chat, 100)

    def work(connection: Connection) -> None:
        row = inbox.put(connection, box.chat, "web", "erase", b"now", START)
        inbox.put(connection, box.chat, "web", "next", b"next", START)
        assert row is not None
        records.erase_chat(connection, box.chat, row, NOW)

    box.do(work)
    waiting = box.do(lambda c: inbox.waiting(c, box.chat))
    assert [row.payload for row in waiting] == [b"now", b"next"]


def test_an_erasure_calls_back_what_has_not_reached_the_helper(box: Box) -> None:
    seed_person(box, "Kim Sa", box.chat, 100)
    helper = box.new_chat("helper")
    about = [
        NewMessage(b"line", Priority.RELAY, ticket_id=102),
        NewMessage(b"own", Priority.REPLY),
    ]
    box.do(lambda c: outbox.add(c, helper, 1, about, START))
    erase(box, box.chat)
    query = schema.outbox.select().where(schema.outbox.c.chat_id == helper)
    rows = box.do(lambda c: c.execute(query.order_by(schema.outbox.c.seq)).all())
    assert [(row.status, row.payload) for row in rows] == [("cancelled", None), ("pending", b"own")]


def test_erasing_twice_or_nobody_does_no_harm(box: Box) -> None:
    assert erase(box, box.chat) == []
    box.do(lambda c: records.erase_chat(c, box.chat, 0, NOW))
    box.do(lambda c: records.erase_chat(c, 12345, 0, NOW))
