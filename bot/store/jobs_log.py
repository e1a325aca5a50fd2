"""Runs of jobs, one row a job and process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from bot.models.schema import job_runs
from bot.store.sql import insert

#: A process that said nothing of its jobs for so long is taken for gone.
ALIVE = timedelta(minutes=3)
ERROR_MOST = 80
#: How processes are named that do nothing by the clock but their own upkeep (bot.services.parts).
_OTHERS = ("web-", "worker-")


@dataclass(frozen=True, slots=True)
class JobRun:
    """How a job does in a process. Times in milliseconds; `seen_at` is when the process last
    wrote, `ended_at` when the job last ended well or not."""

    name: str
    worker: str
    every_seconds: int
    seen_at: datetime
    ended_at: datetime | None = None
    milliseconds: int = 0
    longest: int = 0
    runs: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    error: str = ""

    @property
    def failing(self) -> bool:
        """Whether the last run failed."""
        return self.failed_at is not None and self.failed_at == self.ended_at


def put(connection: Connection, runs: Iterable[JobRun]) -> None:
    """Write how the jobs of a process do."""
    rows = [
        {
            "name": run.name,
            "worker": run.worker,
            "every_seconds": run.every_seconds,
            "seen_at": run.seen_at,
            "ended_at": run.ended_at,
            "milliseconds": run.milliseconds,
            "longest": run.longest,
            "runs": run.runs,
            "failures": run.failures,
            "failed_at": run.failed_at,
            "error": run.error[:ERROR_MOST],
        }
        for run in runs
    ]
    if rows:
        statement = insert(connection, job_runs)
        new = {key: statement.excluded[key] for key in rows[0] if key not in ("name", "worker")}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["name", "worker"], set_=new), rows
        )


def all_runs(connection: Connection) -> list[JobRun]:
    """Every row, by name."""
    query = select(job_runs).order_by(job_runs.c.name, job_runs.c.worker)
    return [JobRun(*row) for row in connection.execute(query)]


def together(runs: Iterable[JobRun], now: datetime) -> tuple[list[JobRun], int]:
    """Each job once, over all processes, and how many schedulers are alive.

    Of a job the run that ended last counts; failures and runs are those of the living.
    """
    known = list(runs)
    living = [run for run in known if now - run.seen_at <= ALIVE]
    found: dict[str, JobRun] = {}
    for run in known:
        best = found.get(run.name)
        if best is None or _end(run) > _end(best):
            found[run.name] = run
    merged = []
    for name, run in found.items():
        mine = [each for each in living if each.name == name] or [run]
        merged.append(
            replace(
                run,
                runs=sum(each.runs for each in mine),
                failures=sum(each.failures for each in mine),
                longest=max(each.longest for each in mine),
            )
        )
    schedulers = {run.worker for run in living if not run.worker.startswith(_OTHERS)}
    return sorted(merged, key=lambda run: run.name), len(schedulers)


def _end(run: JobRun) -> datetime:
    return run.ended_at or run.seen_at - timedelta(days=36500)


def living(connection: Connection, now: datetime) -> set[str]:
    """The names of the processes that are alive."""
    query = select(job_runs.c.worker).where(job_runs.c.seen_at >= now - ALIVE).distinct()
    return set(connection.execute(query).scalars())


def purge(connection: Connection, before: datetime) -> int:
    """Forget processes that ended before a moment."""
    return connection.execute(delete(job_runs).where(job_runs.c.seen_at < before)).rowcount
