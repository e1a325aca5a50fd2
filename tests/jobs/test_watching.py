"""Runs of jobs are counted by the scheduler's own events and written down."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.jobs.watching import NAME, JobWatch
from bot.services.runtime import Runtime
from bot.store import jobs_log


async def test_good_and_failed_runs_are_counted_and_written(runtime: Runtime) -> None:
    scheduler = AsyncIOScheduler(timezone="Asia/Ho_Chi_Minh")
    ended = asyncio.Event()
    left = {"good", "bad"}

    async def good() -> None:
        """Nothing to do."""

    async def bad() -> None:
        raise ZeroDivisionError("a number of somebody")

    scheduler.add_job(good, "interval", seconds=7, id="good", misfire_grace_time=60)
    scheduler.add_job(bad, "cron", hour=2, id="bad", misfire_grace_time=60)
    watch = JobWatch(runtime)
    watch.watch(scheduler)

    def seen(event: object) -> None:
        left.discard(event.job_id)  # type: ignore[attr-defined]
        if not left:
            ended.set()

    scheduler.add_listener(seen, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    scheduler.start()
    for name in ("good", "bad"):
        # The scheduler has the machine's clock.
        scheduler.modify_job(name, next_run_time=datetime.now(UTC))
    await asyncio.wait_for(ended.wait(), 10)
    scheduler.shutdown(wait=False)
    await watch.write()
    runs = {run.name: run for run in await runtime.db.read(jobs_log.all_runs)}
    assert set(runs) == {"good", "bad"}, f"{NAME} does not watch itself before it ran"
    assert (runs["good"].runs, runs["good"].failures, runs["good"].every_seconds) == (1, 0, 7)
    failed = runs["bad"]
    assert (failed.runs, failed.failures, failed.error) == (1, 1, "ZeroDivisionError")
    assert (failed.failing, failed.every_seconds) == (True, 86_400)
    assert failed.worker == runtime.owner
    counted = runtime.metrics.registry.get_sample_value
    assert counted("congdanso_job_runs_total", {"job": "bad", "result": "failed"}) == 1
    assert counted("congdanso_job_runs_total", {"job": "good", "result": "ok"}) == 1
