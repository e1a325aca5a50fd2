"""The program's clock work.

Jobs are kept in memory: what is due stands in the database, so a restart forgets nothing, and two
schedulers do no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.domain.voice import KEPT_DAYS
from bot.jobs.watching import JobWatch
from bot.services import models, training, waiting
from bot.services.alerts import EVERY, AlertSending
from bot.services.backup import nightly
from bot.services.conversation import Conversations
from bot.services.delivery import Delivery
from bot.services.erasing import LEDGER_KEPT, LedgerFile
from bot.services.feeds import Feeds, lists_health
from bot.services.health import Process, health_of, measure
from bot.services.ladder import Ladder
from bot.services.lateness import Lateness
from bot.services.models import ModelSwitch
from bot.services.parts import Part
from bot.services.publishing import Publisher
from bot.services.queueing import QueueKeeper
from bot.services.reloading import Reloading
from bot.services.rollups import Rollups
from bot.services.rosters import Rosters
from bot.services.runtime import Runtime
from bot.services.training import Runs
from bot.services.waiting import WaitingReplies
from bot.store import (
    alerts,
    clusters,
    consents,
    erasures,
    feeds,
    guides,
    health,
    inbox,
    invites,
    jobs_log,
    join_links,
    labels,
    linking,
    outbox,
    queueing,
    records,
    roster_files,
    rosters,
    standings,
    tickets,
    voice,
    windows,
)
from bot.store.silent import purge_members, purge_silent

log = structlog.get_logger(__name__)

#: How long it is remembered how the jobs of a process did that is no more.
_JOBS_KEPT = timedelta(days=30)
_NIGHTLY = frozenset({"purge", "clusters", "backup"})
#: Name, what is done, every so many seconds (0: not at all).
_Job = tuple[str, Callable[[], Awaitable[object]], float]


class Jobs:
    """What is done by the clock."""

    def __init__(
        self,
        runtime: Runtime,
        conversations: Conversations,
        delivery: Delivery,
        publisher: Publisher,
        reloading: Reloading,
        feeds: Feeds,
        alerts: AlertSending,
    ) -> None:
        self._runtime = runtime
        self._conversations = conversations
        self._delivery = delivery
        self._publisher = publisher
        self._reloading = reloading
        self._ladder = Ladder(runtime, conversations.wake)
        self._lateness = Lateness(runtime, conversations.wake)
        self._rosters = Rosters(runtime)
        self._rollups = Rollups(runtime)
        self._feeds = feeds
        self._alerts = alerts
        self._ledger = LedgerFile(runtime)
        self._watch = JobWatch(runtime)
        self.runs = Runs(runtime)
        self._keeper = QueueKeeper(runtime)
        self._replies = WaitingReplies(runtime, conversations.wake)
        #: Where an engine is: keeps it the one that was published.
        self.models: ModelSwitch | None = None
        #: What this process knows of itself; the composition root knows more.
        self.process: Callable[[], Process] = Process

    def schedule(self, part: Part = Part.ALL) -> AsyncIOScheduler:
        """A scheduler with every job of a part; the caller starts and stops it.

        What a scheduler of its own does waits for `lead`.
        """
        scheduler = AsyncIOScheduler(
            timezone="Asia/Ho_Chi_Minh",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
        )
        for name, job, seconds in self._jobs_of(part):
            if seconds:
                scheduler.add_job(job, IntervalTrigger(seconds=seconds), id=name)
        if part.clocks:
            for name, job, seconds in self._clockwork():
                scheduler.add_job(job, IntervalTrigger(seconds=seconds), id=name)
            scheduler.add_job(self.purge, "cron", hour=2, minute=30, id="purge")
            scheduler.add_job(self.runs.nightly, "cron", hour=3, minute=10, id="clusters")
            if self._runtime.settings.backup_dir is not None:
                scheduler.add_job(self.backup, "cron", hour=3, minute=30, id="backup")
        self._watch.watch(scheduler)
        if part is Part.SCHEDULER:
            scheduler.add_job(self._keeper.tick, IntervalTrigger(seconds=60.0), id="queue")
            self.lead(scheduler, False)
        return scheduler

    def lead(self, scheduler: AsyncIOScheduler, leads: bool) -> None:
        """Do what one scheduler at a time does, or leave it to the one that leads."""
        names = {name for name, _, _ in self._clockwork()} | _NIGHTLY
        for job in scheduler.get_jobs():
            if job.id in names:
                # An interval begins anew: at once first, since what is due may have waited.
                (scheduler.resume_job if leads else scheduler.pause_job)(job.id)

    def _jobs_of(self, part: Part) -> list[_Job]:
        """What every process of a part does for itself, several of them side by side."""
        often = self._runtime.settings.poll_seconds
        jobs: list[_Job] = [
            ("recalls", self._publisher.refresh, 2.0),
            ("releases", self._reloading.follow, 2.0),
            ("content", self._reloading.tick, self._runtime.settings.content_seconds),
            ("places", self.places, 60.0),
            ("measure", self.measure, 10.0),
        ]
        if part.works:
            jobs += [
                ("inbox", self._conversations.tick, often),
                ("outbox", self._delivery.tick, often),
                ("models", self.switch, models.EVERY),
            ]
        if not part.clocks:
            jobs.append(("lists", self._feeds.take_up, 60.0))
        return jobs

    def _clockwork(self) -> list[_Job]:
        """What is due by the clock: once, whichever process does it."""
        return [
            ("timers", self._conversations.fire_timers, 5.0),
            ("ladder", self._ladder.tick, 10.0),
            ("lines", self._lateness.tick, 2.0),
            ("rosters", self.rosters, 30.0),
            ("counts", self._rollups.tick, 60.0),
            ("feeds", self._feeds.tick, 60.0),
            ("alerts", self._alerts.tick, EVERY),
            ("runs", self.runs.tick, training.EVERY),
            ("answers", self._replies.tick, waiting.EVERY),
            ("voices", self.voices, 60.0),
            ("erasures", self._ledger.tick, 30.0),
        ]

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
        while touched := await self._runtime.db.write(lambda c: alerts.purge(c, before)):
            total += touched
        while touched := await self._runtime.db.write(lambda c: windows.purge(c, before)):
            total += touched
        old = now - timedelta(days=self._runtime.settings.label_days)
        while touched := await self._runtime.db.write(lambda c: labels.purge(c, old)):
            total += touched
        while touched := await self._runtime.db.write(lambda c: consents.purge(c, before)):
            total += touched
        unheard = now - timedelta(days=self._runtime.settings.chat_days)
        while touched := await self._runtime.db.write(lambda c: purge_silent(c, unheard, now)):
            total += touched
        total += await self._runtime.db.write(lambda c: purge_members(c, before))
        await self._runtime.db.write(lambda c: erasures.purge(c, now - LEDGER_KEPT))
        await self._runtime.db.write(lambda c: clusters.purge(c, before))
        await self._runtime.db.write(lambda c: records.purge_sessions(c, now))
        await self._runtime.db.write(lambda c: join_links.purge(c, before))
        await self._runtime.db.write(lambda c: invites.purge(c, before))
        await self._runtime.db.write(lambda c: linking.purge(c, now))
        await self._runtime.db.write(lambda c: rosters.purge_imports(c, before))
        await self._runtime.db.write(lambda c: jobs_log.purge(c, now - _JOBS_KEPT))
        await self._runtime.db.write(lambda c: roster_files.forget(c, now - roster_files.KEEP))
        await self._runtime.db.write(lambda c: health.forget(c, now - health.KEEP_GIVEN_UP))
        if total:
            self._runtime.db.checkpoint()
            log.info("purged", rows=total)
        return total

    async def voices(self) -> int:
        """Delete voice notes that nobody may hear any more; returns how many."""
        now = self._runtime.now()
        gone = await self._runtime.db.write(
            lambda c: voice.purge(c, now, timedelta(days=KEPT_DAYS))
        )
        if gone:
            self._runtime.db.checkpoint()
        return gone

    async def switch(self) -> None:
        """Understand with the model that was published."""
        if self.models is not None:
            await self.models.tick()

    async def backup(self) -> bool:
        """Back the database up unless somebody did tonight; whether this made one."""
        return await asyncio.to_thread(nightly, self._runtime)

    async def places(self) -> None:
        """Take up the hamlets that a roster brought."""
        await self._publisher.places.refresh()

    async def rosters(self) -> int:
        """Finish an import of a roster that was interrupted; returns how many changes were left."""
        return await asyncio.to_thread(self._rosters.finish)

    async def measure(self) -> None:
        """Refresh the gauges."""
        metrics = self._runtime.metrics
        db = self._runtime.db
        metrics.waiting.set(await db.read(inbox.backlog))
        for status, number in (await db.read(outbox.counts)).items():
            metrics.outbox.labels(status).set(number)
        for status, number in (await db.read(tickets.open_counts)).items():
            metrics.tickets.labels(status).set(number)
        now = self._runtime.now()
        metrics.overdue.set(await db.read(lambda c: standings.overdue_count(c, now)))
        health = lists_health(await db.read(feeds.feeds), self._runtime.now())
        for state, number in health.states.items():
            metrics.feeds.labels(state).set(number)
        metrics.feed_hosts.set(health.hosts)
        metrics.feed_age.set(health.oldest_seconds)
        metrics.alert_subscribers.set(await db.read(alerts.subscribers))
        metrics.alerts_waiting.set(await db.read(alerts.waiting))
        if db.queued:
            found = await db.read(lambda c: queueing.state(c, self._runtime.settings.lease_seconds))
            for status, number in (("waiting", found.waiting), ("running", found.running)):
                metrics.queue_jobs.labels(status).set(number)
            metrics.queue_workers.set(found.workers)
        process = self.process()
        measure(self._runtime, await db.read(lambda c: health_of(c, self._runtime, process)))
