"""A backup made while 500 updates are worked off, and the program that goes on from it."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.services.backup import backups, unpack
from tests.fakes.telegram import RemoteTelegram
from tests.faults.ledger import Plan, judge, wait_answered
from tests.process import ROOT, Served, telegram_settings, with_model

pytestmark = pytest.mark.faults
_WAITING = "SELECT count(*) FROM inbox WHERE handled_at IS NULL"
_UNSENT = "SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending')"


def congdanso(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")}
    environment = {**kept, "CONGDANSO_VAR_DIR": str(var)}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def count(database: Path, query: str) -> int:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(query).fetchone()[0])


def wait_until_idle(database: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while count(database, _WAITING) + count(database, _UNSENT):
        assert time.monotonic() < deadline, "work is left over"
        time.sleep(0.05)


@pytest.mark.parametrize("seed", range(2))
def test_the_program_goes_on_from_a_backup_made_under_load(seed: int, tmp_path: Path) -> None:
    """What the backup knew is answered, in order; what it repeats was waiting in it."""
    plan, log = Plan(), tmp_path / "calls.jsonl"
    moment = random.Random(seed).randrange(50, 400)
    var, folder = with_model(tmp_path / "var"), tmp_path / "backups"
    database = var / "congdanso.db"
    with RemoteTelegram.spawn(log) as remote:
        plan.queue(remote)
        with Served(var, telegram_settings(remote.url)) as served:
            wait_answered(plan, log, moment)
            made = congdanso(var, "backup", "--to", str(folder))
            assert made.returncode == 0, made.stderr
            assert wait_answered(plan, log, plan.total).answered == plan.total
            (file,) = backups(folder)
            copy, told = unpack(file, tmp_path)
            undone = count(copy, _WAITING) + count(copy, _UNSENT)
            refused = congdanso(var, "restore", str(file), "--yes")
            assert refused.returncode != 0
            assert "a program is running on it" in refused.stderr
            served.kill()
            before = judge(plan, log)
            back = congdanso(var, "restore", str(file), "--yes")
            assert back.returncode == 0, back.stderr
            assert count(database, "SELECT count(*) FROM inbox") == told.rows["inbox"]
            served.start()
            wait_until_idle(database)
            remote.batch([("send_text", {"user": chat, "text": "99"}) for chat in plan.chats])
            more = Plan(plan.people, plan.each + 1)
            verdict = wait_answered(more, log, more.total)
            assert served.stop() == 0
    again = verdict.repeats - before.repeats
    print(f"seed {seed}: after {moment}, {undone} undone in the backup, {again} said again")
    assert verdict.answered == more.total
    assert verdict.disordered == []
    assert again <= undone
