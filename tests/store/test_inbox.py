"""Chats, their events and the lease."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, delete

from bot.errors import LeaseLost
from bot.models.schema import inbox as inbox_table
from bot.store import inbox
from bot.store.db import Database
from bot.store.inbox import ChatKey, InboxRow
from tests.support import START

T = TypeVar("T")
KEY = ChatKey("telegram", "42")
LATER = START + timedelta(seconds=15)
EXPIRED = LATER + timedelta(seconds=1)


class Inbox:
    """The store's functions, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.chat = self.do(lambda c: inbox.chat_id(c, KEY, START))

    def do(self, work: Callable[[Connection], T]) -> T:
        return self._database.write_now(work)

    def put(self, external: str, payload: bytes = b"x", source: str = "telegram") -> int | None:
        return self.do(lambda c: inbox.put(c, self.chat, source, external, payload, START))

    def take(self, owner: str, now: datetime = START) -> list[InboxRow] | None:
        until = now + timedelta(seconds=15)
        return self.do(lambda c: inbox.take(c, self.chat, owner, now, until))

    def save(self, owner: str, keep: datetime | None = None) -> None:
        def work(connection: Connection) -> None:
            held = inbox.hold(connection, self.chat, owner)
            inbox.save(
                connection,
                held,
                state=b"s",
                next_seq=held.next_seq + 1,
                guide_id=None,
                now=START,
                keep_lease_until=keep,
            )

        self.do(work)

    def orphans(self, now: datetime = START) -> list[int]:
        return self.do(lambda c: inbox.orphans(c, now))

    def handled(self, row: int | None) -> None:
        assert row is not None
        self.do(lambda c: inbox.handled(c, row, START))


@pytest.fixture
def box(database: Database) -> Inbox:
    return Inbox(database)


def test_a_chat_has_one_row_however_often_it_comes(box: Inbox, database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        key = ChatKey("web", "new")
        found = list(
            pool.map(
                lambda _: database.write_now(lambda c: inbox.chat_id(c, key, START)), range(24)
            )
        )
    assert len(set(found)) == 1
    assert box.chat not in found
    assert database.read_now(lambda c: inbox.find_chat(c, ChatKey("zalo", "42"))) is None


def test_a_repeated_event_is_kept_once(box: Inbox) -> None:
    assert box.put("7") is not None
    assert box.put("7", b"other") is None
    assert box.put("7", source="internal") is not None
    rows = box.take("one")
    assert rows is not None
    assert [row.payload for row in rows] == [b"x", b"x"]


def test_an_event_is_known_again_after_it_was_handled(box: Inbox) -> None:
    row = box.put("7")
    box.handled(row)
    assert box.put("7") is None


def test_ids_are_never_given_again(box: Inbox) -> None:
    """A question and a ticket have the id of their event, which may long be purged."""
    first = box.put("7")
    box.do(lambda c: c.execute(delete(inbox_table)))
    second = box.put("8")
    assert first is not None
    assert second is not None
    assert second > first


def test_events_come_in_order_and_in_portions(box: Inbox, database: Database) -> None:
    ids = [box.put(str(i), b"%d" % i) for i in range(20)]
    rows = box.take("one")
    assert rows is not None
    assert [row.id for row in rows] == ids[:16]
    rest = database.read_now(lambda c: inbox.waiting(c, box.chat, after=rows[-1].id))
    assert [row.payload for row in rest] == [b"16", b"17", b"18", b"19"]


def test_a_lease_belongs_to_one(box: Inbox) -> None:
    box.put("1")
    assert len(box.take("one") or []) == 1
    assert box.take("two") is None
    assert len(box.take("one") or []) == 1
    # Until it ends: exactly then it is still held.
    assert box.take("two", LATER) is None
    assert len(box.take("two", EXPIRED) or []) == 1
    assert box.take("one", EXPIRED) is None


def test_only_one_of_many_takes_it(box: Inbox, database: Database) -> None:
    box.put("1")

    def take(owner: str) -> bool:
        work = database.submit(lambda c: inbox.take(c, box.chat, owner, START, LATER))
        return work.result(10) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, [f"w{i}" for i in range(8)])) == 1


