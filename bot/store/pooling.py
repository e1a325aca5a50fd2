"""When a connection of the pool is asked whether it still lives."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

_RESTED = "congdanso_rested"
_REST_SECONDS = 1.0


def ping_after_rest(engine: Engine, seconds: float = _REST_SECONDS) -> None:
    """Ask a connection whether it lives before it is used, but only where it has rested so long:
    asked before each transaction it was an eighth of all that PostgreSQL is asked.

    One that was cut within that time fails at its first statement; who uses it does its work again.
    """

    def rests(_connection: Any, record: Any) -> None:
        record.info[_RESTED] = time.monotonic()

    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_RESTED)
        if since is None or time.monotonic() - since < seconds:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", rests)
    event.listen(engine, "checkout", taken)
