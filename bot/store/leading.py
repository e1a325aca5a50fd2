"""Which of several schedulers is at work: an advisory lock of PostgreSQL, held by a connection.

The lock goes with the connection, so a scheduler that dies is followed within seconds. Every job is
idempotent all the same: a scheduler that has lost its connection may finish the job it is in.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import structlog

from bot.store.db import driver_url

log = structlog.get_logger(__name__)

_LOCK = 20_261_123
_LOOK_SECONDS = 1.0


class Leading:
    """Tries to lead, in a thread of its own, and says when that changes."""

    def __init__(self, url: str) -> None:
        self._url = driver_url(url)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._tell: Callable[[bool], None] = lambda _leads: None
        #: Whether this process is at work.
        self.leads = False

    def start(self, loop: asyncio.AbstractEventLoop, tell: Callable[[bool], None]) -> None:
        """Begin; `tell` is called in the loop with whether this process leads, at every change."""
        self._tell = lambda leads: _call(loop, tell, leads)
        self._thread = threading.Thread(target=self._run, name="leading", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give the lock back; returns within seconds."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        import psycopg

        while not self._stop.is_set():
            try:
                self._hold()
            except psycopg.Error as error:
                log.warning("leading interrupted", error=type(error).__name__)
            self._now(False)
            self._stop.wait(_LOOK_SECONDS)

    def _hold(self) -> None:
        import psycopg

        with psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
        ) as connection:
            while not self._stop.is_set():
                if not self.leads:
                    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
                    self._now(bool(row and row[0]))
                else:
                    connection.execute("SELECT 1")
                self._stop.wait(_LOOK_SECONDS)

    def _now(self, leads: bool) -> None:
        if leads != self.leads:
            self.leads = leads
            log.info("leading" if leads else "not leading")
            self._tell(leads)


def _call(loop: asyncio.AbstractEventLoop, tell: Callable[[bool], None], leads: bool) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(tell, leads)
