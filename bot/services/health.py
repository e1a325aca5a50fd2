"""How the program is doing: everything the page of health shows and the metrics say.

Facts and levels only; words are the page's. What one process knows of itself (its engine, its
connections) comes in as `Process`; the rest stands in the database and on the disk.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection

from bot.services.feeds import ListsHealth, lists_health
from bot.services.keys import key_path
from bot.services.pilot import Limits, limits_if_used
from bot.services.runtime import Runtime
from bot.services.weak import weak_secrets
from bot.settings import Settings
from bot.store import feeds, health, jobs_log, staff, standings, tickets
from bot.store.health import ChannelLast, Failure, GivenUp, Queue
from bot.store.jobs_log import JobRun

#: Below these parts of the disk somebody should look, and must act.
_DISK_LOW, _DISK_OUT = 0.15, 0.05
_DISK_BYTES_OUT = 500_000_000
#: A backup is made once a day; two hours of grace.
_BACKUP_OLD = timedelta(hours=26)
_WAITS_LONG, _WAITS_TOO_LONG = timedelta(seconds=30), timedelta(minutes=3)
_FAILURES_SINCE = timedelta(days=1)
_LATE_GRACE = timedelta(seconds=90)
#: Files of a backup's folder that are looked at.
_FILES_MOST = 5_000


class Level(StrEnum):
    """How bad something is."""

    OK = "ok"
    WARN = "warn"
    RED = "red"
    #: Not used, or nothing known of it.
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Process:
    """What a process knows of itself. `connections` says "ok" or what is wrong, by channel;
    `engine` is "elsewhere" where others understand."""

    engine: str = "ready"
    nlu: str = "embedded"
    model: str = ""
    connections: Mapping[str, str] = field(default_factory=dict)
    release: str = ""


@dataclass(frozen=True, slots=True)
class Disk:
    """Room where the data is, in bytes."""

    free: int
    total: int

    @property
    def level(self) -> Level:
        """Whether it will do."""
        part = self.free / self.total if self.total else 0
        if part < _DISK_OUT or self.free < _DISK_BYTES_OUT:
            return Level.RED
        return Level.WARN if part < _DISK_LOW else Level.OK


@dataclass(frozen=True, slots=True)
class Backup:
    """The newest file where backups are put. `folder`: "unset", "missing", "empty" or "ok"."""

    folder: str
    newest: datetime | None = None

    def level(self, now: datetime) -> Level:
        """Old backups are as bad as none."""
        if self.newest is None:
            return Level.WARN if self.folder == "unset" else Level.RED
        return Level.RED if now - self.newest > _BACKUP_OLD else Level.OK


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: what its connection says ("" where this process has none), and its last
    messages."""

    name: str
    connection: str
    last: ChannelLast
    failed: int = 0

    @property
    def level(self) -> Level:
        """By its connection, and by what could not be sent in a day."""
        if self.connection not in ("", "ok", "starting"):
            return Level.RED
        return Level.WARN if self.failed or self.connection == "starting" else Level.OK


@dataclass(frozen=True, slots=True)
class Health:
    """Everything at one moment."""

    now: datetime
    process: Process
    channels: tuple[Channel, ...]
    inbox: Queue
    outbox: Queue
    failures: tuple[Failure, ...]
    uncertain: int
    given_up: tuple[GivenUp, ...]
    jobs: tuple[JobRun, ...]
    schedulers: int
    overdue: int
    waiting: int
    feeds: ListsHealth
    database: int
    disk: Disk
    backup: Backup
    unsafe: tuple[str, ...]
    pilot: Limits | None = None
    #: What hinders writing to the database (`bot.store.room.hindrance`), "" for nothing.
    trouble: str = ""

    @property
    def disk_level(self) -> Level:
        """A database that cannot be written to is worse than a disk that soon cannot."""
        return Level.RED if self.trouble else self.disk.level

    @property
    def weak(self) -> tuple[str, ...]:
        """The variables with secrets that anybody could guess."""
        return tuple(word for word in self.unsafe if word.isupper())

    def queue_level(self, queue: Queue) -> Level:
        """By how long the oldest has waited."""
        age = self.now - queue.oldest if queue.oldest else timedelta(0)
        if age > _WAITS_TOO_LONG:
            return Level.RED
        return Level.WARN if age > _WAITS_LONG else Level.OK

    @property
    def nlu_level(self) -> Level:
        """Red when nothing is understood, a warning when the engine behind answers."""
        if self.process.engine == "elsewhere":
            return Level.OFF
        if self.process.engine != "ready":
            return Level.WARN if self.process.engine == "training" else Level.RED
        return Level.WARN if "down" in self.process.nlu else Level.OK

    def job_level(self, job: JobRun) -> Level:
        """Red when it failed last, or has not run for three of its intervals."""
        if job.failing:
            return Level.RED
        if job.ended_at is None:
            return Level.OFF
        late = self.now - job.ended_at > 3 * timedelta(seconds=job.every_seconds) + _LATE_GRACE
        return Level.RED if late else Level.OK


