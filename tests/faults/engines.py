"""Rasa that hangs, fails, talks nonsense or is gone, while people write."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from tests.fakes.rasa import FakeRasa, Way
from tests.fakes.telegram import RemoteTelegram
from tests.faults.kills import program, sqlite_url
from tests.faults.ledger import Load, Score, Witness, score, uncertain_sends
from tests.process import Served

WAYS = (Way.SILENT, Way.FAILING, Way.GARBAGE, Way.DRIPPING, Way.CUT, Way.NO_MODEL)


def without_rasa(folder: Path, rounds: int, seed: int) -> Score:
    """The program on SQLite with Rasa, which misbehaves in every way and is well in between."""
    began, dice = time.monotonic(), random.Random(seed)
    with FakeRasa() as rasa, RemoteTelegram.spawn(folder / "calls.jsonl") as remote:
        more = {
            "CONGDANSO_NLU": "rasa",
            "CONGDANSO_RASA_URL": rasa.url,
            "CONGDANSO_RASA_TIMEOUT": "0.3",
            "CONGDANSO_RASA_PAUSE_SECONDS": "0.5",
        }
        served: Served = program(folder / "var", remote, more=more)
        load = Load([served], remote, random.Random(seed + 1), pause=0.2)
        witness = Witness(folder / "calls.jsonl")

        async def trouble(load: Load) -> None:
            for _ in range(rounds):
                for way in dice.sample(WAYS, len(WAYS)):
                    rasa.way = way
                    await load.until(load.taken + dice.randrange(5, 30))
                    rasa.way = Way.WELL
                    await asyncio.sleep(0.7)
                await asyncio.to_thread(rasa.stop)
                await load.until(load.taken + 20)
                await asyncio.to_thread(rasa.start)

        with served:
            asyncio.run(load.during(trouble))
            verdict = witness.wait(load, load.total, timeout=60)
            assert served.stop() == 0
    times, seconds = rounds * (len(WAYS) + 1), time.monotonic() - began
    note = f"Rasa understood {len(rasa.texts)}"
    url = sqlite_url(served)
    return score("Rasa down", times, load, verdict, uncertain_sends(url), seconds, note)
