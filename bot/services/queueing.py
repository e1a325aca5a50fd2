"""Takes jobs from the queue (Procrastinate) and has conversations drained.

The queue only says which conversation has something new. When it is down, events wait for the
sweep (`Conversations.poll`), some seconds each; when it was dropped, it is made anew.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StartupError, StoreError
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store import queueing
from bot.store.db import driver_url

if TYPE_CHECKING:
    from procrastinate import App

log = structlog.get_logger(__name__)

#: Conversations drained at once by one worker; the database has six threads for them.
CONCURRENCY = 12
_CONNECTIONS = 4
_AGAIN_SECONDS = 2.0
_GRACE_SECONDS = 10.0
#: A worker says so often within a lease that it lives, and is dead after this part of one.
_BEATS, _DEAD = 3.0, 1.5
_SWEEP_ROUNDS = 5
#: Conversations in hand up to which the sweep adds others: with the queue, and without it. After a
#: standstill all that waits has waited long, and the first worker to look would take all of it.
_SWEEP_MOST, _SWEEP_ALONE = 2 * CONCURRENCY, 200
#: Longer than any window: a platform's, or the hour in which an address begins web chats.
_QUIET_SECONDS = 3700.0


def sweep_after(settings: Settings) -> float:
    """Seconds an event waits before a worker looks for it itself: the queue should have brought
    it long since."""
    return settings.poll_seconds * _SWEEP_ROUNDS


class QueueWorker:
    """Works for as long as the process lives, whatever becomes of the queue meanwhile."""

    def __init__(self, runtime: Runtime, drain: Callable[[int], Awaitable[None]]) -> None:
        self._runtime = runtime
        self._drain = drain
        self._stopping = False
        self._stop = asyncio.Event()
        self._taking: asyncio.Task[None] | None = None
        #: For /readyz: "ok", or what is wrong.
        self.state = "starting"

    def sweep_most(self) -> int:
        """How many conversations the sweep may bring those in hand to."""
        return _SWEEP_MOST if self.state == "ok" else _SWEEP_ALONE

    async def run(self) -> None:
        """Take jobs until `stop`."""
        while not self._stopping:
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001 - an engine of its own: the sweep goes on without
                self.state = f"down ({type(error).__name__})"
                log.error("queue down; messages wait for the sweep", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _AGAIN_SECONDS)

    async def stop(self) -> None:
        """Take no more jobs; those in hand are finished by `run`."""
        self._stopping = True
        self._stop.set()
        if self._taking is not None:
            # Procrastinate finishes what it has in hand, for some seconds at most.
            self._taking.cancel()

    async def _work(self) -> None:
        await asyncio.to_thread(queueing.ensure, self._runtime.db.engine)
        async with self._app().open_async() as app:
            await self._mend(app)
            if self._stopping:
                return
            mending = asyncio.create_task(self._mend_for_ever(app))
            self._taking = asyncio.create_task(self._take(app))
            self.state = "ok"
            try:
                await asyncio.wait([self._taking])
                if not self._taking.cancelled():
                    self._taking.result()
            finally:
                self._taking = None
                mending.cancel()
                await asyncio.gather(mending, return_exceptions=True)

    async def _take(self, app: App) -> None:
        await app.run_worker_async(
            queues=[queueing.QUEUE],
            name=self._runtime.owner,
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=1.0,
            abort_job_polling_interval=60.0,
            shutdown_graceful_timeout=_GRACE_SECONDS,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=self._lease / _BEATS,
            stalled_worker_timeout=self._lease * _DEAD,
        )

    @property
    def _lease(self) -> float:
        return self._runtime.settings.lease_seconds

    def _app(self) -> App:
        # Only a worker needs it; it is not worth its import elsewhere.
        from procrastinate import App, PsycopgConnector

        connector = PsycopgConnector(
            conninfo=driver_url(self._runtime.settings.sqlalchemy_url),
            kwargs={"options": f"-c search_path={queueing.SCHEMA}"},
            min_size=1,
            max_size=_CONNECTIONS,
        )
        app = App(connector=connector)

        @app.task(name=queueing.TASK, queue=queueing.QUEUE)
        async def drain(chat: int) -> None:
            await self._drain(chat)

        return app

    # What dead workers left ------------------------------------------------------------------

    async def _mend_for_ever(self, app: App) -> None:
        while True:
            await asyncio.sleep(self._lease)
            try:
                await self._mend(app)
            except Exception as error:  # noqa: BLE001 - the worker itself notices what is wrong
                log.warning("queue not mended", error=type(error).__name__)

    async def _mend(self, app: App) -> None:
        """Put away the jobs of dead workers, or no other job of their conversations would begin."""
        from procrastinate.exceptions import ConnectorException
        from procrastinate.jobs import Status

        manager = app.job_manager
        dead = self._lease * _DEAD
        for job in await manager.get_stalled_jobs(
            queue=queueing.QUEUE, seconds_since_heartbeat=dead
        ):
            # Another worker may have been first.
            with contextlib.suppress(ConnectorException):
                await manager.finish_job(job, Status.FAILED, delete_job=True)
                chat = job.task_kwargs["chat"]
                await self._runtime.db.write(lambda c, n=chat: queueing.wanted(c, n))  # type: ignore[misc]
        await manager.prune_stalled_workers(dead)


class QueueKeeper:
    """Makes the queue where nobody works: the web must find it before the first worker starts."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def tick(self) -> None:
        """Make it anew when it was dropped; forget rates of chats that are quiet."""
        db = self._runtime.db
        try:
            await asyncio.to_thread(queueing.ensure, db.engine)
            await db.write(lambda c: queueing.forget_slots(c, _QUIET_SECONDS))
        except (SQLAlchemyError, StartupError, StoreError) as error:
            log.warning("queue not looked at", error=type(error).__name__)
