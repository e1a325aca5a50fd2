"""How fast one chat may send."""

from __future__ import annotations

import math
from collections import OrderedDict, deque

_SECONDS = 60


class Pace:
    """How many messages a minute one chat may send; remembers the last few thousand chats."""

    def __init__(self, per_minute: int, remember: int = 5000) -> None:
        self._most = per_minute
        self._remember = remember
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, chat: str, now: float) -> int:
        """0 when one more may come now, and counts it; else the whole seconds until one may."""
        times = self._seen.setdefault(chat, deque())
        self._seen.move_to_end(chat)
        while len(self._seen) > self._remember:
            self._seen.popitem(last=False)
        while times and times[0] <= now - _SECONDS:
            times.popleft()
        if len(times) >= self._most:
            return max(1, math.ceil(times[0] + _SECONDS - now))
        times.append(now)
        return 0
