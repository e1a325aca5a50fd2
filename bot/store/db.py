"""Transactions, off the event loop.

SQLite: one writer thread with one connection. Jobs that wait together share one `BEGIN IMMEDIATE`
and one commit (group commit), each inside its own savepoint, so one job's failure undoes that job
alone. Measured on the path of a message this is about twice as fast as a commit each
(docs/adr/0003-storage.md). PostgreSQL: a pool of threads, one transaction a job.
"""

from __future__ import annotations

import asyncio
import queue
import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StartupError, StoreError
from bot.store import queueing
from bot.store.pooling import ping_after_rest
from bot.store.prepared import run_plain
from bot.store.promises import Awaited, Blocking, Promise, hand_over

log = structlog.get_logger(__name__)

T = TypeVar("T")
Work = Callable[[Connection], T]
_Job = tuple[Callable[[Connection], Any], Promise]

_GROUP_MOST = 32
#: Of a group, places for what need not be done first: a flood must not keep that from its turn.
_GROUP_OTHERS = 8
_WAL_TRIES = 100
_WAL_PAUSE = 0.05
_PG_THREADS = 6
_PG_RETRIES = 3
#: Seconds: who stands in each other's way lets the other one pass first.
_PG_PAUSE = (0.01, 0.05)
#: PostgreSQL: serialization failure and deadlock; the transaction left no trace and may run again.
_RETRY_STATES = frozenset({"40001", "40P01"})
_AWAY = "unreachable"
_CLOSED = "the database is closed"
_READ_ONLY, _DISK_FULL = "25006", "53100"
#: Trouble of the database itself, which passes; any other error comes of what was asked of it.
PASSING: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)


