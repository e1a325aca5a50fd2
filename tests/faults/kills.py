"""SIGKILL at random points under load: of the program on SQLite, of one of two on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.fakes.telegram import RemoteTelegram
from tests.faults.ledger import Load, Score, Witness, score, uncertain_sends
from tests.process import Served, free_port, telegram_settings, with_model
from tests.roles.processes import Role, settings_of

QUICK = {"CONGDANSO_LEASE_SECONDS": "1.5", "CONGDANSO_POLL_SECONDS": "0.2"}
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#: A program that has just been started is killed again before it serves, so often.
_AT_START = 0.15


def program(
    folder: Path,
    remote: RemoteTelegram,
    url: str = "",
    kind: type[Served] = Served,
    more: Mapping[str, str] | None = None,
) -> Served:
    """A program behind a webhook, on its own SQLite file or on a PostgreSQL database."""
    served = kind(with_model(folder), {})
    settings = telegram_settings(remote.url, webhook_port=served.port) | QUICK | dict(more or {})
    settings["CONGDANSO_DATA_KEY"] = KEY
    if url:
        settings["CONGDANSO_DATABASE_URL"] = url
    return kind(folder, settings, port=served.port)


def sqlite_url(served: Served) -> str:
    """Where a program without a database of its own keeps everything."""
    return f"sqlite:///{served.var_dir / 'congdanso.db'}"


def killed_on_sqlite(folder: Path, kills: int, seed: int) -> Score:
    """One program, killed and started again and again."""
    with RemoteTelegram.spawn(folder / "calls.jsonl") as remote:
        served = program(folder / "var", remote)
        one, url = [served], sqlite_url(served)
        return killing("SIGKILL, SQLite", remote, one, one, kills, seed, folder, url)


def killed_on_postgresql(folder: Path, url: str, kills: int, seed: int) -> Score:
    """Two programs on one database; either is killed while the other goes on."""
    with RemoteTelegram.spawn(folder / "calls.jsonl") as remote:
        two = [program(folder / name, remote, url) for name in ("a", "b")]
        fault = "SIGKILL, two programs on PostgreSQL"
        return killing(fault, remote, two, two, kills, seed, folder, url)


def killed_roles(folder: Path, url: str, kills: int, seed: int) -> Score:
    """Two of each role on one database; any of them is killed."""
    with RemoteTelegram.spawn(folder / "calls.jsonl") as remote:
        settings = settings_of(remote.url, url, free_port())
        names = ("web", "web", "worker", "worker", "scheduler", "scheduler")
        made = [Role(name, with_model(folder / "var"), settings) for name in names]
        doors: list[Served] = [each for each in made if each.role == "web"]
        fault = "SIGKILL of web, worker, scheduler"
        return killing(fault, remote, list(made), doors, kills, seed, folder, url)


def killing(
    fault: str,
    remote: RemoteTelegram,
    programs: list[Served],
    doors: list[Served],
    kills: int,
    seed: int,
    folder: Path,
    url: str,
) -> Score:
    """Kill one of `programs` at seeded points while people write to `doors`."""
    began = time.monotonic()
    dice = random.Random(seed)
    load = Load(doors, remote, random.Random(seed + 1), pause=0.2 * len(doors))
    witness = Witness(folder / "calls.jsonl")

    async def kill(load: Load) -> None:
        for _ in range(kills):
            await load.until(load.taken + dice.randrange(10, 80))
            # Not only where an update was just taken.
            await asyncio.sleep(dice.random() * 0.3)
            victim = dice.choice(programs)
            await asyncio.to_thread(victim.kill)
            if dice.random() < _AT_START:
                victim.start(wait=False)
                await asyncio.sleep(dice.random() * 2)
                await asyncio.to_thread(victim.kill)
            await asyncio.to_thread(victim.start)

    with contextlib.ExitStack() as stack:
        begin(stack, programs)
        asyncio.run(load.during(kill))
        verdict = witness.wait(load, load.total)
        for each in programs:
            assert each.stop() == 0
    return score(fault, kills, load, verdict, uncertain_sends(url), time.monotonic() - began)


def begin(stack: contextlib.ExitStack, programs: list[Served]) -> None:
    """All at once: their starts wait for nothing of each other's."""
    leave: Callable[[Served], object] = lambda each: stack.push(each.__exit__)  # noqa: E731
    for each in programs:
        leave(each)
        each.start(wait=False)
    for each in programs:
        each.until_ready()
