"""The page of health: what works, what does not, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.services.health import Health, Level, health_of
from bot.services.staff import Role, Visit
from bot.store import audit
from bot.store import health as store
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages, Refused

URL = f"{PREFIX}/health"
_DONE = ("retried", "discarded", "gone")
_BYTES = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB"))


def routes(site: Site) -> None:
    """The page, and what can be done with events that were set aside."""
    health = HealthPages(site.deps, site.pages)
    site.page("/health", Role.VIEWER, health.show)
    site.form("/health/events/{event:int}/retry", Role.ADMIN, health.retry)
    site.form("/health/events/{event:int}/discard", Role.ADMIN, health.discard)


class HealthPages:
    """Facts for everybody; what is unsafe and what can be done for admins only."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._runtime = deps.runtime
        self._pages = pages

    async def show(self, request: Request, visit: Visit) -> Response:
        """Everything at this moment."""
        runtime, process = self._runtime, self._deps.process()

        def load(connection: Connection) -> Health:
            return health_of(connection, runtime, process)

        found = await runtime.db.read(load)
        word = request.query_params.get("done", "")
        return self._pages.render(
            "health.html",
            visit=visit,
            here="health",
            health=found,
            problems=self._deps.problems(),
            admin=visit.role.covers(Role.ADMIN),
            done=word if word in _DONE else "",
            bytes=size,
            Level=Level,
            settings=runtime.settings,
            keep_days=store.KEEP_GIVEN_UP.days,
        )

    async def retry(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """Handle an event again that was set aside."""
        number, runtime = _event(request), self._runtime

        def work(connection: Connection) -> int | None:
            chat = store.retry(connection, number)
            if chat is not None:
                subject = f"event {number}"
                audit.record(connection, visit.username, "event.retry", subject, runtime.now())
            return chat

        chat = await runtime.db.write(work)
        if chat is not None:
            self._deps.wake(chat)
        return RedirectResponse(f"{URL}?done={'retried' if chat is not None else 'gone'}", 303)

    async def discard(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """Put an event away for good."""
        number, runtime = _event(request), self._runtime

        def work(connection: Connection) -> bool:
            gone = store.discard(connection, number)
            if gone:
                subject = f"event {number}"
                audit.record(connection, visit.username, "event.discard", subject, runtime.now())
            return gone

        done = await runtime.db.write(work)
        return RedirectResponse(f"{URL}?done={'discarded' if done else 'gone'}", 303)


def _event(request: Request) -> int:
    number: int = request.path_params["event"]
    if number >= 2**63:
        raise Refused(404, "not_found", link=URL)
    return number


def size(number: int) -> str:
    """Bytes as people read them: "1,4 GB"."""
    for unit, name in _BYTES:
        if number >= unit:
            return f"{number / unit:.1f} {name}".replace(".", ",")
    return f"{number} byte"
