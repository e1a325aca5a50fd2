"""A clock that jumps, and more than one scheduler: deadlines and reminders, each once.

Simulated time on real databases: the program's own conversations, delivery and ladder.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from bot.domain.effects import SetTimer
from bot.models import schema
from bot.services.runtime import Runtime
from bot.store import records, standings
from tests.fakes.telegram import FakeTelegram
from tests.faults.ledger import Score, Verdict, Witness
from tests.faults.talks import TelegramTalk
from tests.services.support import World, web
from tests.services.test_ladder import Climbing
from tests.support import Clock

JUMPS = (timedelta(days=1), timedelta(hours=-1))
_TICKETS = 12
#: Simulated seconds after which everybody must have been answered, whatever the clock did.
_SETTLED = 40


def jumping(runtime: Runtime, clock: Clock, folder: Path, jumps: int, seed: int) -> Score:
    """The clock goes a day forward or an hour back, again and again, while people write."""
    return asyncio.run(_jumping(runtime, clock, folder, jumps, seed))


async def _jumping(runtime: Runtime, clock: Clock, folder: Path, jumps: int, seed: int) -> Score:
    began, dice, log = time.monotonic(), random.Random(seed), folder / "calls.jsonl"
    witness = Witness(log)
    with FakeTelegram(rate_limits=False, log=log) as telegram:
        world = World(runtime)
        talk, climb = (
            TelegramTalk(world, clock, telegram, witness, people=12),
            Climbing(world, clock),
        )
        for number in range(900, 900 + _TICKETS):
            climb.open(number)
        timers = _set_timers(world, 30, dice)
        late = acts = 0
        async with talk.at_work():
            for chat in talk.chats:
                await talk.ask(chat)
            await talk.round()
            for number in range(jumps):
                _die(talk, talk.chats[:3])
                _hold(talk, talk.chats[3:6])
                for chat in talk.chats:
                    await talk.ask(chat)
                clock.at += dice.choice(JUMPS) if number > 1 else JUMPS[number]
                acts += await _schedule(climb, schedulers=2)
                for second in range(_SETTLED // 2):
                    await talk.round()
                    if not second % 5:
                        await _schedule(climb, schedulers=2)
                late += talk.total - witness.verdict(talk.chats).answered
        # In the end everything is due.
        clock.at += timedelta(days=3)
        await _schedule(climb, schedulers=2)
        missed = late + _overdue(world, clock) + abs(_fired(world) - timers)
        verdict = witness.verdict(talk.chats)
    note = f"{acts} climbs at jumps, {timers} reminders"
    spent = time.monotonic() - began
    return _score("clock a day forward, an hour back", jumps, talk, verdict, missed, spent, note)


def _score(
    fault: str,
    times: int,
    talk: TelegramTalk,
    verdict: Verdict,
    missed: int,
    seconds: float,
    note: str,
) -> Score:
    rows = list(talk.rows())
    return Score(
        fault,
        times,
        talk.total,
        verdict.answered,
        verdict.repeats,
        sum(row.uncertain for row in rows),
        len(verdict.disordered),
        missed,
        seconds,
        note,
    )


def _die(talk: TelegramTalk, chats: list[int]) -> None:
    """Conversations whose worker has just died."""
    runtime = talk.world.runtime
    until = runtime.now() + timedelta(seconds=runtime.settings.lease_seconds)
    _set(talk, chats, lease_owner="dead", lease_until=until, send_owner="dead", send_until=until)


def _hold(talk: TelegramTalk, chats: list[int]) -> None:
    """Chats whose last send was to be tried again in a moment."""
    _set(talk, chats, send_after=talk.world.runtime.now() + timedelta(seconds=5))


def _set(talk: TelegramTalk, chats: list[int], **values: object) -> None:
    names = [str(chat) for chat in chats]
    change = update(schema.chats).where(schema.chats.c.external_id.in_(names)).values(**values)
    talk.world.do(lambda c: c.execute(change).rowcount)


def _set_timers(world: World, number: int, dice: random.Random) -> int:
    """Reminders, each for a person of its own."""
    for each in range(number):
        chat = world.chat(web(f"waits{each}"))
        due = world.runtime.now() + timedelta(hours=dice.uniform(1, 40))
        world.do(lambda c, k=chat, d=due: records.set_timer(c, k, SetTimer("wait", "qr_pay", d)))  # type: ignore[misc]
    return number


def _fired(world: World) -> int:
    rows = schema.inbox.c.source == "timer"
    return world.do(lambda c: c.execute(select(func.count()).where(rows)).scalar_one())


#: More than there are: the ladder itself takes some at a time.
_ALL = 100_000
#: Reminders are taken some at a time too, at each tick of a second.
_TICKS = 5


def _overdue(world: World, clock: Clock) -> int:
    return len(world.do(lambda c: standings.due(c, clock.at, limit=_ALL)))


async def _schedule(climb: Climbing, schedulers: int) -> int:
    """A tick of every scheduler at the same moment; how many climbs there were, each once."""
    world, due = climb.world, _overdue(climb.world, climb.clock)
    ladders = [climb.another() for _ in range(schedulers)]
    workers = [world.worker(f"scheduler {n}") for n in range(schedulers)]
    done = await asyncio.gather(*(ladder.tick() for ladder in ladders))
    for _ in range(_TICKS):
        await asyncio.gather(*(worker.fire_timers() for worker in workers))
        for worker in workers:
            await worker.idle()
    await climb.settle()
    assert sum(done) == due, "each deadline is worked on once"
    assert not _overdue(world, climb.clock), "no deadline is left behind"
    return sum(done)


def scheduled(runtime: Runtime, clock: Clock, tickets: int, reminders: int, seed: int) -> Score:
    """Three schedulers on one database, everything due at the same moment, day after day."""
    return asyncio.run(_scheduled(runtime, clock, tickets, reminders, seed))


async def _scheduled(
    runtime: Runtime, clock: Clock, tickets: int, reminders: int, seed: int
) -> Score:
    began, dice = time.monotonic(), random.Random(seed)
    climb = Climbing(World(runtime), clock)
    for number in range(900, 900 + tickets):
        climb.open(number)
    set_ = _set_timers(climb.world, reminders, dice)
    acts = 0
    for _ in range(3):
        clock.forward(86_400)
        acts += await _schedule(climb, schedulers=3)
    fired = _fired(climb.world)
    note = f"{acts} climbs, {fired} reminders"
    spent = time.monotonic() - began
    return Score(
        "three schedulers", 3, set_, fired, max(0, fired - set_), 0, 0, set_ - fired, spent, note
    )