def test_without_work_the_lease_stays_free(box: Inbox) -> None:
    assert box.take("one") == []
    assert box.take("two") == []


def test_the_lease_goes_back_with_the_work(box: Inbox) -> None:
    box.put("1")
    box.take("one")
    box.save("one")
    assert len(box.take("two") or []) == 1


def test_the_lease_is_kept_while_there_is_more(box: Inbox) -> None:
    box.put("1")
    box.take("one")
    box.save("one", keep=LATER)
    assert box.take("two") is None


def test_a_worker_whose_lease_went_away_cannot_write(box: Inbox) -> None:
    box.put("1")
    box.take("one")
    box.take("two", EXPIRED)
    with pytest.raises(LeaseLost):
        box.save("one")
    box.save("two")
    with pytest.raises(LeaseLost):
        box.save("two")


def test_a_state_changed_meanwhile_is_not_overwritten(box: Inbox) -> None:
    box.put("1")
    box.take("one")
    stale = box.do(lambda c: inbox.hold(c, box.chat, "one"))
    box.save("one", keep=LATER)

    def write_stale(connection: Connection) -> None:
        inbox.save(
            connection,
            stale,
            state=b"old",
            next_seq=1,
            guide_id=None,
            now=START,
            keep_lease_until=None,
        )

    with pytest.raises(LeaseLost, match="changed"):
        box.do(write_stale)
    now = box.do(lambda c: inbox.hold(c, box.chat, "one"))
    assert (now.state, now.state_version, now.next_seq) == (b"s", 1, 2)


def test_an_event_is_handled_once_and_its_text_is_wiped(box: Inbox, database: Database) -> None:
    row = box.put("1", b"secret")
    box.handled(row)
    with pytest.raises(LeaseLost, match="already"):
        box.handled(row)
    kept = database.read_now(lambda c: c.execute(inbox_table.select()).one())
    assert kept.payload is None
    assert kept.handled_at == START


def test_failures_are_counted(box: Inbox) -> None:
    row = box.put("1")
    assert row is not None
    assert [box.do(lambda c: inbox.failed_once(c, row)) for _ in range(3)] == [1, 2, 3]


def test_orphans_are_waiting_chats_that_no_living_worker_has(box: Inbox) -> None:
    assert box.orphans() == []
    row = box.put("1")
    other = box.do(lambda c: inbox.chat_id(c, ChatKey("web", "b"), START))
    box.do(lambda c: inbox.put(c, other, "web", "1", b"x", START))
    assert box.orphans() == [box.chat, other]
    box.take("one")
    assert box.orphans() == [other]
    assert box.orphans(EXPIRED) == [box.chat, other]
    box.handled(row)
    assert box.orphans(EXPIRED) == [other]


def test_a_worker_that_stops_gives_everything_back(box: Inbox) -> None:
    box.put("1")
    box.take("one")
    box.do(lambda c: inbox.give_back(c, "two"))
    assert box.orphans() == []
    box.do(lambda c: inbox.give_back(c, "one"))
    assert box.orphans() == [box.chat]


def test_the_backlog_counts_what_waits(box: Inbox, database: Database) -> None:
    row = box.put("1")
    box.put("2")
    assert database.read_now(inbox.backlog) == 2
    box.handled(row)
    assert database.read_now(inbox.backlog) == 1


def test_small_things_about_a_chat(box: Inbox, database: Database) -> None:
    box.do(lambda c: inbox.set_locality(c, box.chat, "xã Tân Ân"))
    box.put("1")
    box.take("one")
    held = box.do(lambda c: inbox.hold(c, box.chat, "one"))
    assert (held.key, held.locality) == (KEY, "xã Tân Ân")
    assert database.read_now(lambda c: inbox.reachable(c, box.chat))
