"""The platforms' limits over all workers: places in one queue that stands in the database.

Each worker keeps to the limits by itself first, so urgent messages of its own go first; then it
takes a place among those of all workers. Without the database's places (the queue's schema was
dropped) a worker has its own limits only, until they are there again.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.services.limits import Limiter, Rates, Window
from bot.services.runtime import Runtime
from bot.store import queueing

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: Windows are this much longer than the platform's: requests of two machines do not travel alike.
_SPARE = 1.05


class Together:
    """Asks the database what holds over all processes; without it each goes by itself."""

    def __init__(self, runtime: Runtime, alone: str) -> None:
        """`alone` is logged once when the database cannot say."""
        self._runtime = runtime
        self._alone = alone
        self._missing = False

    async def ask(self, work: Callable[[Connection], T], otherwise: T) -> T:
        """What `work` says, or `otherwise`."""
        try:
            said = await self._runtime.db.write(work)
        except (SQLAlchemyError, StoreError) as error:
            if not self._missing:
                log.warning(self._alone, error=type(error).__name__)
            self._missing = True
            return otherwise
        self._missing = False
        return said


class Places:
    """Takes places for one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._together = Together(runtime, "limits are this process's own")

    async def wait(self, scope: str, window: Window) -> None:
        """Take the next place in a scope and return when it has come."""
        if not window.most:
            return
        most, seconds = window.most, window.seconds * _SPARE
        wait = await self._together.ask(lambda c: queueing.slot(c, scope, most, seconds), 0.0)
        if wait > 0:
            await asyncio.sleep(wait)


class SharedLimiter(Limiter):
    """A limiter whose limits hold for every process that names the same platform."""

    def __init__(self, rates: Rates, platform: str, places: Places) -> None:
        super().__init__(rates)
        self._platform = platform
        self._places = places
        self._turns = Turns()

    async def acquire(self, chat: int, *, group: bool, priority: int) -> float:
        """Return when one message to `chat` may leave: the time, for `release` once it has left."""
        since = await super().acquire(chat, group=group, priority=priority)
        try:
            await self._places.wait(f"{self._platform}:{chat}", self._rates.chat(group))
            overall = self._rates.overall()
            if overall.most:
                # One place is asked for at a time, or urgent ones would queue behind all others.
                await self._turns.enter(priority)
                try:
                    await self._places.wait(self._platform, overall)
                finally:
                    self._turns.leave()
        except BaseException:
            self.release(chat, since, group=group)
            raise
        return since


class Turns:
    """One at a time, the most urgent first."""

    def __init__(self) -> None:
        self._busy = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    async def enter(self, priority: int) -> None:
        """Return when it is the caller's turn; `leave` ends it."""
        if not self._busy:
            self._busy = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """The next one's turn."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._busy = False
