"""The outbox: order, tries, doubt, and what is given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, select, update

from bot.domain.replies import Priority
from bot.models.schema import OutStatus, chats
from bot.models.schema import outbox as table
from bot.store import inbox, outbox, pulled
from bot.store.db import Database
from bot.store.inbox import ChatKey
from bot.store.outbox import Claim, NewMessage
from tests.support import START

TRIES = 3

T = TypeVar("T")
UNTIL = START + timedelta(seconds=90)
EXPIRED = UNTIL + timedelta(seconds=1)


class Outbox:
    """The store's functions, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.chat = self.new_chat("42")

    def do(self, work: Callable[[Connection], T]) -> T:
        return self._database.write_now(work)

    def new_chat(self, name: str, channel: str = "telegram") -> int:
        return self.do(lambda c: inbox.chat_id(c, ChatKey(channel, name), START))

    def add(self, *messages: NewMessage, chat: int = 0) -> None:
        chat = chat or self.chat

        def work(connection: Connection) -> None:
            row = chats.c.id == chat
            first = connection.execute(select(chats.c.next_seq).where(row)).scalar_one()
            after = outbox.add(connection, chat, first, list(messages), START)
            connection.execute(update(chats).where(row).values(next_seq=after))

        self.do(work)

    def claim(self, owner: str = "one", now: datetime = START, chat: int = 0) -> Claim | None:
        until = now + timedelta(seconds=90)
        return self.do(lambda c: outbox.claim(c, chat or self.chat, owner, now, until, tries=TRIES))

    def take(self, owner: str = "one", now: datetime = START) -> Claim:
        claim = self.claim(owner, now)
        assert claim is not None
        return claim

    def sent(self, claim: Claim, external: str | None = "m1") -> bool:
        return self.do(lambda c: outbox.sent(c, claim, external, START))

    def again(self, claim: Claim, when: datetime, **how: bool) -> None:
        self.do(lambda c: outbox.again(c, claim, when, "why", **how))

    def due(self, now: datetime = START) -> list[tuple[int, int]]:
        return self.do(lambda c: outbox.due_chats(c, ["telegram"], now))

    def rows(self, chat: int = 0) -> Sequence[Any]:
        query = table.select().where(table.c.chat_id == (chat or self.chat)).order_by(table.c.seq)
        return self.do(lambda c: c.execute(query).all())

    def statuses(self) -> list[str]:
        return [row.status for row in self.rows()]


@pytest.fixture
def box(database: Database) -> Outbox:
    return Outbox(database)


def message(
    payload: bytes = b"x",
    priority: Priority = Priority.REPLY,
    *,
    ticket: int | None = None,
    coalesce: str = "",
    not_before: datetime | None = None,
) -> NewMessage:
    return NewMessage(payload, priority, ticket, coalesce, not_before)


def payloads(claim: Claim | None) -> list[bytes]:
    return [] if claim is None else [row.payload for row in claim.rows]


def test_messages_are_claimed_one_by_one_in_order(box: Outbox) -> None:
    box.add(message(b"1"), message(b"2"))
    box.add(message(b"3", Priority.URGENT))
    seen = []
    while (claim := box.claim()) is not None:
        seen += payloads(claim)
        assert box.sent(claim) == (len(seen) < 3)
    assert seen == [b"1", b"2", b"3"]
    assert [row.seq for row in box.rows()] == [1, 2, 3]


def test_a_sent_message_is_wiped_and_keeps_the_platforms_id(box: Outbox) -> None:
    box.add(message(b"secret", ticket=9))
    box.sent(box.take(), "tg-77")
    (row,) = box.rows()
    assert (row.status, row.payload, row.external_id, row.attempts) == ("sent", None, "tg-77", 1)
    assert box.do(lambda c: outbox.ticket_of(c, box.chat, "tg-77")) == 9
    other = box.new_chat("b")
    assert box.do(lambda c: outbox.ticket_of(c, other, "tg-77")) is None


def test_a_reply_to_merged_cards_is_a_reply_to_none_of_them(box: Outbox) -> None:
    """Guessing could show one citizen what is meant for another."""
    box.add(message(ticket=9, coalesce="card"), message(ticket=10, coalesce="card"))
    box.sent(box.take(), "tg-78")
    assert box.do(lambda c: outbox.ticket_of(c, box.chat, "tg-78")) is None


