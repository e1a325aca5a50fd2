"""A database that is full, or may not be written to, again and again under load."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.telegram import RemoteTelegram
from tests.faults.kills import program, sqlite_url
from tests.faults.ledger import Load, Score, Witness, score, uncertain_sends
from tests.faults.small_disk import WELL, OnSmallDisk


def unwritable(folder: Path, how: str, times: int, seed: int) -> Score:
    """The program on SQLite, its disk `how` for some seconds, several times."""
    began, dice, said = time.monotonic(), random.Random(seed), []
    with RemoteTelegram.spawn(folder / "calls.jsonl") as remote:
        served = program(folder / "var", remote, kind=OnSmallDisk)
        assert isinstance(served, OnSmallDisk)
        load = Load([served], remote, random.Random(seed + 1))
        witness = Witness(folder / "calls.jsonl")

        async def trouble(load: Load) -> None:
            for _ in range(times):
                await load.until(load.taken + dice.randrange(20, 80))
                served.disk(how)
                refused = load.refused[503]
                async with asyncio.timeout(60):
                    # A full database takes what still fits, then nothing.
                    while load.refused[503] < refused + 40:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                said.append(await _ready(served))
                served.disk(WELL)
                await _until_ready(served)

        with served:
            asyncio.run(load.during(trouble))
            verdict = witness.wait(load, load.total)
            assert served.stop() == 0
    url = sqlite_url(served)
    assert set(load.refused) <= {503}, load.refused
    # Monitors are told what is the matter.
    assert {(status, state["database"]) for status, state in said} == {(503, how)}, said
    note = f"{load.refused[503]} webhooks answered 503"
    seconds = time.monotonic() - began
    return score(f"database {how}", times, load, verdict, uncertain_sends(url), seconds, note)


async def _ready(served: OnSmallDisk) -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        answer = await client.get(f"{served.url}/readyz")
    return answer.status_code, answer.json()


async def _until_ready(served: OnSmallDisk) -> None:
    async with asyncio.timeout(60):
        # The program is asked; there is nothing else to wait on.
        while (await _ready(served))[0] != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
