"""Tickets, for those of the staff who may talk to citizens: the queue, one ticket, several."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console.areas import Areas
from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.console.tickets_acts import StaffTickets
from bot.console.tickets_bulk import BulkPages
from bot.console.tickets_filter import Filter, read, written
from bot.domain.tickets import Rung
from bot.services.answering import Helper
from bot.services.staff import Role, Visit
from bot.store import ticket_queue, tickets
from bot.store.ticket_queue import Counts, Entry
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages
from bot.weblib.tickets import Actor, done_of

#: Roles that may speak to citizens: see tickets with their contact, and answer.
_HELPS = Role.LEAD
PAGE = 50


def routes(site: Site) -> None:
    """The queue, one ticket, what can be done with it or with several."""
    queue = QueuePage(site.deps, site.pages)
    one = StaffTickets(site.deps, site.pages, actor)
    bulk = BulkPages(site.deps, site.pages)
    site.page("/tickets", _HELPS, queue.show)
    site.page("/tickets/{ticket:int}", _HELPS, one.page_of)
    site.part("/tickets/{ticket:int}/live", _HELPS, one.live_of)
    site.part("/tickets/{ticket:int}/notes/{note:int}", _HELPS, one.note_of)
    for name, handler in one.forms():
        site.form(f"/tickets/{{ticket:int}}/{name}", _HELPS, handler)
    site.form("/tickets/several", _HELPS, bulk.confirm)
    site.form("/tickets/several/do", _HELPS, bulk.do)


class QueuePage:
    """The queue: what must be done next stands first."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._pages = pages
        self._areas = Areas(deps.runtime)

    async def show(self, request: Request, visit: Visit) -> Response:
        """One page of it."""
        asked = read(request, visit)
        now = self._deps.runtime.now()

        def load(connection: Connection) -> tuple[list[Entry], Counts, list[str], str]:
            found = ticket_queue.page(connection, asked.wanted, now, PAGE + 1, asked.after)
            counted = ticket_queue.counts(connection, _countable(asked, visit), now)
            team = tickets.team(connection, asked.wanted.team) if asked.wanted.team else None
            name = team.name if team else ""
            return found, counted, ticket_queue.topics(connection), name

        found, counted, topics, team = await self._deps.runtime.db.read(load)
        areas = await self._areas.ready()
        shown = found[:PAGE]
        more = written(shown[-1].key) if len(found) > PAGE else ""
        return self._pages.render(
            "tickets.html",
            entries=shown,
            counts=counted,
            topics=topics,
            team=team,
            filter=asked,
            areas=areas,
            rungs=tuple(Rung),
            now=now,
            soon=ticket_queue.SOON,
            older=asked.url(after=more) if more else "",
            actor=actor(visit),
            notice=done_of(request),
            problems=self._deps.problems(),
            visit=visit,
            here="tickets",
        )


def _countable(asked: Filter, visit: Visit) -> ticket_queue.Wanted:
    """Counts are of the place and team that are looked at, and of one's own tickets."""
    wanted = asked.wanted
    return ticket_queue.Wanted(
        scope=wanted.scope, area=wanted.area, team=wanted.team, mine=visit.staff_id
    )


def actor(visit: Visit) -> Actor:
    """Somebody of the staff, as the pages of a ticket see them."""
    helper = Helper(visit.staff_id, visit.username, staff=True)
    extra = {"visit": visit, "here": "tickets", "show_team": True}
    return Actor(helper, PREFIX, f"{PREFIX}/tickets", csrf=visit.csrf, extra=extra)
