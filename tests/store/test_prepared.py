"""Prepared statements give what SQLAlchemy's own execution gives, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.models.schema import chats, inbox
from bot.store.db import Database
from bot.store.prepared import Prepared, run_plain
from tests.support import START

_INSERT = insert(chats)
_ROW = {
    "channel": "web",
    "external_id": "a",
    "is_group": True,
    "created_at": START,
    "seen_at": START + timedelta(microseconds=5),
    # What has a default in Python is given too.
    "state_version": 0,
    "next_seq": 1,
    "acked_seq": 0,
}
_SELECT = select(chats.c.channel, chats.c.is_group, chats.c.seen_at, chats.c.state).where(
    chats.c.external_id == bindparam("who"), chats.c.unreachable_at.is_(None)
)
_LEFT = (
    update(chats)
    .where(chats.c.external_id == bindparam("who"))
    .values(unreachable_at=bindparam("at"), locality="xa")
)


def make(database: Database) -> None:
    statement = Prepared(_INSERT, *_ROW)
    database.write_now(lambda c: statement.change(c, _ROW))


def test_values_come_back_as_they_do_otherwise(database: Database) -> None:
    make(database)
    prepared = Prepared(_SELECT)
    rows = database.read_now(lambda c: prepared.rows(c, {"who": "a"}))
    assert rows == [("web", True, START + timedelta(microseconds=5), None)]
    plain = database.read_now(lambda c: [tuple(row) for row in c.execute(_SELECT, {"who": "a"})])
    assert rows == plain


def test_nothing_found(database: Database) -> None:
    prepared = Prepared(_SELECT)
    assert database.read_now(lambda c: prepared.row(c, {"who": "b"})) is None
    assert database.read_now(lambda c: prepared.scalar(c, {"who": "b"})) is None


def test_it_says_how_many_it_changed(database: Database) -> None:
    make(database)
    left = Prepared(_LEFT)
    assert database.write_now(lambda c: left.change(c, {"who": "a", "at": START})) == 1
    assert database.write_now(lambda c: left.change(c, {"who": "b", "at": START})) == 0
    gone = Prepared(_SELECT)
    assert database.read_now(lambda c: gone.row(c, {"who": "a"})) is None
    query = select(chats.c.unreachable_at, chats.c.locality)
    assert database.read_now(lambda c: tuple(c.execute(query).one())) == (START, "xa")


def test_errors_are_sqlalchemys_and_hold_no_value(database: Database) -> None:
    make(database)
    with pytest.raises(IntegrityError) as failed:
        make(database)
    assert START.isoformat(" ")[:19] not in str(failed.value)


def test_trouble_of_sqlite_is_told_as_any(database: Database) -> None:
    if database.sqlite:
        with pytest.raises(OperationalError):
            database.read_now(lambda c: run_plain(c, "SELECT * FROM nowhere"))


def test_a_list_of_values_is_refused(database: Database) -> None:
    prepared = Prepared(select(inbox.c.id).where(inbox.c.id.in_([1, 2])))
    if database.sqlite:
        with pytest.raises(TypeError, match="cannot be prepared"):
            database.read_now(lambda c: prepared.rows(c, {}))