def test_a_claim_of_another_owner_is_respected_until_it_ends(box: Outbox) -> None:
    box.add(message(b"1"), message(b"2"))
    box.take("one")
    assert box.claim("two") is None
    assert box.due() == []
    assert box.due(EXPIRED) == [(box.chat, Priority.REPLY)]
    # The message the first was sending: perhaps shown already, tried again.
    claim = box.take("two", EXPIRED)
    assert (payloads(claim), claim.uncertain) == ([b"1"], 1)


def test_only_one_of_many_owners_claims(box: Outbox) -> None:
    box.add(message())
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: box.claim(f"w{n}"), range(8)))
    assert len([claim for claim in claims if claim is not None]) == 1


def test_found_in_sending_after_its_last_try_it_is_given_up_and_the_next_goes_on(
    box: Outbox,
) -> None:
    box.add(message(b"1"), message(b"2"))
    now = START
    assert box.take("0", now).uncertain == 0
    for number in range(1, TRIES):
        now += timedelta(seconds=100)
        claim = box.take(str(number), now)
        assert (payloads(claim), claim.uncertain) == ([b"1"], 1)
    now += timedelta(seconds=100)
    assert box.claim("last", now) is None
    first, second = box.rows()
    assert (first.status, first.error, first.payload) == ("failed", outbox.TOO_OFTEN, None)
    assert first.uncertain == TRIES
    assert second.status == "pending"
    assert payloads(box.claim("last", now)) == [b"2"]


def test_every_doubtful_send_is_counted(box: Outbox) -> None:
    box.add(message())
    box.again(box.take(), START, uncertain=True)
    box.again(box.take(), START)
    claim = box.take()
    assert box.do(outbox.counts) == {"sending": 1, "uncertain": 1}
    box.do(lambda c: outbox.failed(c, claim, outbox.TOO_OFTEN, START, uncertain=True))
    assert [(row.status, row.uncertain) for row in box.rows()] == [("failed", 2)]


def test_a_retry_holds_the_whole_chat_until_its_time(box: Outbox) -> None:
    later = START + timedelta(seconds=5)
    box.add(message(b"1"), message(b"2"))
    box.again(box.take(), later)
    assert box.claim("two") is None
    assert box.due() == []
    assert box.due(later) == [(box.chat, Priority.REPLY)]
    claim = box.take("two", later)
    assert (payloads(claim), claim.rows[0].attempts) == ([b"1"], 2)


def test_a_wait_the_platform_asked_for_is_no_attempt(box: Outbox) -> None:
    box.add(message())
    for _ in range(5):
        box.again(box.take(), START, counted=False)
    assert box.take().rows[0].attempts == 1


def test_a_success_after_a_wait_leaves_no_wait_behind(box: Outbox) -> None:
    box.add(message(b"1"))
    box.again(box.take(), START)
    box.sent(box.take())
    box.add(message(b"2"))
    assert payloads(box.claim("two")) == [b"2"]


def test_giving_up_wipes_and_goes_on(box: Outbox) -> None:
    box.add(message(b"1"), message(b"2"))
    claim = box.take()
    assert box.do(lambda c: outbox.failed(c, claim, "r" * 200, START))
    first = box.rows()[0]
    assert (first.status, first.payload, first.error) == ("failed", None, "r" * 80)
    assert payloads(box.claim()) == [b"2"]


def test_waiting_messages_of_one_kind_go_together(box: Outbox) -> None:
    box.add(*(message(b"%d" % n, coalesce="card") for n in range(7)), message(b"other"))
    first = box.take()
    assert payloads(first) == [b"0", b"1", b"2", b"3", b"4"]
    assert box.sent(first)
    assert {row.external_id for row in box.rows()[:5]} == {"m1"}
    second = box.take()
    assert payloads(second) == [b"5", b"6"]
    box.sent(second)
    assert payloads(box.take()) == [b"other"]


def test_messages_of_different_kinds_do_not_go_together(box: Outbox) -> None:
    box.add(message(b"1", coalesce="card"), message(b"2"), message(b"3", coalesce="card"))
    assert payloads(box.take()) == [b"1"]


def test_a_doubtful_card_is_not_merged_with_a_fresh_one(box: Outbox) -> None:
    box.add(message(b"1", coalesce="card"))
    box.take("one")
    box.add(message(b"2", coalesce="card"))
    assert payloads(box.take("two", EXPIRED)) == [b"1"]


