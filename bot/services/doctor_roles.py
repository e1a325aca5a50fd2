"""What `doctor` says of roles and the queue: which parts run, and whether work reaches them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.services.findings import Finding, Verdict
from bot.services.parts import Part, part_of
from bot.settings import Settings
from bot.store import health, jobs_log, migrate, queueing
from bot.store.db import make_engine

#: The queue brings an event within a second; the sweep would have within six.
_WAITS_LONG = timedelta(seconds=30)


def roles_look(settings: Settings) -> Iterator[Finding]:
    """Nothing where `congdanso serve` does everything."""
    if not settings.database_url:
        return
    engine = make_engine(settings.sqlalchemy_url)
    try:
        with engine.connect() as connection:
            if migrate.current(connection) == migrate.head():
                yield from _look(connection, settings)
    finally:
        engine.dispose()


def _look(connection: Connection, settings: Settings) -> Iterator[Finding]:
    now = datetime.now(UTC)
    alive = Counter(part_of(name) for name in jobs_log.living(connection, now))
    queue = queueing.state(connection, settings.lease_seconds * 1.5)
    if not queue.made and not any(part in alive for part in Part if part is not Part.ALL):
        return
    yield from _parts(alive)
    if not queue.made:
        todo = "start any role: it makes the queue anew; messages wait for the sweep meanwhile"
        yield Finding("queue", Verdict.WARN, "is not there, or not whole", todo)
        return
    if queue.made != queueing.version():
        todo = "restart the roles: the first to start makes it anew"
        yield Finding("queue", Verdict.WARN, f"is of another version ({queue.made})", todo)
        return
    said = f"{queue.waiting} waiting, {queue.running} running, {queue.workers} workers take from it"
    oldest = health.inbox_queue(connection).oldest
    if oldest is not None and now - oldest > _WAITS_LONG:
        late = f"{said}; the oldest message waits for {(now - oldest).total_seconds():.0f} s"
        todo = "start workers, or more of them; look at their logs"
        yield Finding("queue", Verdict.BAD if not queue.workers else Verdict.WARN, late, todo)
    else:
        yield Finding("queue", Verdict.OK, said)


def _parts(alive: Counter[Part]) -> Iterator[Finding]:
    everything = alive[Part.ALL]
    said = ", ".join(f"{alive[part]} {part}" for part in Part if alive[part]) or "none"
    missing = [part for part in Part if part is not Part.ALL and not alive[part]]
    if missing and not everything:
        names = " and ".join(f"`congdanso {part}`" for part in missing)
        yield Finding("roles", Verdict.BAD, f"running: {said}", f"start {names}")
    else:
        yield Finding("roles", Verdict.OK, f"running: {said}")
