"""What is measured, each as processes of its own: congdanso with its fakes, and the echo bot."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.reply import cpu_seconds, echo
from tests.fakes.telegram import RemoteTelegram
from tests.process import ROOT, Served, free_port, telegram_settings, with_model
from tests.zalo import oa_fake

#: Limits of the platforms and of one page are lifted: what is measured is the program.
_LIFTED = {
    "CONGDANSO_ZALO_OA_PER_MINUTE": "100000",
    "CONGDANSO_WEB_MESSAGES_PER_MINUTE": "100000",
    "CONGDANSO_WEB_CHATS_PER_HOUR": "100000",
    "CONGDANSO_MESSAGES_PER_MINUTE": "0",
}
_LEFT = """
SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL)
     + (SELECT count(*) FROM outbox JOIN chats ON chats.id = outbox.chat_id
        WHERE status IN ('pending', 'sending') AND chats.channel <> 'web')
"""


@dataclass(frozen=True, slots=True)
class Fakes:
    """The platforms, and their logs."""

    remote: RemoteTelegram
    telegram_log: Path
    zalo_port: int
    zalo_refresh: str
    zalo_log: Path
    pids: dict[str, int]


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load."""

    name: str
    port: int
    pid: int
    #: Seconds from the start of the process until it was ready.
    start: float
    database: Path | None = None

    def cpu(self) -> float:
        """Seconds of CPU it has used."""
        return cpu_seconds(self.pid)

    def rss_mb(self) -> float:
        """Megabytes it holds in memory now (Linux)."""
        return resident_mb(self.pid)

    def database_mb(self) -> float:
        """Megabytes of the database with its log."""
        assert self.database is not None
        files = [self.database, self.database.with_name(f"{self.database.name}-wal")]
        return sum(file.stat().st_size for file in files if file.exists()) / 1e6

    def left(self) -> int:
        """How much of what was taken is not worked off; 0 for whoever keeps nothing."""
        if self.database is None:
            return 0
        address = f"file:{self.database}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
            return int(connection.execute(_LEFT).fetchone()[0])

    def told_on_web(self) -> int:
        """How many messages were written for pages."""
        assert self.database is not None
        address = f"file:{self.database}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
            query = "SELECT coalesce(sum(next_seq - 1), 0) FROM chats WHERE channel = 'web'"
            return int(connection.execute(query).fetchone()[0])


def resident_mb(pid: int) -> float:
    """Megabytes a process holds in memory (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextlib.contextmanager
def fakes(folder: Path) -> Iterator[Fakes]:
    """Both platforms."""
    telegram_log, zalo_log = folder / "telegram.jsonl", folder / "zalo.jsonl"
    command = [sys.executable, "-m", "bench.load.oa_server", "--log", str(zalo_log)]
    with (
        RemoteTelegram.spawn(telegram_log) as remote,
        subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as zalo,
    ):
        try:
            assert zalo.stdout is not None
            told = json.loads(zalo.stdout.readline())
            pids = {"fake zalo": zalo.pid}
            port, refresh = int(told["port"]), str(told["refresh"])
            yield Fakes(remote, telegram_log, port, refresh, zalo_log, pids)
        finally:
            zalo.terminate()


def settings(made: Fakes, port: int) -> dict[str, str]:
    """congdanso as it is shipped, on the fakes, with the limits of sending lifted."""
    zalo = oa_fake.settings(f"http://127.0.0.1:{made.zalo_port}")
    given = {f"CONGDANSO_{k.upper()}": str(v) for k, v in zalo.items()}
    return telegram_settings(made.remote.url, webhook_port=port) | given | _LIFTED


def connect(made: Fakes, var: Path) -> None:
    """Give the program the account's tokens, once for each database."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")}
    subprocess.run(
        [sys.executable, "-m", "bot", "zalo", "connect", "--refresh-token"],
        cwd=ROOT,
        env=environment | settings(made, 1) | {"CONGDANSO_VAR_DIR": str(var)},
        input=f"{made.zalo_refresh}\n",
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@contextlib.contextmanager
def congdanso(made: Fakes, var: Path) -> Iterator[Target]:
    """`congdanso serve` on SQLite with all three channels."""
    if not (var / "congdanso.db").exists():
        connect(made, with_model(var))
    port = free_port()
    began = time.monotonic()
    with Served(with_model(var), settings(made, port), port) as served:
        assert served.process is not None
        start = time.monotonic() - began
        yield Target("congdanso", port, served.process.pid, start, var / "congdanso.db")


@contextlib.contextmanager
def echo_bot(made: Fakes) -> Iterator[Target]:
    """The bare echo bot, on the same fake Bot API server."""
    began = time.monotonic()
    with echo(made.remote) as (port, pid):
        yield Target("echo", port, pid, time.monotonic() - began)
