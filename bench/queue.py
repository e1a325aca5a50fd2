"""What carries work to the workers: Procrastinate's queue beside LISTEN/NOTIFY, on PostgreSQL.

`python -m bench.queue` fills the inbox with events of many chats and has them worked off by one and
by two processes, three ways, and prints one table: by the queue with a lock per conversation (as
the roles do), by the queue without locks, and by LISTEN/NOTIFY with the look that stands behind it.
Working an event off is what the store does for one (lease, read, mark as handled), nothing else, so
what is compared is the carrying. Order is checked per chat. Then, with everything idle, how long it
takes from the commit of one event until a worker has it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from bot.services.queueing import CONCURRENCY
from bot.store import inbox, queueing
from bot.store.db import Database, driver_url, make_engine
from bot.store.inbox import ChatKey
from nlu.embedded.metrics import percentile
from tests.databases import served_postgres

ROOT = Path(__file__).resolve().parent.parent
_WAYS = ("queue", "queue, no locks", "notify")
_CHANNEL = "bench_inbox"
_LEASE = timedelta(seconds=6)


def main() -> None:
    """Measure and print, or, with `--worker`, be one of the workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2000, help="events of each run")
    parser.add_argument("--chats", type=int, default=200, help="chats they are of")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each way, in turn")
    parser.add_argument("--single", type=int, default=100, help="events of the idle run")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        asyncio.run(_Worker(given.url, given.worker).run())
        return
    with served_postgres() as server, server.database() as url:
        _measure(url, given)


# Feeding ----------------------------------------------------------------------------------------


def _measure(url: str, given: argparse.Namespace) -> None:
    print(f"{given.events} events of {given.chats} chats; then {given.single} one by one")
    print("| way | workers | enqueued/s | worked off/s (each run) | p50 ms | p95 ms | disordered |")
    print("|---|---|---|---|---|---|---|")
    for way in _WAYS:
        for workers in (1, 2):
            _row(url, way, workers, given)


def _row(url: str, way: str, workers: int, given: argparse.Namespace) -> None:
    into, off, disordered = [], [], 0
    waits: list[float] = []
    for _ in range(given.rounds):
        database = _prepared(url, way)
        try:
            into.append(_fill(database, way, given.events, given.chats))
            with _workers(url, way, workers):
                began = time.monotonic()
                _until_empty(database)
                off.append(given.events / (time.monotonic() - began))
                disordered += _disordered(database)
                waits += _one_by_one(database, way, given.single)
        finally:
            database.close()
    p50, p95 = (percentile(waits, share) * 1000 for share in (0.5, 0.95))
    middle = sorted(off)[len(off) // 2]
    runs = ", ".join(f"{rate:.0f}" for rate in off)
    print(
        f"| {way} | {workers} | {max(into):.0f} | {middle:.0f} ({runs}) "
        f"| {p50:.1f} | {p95:.1f} | {disordered} |",
        flush=True,
    )


def _prepared(url: str, way: str) -> Database:
    database = Database(make_engine(url))
    queueing.drop(database.engine)
    if way != "notify":
        queueing.ensure(database.engine)
        database.queued = True
    if way == "queue, no locks":
        # What a job is locked by is the column only.
        statement = (
            "ALTER TABLE congdanso_queue.procrastinate_jobs ALTER COLUMN lock DROP NOT NULL;"
            "CREATE FUNCTION congdanso_queue.unlocked() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.lock := NULL; RETURN NEW; END $$;"
            "CREATE TRIGGER unlocked BEFORE INSERT ON congdanso_queue.procrastinate_jobs "
            "FOR EACH ROW EXECUTE FUNCTION congdanso_queue.unlocked()"
        )
        for each in statement.split(";C"):
            sql = each if each.startswith("ALTER") else f"C{each}"
            database.write_now(lambda c, s=sql: c.exec_driver_sql(s))  # type: ignore[misc]
    database.write_now(lambda c: c.execute(text("TRUNCATE inbox CASCADE")))
    return database


def _put(way: str, chat: int, number: int) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        now = datetime.now(UTC)
        row = inbox.chat_id(connection, ChatKey("telegram", f"{chat}"), now)
        inbox.put(connection, row, "bench", f"{number}", b"x" * 200, now)
        if way == "notify":
            connection.execute(text(f"SELECT pg_notify('{_CHANNEL}', :c)"), {"c": str(row)})

    return work


def _fill(database: Database, way: str, events: int, chats: int) -> float:
    began = time.monotonic()
    futures = [database.submit(_put(way, n % chats, n)) for n in range(events)]
    for future in futures:
        future.result()
    return events / (time.monotonic() - began)


def _one_by_one(database: Database, way: str, count: int) -> list[float]:
    waits = []
    for number in range(count):
        database.write_now(_put(way, number % 20, 1_000_000 + number))
        began = time.monotonic()
        _until_empty(database, 0.001)
        waits.append(time.monotonic() - began)
    return waits


def _until_empty(database: Database, pause: float = 0.02) -> None:
    while database.read_now(inbox.backlog):
        time.sleep(pause)


def _disordered(database: Database) -> int:
    """Events handled before an earlier one of their chat."""
    query = """SELECT count(*) FROM (SELECT handled_at, lag(handled_at) OVER
    (PARTITION BY chat_id ORDER BY id) AS before FROM inbox) AS pairs WHERE handled_at < before"""
    return int(database.read_now(lambda c: c.execute(text(query)).scalar()) or 0)


# Working ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _workers(url: str, way: str, count: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.queue", "--worker", way, "--url", url]
    made = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(count)
    ]
    try:
        for process in made:
            # It says so when it is ready, and begins when it is told.
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["ready"]
        for process in made:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        yield
    finally:
        for process in made:
            process.kill()
            process.wait()


