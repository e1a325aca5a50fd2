"""Processes of our own, ended so that nobody waits for them in vain."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

_PART = 65_536


async def end(process: asyncio.subprocess.Process, *, group: bool = False) -> None:
    """Kill a process (or, with `group`, all of the session it leads) and wait until it is gone.

    Nobody else may be reading from its pipes any more. What it still wrote is thrown away.
    """
    with contextlib.suppress(ProcessLookupError):
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()
    # asyncio says that a process ended only when its pipes are read to their end, and it stops
    # reading by itself once enough is waiting: without this, a process that wrote much and was
    # not heard to the end would be waited for without end.
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            while await stream.read(_PART):
                pass
    await process.wait()