def health_of(connection: Connection, runtime: Runtime, process: Process) -> Health:
    """Look at everything. Some tens of milliseconds, the disk included."""
    settings, now = runtime.settings, runtime.now()
    failed = tuple(health.failures(connection, now - _FAILURES_SINCE))
    jobs, schedulers = jobs_log.together(jobs_log.all_runs(connection), now)
    return Health(
        now=now,
        process=process,
        channels=_channels(process, health.channels(connection), failed),
        inbox=health.inbox_queue(connection),
        outbox=health.outbox_queue(connection, now),
        failures=failed,
        uncertain=health.uncertain(connection),
        given_up=tuple(health.given_up(connection)),
        jobs=tuple(jobs),
        schedulers=schedulers,
        overdue=standings.overdue_count(connection, now),
        waiting=tickets.open_counts(connection).get("waiting", 0),
        feeds=lists_health(feeds.feeds(connection), now),
        database=health.database_bytes(connection),
        disk=disk_of(settings.var_dir),
        backup=backup_of(settings),
        unsafe=unsafe(settings, bool(staff.accounts(connection))),
        pilot=limits_if_used(connection, settings, now),
        trouble=runtime.db.trouble,
    )


def _channels(
    process: Process, lasts: Sequence[ChannelLast], failed: Sequence[Failure]
) -> tuple[Channel, ...]:
    known = {last.channel: last for last in lasts if last.channel not in ("internal", "terminal")}
    names = sorted({*known, *process.connections, "web"})
    return tuple(
        Channel(
            name,
            process.connections.get(name, ""),
            known.get(name, ChannelLast(name)),
            sum(each.count for each in failed if each.channel == name),
        )
        for name in names
    )


def disk_of(folder: Path) -> Disk:
    """Room in a folder's file system."""
    usage = shutil.disk_usage(folder if folder.exists() else ".")
    return Disk(usage.free, usage.total)


def backup_of(settings: Settings) -> Backup:
    """The newest file in CONGDANSO_BACKUP_DIR and the folders in it."""
    if settings.backup_dir is None:
        return Backup("unset")
    newest = 0.0
    try:
        files = (path for path in settings.backup_dir.rglob("*") if path.is_file())
        for _, path in zip(range(_FILES_MOST), files, strict=False):
            newest = max(newest, path.stat().st_mtime)
    except OSError:
        return Backup("missing")
    if not settings.backup_dir.is_dir():
        return Backup("missing")
    return Backup("ok", datetime.fromtimestamp(newest, UTC)) if newest else Backup("empty")


def unsafe(settings: Settings, has_staff: bool = True) -> tuple[str, ...]:
    """What is set so that it does for a trial only, by fixed words, and the variables with secrets
    that anybody could guess."""
    found: list[str] = []
    public = settings.public_url
    local = not public or "://127.0.0.1" in public or "://localhost" in public
    if not local and public.startswith("http://"):
        found.append("http")
    if public.startswith("https://") and not settings.secure_cookies:
        found.append("cookies")
    if local:
        found.append("local")
    key = key_path(settings)
    if key is not None:
        if settings.data_key_file is None:
            found.append("key_beside")
        if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
            found.append("key_open")
    if not has_staff:
        found.append("no_staff")
    return (*found, *weak_secrets(settings))


def measure(runtime: Runtime, found: Health) -> None:
    """Put a look into the gauges."""
    metrics, now = runtime.metrics, found.now
    for gauge, queue in (
        (metrics.inbox_age, found.inbox),
        (metrics.outbox_age, found.outbox),
    ):
        gauge.set((now - queue.oldest).total_seconds() if queue.oldest else 0)
    metrics.given_up.set(len(found.given_up))
    metrics.outbox_failures.clear()
    for failure in found.failures:
        metrics.outbox_failures.labels(failure.channel, failure.why or "unknown").set(failure.count)
    for channel in found.channels:
        metrics.channel_up.labels(channel.name).set(channel.level is not Level.RED)
        for gauge, moment in (
            (metrics.channel_in, channel.last.came),
            (metrics.channel_out, channel.last.went),
        ):
            if moment is not None:
                gauge.labels(channel.name).set(moment.timestamp())
    metrics.schedulers.set(found.schedulers)
    metrics.disk_free.set(found.disk.free)
    metrics.database_bytes.set(found.database)
    newest = found.backup.newest
    metrics.backup_age.set((now - newest).total_seconds() if newest else float("nan"))
