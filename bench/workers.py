"""One worker against two: `python -m bench.workers` on PostgreSQL, real processes, a fake Bot API.

The web role takes every update in while no worker runs; then the workers start, and when they are
ready the chats are handed to the queue. The clock runs from there until the last answer, by the
fake server's log: what is measured is the workers, not the web role nor how they start. Each round
runs both, in turn, on the same database, which keeps what it commits (`fsync`, as an operator has
it; tests have it off). The limits of sending are lifted; answers hold the number that was asked, so
the log proves order and loss. Beside the rate stands what each kind of process used of a CPU for
one message: where their sum times the rate comes near the number of cores, no worker more helps.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import text

from bench.load import Posters, text_update
from bot.store.db import make_engine
from tests.databases import served_postgres
from tests.fakes.telegram import RemoteTelegram
from tests.faults.ledger import FIRST_NUMBER, Witness
from tests.process import WEBHOOK_SECRET, Served, free_port, with_model
from tests.roles.processes import Role, settings_of

_CONNECTIONS = 32
_LIFETIME = 600.0
_LOOK_SECONDS = 0.2


class Asked:
    """Who asked what in a round."""

    def __init__(self, first: int, people: int, each: int) -> None:
        self.chats = list(range(first, first + people))
        self.each = each

    @property
    def total(self) -> int:
        """How many questions there are."""
        return len(self.chats) * self.each

    def bodies(self) -> list[tuple[int, bytes]]:
        """Updates: everybody opens the bot, then types numbers, in turn."""
        found = []
        for step in range(self.each):
            words = str(FIRST_NUMBER + step - 1) if step else "/start"
            found += [
                (chat * 1000 + step, text_update(chat * 1000 + step, chat, words))
                for chat in self.chats
            ]
        return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100, help="people of each run")
    parser.add_argument("--each", type=int, default=10, help="messages of each person")
    parser.add_argument("--rounds", type=int, default=3, help="runs of one and of two, in turn")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        served_postgres() as server,
        server.database() as url,
    ):
        _keep_what_is_committed(url)
        folder = Path(name)
        log = folder / "calls.jsonl"
        with RemoteTelegram.spawn(log) as remote:
            _measure(given, folder, remote, log, url)


@dataclass(frozen=True, slots=True)
class Drained:
    """What came of one run: answers a second, milliseconds of CPU a message by kind of process,
    seconds the machine was busy a second (of anybody's processes), chats out of order, answers
    lost."""

    rate: float
    cpu: dict[str, float]
    busy: float
    disordered: int
    lost: int

    def row(self, turn: int, workers: int) -> str:
        """For the table."""
        cells = " | ".join(f"{used:.1f}" for used in self.cpu.values())
        return (
            f"| {turn} | {workers} | {self.rate:.1f} | {cells} | {self.busy:.2f} "
            f"| {self.disordered} | {self.lost} |"
        )


def _keep_what_is_committed(url: str) -> None:
    engine = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM RESET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _measure(
    given: argparse.Namespace, folder: Path, remote: RemoteTelegram, log: Path, url: str
) -> None:
    settings = settings_of(remote.url, url, free_port(), quick=False)
    var = with_model(folder / "var")
    rates: dict[int, list[float]] = {1: [], 2: []}
    first = 8_000_000
    print(f"{given.people} people, {given.each} messages each; {os.cpu_count()} cores")
    print(
        "| round | workers | answered/s | CPU ms a message: workers | PostgreSQL | fake API "
        "| this bench | cores busy | disordered | lost |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    # It makes tables and queue, and is measured nowhere.
    with _running([Role("worker", var, settings)]):
        pass
    for turn in range(given.rounds):
        for workers in rates:
            asked = Asked(first, given.people, given.each)
            first += 100_000
            remote.batch([("user", {"id": chat}) for chat in asked.chats])
            with _running([Role("web", var, settings)]) as web:
                _take_in(web[0], asked)
            made = [Role("worker", var, settings) for _ in range(workers)]
            done = _work_off(asked, log, url, made)
            rates[workers].append(done.rate)
            print(done.row(turn + 1, workers), flush=True)
    pairs = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    print("two workers / one, round by round: " + ", ".join(f"{pair:.2f}" for pair in pairs))
    print(f"middle of the rounds: {median(rates[2]) / median(rates[1]):.2f}")


@contextlib.contextmanager
def _running(made: list[Role]) -> Iterator[list[Role]]:
    try:
        for role in made:
            role.start(wait=False)
        for role in made:
            role.until_ready()
        yield made
    finally:
        for role in made:
            if role.process is not None and role.process.poll() is None:
                role.stop()


def _take_in(web: Served, asked: Asked) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
    poster = Posters(web.port, "/telegram/webhook", headers, _CONNECTIONS)
    asyncio.run(poster.as_fast_as_taken(iter(asked.bodies())))


def _work_off(asked: Asked, log: Path, url: str, workers: list[Role]) -> Drained:
    witness = Witness(log)
    with _held(url) as release, _running(workers):
        meter = Meter(url, workers)
        size = log.stat().st_size if log.exists() else 0
        release()
        began = time.time()
        ended = _last_answer(log, size, asked.total)
        cpu, busy = meter.read(asked.total)
    verdict = witness.verdict(asked.chats)
    rate = verdict.answered / (ended - began)
    lost = asked.total - verdict.answered
    return Drained(rate, cpu, busy, len(verdict.disordered), lost)


def _last_answer(log: Path, offset: int, count: int) -> float:
    """When the last of `count` answers came, by the log from `offset` on; or time is up.

    Looking is cheap, since it is done on the cores that are measured.
    """
    deadline = time.monotonic() + _LIFETIME
    last = b""
    while count > 0 and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        with log.open("rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                offset += len(line)
                if b'"sendMessage"' in line:
                    count, last = count - 1, line
    return float(json.loads(last)["time"])


@contextlib.contextmanager
def _held(url: str) -> Iterator[Callable[[], None]]:
    """Nothing is taken before the given function is called: chats are leased to somebody else."""
    engine = make_engine(url)
    with engine.begin() as connection:
        waiting = "(SELECT chat_id FROM inbox WHERE handled_at IS NULL)"
        connection.execute(
            text(
                "UPDATE chats SET lease_owner = 'bench', lease_until = '9999-01-01' "
                f"WHERE id IN {waiting}"
            )
        )

    def release() -> None:
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE chats SET lease_owner = NULL WHERE lease_owner = 'bench'")
            )
            chats = "SELECT array_agg(DISTINCT chat_id) FROM inbox WHERE handled_at IS NULL"
            connection.execute(text(f"SELECT congdanso_queue.drain(({chats}))"))

    yield release
    engine.dispose()


class Meter:
    """The CPU that was used since it was made."""

    def __init__(self, url: str, workers: list[Role]) -> None:
        engine = make_engine(url)
        with engine.connect() as connection:
            backend = int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
            self._postmaster = _parent(backend)
        engine.dispose()
        self._workers = [each.process.pid for each in workers if each.process is not None]
        children = (pid for pid in _processes() if _parent(pid) == os.getpid())
        self._fakes = [pid for pid in children if b"tests.fakes.telegram" in _command(pid)]
        self._before, self._busy = self._used(), _busy_seconds()
        self._began = time.monotonic()

    def read(self, messages: int) -> tuple[dict[str, float], float]:
        """Milliseconds a message by kind of process; cores that were busy with anything."""
        busy = (_busy_seconds() - self._busy) / (time.monotonic() - self._began)
        used = self._used()
        return {k: (used[k] - self._before[k]) / messages * 1000 for k in used}, busy

    def _used(self) -> dict[str, float]:
        database = [pid for pid in _processes() if _parent(pid) == self._postmaster]
        return {
            "workers": sum(map(_seconds, self._workers)),
            # Backends that have ended meanwhile count as their parent's.
            "postgres": sum(map(_seconds, database)) + _seconds(self._postmaster, ended=True),
            "fake": sum(map(_seconds, self._fakes)),
            "bench": time.process_time(),
        }


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal()]


def _stat(pid: int) -> list[str]:
    """What follows the name; of a process that has ended meanwhile zeros."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 16


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _seconds(pid: int, *, ended: bool = False) -> float:
    """Of CPU used; with `ended` also by children that have ended."""
    return sum(map(int, _stat(pid)[11 : 15 if ended else 13])) / os.sysconf("SC_CLK_TCK")


def _busy_seconds() -> float:
    fields = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]))
    # Everything but idle and waiting for a disk; guests are counted in the first two already.
    return (sum(fields[:8]) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
