"""A process is gone after `end`, whatever it had still to say."""

from __future__ import annotations

import asyncio
import sys

import pytest

from bot.processes import end

SAYS_MUCH = """
import os
os.write(1, b"x" * 50_000)
while True:
    os.write(1, b"x" * 50_000)
"""
PIPE = asyncio.subprocess.PIPE


@pytest.mark.parametrize("group", [False, True])
async def test_one_that_is_not_heard_to_the_end_is_gone(group: bool) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SAYS_MUCH), stdout=PIPE, limit=1_000, start_new_session=group
    )
    assert process.stdout is not None
    # More than the limit waits now: asyncio has stopped reading from the pipe.
    assert await process.stdout.read(1) == b"x"
    async with asyncio.timeout(30):
        await end(process, group=group)
    assert process.returncode == -9


async def test_one_that_ended_by_itself_keeps_its_code() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "raise SystemExit(3)"), stdin=PIPE, stderr=PIPE
    )
    assert await process.wait() == 3
    await end(process)
    await end(process, group=False)
    assert process.returncode == 3
