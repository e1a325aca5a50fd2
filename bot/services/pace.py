"""How often somebody may do something."""

from __future__ import annotations

import math
from collections import OrderedDict, deque

_SECONDS = 60


class Pace:
    """How many times one of many may, in so many seconds; remembers the last few thousand."""

    def __init__(self, most: int, remember: int = 5000, seconds: int = _SECONDS) -> None:
        self._most = most
        self._remember = remember
        self._seconds = seconds
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, who: str, now: float) -> int:
        """0 when once more is fine now, and counts it; else the whole seconds until it is."""
        times = self._seen.setdefault(who, deque())
        self._seen.move_to_end(who)
        while len(self._seen) > self._remember:
            self._seen.popitem(last=False)
        while times and times[0] <= now - self._seconds:
            times.popleft()
        if len(times) >= self._most:
            return max(1, math.ceil(times[0] + self._seconds - now))
        times.append(now)
        return 0

    def count(self, who: str) -> int:
        """How many times were counted lately."""
        return len(self._seen.get(who, ()))

    def give_back(self, who: str, now: float) -> None:
        """What was counted at `now` did not happen."""
        times = self._seen.get(who)
        if times is not None and now in times:
            times.remove(now)
