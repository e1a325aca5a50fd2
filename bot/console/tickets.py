"""Tickets, for those of the staff who may talk to citizens."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from bot.console.gate import PREFIX
from bot.services.answering import Helper
from bot.services.board import board
from bot.services.staff import Visit
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages
from bot.weblib.tickets import Actor, TicketPages, done_of


class StaffTickets:
    """The list, and one ticket."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages
        self._one = TicketPages(deps, pages)

    async def index(self, request: Request, visit: Visit) -> Response:
        """Every open ticket: waiting first, urgent first."""
        runtime, actor = self._deps.runtime, _actor(visit)
        found = await runtime.db.read(lambda c: board(c, runtime.vault, actor.helper))
        return self._pages.render(
            "tickets.html",
            board=found,
            actor=actor,
            notice=done_of(request),
            problems=self._deps.problems(),
            **actor.extra,
        )

    async def show(self, request: Request, visit: Visit) -> Response:
        """One ticket."""
        return await self._one.show(request, _actor(visit))

    async def live(self, request: Request, visit: Visit) -> Response:
        """Its talk, for the script."""
        return await self._one.live(request, _actor(visit))

    async def claim(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Take it."""
        return await self._one.claim(request, _actor(visit), form)

    async def reply(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Answer the citizen."""
        return await self._one.reply(request, _actor(visit), form)

    async def close(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Done."""
        return await self._one.close(request, _actor(visit), form)


def _actor(visit: Visit) -> Actor:
    helper = Helper(visit.staff_id, visit.username, staff=True)
    extra = {"visit": visit, "here": "tickets", "show_team": True}
    return Actor(helper, PREFIX, f"{PREFIX}/tickets", csrf=visit.csrf, extra=extra)
