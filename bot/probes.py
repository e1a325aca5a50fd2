"""What monitors ask a process for: /healthz, /readyz, /metrics; and what anybody is answered while
the database cannot be used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.errors import StoreError
from bot.services.outside import from_outside
from bot.services.parts import Part
from bot.services.publishing import Publisher
from bot.services.queueing import QueueWorker
from bot.services.runtime import Runtime
from bot.services.understanding import Understanding
from bot.store import db as database
from bot.store.leading import Leading
from bot.store.room import hindrance

log = structlog.get_logger(__name__)

_RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Probed:
    """A process that is asked. `connections` says how its platforms are, `measure` refreshes the
    metrics."""

    runtime: Runtime
    part: Part
    understanding: Understanding
    publisher: Publisher
    connections: Callable[[], Mapping[str, str]]
    measure: Callable[[], Awaitable[None]]
    queue: QueueWorker | None = None
    leading: Leading | None = None

    @property
    def ready(self) -> bool:
        """Whether all but the database is."""
        return self.understanding.ready or not self.part.works

    def state(self) -> dict[str, object]:
        """What it says of itself."""
        said: dict[str, object] = {} if self.part is Part.ALL else {"part": self.part}
        if self.part.works:
            said |= {"engine": self.understanding.state, "nlu": self.understanding.nlu}
        if self.queue is not None:
            said["queue"] = self.queue.state
        if self.leading is not None:
            said["leads"] = self.leading.leads
        said |= self.connections()
        problems = self.publisher.problems
        said["content"] = "stale" if problems else "ok"
        if problems:
            said["content_problems"] = [f"{p.file}:{p.line}: {p.field}" for p in problems]
        return said


def add_probes(app: FastAPI, probed: Probed) -> None:
    """Hang the three routes, and the answer to whoever meets the database's trouble elsewhere."""
    app.add_exception_handler(SQLAlchemyError, _later)
    app.add_exception_handler(StoreError, _later)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        """The process is alive."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        """Whether a message sent now would be answered now, as far as this process goes.

        It would be with stale content too: by the text that was last right.
        """
        state = {"worker": probed.runtime.owner, "database": "ok", **probed.state()}
        try:
            await probed.runtime.db.read(database.ping)
        except SQLAlchemyError:
            state["database"] = "unreachable"
        else:
            state["database"] = await hindrance(probed.runtime.db) or "ok"
        ready = state["database"] == "ok" and probed.ready
        return JSONResponse({"ready": ready, **state}, 200 if ready else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        """Numbers for Prometheus, which is inside: a proxy that lets everybody in is no way to
        them."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        if request.client is not None and from_outside(request.client.host):
            return Response(status_code=404)
        await probed.measure()
        body = generate_latest(probed.runtime.metrics.registry)
        return Response(body, media_type=CONTENT_TYPE_LATEST)


async def _later(_request: Request, error: Exception) -> Response:
    """503: every platform repeats a webhook that was answered so, and our own page does too."""
    # Neither the path nor the statement goes into the log: a path may hold a signed link.
    log.error("request not kept", error=type(error).__name__)
    return JSONResponse({}, 503, headers={"Retry-After": str(_RETRY_SECONDS)})
