"""Roles restarted, killed and robbed of their queue under load; the fake server's log is the
witness."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from bot.store.db import driver_url, make_engine
from tests.fakes.telegram import RemoteTelegram
from tests.faults.ledger import Load, Score, Witness, score, uncertain_sends
from tests.process import Served
from tests.roles.processes import Role, roles

pytestmark = pytest.mark.faults
_ALL = ("web", "worker", "worker", "scheduler")
Trouble = Callable[[Load, list[Role]], Coroutine[Any, Any, int]]


def under_load(fault: str, folder: Path, url: str, names: tuple[str, ...], do: Trouble) -> Score:
    """Run `do` while people write to the web roles; what came of it."""
    began = time.monotonic()
    log = folder / "calls.jsonl"
    with RemoteTelegram.spawn(log) as remote, roles(folder, remote, url, names) as made:
        doors: list[Served] = [each for each in made if each.role == "web"]
        load = Load(doors, remote, random.Random(1), people=4, each=10, pause=0.5)
        times = 0

        async def trouble(load: Load) -> None:
            nonlocal times
            await load.until(30)
            times = await do(load, made)
            await load.until(load.taken + 30)

        asyncio.run(load.during(trouble))
        verdict = Witness(log).wait(load, load.total, timeout=60)
        for each in made:
            assert each.stop() == 0, each.role
    spent = time.monotonic() - began
    return score(fault, times, load, verdict, uncertain_sends(url), spent)


def test_a_rolling_restart_loses_nothing(tmp_path: Path, shared_url: str) -> None:
    """Each process in turn: SIGTERM, then the new one, as an upgrade does it."""

    async def restart(load: Load, made: list[Role]) -> int:
        for role in made:
            assert await asyncio.to_thread(role.stop) == 0
            await asyncio.to_thread(role.start)
            await load.until(load.taken + 20)
        return len(made)

    found = under_load("rolling restart, roles", tmp_path, shared_url, _ALL, restart)
    found.check()
    # Nothing was in doubt either: every process finished what it had in hand.
    assert found.uncertain == 0


def test_a_queue_that_is_gone_costs_seconds_and_no_message(tmp_path: Path, shared_url: str) -> None:
    """Dropped under load: kept, answered by the sweep, and made anew by the first to notice."""

    async def drop(load: Load, made: list[Role]) -> int:
        engine = make_engine(shared_url)
        for statement in (
            "DROP SCHEMA congdanso_queue CASCADE",
            "DELETE FROM congdanso_queue.procrastinate_jobs",
        ):
            await load.until(load.taken + 20)
            for _ in range(50):
                try:
                    with engine.begin() as connection:
                        connection.execute(text(statement))
                    break
                except ProgrammingError:
                    # Not made anew yet.
                    await asyncio.sleep(0.2)
            else:
                raise TimeoutError("the queue did not come back")
        engine.dispose()
        return 2

    names = ("web", "worker")
    under_load("queue dropped, then emptied", tmp_path, shared_url, names, drop).check()


def test_a_worker_killed_in_the_middle_of_jobs(tmp_path: Path, shared_url: str) -> None:
    """Its conversations are not locked away with the jobs it had."""

    async def kill(load: Load, made: list[Role]) -> int:
        worker = next(each for each in made if each.role == "worker")
        for _ in range(2):
            await load.until(load.taken + 25)
            worker.kill()
            await load.until(load.taken + 10)
            await asyncio.to_thread(worker.start)
        return 2

    under_load(
        "SIGKILL of a worker", tmp_path, shared_url, ("web", "worker", "worker"), kill
    ).check()


def leads(role: Role) -> bool:
    return bool(httpx.get(f"{role.url}/readyz", trust_env=False).json()["leads"])


def until(check: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def runs(url: str, job: str) -> set[str]:
    """Which processes have run a job."""
    with psycopg.connect(driver_url(url)) as connection:
        query = "SELECT worker FROM job_runs WHERE name = %s AND runs > 0"
        return {row[0] for row in connection.execute(query, [job])}


def test_of_two_schedulers_one_works_and_the_other_follows_it(
    tmp_path: Path, shared_url: str
) -> None:
    """Killed, it is followed within seconds; the one that comes back waits."""
    with (
        RemoteTelegram.spawn(tmp_path / "calls.jsonl") as remote,
        roles(tmp_path, remote, shared_url, ("scheduler", "scheduler")) as made,
    ):
        until(lambda: any(leads(each) for each in made), "nobody leads")
        first, second = sorted(made, key=leads, reverse=True)
        assert not leads(second)
        first.kill()
        until(lambda: leads(second), "nobody followed")
        first.start()
        assert not leads(first)
        assert second.stop() == 0
        until(lambda: leads(first), "nobody followed the one that was stopped")
        assert first.stop() == 0