def make_engine(url: str) -> Engine:
    """An engine for `url`. Importing or making one connects to nothing."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            # An error's text must not carry what people wrote into a log.
            hide_parameters=True,
            connect_args={"check_same_thread": False, "timeout": 30.0},
        )
        event.listen(engine, "connect", _on_sqlite_connect)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=_PG_THREADS + 2,
        max_overflow=2,
        # The one used last first: it is known to live, and has its statements prepared.
        pool_use_lifo=True,
        connect_args={"connect_timeout": 5},
    )
    ping_after_rest(engine)
    return engine


def driver_url(url: str) -> str:
    """A PostgreSQL address as the driver itself wants it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    # Autocommit in the driver, so that BEGIN is ours: IMMEDIATE for writes (deferred ones fail
    # with "database is locked" when two of them upgrade).
    connection.isolation_level = None
    cursor = connection.cursor()
    _use_wal(cursor)
    for pragma in (
        "busy_timeout=30000",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    for left in reversed(range(_WAL_TRIES)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            # Two processes make the file at once; here SQLite refuses without waiting.
            if not left:
                raise
            time.sleep(_WAL_PAUSE)
        else:
            return


def ensure_folder(url: str) -> None:
    """Make the folder of an SQLite file. StartupError when it cannot be."""
    if not url.startswith("sqlite:///"):
        return
    folder = Path(url.removeprefix("sqlite:///")).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(
            f"{folder}: the database folder cannot be made ({error.strerror}); "
            "set CONGDANSO_VAR_DIR to a folder that can be written"
        ) from error


class Database:
    """Runs functions of a connection in transactions, each on a thread of its own kind."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        #: The same connections; PostgreSQL refuses to write in its transactions.
        self._reading = engine.execution_options(postgresql_readonly=True)
        #: Whether an event is written together with a job that says so (bot.store.queueing).
        self.queued = False
        #: What hinders writing since a write failed, until `checked` finds it gone; "" for nothing.
        self.trouble = ""
        self._closed = False
        self._closing = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._ahead: list[_Job | None] = []
        self._first: deque[_Job] = deque()
        self._readers = ThreadPoolExecutor(2 if self.sqlite else _PG_THREADS, "db-read")
        self._writers: ThreadPoolExecutor | None = None
        self._writer: threading.Thread | None = None
        if self.sqlite:
            self._writer = threading.Thread(target=self._run, name="db-write", daemon=True)
            self._writer.start()
        else:
            self._writers = ThreadPoolExecutor(_PG_THREADS, "db-write")

    # From the event loop.

    async def write(self, work: Work[T], *, first: bool = False) -> T:
        """Run `work` in a transaction that is committed when this returns.

        `first`: before what waits already, since a platform waits for it (SQLite).
        """
        if not self.sqlite:
            return await asyncio.wrap_future(self.submit(work))
        promise = Awaited()
        self._put((work, promise), first=first)
        result: T = await promise.future
        return result

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a transaction of its own that must not write."""
        return await asyncio.wrap_future(self._readers.submit(self._read, work))

    # From other threads.

    def submit(self, work: Work[T], *, first: bool = False) -> Future[T]:
        """Like `write`, for callers without an event loop."""
        if self._writers is not None:
            with self._closing:
                if self._closed:
                    raise StoreError(_CLOSED)
                return self._writers.submit(self._pg_write, work)
        promise = Blocking()
        self._put((work, promise), first=first)
        return promise.future

    def _put(self, job: _Job, *, first: bool) -> None:
        with self._closing:
            if self._closed:
                raise StoreError(_CLOSED)
            if first:
                self._first.append(job)
                self._jobs.put(_LOOK)
            else:
                self._jobs.put(job)

    def write_now(self, work: Work[T]) -> T:
        """Like `write`, blocking."""
        return self.submit(work).result()

    def read_now(self, work: Work[T]) -> T:
        """Like `read`, blocking."""
        return self._readers.submit(self._read, work).result()

    def checkpoint(self) -> None:
        """Leave nothing of what was erased in SQLite's write-ahead log (no-op on PostgreSQL)."""
        if self.sqlite and not self._closed:
            self._jobs.put((_truncate_wal, Blocking()))

    def close(self) -> None:
        """Finish what was submitted, then close every connection."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        if self._writer is not None:
            self._jobs.put(None)
            self._writer.join()
        if self._writers is not None:
            self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()

    def _read(self, work: Work[T]) -> T:
        if not self.sqlite:
            return self._again(lambda: self._pg_read(work))
        with self.engine.connect() as connection:
            run_plain(connection, "BEGIN")
            try:
                return work(connection)
            finally:
                run_plain(connection, "ROLLBACK")

    # PostgreSQL.

    def _again(self, do: Callable[[], T]) -> T:
        """Once more for a connection that was cut while it rested; its pool was emptied then."""
        try:
            return do()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return do()

    def _pg_read(self, work: Work[T]) -> T:
        # Committed: at a ROLLBACK the driver forgets every statement it has prepared.
        with self._reading.begin() as connection:
            return work(connection)

    def _pg_write(self, work: Work[T]) -> T:
        for attempt in range(_PG_RETRIES):
            # Whether it was kept cannot be known of one that was cut from here on.
            committing = False
            try:
                with self.engine.begin() as connection:
                    result = self._pg_work(connection, work)
                    committing = True
                return result
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                again = state in _RETRY_STATES or (error.connection_invalidated and not committing)
                if again and attempt < _PG_RETRIES - 1:
                    time.sleep(random.uniform(*_PG_PAUSE))
                    continue
                if state == _READ_ONLY and error.orig is not None:
                    # The driver takes it for a fault of the statement.
                    error = OperationalError(
                        error.statement, None, error.orig, hide_parameters=True
                    )
                self._hindered(error)
                raise error
        raise StoreError("unreachable")

    def _pg_work(self, connection: Connection, work: Work[T]) -> T:
        if not self.queued:
            return work(connection)
        queueing.open_box(connection)
        try:
            result = work(connection)
        finally:
            chats = queueing.close_box(connection)
        queueing.defer(connection, chats)
        return result

    def _hindered(self, error: Exception) -> None:
        if isinstance(error, PASSING):
            word = _hindrance(error)
            # What follows from an error does not say what it was.
            self.trouble = self.trouble if self.trouble and word == _AWAY else word

    # SQLite.

    def _run(self) -> None:
        with self.engine.connect() as connection:
            while (job := self._next()) is not None:
                if job[0] is _truncate_wal:
                    _truncate_wal(connection)
                else:
                    self._commit_group(connection, self._group(job))

    def _next(self) -> _Job | None:
        while True:
            if self._first:
                return self._first.popleft()
            job = self._ahead.pop() if self._ahead else self._jobs.get()
            if job is not _LOOK:
                return job

    def _group(self, first: _Job) -> list[_Job]:
        """`first` with the jobs that wait already; a checkpoint or the end waits for them."""
        group = [first]
        while self._first and len(group) < _GROUP_MOST - _GROUP_OTHERS:
            group.append(self._first.popleft())
        while len(group) < _GROUP_MOST and not self._ahead and not self._jobs.empty():
            job = self._jobs.get()
            if job is _LOOK:
                continue
            if job is None or job[0] is _truncate_wal:
                self._ahead.append(job)
                break
            group.append(job)
        return group

    def _commit_group(self, connection: Connection, group: list[_Job]) -> None:
        # Whoever asked may have gone away meanwhile; from here on a job cannot be cancelled.
        group = [job for job in group if job[1].begin()]
        done: list[tuple[Promise, Any]] = []
        failed: set[Promise] = set()
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for work, promise in group:
                run_plain(connection, "SAVEPOINT job")
                try:
                    result = work(connection)
                except Exception as error:  # noqa: BLE001 - handed to whoever awaits the job
                    self._hindered(error)
                    failed.add(promise)
                    promise.fail(error)
                    # Fails where SQLite has undone the whole transaction by itself: a full disk.
                    run_plain(connection, "ROLLBACK TO job")
                else:
                    done.append((promise, result))
                run_plain(connection, "RELEASE job")
            connection.exec_driver_sql("COMMIT")
        except Exception as error:  # noqa: BLE001 - the whole group failed; every waiter is told
            self._hindered(error)
            self._undo(connection)
            for _, promise in group:
                if promise not in failed:
                    promise.fail(error)
        else:
            for promise, result in done:
                promise.keep(result)
        hand_over(promise for _, promise in group)

    @staticmethod
    def _undo(connection: Connection) -> None:
        try:
            connection.exec_driver_sql("ROLLBACK")
        except SQLAlchemyError:
            # BEGIN itself had failed: nothing to undo.
            connection.rollback()


def _hindrance(error: Exception) -> str:
    orig = getattr(error, "orig", None)
    said = str(orig).lower()
    if "is full" in said or getattr(orig, "sqlstate", None) == _DISK_FULL:
        return "full"
    if "readonly" in said or getattr(orig, "sqlstate", None) == _READ_ONLY:
        return "read-only"
    return _AWAY


def _truncate_wal(connection: Connection) -> None:
    try:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    except SQLAlchemyError as error:
        # The writer must live on; the log is emptied by the next checkpoint.
        log.error("checkpoint failed", error=type(error).__name__)
        return
    if busy:
        log.warning("checkpoint hindered by a reader")


def _nothing(_: Connection) -> None:
    """No job: it only wakes the writer."""


_LOOK: _Job = (_nothing, Blocking())


def ping(connection: Connection) -> bool:
    """Whether the database answers."""
    return bool(connection.execute(text("SELECT 1")).scalar() == 1)
