"""Training whose process, or whose program, is killed half way."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.models.schema import RunKind, RunState
from bot.services.models import trained_dir
from bot.services.runtime import Runtime
from bot.services.training import Runs
from bot.settings import ROOT
from bot.store import training as store
from bot.store.training import Run
from tests.support import SQLITE, Clock

pytestmark = [pytest.mark.faults, SQLITE]

_OWNER = """
import asyncio, sys
from pathlib import Path
from bot.models.schema import RunKind
from bot.services.runtime import Runtime
from bot.services.training import Runs
from bot.settings import Settings
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine

async def main(var, data):
    settings = Settings(_env_file=None, var_dir=Path(var) / "var")
    database = Database(make_engine(f"sqlite:///{var}/congdanso.db"))
    runtime = Runtime(settings, database, Vault(bytes(32)))
    runs = Runs(runtime, Path(data), nice=0)
    await runs.run_now(await runs.ask(RunKind.TRAIN, "lan"))

asyncio.run(main(*sys.argv[1:]))
"""


def run_of(runtime: Runtime) -> Run | None:
    found = runtime.db.read_now(lambda c: store.runs(c, RunKind.TRAIN, 1))
    return found[0] if found else None


def at_work(runtime: Runtime) -> Run:
    """The run once its process has begun to learn."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        run = run_of(runtime)
        if run is not None and run.pid and run.stage not in ("", "read"):
            return run
        time.sleep(0.05)
    raise AssertionError(f"no run came to work: {run_of(runtime)}")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def nothing_left(runtime: Runtime) -> bool:
    folder = runtime.settings.var_dir / "training"
    half = list(folder.iterdir()) if folder.exists() else []
    return not half and not list(trained_dir(runtime).glob("*"))


async def test_the_process_is_killed(runtime: Runtime, little: Path) -> None:
    runs = Runs(runtime, little, nice=0)
    await runs.ask(RunKind.TRAIN, "lan")
    await runs.tick()
    run = await asyncio.to_thread(at_work, runtime)
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    await runs.idle()
    after = run_of(runtime)
    assert after is not None
    assert (after.state, after.problem) == (RunState.FAILED, "the process was ended by SIGKILL")
    assert nothing_left(runtime)
    assert runtime.db.read_now(store.served) is None
    assert await runs.ask(RunKind.TRAIN, "lan") is not None


def kill_the_owner(runtime: Runtime, little: Path, folder: Path) -> Run:
    """A program that trains is killed; returns the run once its process is gone as well."""
    command = [sys.executable, "-c", _OWNER, str(folder), str(little)]
    with subprocess.Popen(command, cwd=ROOT) as owner:
        run = at_work(runtime)
        owner.kill()
    assert run.pid is not None
    deadline = time.monotonic() + 20
    while not gone(run.pid):
        assert time.monotonic() < deadline, "the process outlived its program"
        time.sleep(0.05)
    return run


async def test_the_program_is_killed(
    runtime: Runtime, little: Path, tmp_path: Path, clock: Clock
) -> None:
    run = await asyncio.to_thread(kill_the_owner, runtime, little, tmp_path)
    assert run.beat_at is not None
    clock.at = run.beat_at
    clock.forward(60)
    assert await Runs(runtime, little, nice=0).look() == []
    after = run_of(runtime)
    assert after is not None
    assert after.state is RunState.FAILED
    assert nothing_left(runtime)
