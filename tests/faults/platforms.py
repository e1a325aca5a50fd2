"""A messaging platform that is away for an hour: nothing listens, errors only, or silence.

Simulated time: the program's own conversations and delivery on a real database, their clock moved
by hand. The channels' clients are real, and so are the fake servers and what stands before them.
When the platform is back, everybody is answered at once, and it says of the first that these are
too many.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.services.runtime import Runtime
from bot.store.windows import FREE
from tests.faults.fronts import Front, Way
from tests.faults.ledger import Score, Verdict
from tests.faults.talks import OPENINGS, STEP, Talk, official_account
from tests.support import Clock

_PEOPLE = 20
#: Sends that are too many when everybody is answered at once.
_TOO_MANY = 12
#: Simulated seconds after which what was said while the platform was away must be answered.
_CAUGHT_UP = 120


def away(
    runtime: Runtime,
    clock: Clock,
    folder: Path,
    way: Way,
    minutes: float,
    seed: int,
    channel: str,
) -> Score:
    """People write before, while and after the platform of a channel, one of OPENINGS, is away."""
    return asyncio.run(_away(runtime, clock, folder, way, minutes, seed, channel))


async def _away(
    runtime: Runtime,
    clock: Clock,
    folder: Path,
    way: Way,
    minutes: float,
    seed: int,
    channel: str,
) -> Score:
    began, dice = time.monotonic(), random.Random(seed)
    async with OPENINGS[channel](runtime, clock, folder, _PEOPLE, minutes) as (talk, front):
        for _ in range(3):
            await talk.everybody()
        # Messages are in hand when it goes.
        for chat in talk.chats:
            await talk.ask(chat)
        await front.leave(way)
        rounds = round(minutes * 60 / STEP)
        for number in range(rounds):
            if number % max(1, rounds // 60) == 0:
                await talk.ask(dice.choice(talk.chats))
            await talk.round()
        late = await _come_back(talk, front)
        said = await talk.afterwards()
        await talk.everybody()
        for _ in range(5):
            await talk.round()
        verdict = talk.verdict()
    note = f"{minutes:g} simulated minutes; {front.turned.total()} calls while away"
    note += f"; {front.limited} too many after it" + (f"; {said}" if said else "")
    return _score(f"{channel} away: {way}", talk, verdict, late, time.monotonic() - began, note)


async def _come_back(talk: Talk[Any], front: Front) -> int:
    """The platform is there again; how many questions are not answered soon after."""
    await front.back(talk.too_many, _TOO_MANY)
    for _ in range(round(_CAUGHT_UP / STEP)):
        await talk.round()
    return talk.total - talk.verdict().answered


def closing(runtime: Runtime, clock: Clock) -> Score:
    """The Official Account is away until nobody may be written to any more: 48 hours after they
    wrote. What waits is kept until they write again, and comes before the answer to that."""
    return asyncio.run(_closing(runtime, clock))


async def _closing(runtime: Runtime, clock: Clock) -> Score:
    began = time.monotonic()
    async with official_account(runtime, clock, _PEOPLE, timedelta(days=10)) as (talk, front):
        await talk.everybody()
        await front.leave(Way.GONE)
        await talk.everybody()
        clock.at += FREE - timedelta(minutes=30)
        for _ in range(round(3600 / 10)):
            await talk.round(10)
        unanswered = await _come_back(talk, front)
        assert unanswered == len(talk.chats), "nobody may be written to"
        for _ in range(2):
            await talk.everybody()
        for _ in range(5):
            await talk.round()
        verdict = talk.verdict()
    note = f"48 simulated hours; {unanswered} answers held until people wrote again"
    spent = time.monotonic() - began
    return _score("zalo_oa away until windows closed", talk, verdict, 0, spent, note)


def _score(
    fault: str, talk: Talk[Any], verdict: Verdict, late: int, seconds: float, note: str
) -> Score:
    rows = list(talk.rows())
    return Score(
        fault,
        1,
        talk.total,
        verdict.answered,
        verdict.repeats,
        sum(row.uncertain for row in rows),
        len(verdict.disordered),
        late,
        seconds,
        note,
        sum(row.status == "failed" for row in rows),
    )
