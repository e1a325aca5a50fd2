"""Keeps a dead server from costing every message its timeout. Standard library only."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Closed: calls pass. Open after `failures` in a row: none pass for `pause` seconds, then one
    at a time is let through as a trial, and its outcome closes or opens again.

    Every call that `allow` let through must be followed by `succeeded` or `failed`. Safe to share
    between threads.
    """

    def __init__(
        self, failures: int, pause: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._opened: float | None = None
        self._trial = False

    @property
    def closed(self) -> bool:
        """Whether calls pass freely."""
        return self._opened is None

    def allow(self) -> bool:
        """Whether a call may be made now."""
        with self._lock:
            if self._opened is None:
                return True
            if self._trial or self._clock() - self._opened < self._pause:
                return False
            self._trial = True
            return True

    def succeeded(self) -> None:
        """A call was answered: everything passes again."""
        with self._lock:
            self._failed = 0
            self._opened = None
            self._trial = False

    def failed(self, at_once: bool = False) -> None:
        """A call was not answered; `at_once` opens without waiting for more of them."""
        with self._lock:
            if self._opened is not None and not self._trial:
                return  # A call from before it opened; the pause is not drawn out by it.
            self._failed += 1
            if self._trial or at_once or self._failed >= self._most:
                self._opened = self._clock()
                self._trial = False