class _Worker:
    """Takes chats as the way has it and marks their events as handled."""

    def __init__(self, url: str, way: str) -> None:
        self._url = url
        self._way = way
        self._database = Database(make_engine(url))
        self._name = f"bench-{time.monotonic_ns()}"
        self._running: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until killed."""
        print(json.dumps({"ready": True}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        if self._way == "notify":
            await asyncio.gather(self._listen(), self._look())
        else:
            await self._jobs()

    async def _drain(self, chat: int) -> None:
        while True:
            now = datetime.now(UTC)
            rows = await self._database.write(
                lambda c, n=now: inbox.take(c, chat, self._name, n, n + _LEASE)  # type: ignore[misc]
            )
            if not rows:
                return
            for row in rows:
                await self._database.write(lambda c, r=row.id: self._handle(c, chat, r))  # type: ignore[misc]

    def _handle(self, connection: Connection, chat: int, row: int) -> None:
        inbox.hold(connection, chat, self._name)
        inbox.handled(connection, row, datetime.now(UTC))
        if not inbox.waiting(connection, chat):
            inbox.release(connection, chat)

    # By LISTEN/NOTIFY.

    def _start(self, chat: int) -> None:
        if chat not in self._running and len(self._running) < CONCURRENCY:
            task = self._running[chat] = asyncio.create_task(self._drain(chat))
            task.add_done_callback(lambda _: self._running.pop(chat, None))

    async def _listen(self) -> None:
        import psycopg

        url = driver_url(self._url)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {_CHANNEL}")
            async for note in connection.notifies():
                self._start(int(note.payload))

    async def _look(self) -> None:
        while True:
            found = await self._database.read(lambda c: inbox.orphans(c, datetime.now(UTC)))
            for chat in found:
                self._start(chat)
            # Nothing to take, or enough in hand: look again soon, or at the next second.
            await asyncio.sleep(0.02 if found else 1.0)

    # By the queue.

    async def _jobs(self) -> None:
        from procrastinate import App, PsycopgConnector

        connector = PsycopgConnector(
            conninfo=driver_url(self._url),
            kwargs={"options": f"-c search_path={queueing.SCHEMA}"},
            max_size=4,
        )
        app = App(connector=connector)
        app.task(name=queueing.TASK, queue=queueing.QUEUE)(self._drain)
        async with app.open_async():
            await app.run_worker_async(
                queues=[queueing.QUEUE], concurrency=CONCURRENCY, delete_jobs="always"
            )


if __name__ == "__main__":
    main()
