"""Transactions: groups on SQLite, retries on PostgreSQL, nothing lost on either."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.errors import StartupError, StoreError
from bot.models.schema import cursors
from bot.store import records, room
from bot.store.db import PASSING, Database, ensure_folder, make_engine, ping
from bot.store.room import hindrance
from bot.store.sql import locked
from tests.databases import file_bytes
from tests.support import POSTGRESQL, SQLITE


class Boom(Exception):
    """A job's own failure."""


def put(name: str, value: str = "1") -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        records.set_cursor(connection, name, value)
        return value

    return work


def names(database: Database) -> list[str]:
    return list(database.read_now(lambda c: c.execute(select(cursors.c.name)).scalars().all()))


class Gate:
    """Holds the writer, so that what is submitted meanwhile becomes one group."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open = threading.Event()
        self._entered = threading.Event()

    def __enter__(self) -> Gate:
        self.job = self._database.submit(self._wait)
        assert self._entered.wait(10)
        return self

    def _wait(self, _: Connection) -> None:
        self._entered.set()
        assert self._open.wait(10)

    def __exit__(self, *_: object) -> None:
        self._open.set()


def commits(database: Database) -> list[str]:
    """Every transaction statement of the engine from now on."""
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        if statement.split()[0] in ("BEGIN", "COMMIT", "ROLLBACK") and " TO " not in statement:
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    return seen


# SQLite -----------------------------------------------------------------------------------------


@SQLITE
def test_jobs_that_wait_share_one_commit(database: Database) -> None:
    with Gate(database):
        seen = commits(database)
        jobs = [database.submit(put(f"n{i}", str(i))) for i in range(20)]
    assert [job.result(10) for job in jobs] == [str(i) for i in range(20)]
    # The gate's own COMMIT, then one transaction for all.
    assert seen == ["COMMIT", "BEGIN IMMEDIATE", "COMMIT"]
    assert sorted(names(database)) == sorted(f"n{i}" for i in range(20))


@SQLITE
def test_a_group_has_a_bound(database: Database) -> None:
    with Gate(database):
        seen = commits(database)
        jobs = [database.submit(put(f"n{i}")) for i in range(80)]
    for job in jobs:
        job.result(10)
    assert seen.count("BEGIN IMMEDIATE") == 3


@SQLITE
def test_a_failing_job_undoes_itself_only(database: Database) -> None:
    def fails(connection: Connection) -> None:
        put("half")(connection)
        raise Boom

    def breaks(connection: Connection) -> None:
        put("other half")(connection)
        connection.execute(text("INSERT INTO cursors (name, value) VALUES ('a', NULL)"))

    with Gate(database):
        first = database.submit(put("a"))
        bad, worse = database.submit(fails), database.submit(breaks)
        last = database.submit(put("b"))
    assert first.result(10) == "1"
    assert last.result(10) == "1"
    with pytest.raises(Boom):
        bad.result(10)
    with pytest.raises(IntegrityError):
        worse.result(10)
    assert sorted(names(database)) == ["a", "b"]


@SQLITE
def test_a_group_runs_in_order_and_later_jobs_see_earlier_ones(database: Database) -> None:
    def append(letter: str) -> Callable[[Connection], str]:
        def work(connection: Connection) -> str:
            value = (records.cursor(connection, "word") or "") + letter
            records.set_cursor(connection, "word", value)
            return value

        return work

    with Gate(database):
        jobs = [database.submit(append(letter)) for letter in "abcdef"]
    assert [job.result(10) for job in jobs] == ["a", "ab", "abc", "abcd", "abcde", "abcdef"]


@SQLITE
def test_when_the_commit_fails_every_waiter_of_the_group_is_told(database: Database) -> None:
    armed: list[bool] = []

    def refuse(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        if statement == "COMMIT" and armed:
            armed.clear()
            raise OperationalError(statement, {}, Exception("disk I/O error"))

    event.listen(database.engine, "before_cursor_execute", refuse)
    with Gate(database):
        jobs: list[Future[Any]] = [database.submit(put(f"n{i}")) for i in range(3)]
        jobs.append(database.submit(lambda _: armed.append(True)))
    for job in jobs:
        with pytest.raises(OperationalError, match="disk"):
            job.result(10)
    assert database.write_now(put("kept")) == "1"
    assert names(database) == ["kept"]


@SQLITE
def test_a_job_whose_waiter_went_away_is_skipped_and_hurts_nobody(database: Database) -> None:
    with Gate(database):
        gone = database.submit(put("gone"))
        stays = database.submit(put("stays"))
        assert gone.cancel()
    assert stays.result(10) == "1"
    with pytest.raises(CancelledError):
        gone.result(10)
    assert database.write_now(put("after")) == "1"
    assert sorted(names(database)) == ["after", "stays"]


@SQLITE
async def test_cancelling_a_task_that_waits_for_a_write_leaves_the_writer_alive(
    database: Database,
) -> None:
    with Gate(database):
        task = asyncio.create_task(database.write(put("gone")))
        other = asyncio.create_task(database.write(put("stays")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await other == "1"
    assert await database.write(put("after")) == "1"


@SQLITE
def test_a_checkpoint_empties_the_log(database: Database) -> None:
    secret = "Nguyễn Thị Bí Mật"
    database.write_now(put("who", secret))
    path = Path(str(database.engine.url.database))
    assert secret.encode() in path.with_name(path.name + "-wal").read_bytes()
    database.write_now(put("who", "-"))
    assert secret.encode() not in file_bytes(database)


@SQLITE
def test_a_checkpoint_among_jobs_runs_between_their_groups(database: Database) -> None:
    with Gate(database):
        first = database.submit(put("a"))
        database.checkpoint()
        second = database.submit(put("b"))
    assert (first.result(10), second.result(10)) == ("1", "1")


@SQLITE
def test_the_connection_has_the_promised_pragmas(database: Database) -> None:
    def pragmas(connection: Connection) -> list[object]:
        wanted = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted]

    assert database.write_now(pragmas) == ["wal", 2, 1, 1, 30000]
    assert database.read_now(pragmas) == ["wal", 2, 1, 1, 30000]


@SQLITE
def test_closing_finishes_what_was_submitted(database: Database) -> None:
    with Gate(database):
        jobs = [database.submit(put(f"n{i}")) for i in range(50)]
        closer = threading.Thread(target=database.close)
        closer.start()
    closer.join(10)
    assert not closer.is_alive()
    assert all(job.result(0) == "1" for job in jobs)


# Both -------------------------------------------------------------------------------------------


async def test_results_come_back_as_they_are(database: Database) -> None:
    assert await database.write(lambda _: 7) == 7
    assert await database.write(lambda _: False) is False
    assert await database.write(lambda _: ("a", [1])) == ("a", [1])
    assert await database.read(ping) is True
    assert database.submit(lambda _: {1: 2}).result(10) == {1: 2}


async def test_an_error_comes_back_as_itself_and_nothing_is_kept(database: Database) -> None:
    def fails(connection: Connection) -> None:
        put("half")(connection)
        raise Boom("mine")

    with pytest.raises(Boom, match="mine"):
        await database.write(fails)
    assert names(database) == []


async def test_writing_after_close_is_refused(database: Database) -> None:
    database.close()
    with pytest.raises(StoreError, match="closed"):
        await database.write(ping)
    with pytest.raises(StoreError, match="closed"):
        database.write_now(ping)
    database.checkpoint()
    database.close()


async def test_a_hundred_concurrent_read_modify_writes_lose_nothing(database: Database) -> None:
    await database.write(put("count", "0"))

    def add_one(connection: Connection) -> None:
        query = select(cursors.c.value).where(cursors.c.name == "count")
        value = int(connection.execute(locked(query)).scalar_one())
        connection.execute(
            update(cursors).where(cursors.c.name == "count").values(value=str(value + 1))
        )

    await asyncio.gather(*(database.write(add_one) for _ in range(100)))
    assert await database.read(lambda c: records.cursor(c, "count")) == "100"


async def test_a_hundred_from_threads_lose_nothing(database: Database) -> None:
    database.write_now(put("count", "0"))

    def add_one(connection: Connection) -> None:
        query = select(cursors.c.value).where(cursors.c.name == "count")
        value = int(connection.execute(locked(query)).scalar_one())
        records.set_cursor(connection, "count", str(value + 1))

    threads = [
        threading.Thread(target=lambda: [database.write_now(add_one) for _ in range(25)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert database.read_now(lambda c: records.cursor(c, "count")) == "100"


def test_a_reader_sees_a_committed_state_only(database: Database) -> None:
    database.write_now(put("a", "old"))
    with Gate(database) as gate:
        job: Future[str] = database.submit(put("a", "new"))
        if database.sqlite:
            assert database.read_now(lambda c: records.cursor(c, "a")) == "old"
    gate.job.result(10)
    job.result(10)
    assert database.read_now(lambda c: records.cursor(c, "a")) == "new"


# PostgreSQL -------------------------------------------------------------------------------------


@POSTGRESQL
async def test_a_deadlock_is_run_again(database: Database) -> None:
    await database.write(put("a", "0"))
    await database.write(put("b", "0"))
    both = threading.Barrier(2, timeout=10)
    tries: list[str] = []

    def cross(first: str, second: str) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            fresh = first not in tries
            tries.append(first)
            connection.execute(update(cursors).where(cursors.c.name == first).values(value="1"))
            if fresh:
                both.wait()
            connection.execute(update(cursors).where(cursors.c.name == second).values(value="1"))

        return work

    await asyncio.gather(database.write(cross("a", "b")), database.write(cross("b", "a")))
    assert len(tries) > 2
    values = await database.read(lambda c: c.execute(select(cursors.c.value)).scalars().all())
    assert list(values) == ["1", "1"]


@POSTGRESQL
def test_a_serialization_failure_is_run_again_a_bounded_number_of_times(
    database: Database,
) -> None:
    tries: list[int] = []

    def fails(connection: Connection) -> None:
        tries.append(1)
        connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"))

    with pytest.raises(OperationalError):
        database.write_now(fails)
    assert len(tries) == 3


@POSTGRESQL
def test_another_error_is_not_run_again(database: Database) -> None:
    tries: list[int] = []

    def fails(connection: Connection) -> None:
        tries.append(1)
        connection.execute(text("INSERT INTO cursors (name, value) VALUES ('a', NULL)"))

    with pytest.raises(IntegrityError):
        database.write_now(fails)
    assert len(tries) == 1


# Opening ----------------------------------------------------------------------------------------


def test_making_an_engine_connects_to_nothing(tmp_path: Path) -> None:
    make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    make_engine(f"sqlite:///{tmp_path}/never.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupError, match=r"file/var.*CONGDANSO_VAR_DIR"):
        ensure_folder(f"sqlite:///{tmp_path}/file/var/x.db")
    ensure_folder(f"sqlite:///{tmp_path}/new/deep/x.db")
    assert (tmp_path / "new" / "deep").is_dir()
    ensure_folder("postgresql+psycopg://x")


def test_processes_may_make_a_file_at_the_same_moment(tmp_path: Path) -> None:
    """Switching a new file to WAL is refused without waiting when another does the same."""
    errors: list[Exception] = []

    def connect(url: str, together: threading.Barrier) -> None:
        engine = make_engine(url)
        together.wait()
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (a)")
                connection.exec_driver_sql("COMMIT")
        except OperationalError as error:
            errors.append(error)
        engine.dispose()

    for number in range(30):
        together = threading.Barrier(6, timeout=30)
        url = f"sqlite:///{tmp_path}/{number}.db"
        threads = [threading.Thread(target=connect, args=(url, together)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert errors == []


# When it cannot be written to -------------------------------------------------------------------


def pragma(database: Database, statement: str) -> None:
    database.write_now(lambda c: c.exec_driver_sql(statement))


@SQLITE
async def test_a_full_database_is_named_and_its_end_is_noticed(database: Database) -> None:
    assert await hindrance(database) == ""
    pragma(database, "PRAGMA max_page_count=1")
    with pytest.raises(OperationalError, match="full"):
        await database.write(room.probe)
    assert await hindrance(database) == "full"
    pragma(database, "PRAGMA max_page_count=1000000")
    assert await hindrance(database) == ""


@SQLITE
async def test_a_database_that_may_not_be_written_to_is_named(database: Database) -> None:
    closed = ["ON"]

    @event.listens_for(database.engine, "before_cursor_execute")
    def close(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("BEGIN"):
            cursor.connection.execute(f"PRAGMA query_only={closed[0]}")

    with pytest.raises(OperationalError, match="readonly"):
        await database.write(room.probe)
    assert await hindrance(database) == "read-only"
    closed[0] = "OFF"
    assert await hindrance(database) == ""


@POSTGRESQL
async def test_a_standby_is_trouble_that_passes(database: Database) -> None:
    def as_standby(connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        room.probe(connection)

    with pytest.raises(PASSING):
        await database.write(as_standby)
    assert database.trouble == "read-only"
    assert await hindrance(database) == ""


# What a platform waits for ----------------------------------------------------------------------


@SQLITE
def test_what_a_platform_waits_for_goes_before_what_waits_already(database: Database) -> None:
    """And what is not waited for keeps its turn in a flood, and is done before the end."""
    go, done = threading.Event(), list[str]()

    def named(name: str) -> Callable[[Connection], None]:
        return lambda _: done.append(name)

    database.submit(lambda _: go.wait(10))
    later = [database.submit(named(f"later {n}")) for n in range(3)]
    flood = [database.submit(named(f"first {n}"), first=True) for n in range(100)]
    go.set()
    database.close()
    assert all(job.done() for job in [*later, *flood])
    assert [each for each in done if each.startswith("first")] == [f"first {n}" for n in range(100)]
    assert [each for each in done if each.startswith("later")] == [f"later {n}" for n in range(3)]
    assert done[0] == "first 0"
    assert 0 < done.index("later 0") < 50
