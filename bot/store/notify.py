"""Wake-ups between processes on PostgreSQL (LISTEN/NOTIFY). A slow poll stands behind them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy import Connection, text

from bot.store.db import driver_url
from bot.store.inbox import ChatRow

log = structlog.get_logger(__name__)

_CHANNEL = "congdanso_web"
_PULLED = frozenset({"web"})
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 2.0


def announce(connection: Connection, chat: ChatRow) -> None:
    """Tell other processes that a chat which pulls has something new, once this commits."""
    if connection.dialect.name == "postgresql" and chat.key.channel in _PULLED:
        connection.execute(text(f"SELECT pg_notify('{_CHANNEL}', :chat)"), {"chat": str(chat.id)})


class Listener:
    """Calls `heard` with the id of every announced chat, from a thread of its own."""

    def __init__(self, url: str, heard: Callable[[int], object]) -> None:
        self._url = driver_url(url)
        self._heard = heard
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="db-listen", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; returns within about a second."""
        self._stop.set()
        self._thread.join(timeout=3)

    def _run(self) -> None:
        # Only a program on PostgreSQL listens; for the others the driver is not worth its import.
        import psycopg

        while not self._stop.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.warning("listening interrupted", error=type(error).__name__)
                self._stop.wait(_AGAIN_SECONDS)

    def _listen(self) -> None:
        import psycopg

        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {_CHANNEL}")
            while not self._stop.is_set():
                for note in connection.notifies(timeout=_LOOK_SECONDS):
                    if note.payload.isdecimal():
                        self._heard(int(note.payload))
