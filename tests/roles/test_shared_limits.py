"""The platforms' limits over several workers, on a real database, in real time but briefly."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from sqlalchemy import text

from bot.services.limits import Rates, Window
from bot.services.runtime import Runtime
from bot.services.shared_limits import Places, SharedLimiter, Turns
from bot.services.shared_pace import SharedPace
from bot.settings import Settings
from bot.store import queueing
from bot.store.crypto import Vault
from bot.store.db import Database

SCOPES = text("SELECT scope FROM congdanso_queue.send_slots")


def places(database: Database, tmp_path: Path) -> Places:
    settings = Settings(_env_file=None, var_dir=tmp_path)
    return Places(Runtime(settings, database, Vault(bytes(range(32)))))


def most_within(times: list[float], seconds: float) -> int:
    """The most of `times` in any window."""
    times = sorted(times)
    return max(sum(start <= each < start + seconds for each in times) for start in times)


async def sent(limiter: SharedLimiter, chats: list[int], group: bool = False) -> list[float]:
    """Send one message to each chat, at once; when each left."""
    times: list[float] = []

    async def one(chat: int) -> None:
        since = await limiter.acquire(chat, group=group, priority=2)
        times.append(time.monotonic())
        limiter.release(chat, since, group=group)

    await asyncio.gather(*(one(chat) for chat in chats))
    return times


async def test_two_workers_together_keep_to_the_platforms_rate(
    queued: Database, tmp_path: Path
) -> None:
    shared = places(queued, tmp_path)
    workers = [SharedLimiter(Rates(10, 0, 0), "telegram", shared) for _ in range(2)]
    found = await asyncio.gather(*(sent(each, list(range(13))) for each in workers))
    times = [*found[0], *found[1]]
    assert len(times) == 26
    assert most_within(times, 1.0) <= 10
    # And no slower than they must be: 26 at 10 a second and a twentieth.
    assert max(times) - min(times) < 3.0


async def test_one_chat_is_one_chat_for_both(queued: Database, tmp_path: Path) -> None:
    shared = places(queued, tmp_path)
    workers = [SharedLimiter(Rates(0, 4, 0), "telegram", shared) for _ in range(2)]
    found = await asyncio.gather(*(sent(each, [7, 7, 7, 7]) for each in workers))
    # Three at once, then as many as have room: three in three quarters of a second.
    assert most_within([*found[0], *found[1]], 0.75) <= 3


async def test_without_limits_the_database_is_not_asked(tmp_path: Path, queued: Database) -> None:
    queued.close()
    limiter = SharedLimiter(Rates(0, 0, 0), "telegram", places(queued, tmp_path))
    assert len(await sent(limiter, [1, 2, 3])) == 3


async def test_without_places_a_worker_has_its_own_limits(queued: Database, tmp_path: Path) -> None:
    shared = places(queued, tmp_path)
    limiter = SharedLimiter(Rates(10, 0, 0), "telegram", shared)
    queueing.drop(queued.engine)
    assert len(await sent(limiter, [1, 2, 3])) == 3
    queueing.ensure(queued.engine)
    await shared.wait("telegram", Window(10, 1.0))
    query = text("SELECT count(*) FROM congdanso_queue.send_slots")
    assert queued.read_now(lambda c: c.execute(query).scalar()) == 1


async def test_the_most_urgent_first_and_nobody_forgotten() -> None:
    turns = Turns()
    order: list[int] = []
    await turns.enter(5)

    async def one(priority: int) -> None:
        await turns.enter(priority)
        order.append(priority)
        turns.leave()

    tasks = [asyncio.create_task(one(priority)) for priority in (3, 1, 2, 0)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    turns.leave()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 2, 3]
    await asyncio.wait_for(turns.enter(1), 1)


# What comes in ----------------------------------------------------------------------------------


def paces(database: Database, tmp_path: Path, most: int, processes: int = 2) -> list[SharedPace]:
    settings = Settings(_env_file=None, var_dir=tmp_path)
    runtime = Runtime(settings, database, Vault(bytes(range(32))))
    return [SharedPace(runtime, "sent", most) for _ in range(processes)]


async def test_two_processes_count_one_account_together(queued: Database, tmp_path: Path) -> None:
    each = paces(queued, tmp_path, 16)
    let = [await each[turn % 2].wait("501", 1000.0) == 0 for turn in range(60)]
    # Sixteen, and the eighth of each that nobody asked the database about.
    assert sum(let) == 16 + 2 * 2
    assert not any(let[20:])
    assert await each[0].wait("502", 1000.0) == 0


async def test_people_who_write_as_people_do_cost_no_transaction(
    queued: Database, tmp_path: Path
) -> None:
    [pace] = paces(queued, tmp_path, 120, 1)
    assert [await pace.wait("501", 1000.0) for _ in range(15)] == [0] * 15
    assert queued.read_now(lambda c: c.execute(SCOPES).all()) == []
    assert await pace.wait("501", 1000.0) == 0
    [(scope,)] = queued.read_now(lambda c: c.execute(SCOPES).all())
    assert scope.startswith("in:sent:")
    assert "501" not in scope


async def test_without_the_database_a_process_counts_by_itself(
    queued: Database, tmp_path: Path
) -> None:
    each = paces(queued, tmp_path, 16)
    queueing.drop(queued.engine)
    let = [await each[0].wait("501", 1000.0) == 0 for _ in range(20)]
    assert sum(let) == 16


def test_room_comes_again(queued: Database) -> None:
    def room(seconds: float) -> bool:
        return queued.write_now(lambda c: queueing.room(c, "in:x", 3, seconds))

    assert [room(60) for _ in range(5)] == [True, True, True, False, False]
    # All that was counted is older than this window.
    assert room(0)
    assert not room(60)
