"""The program's clock work.

Jobs are kept in memory: what is due stands in the database, so a restart forgets nothing, and two
schedulers do no harm.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.services.conversation import Conversations
from bot.services.delivery import Delivery
from bot.services.publishing import Publisher
from bot.services.reloading import Reloading
from bot.services.runtime import Runtime
from bot.store import guides, inbox, outbox, records, tickets

log = structlog.get_logger(__name__)


class Jobs:
    """What is done by the clock."""

    def __init__(
        self,
        runtime: Runtime,
        conversations: Conversations,
        delivery: Delivery,
        publisher: Publisher,
        reloading: Reloading,
    ) -> None:
        self._runtime = runtime
        self._conversations = conversations
        self._delivery = delivery
        self._publisher = publisher
        self._reloading = reloading

    def schedule(self) -> AsyncIOScheduler:
        """A scheduler with every job; the caller starts and stops it."""
        scheduler = AsyncIOScheduler(
            timezone="Asia/Ho_Chi_Minh",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
        )
        often = self._runtime.settings.poll_seconds
        for name, job, seconds in (
            ("inbox", self._conversations.tick, often),
            ("outbox", self._delivery.tick, often),
            ("timers", self._conversations.fire_timers, 5.0),
            ("recalls", self._publisher.refresh, 2.0),
            ("content", self._reloading.tick, self._runtime.settings.content_seconds),
            ("measure", self.measure, 10.0),
        ):
            if seconds:
                scheduler.add_job(job, IntervalTrigger(seconds=seconds), id=name)
        scheduler.add_job(self.purge, "cron", hour=2, minute=30, id="purge")
        return scheduler

    async def purge(self) -> int:
        """Erase texts past retention, in short transactions. Returns how many rows were touched."""
        now = self._runtime.now()
        before = now - timedelta(days=self._runtime.settings.retention_days)
        total = 0
        while touched := await self._runtime.db.write(lambda c: records.purge(c, before)):
            total += touched
        seen = now - timedelta(days=self._runtime.settings.recall_days)
        while touched := await self._runtime.db.write(lambda c: guides.purge_views(c, seen)):
            total += touched
        await self._runtime.db.write(lambda c: records.purge_sessions(c, now))
        if total:
            self._runtime.db.checkpoint()
            log.info("purged", rows=total)
        return total

    async def measure(self) -> None:
        """Refresh the gauges."""
        metrics = self._runtime.metrics
        db = self._runtime.db
        metrics.waiting.set(await db.read(inbox.backlog))
        for status, number in (await db.read(outbox.counts)).items():
            metrics.outbox.labels(status).set(number)
        for status, number in (await db.read(tickets.open_counts)).items():
            metrics.tickets.labels(status).set(number)
