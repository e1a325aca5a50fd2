"""Rate limits and injected faults."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from .model import ApiError, Chat

Drop = Literal["before", "after"]


@dataclass(slots=True)
class Limits:
    """Telegram's published sending limits; times are the fake's clock."""

    enabled: bool = True
    per_second: int = 30
    private_per_second: float = 1.0
    private_burst: int = 3
    group_per_minute: int = 20
    _all: deque[float] = field(default_factory=deque)
    _private: dict[int, tuple[float, float]] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget what was sent."""
        self._all.clear()
        self._private.clear()
        self._groups.clear()

    def spend(self, chat: Chat, now: float) -> None:
        """Count one message to the chat, or fail with 429 and `retry_after`."""
        if not self.enabled:
            return
        wait = self._wait(self._all, self.per_second, 1.0, now)
        tokens = 0.0
        group: deque[float] | None = None
        if chat.private:
            tokens, last = self._private.get(chat.id, (float(self.private_burst), now))
            tokens += (now - last) * self.private_per_second
            tokens = min(float(self.private_burst), tokens)
            if tokens < 1:
                wait = max(wait, (1 - tokens) / self.private_per_second)
        else:
            group = self._groups.setdefault(chat.id, deque())
            wait = max(wait, self._wait(group, self.group_per_minute, 60.0, now))
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            raise ApiError(
                429,
                f"Too Many Requests: retry after {seconds}",
                {"retry_after": seconds},
            )
        self._all.append(now)
        if group is None:
            self._private[chat.id] = (tokens - 1, now)
        else:
            group.append(now)

    @staticmethod
    def _wait(window: deque[float], most: int, span: float, now: float) -> float:
        while window and window[0] <= now - span:
            window.popleft()
        return window[-most] + span - now if len(window) >= most else 0.0


@dataclass(slots=True, eq=False)
class Fault:
    """What to do with matching calls instead of (or besides) answering them properly."""

    method: str = "*"
    chat_id: int | None = None
    nth: int = 1
    times: int | None = 1
    status: int | None = None
    description: str | None = None
    retry_after: int | None = None
    delay: float = 0.0
    delay_after: float = 0.0
    drop: Drop | None = None
    seen: int = 0
    hits: int = 0

    def matches(self, method: str, chat_id: int | None) -> bool:
        """Count the call if it is one of ours, and say whether to act on it."""
        if self.method not in ("*", method):
            return False
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.hits >= self.times):
            return False
        self.hits += 1
        return True

    def error(self) -> ApiError | None:
        """Return the error to answer with, if any."""
        status = self.status or (429 if self.retry_after else None)
        if status is None:
            return None
        words = {
            400: "Bad Request",
            401: "Unauthorized",
            403: "Forbidden",
            409: "Conflict",
            429: f"Too Many Requests: retry after {self.retry_after or 1}",
            500: "Internal Server Error",
            502: "Bad Gateway",
        }
        parameters = None
        if status == 429:
            parameters = {"retry_after": self.retry_after or 1}
        return ApiError(status, self.description or words.get(status, "Error"), parameters)