def test_a_held_message_does_not_hold_back_later_ones(box: Outbox) -> None:
    morning = START + timedelta(hours=9)
    box.add(message(b"reminder", Priority.REMINDER, not_before=morning), message(b"reply"))
    assert box.due() == [(box.chat, Priority.REPLY)]
    claim = box.take()
    assert payloads(claim) == [b"reply"]
    assert not box.sent(claim)
    assert box.due() == []
    assert box.due(morning) == [(box.chat, Priority.REMINDER)]
    assert payloads(box.claim(now=morning)) == [b"reminder"]


def test_urgent_chats_come_first_then_the_longest_waiting(box: Outbox) -> None:
    second, third = box.new_chat("b"), box.new_chat("c")
    web = box.new_chat("d", "web")
    box.add(message())
    box.add(message(priority=Priority.ALERT), chat=second)
    box.add(message(), message(priority=Priority.URGENT), chat=third)
    box.add(message(), chat=web)
    assert box.due() == [(third, 0), (box.chat, 2), (second, 4)]


def test_unreachable_gives_up_what_waits_and_names_the_tickets(box: Outbox) -> None:
    other = box.new_chat("b")
    box.add(message(ticket=5), message(), message(ticket=6))
    box.add(message(ticket=7), chat=other)
    box.take()
    assert box.do(lambda c: outbox.unreachable(c, box.chat, START)) == {5, 6}
    assert box.statuses() == ["failed"] * 3
    assert {row.payload for row in box.rows()} == {None}
    assert not box.do(lambda c: inbox.reachable(c, box.chat))
    assert box.due() == [(other, Priority.REPLY)]
    box.do(lambda c: inbox.seen_again(c, box.chat))
    assert box.do(lambda c: inbox.reachable(c, box.chat))


def test_a_chat_that_pulls_sees_what_it_has_not_acknowledged(box: Outbox) -> None:
    box.add(message(b"1"), message(b"2"), message(b"3"))

    def after(seq: int) -> list[bytes]:
        return [row.payload for row in box.do(lambda c: pulled.after(c, box.chat, seq))]

    assert after(0) == [b"1", b"2", b"3"]
    box.do(lambda c: pulled.acknowledge(c, box.chat, 2, START))
    assert after(0) == [b"3"]
    assert after(3) == []
    assert box.statuses() == ["sent", "sent", "pending"]
    assert [row.payload for row in box.rows()] == [None, None, b"3"]


def test_an_acknowledgement_never_goes_back_or_beyond_what_there_is(box: Outbox) -> None:
    box.add(message(), message())

    def acked(seq: int) -> int:
        box.do(lambda c: pulled.acknowledge(c, box.chat, seq, START))
        query = select(chats.c.acked_seq).where(chats.c.id == box.chat)
        return int(box.do(lambda c: c.execute(query).scalar_one()))

    assert [acked(2), acked(1), acked(99)] == [2, 2, 2]


def test_what_waits_is_handed_over_behind_what_waits_there(box: Outbox) -> None:
    new = box.new_chat("-100")
    box.add(message(b"1"), message(b"2"))
    box.sent(box.take())
    box.add(message(b"3"))
    box.add(message(b"a"), chat=new)
    box.do(lambda c: outbox.hand_over(c, box.chat, new))
    assert [(row.seq, row.payload) for row in box.rows(new)] == [(1, b"a"), (2, b"2"), (3, b"3")]
    assert box.statuses() == ["sent"]
    box.add(message(b"b"), chat=new)
    assert box.rows(new)[-1].seq == 4


def test_counts_are_by_status(box: Outbox) -> None:
    box.add(message(), message(), message())
    box.sent(box.take())
    claim = box.take()
    box.do(lambda c: outbox.failed(c, claim, "no", START))
    assert box.do(outbox.counts) == {"pending": 1, "failed": 1, "uncertain": 0}
    assert {s.value for s in OutStatus} == {"pending", "sending", "sent", "failed", "cancelled"}


def test_nothing_to_claim_leaves_nobody_in_the_way(box: Outbox) -> None:
    assert box.claim("one") is None
    box.add(message())
    assert box.claim("two") is not None
    assert not box.do(lambda c: outbox.is_group(c, box.chat))
