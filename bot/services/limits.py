"""How fast messages may leave: per platform, per private chat, per group; urgent ones first."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_CHAT_BURST = 3
_FORGET_AFTER = 4096


class Window:
    """At most `most` events in any `seconds`. `most` 0 means no limit."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = self.most = most
        self._seconds = self.seconds = seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more is allowed; 0 when it is now."""
        if not self._most:
            return 0.0
        # The same sum as what is returned below: another one may round to the other side.
        while self._times and self._times[0] + self._seconds <= now:
            self._times.popleft()
        if len(self._times) < self._most:
            return 0.0
        return self._times[0] + self._seconds - now

    def record(self, now: float) -> None:
        """One happened."""
        if self._most:
            self._times.append(now)

    def put_off(self, since: float, now: float) -> None:
        """One that was recorded at `since` has happened at `now` at the latest."""
        if self._most:
            if since in self._times:
                self._times.remove(since)
            self._times.append(now)

    @property
    def quiet(self) -> bool:
        """Whether nothing is remembered (after `wait` dropped what is old)."""
        return not self._times


@dataclass(frozen=True, slots=True)
class Rates:
    """The platform's limits; 0 switches one off."""

    overall_per_second: float = 30.0
    chat_per_second: float = 1.0
    group_per_minute: float = 20.0
    #: Sends under way at once. What a kill leaves uncertain is at most this many.
    at_once: int = 0

    def overall(self) -> Window:
        """All chats together."""
        return _window(self.overall_per_second, 1.0)

    def chat(self, group: bool) -> Window:
        """One chat: a few at once in a private chat, since one answer may be two bubbles."""
        if group:
            return _window(self.group_per_minute, 60.0)
        if not self.chat_per_second:
            return Window(0, 1.0)
        return Window(_CHAT_BURST, _CHAT_BURST / self.chat_per_second)


def _window(rate: float, seconds: float) -> Window:
    """`rate` in `seconds`; a rate below one is one in a longer time."""
    if 0 < rate < 1:
        return Window(1, seconds / rate)
    return Window(int(rate), seconds)


@dataclass(order=True, slots=True)
class _Waiter:
    priority: int
    order: int
    chat: int = field(compare=False)
    group: bool = field(compare=False)
    go: asyncio.Future[float] = field(compare=False)


class Limiter:
    """Lets senders through in order of priority, then of asking."""

    def __init__(self, rates: Rates, clock: Callable[[], float] | None = None) -> None:
        self._rates = rates
        self._overall = rates.overall()
        self._chats: dict[int, Window] = {}
        self._waiting: list[_Waiter] = []
        self._order = itertools.count()
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._timer: asyncio.TimerHandle | None = None
        self._paused_until = 0.0
        self._under_way = 0

    async def acquire(self, chat: int, *, group: bool, priority: int) -> float:
        """Return when one message to `chat` may leave: the time, for `release` once it has left."""
        go: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, _Waiter(priority, next(self._order), chat, group, go))
        self._pump()
        return await go

    def release(self, chat: int, since: float, *, group: bool) -> None:
        """The message that `acquire` let through at `since` has left, or will not.

        The platform counts it when it arrives, which is somewhere between the two: the later
        counts, or messages that dawdled and ones that hurried would meet in one second.
        """
        now = self._clock()
        self._overall.put_off(since, now)
        self._window(chat, group).put_off(since, now)
        self._under_way -= 1
        self._pump()

    def pause(self, seconds: float) -> None:
        """The platform asked for silence."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _pump(self) -> None:
        now = self._clock()
        soonest = self._paused_until - now
        blocked: list[_Waiter] = []
        while self._waiting and self._paused_until <= now and self._has_room():
            if (wait := self._overall.wait(now)) > 0:
                soonest = wait
                break
            waiter = heapq.heappop(self._waiting)
            if waiter.go.done():
                continue
            window = self._window(waiter.chat, waiter.group)
            if (wait := window.wait(now)) > 0:
                blocked.append(waiter)
                soonest = wait if soonest <= 0 else min(soonest, wait)
                continue
            self._overall.record(now)
            window.record(now)
            self._under_way += 1
            waiter.go.set_result(now)
        for waiter in blocked:
            heapq.heappush(self._waiting, waiter)
        self._wake_in(soonest)

    def _has_room(self) -> bool:
        return not self._rates.at_once or self._under_way < self._rates.at_once

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and seconds > 0:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._pump)

    def _window(self, chat: int, group: bool) -> Window:
        window = self._chats.get(chat)
        if window is None:
            if len(self._chats) > _FORGET_AFTER:
                self._forget_quiet()
            window = self._chats[chat] = self._rates.chat(group)
        return window

    def _forget_quiet(self) -> None:
        now = self._clock()
        for chat, window in list(self._chats.items()):
            if window.wait(now) <= 0 and window.quiet:
                del self._chats[chat]
