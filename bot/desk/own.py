"""A member's own pages: what they did, being away, closing several tickets, the call sheet."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.domain.tickets import TicketOutcome
from bot.schedule.availability import read_availability
from bot.services.answering import Act, Did
from bot.services.board import board
from bot.services.handling import Handling
from bot.services.workplace import DESK_ROLES, CallSheet, Own, call_sheet, own_page
from bot.store import members, reach
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text, pairs
from bot.weblib.pages import Pages, Refused
from bot.weblib.tickets import Actor

_SAID_MOST = 120
_BUSY = "tôi bận"
_DIGITS_MOST = 18


class OwnPages:
    """Pages about the member rather than about one ticket."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._runtime = deps.runtime
        self._pages = pages

    async def me(self, _request: Request, actor: Actor) -> Response:
        """The member's summary of this month, and when they are away."""
        return await self._me(actor)

    async def _me(self, actor: Actor, status: int = 200, problem: str = "") -> Response:
        def load(connection: Connection) -> Own:
            return own_page(connection, self._runtime, actor.helper.id)

        own = await self._runtime.db.read(load)
        desk = own.role in DESK_ROLES
        now = self._runtime.now()
        return self._pages.render(
            "me.html",
            status,
            own=own,
            desk=desk,
            now=now,
            actor=actor,
            problem=problem,
            **actor.extra,
        )

    async def away(self, _request: Request, actor: Actor, form: Mapping[str, str]) -> Response:
        """As "tôi bận đến thứ hai", "tôi rảnh": the same words as in a chat."""
        said = clean_text(form.get("text", ""))[:_SAID_MOST]
        now = self._runtime.now()
        found = read_availability(said, now)
        if found is None:
            # "đến thứ hai" is enough here, but it must say something.
            found = read_availability(f"{_BUSY} {said}", now)
            found = None if found == read_availability(_BUSY, now) else found
        if found is None or found.problem is not None or not (found.free or found.until):
            return await self._me(actor, 422, "away")
        until, since = found.until, found.since
        await self._runtime.db.write(
            lambda c: members.set_away_of(c, actor.helper.id, until, since)
        )
        return RedirectResponse(f"{actor.root}/me", 303)

    async def choose(self, _request: Request, actor: Actor) -> Response:
        """The member's tickets with boxes to tick."""
        return await self._choose(actor)

    async def _choose(
        self, actor: Actor, status: int = 200, acts: Mapping[int, Act] | None = None
    ) -> Response:
        runtime = self._runtime
        found = await runtime.db.read(
            lambda c: board(c, runtime.vault, actor.helper, actor.team_id)
        )
        done = [number for number, act in (acts or {}).items() if act.did is Did.CLOSED]
        left = [number for number, act in (acts or {}).items() if act.did is not Did.CLOSED]
        return self._pages.render(
            "close.html",
            status,
            mine=found.mine,
            outcomes=tuple(TicketOutcome),
            done=done,
            left=left,
            asked=acts is not None,
            actor=actor,
            **actor.extra,
        )

    async def close(self, request: Request, actor: Actor, form: Mapping[str, str]) -> Response:
        """Close every ticket that was ticked."""
        ticked = [value for name, value in await pairs(request) if name == "ticket"]
        numbers = [int(n) for n in ticked if n.isdecimal() and len(n) <= _DIGITS_MOST]
        name = form.get("outcome", "")
        if not numbers or name not in list(TicketOutcome):
            return await self._choose(actor, 422, {})
        runtime = self._runtime

        def work(connection: Connection) -> tuple[Act, ...]:
            handling = Handling(
                connection, runtime.vault, runtime.now(), actor.helper, runtime.plan
            )
            return handling.finish_all(numbers, TicketOutcome(name))

        acts = await runtime.db.write(work)
        for act in acts:
            for chat in act.wake:
                self._deps.wake(chat)
        return await self._choose(actor, 200, dict(zip(numbers, acts, strict=True)))

    async def calls(self, _request: Request, actor: Actor) -> Response:
        """The call sheet, to be printed; for whoever sits at a desk or leads a team."""

        def load(connection: Connection) -> CallSheet | None:
            if reach.role(connection, actor.helper.id) not in DESK_ROLES:
                return None
            assert actor.team_id is not None, "a member is in a team"
            return call_sheet(connection, self._runtime, actor.team_id)

        found = await self._runtime.db.read(load)
        if found is None:
            raise Refused(403, "desk", link=actor.list_url)
        return self._pages.render(
            "calls.html", calls=found, now=self._runtime.now(), actor=actor, **actor.extra
        )
