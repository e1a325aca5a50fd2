"""Watches the scheduler's jobs: how long each took, whether it failed, written down now and then.

Jobs run every second; a row for each run would cost more than the jobs. So they are counted here
and a row a job is written twice a minute; a kill loses half a minute of counts and nothing else.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobEvent,
    JobExecutionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.services.runtime import Runtime
from bot.store import jobs_log
from bot.store.jobs_log import JobRun

#: The job that writes; of the others it must not be said that it is late.
NAME = "job_log"
SECONDS = 30.0
_DAY = 86_400


class JobWatch:
    """Counts runs by the scheduler's own events, whoever added the job."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._runs: dict[str, JobRun] = {}
        self._began: dict[str, float] = {}

    def watch(self, scheduler: AsyncIOScheduler) -> None:
        """Watch every job of a scheduler, now and later; write by a job of our own."""
        now = self._runtime.now()
        for job in scheduler.get_jobs():
            seconds = getattr(job.trigger, "interval_length", _DAY)
            self._runs[job.id] = JobRun(job.id, self._runtime.owner, max(1, int(seconds)), now)
        scheduler.add_listener(self._submitted, EVENT_JOB_SUBMITTED)
        scheduler.add_listener(self._ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        scheduler.add_listener(self._skipped, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        scheduler.add_job(self.write, "interval", seconds=SECONDS, id=NAME)

    async def write(self) -> None:
        """Write how the jobs do."""
        now = self._runtime.now()
        runs = [replace(run, seen_at=now) for run in self._runs.values()]
        await self._runtime.db.write(lambda c: jobs_log.put(c, runs))

    def _submitted(self, event: JobEvent) -> None:
        self._began[event.job_id] = time.perf_counter()

    def _ended(self, event: JobExecutionEvent) -> None:
        seconds = time.perf_counter() - self._began.pop(event.job_id, time.perf_counter())
        why = "" if event.exception is None else type(event.exception).__name__
        self._count(event.job_id, seconds, why)

    def _skipped(self, event: JobEvent) -> None:
        self._runtime.metrics.job_runs.labels(event.job_id, "skipped").inc()

    def _count(self, name: str, seconds: float, why: str) -> None:
        now: datetime = self._runtime.now()
        run = self._runs.get(name) or JobRun(name, self._runtime.owner, _DAY, now)
        took = round(seconds * 1000)
        run = replace(
            run,
            ended_at=now,
            milliseconds=took,
            longest=max(took, run.longest),
            runs=run.runs + 1,
        )
        if why:
            run = replace(run, failures=run.failures + 1, failed_at=now, error=why)
        self._runs[name] = run
        metrics = self._runtime.metrics
        metrics.job_runs.labels(name, "failed" if why else "ok").inc()
        metrics.job_seconds.labels(name).observe(seconds)
        if not why:
            metrics.job_last.labels(name).set(now.timestamp())
