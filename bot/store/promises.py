"""What a job of the database's writer thread owes whoever asked for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, Protocol


class Promise(Protocol):
    """Kept from the writer thread, once."""

    def begin(self) -> bool:
        """Whether somebody still waits; from then on the job runs to its end."""

    def keep(self, result: Any) -> None:
        """It is done."""

    def fail(self, error: BaseException) -> None:
        """It could not be done."""


class Blocking:
    """For a thread that waits."""

    def __init__(self) -> None:
        self.future: Future[Any] = Future()

    def begin(self) -> bool:
        """Whether it was not cancelled."""
        return self.future.set_running_or_notify_cancel()

    def keep(self, result: Any) -> None:
        """Wake the thread."""
        self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        """Wake the thread with an error."""
        self.future.set_exception(error)


class Awaited:
    """For a coroutine. What came of it is handed to its loop by `hand_over`, for many at once:
    waking the loop for each costs more than most jobs."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self._result: Any = None
        self._error: BaseException | None = None

    def begin(self) -> bool:
        """Whether it was not cancelled."""
        return not self.future.cancelled()

    def keep(self, result: Any) -> None:
        """Until `hand_over`."""
        self._result = result

    def fail(self, error: BaseException) -> None:
        """Until `hand_over`."""
        self._error = error

    def settle(self) -> None:
        """Wake the coroutine; on its loop. It may have been cancelled meanwhile."""
        if self.future.done():
            return
        if self._error is not None:
            self.future.set_exception(self._error)
        else:
            self.future.set_result(self._result)


def hand_over(promises: Iterable[Promise]) -> None:
    """Wake the coroutines of these promises, one call for each loop."""
    loops: dict[asyncio.AbstractEventLoop, list[Awaited]] = {}
    for promise in promises:
        if isinstance(promise, Awaited):
            loops.setdefault(promise.loop, []).append(promise)
    for loop, awaited in loops.items():
        # A loop that was closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, awaited)


def _settle(awaited: list[Awaited]) -> None:
    for each in awaited:
        each.settle()
