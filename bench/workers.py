"""One worker against two: `python -m bench.workers` on PostgreSQL, real processes, a fake Bot API.

The web role takes every update in while no worker runs; then the workers start, and when they are
ready the chats are handed to the queue. The clock runs from there until the last answer is in the
fake server's log: what is measured is the workers, not the web role nor how they start. Each round
runs both, in turn, on the same database. The limits of sending are lifted; answers hold the number
that was asked, so the log proves order and loss.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import text

from bench.load import Posters, text_update
from bench.reply import cpu_seconds
from bot.store.db import make_engine
from tests.databases import served_postgres
from tests.fakes.telegram import RemoteTelegram
from tests.faults.ledger import FIRST_NUMBER, Witness
from tests.process import WEBHOOK_SECRET, Served, free_port, with_model
from tests.roles.processes import Role, settings_of

_CONNECTIONS = 32
_LIFETIME = 600.0


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
        folder = Path(name)
        log = folder / "calls.jsonl"
        with RemoteTelegram.spawn(log) as remote:
            _measure(given, folder, remote, log, url)


def _measure(
    given: argparse.Namespace, folder: Path, remote: RemoteTelegram, log: Path, url: str
) -> None:
    settings = settings_of(remote.url, url, free_port(), quick=False)
    var = with_model(folder / "var")
    rates: dict[int, list[float]] = {1: [], 2: []}
    first = 8_000_000
    print(f"{given.people} people, {given.each} messages each; {os.cpu_count()} cores")
    print("| round | workers | answered/s | CPU of the workers, ms a message | disordered | lost |")
    print("|---|---|---|---|---|---|")
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
            rate, cpu, disordered, lost = _work_off(
                asked, log, url, [Role("worker", var, settings) for _ in range(workers)]
            )
            rates[workers].append(rate)
            print(
                f"| {turn + 1} | {workers} | {rate:.1f} | {cpu:.1f} | {disordered} | {lost} |",
                flush=True,
            )
    pairs = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    print("two workers / one, round by round: " + ", ".join(f"{pair:.2f}" for pair in pairs))


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


def _work_off(
    asked: Asked, log: Path, url: str, workers: list[Role]
) -> tuple[float, float, int, int]:
    """Answers a second, CPU a message, chats out of order, answers lost."""
    witness = Witness(log)
    with _held(url) as release, _running(workers):
        before = _cpu(workers)
        release()
        began = time.monotonic()
        verdict = witness.wait(asked, asked.total, _LIFETIME)
        spent = time.monotonic() - began
        used = _cpu(workers) - before
    lost = asked.total - verdict.answered
    rate = verdict.answered / spent
    return rate, used / max(1, verdict.answered) * 1000, len(verdict.disordered), lost


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


def _cpu(workers: list[Role]) -> float:
    return sum(cpu_seconds(each.process.pid) for each in workers if each.process is not None)


if __name__ == "__main__":
    main()
