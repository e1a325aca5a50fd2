"""Connections that are cut between two transactions, and what they remember meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from bot.store import records
from bot.store.db import Database, make_engine
from bot.store.pooling import ping_after_rest
from tests.support import POSTGRESQL

pytestmark = POSTGRESQL

_PID = text("SELECT pg_backend_pid()")
_CUT = text("SELECT pg_terminate_backend(:pid, 5000)")
_PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%remembered%'")
_NAMED = text("SELECT :n AS remembered")


@pytest.fixture
def other(database_url: str) -> Iterator[Engine]:
    """Somebody else on the same database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def cut(other: Engine, pid: int) -> None:
    """End a connection and return when it is gone."""
    with other.begin() as connection:
        assert connection.execute(_CUT, {"pid": pid}).scalar()


def pid_of(database: Database) -> int:
    """Of the connection that was used last and is used next."""
    return int(database.write_now(lambda c: c.execute(_PID).scalar_one()))


def test_a_cut_connection_costs_no_write(database: Database, other: Engine) -> None:
    cut(other, pid_of(database))
    database.write_now(lambda c: records.set_cursor(c, "a", "1"))
    assert database.read_now(lambda c: records.cursor(c, "a")) == "1"
    assert database.trouble == ""


def test_a_cut_connection_costs_no_read(database: Database, other: Engine) -> None:
    cut(other, pid_of(database))
    assert database.read_now(lambda c: c.execute(text("SELECT 1")).scalar()) == 1


def test_one_cut_in_the_middle_does_its_work_again(database: Database, other: Engine) -> None:
    tries: list[int] = []

    def work(connection: Connection) -> None:
        records.set_cursor(connection, f"try {len(tries)}", "1")
        tries.append(connection.execute(_PID).scalar_one())
        if len(tries) == 1:
            cut(other, tries[0])
        records.set_cursor(connection, "last", "1")

    database.write_now(work)
    assert len(set(tries)) == 2
    assert database.read_now(lambda c: records.cursor(c, "try 0")) is None
    assert database.read_now(lambda c: records.cursor(c, "try 1")) == "1"


def test_one_cut_at_its_commit_is_not_done_again(database: Database, other: Engine) -> None:
    """Nobody knows whether it was kept."""
    tries: list[int] = []

    @event.listens_for(database.engine, "commit")
    def gone(connection: Connection) -> None:
        cut(other, tries[-1])

    with pytest.raises(OperationalError):
        database.write_now(lambda c: tries.append(c.execute(_PID).scalar_one()))
    assert len(tries) == 1


def test_one_that_rested_is_asked_first(database_url: str, other: Engine) -> None:
    """Who uses the engine itself never sees a connection that was cut in the night."""
    engine = create_engine(database_url, pool_size=1)
    ping_after_rest(engine, seconds=0)
    with engine.connect() as connection:
        pid = connection.execute(_PID).scalar_one()
    cut(other, pid)
    with engine.connect() as connection:
        assert connection.execute(_PID).scalar_one() != pid
    engine.dispose()


def test_reading_leaves_prepared_statements(database: Database) -> None:
    """At a ROLLBACK the driver would forget them, and each be planned anew."""
    for n in range(8):
        database.write_now(lambda c, n=n: c.execute(_NAMED, {"n": n}))  # type: ignore[misc]

    def kept(connection: Connection) -> Any:
        return connection.execute(_PREPARED).scalar()

    before = database.read_now(kept)
    assert before > 0
    assert database.read_now(kept) == before
