"""The page of a link to join with, for members without Telegram.

Opening it changes nothing, since messengers look at links before people do; its button does.
"""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.domain.joining import JOIN, JoinState, JoinView
from bot.domain.tickets import MemberView
from bot.services.joining import PAGE, Joining
from bot.services.links import desk_url
from bot.services.runtime import Runtime
from bot.store.accounts import Person
from bot.weblib.forms import same_origin
from bot.weblib.pages import Pages, Refused

_STATUS = {JoinState.OPEN: 200, JoinState.UNKNOWN: 404}
_GONE = 410


class JoinPage:
    """Shows what a link is for, and uses it."""

    def __init__(self, runtime: Runtime, pages: Pages) -> None:
        self._runtime = runtime
        self._pages = pages
        self._joining = Joining(runtime)

    async def show(self, request: Request) -> Response:
        """Who the link is for, with a button; or why it is not good."""
        token = request.path_params["token"]
        link = JoinView(JoinState.UNKNOWN)
        if self._joining.ours(token):
            link = await self._runtime.db.write(lambda c: self._joining.look(c, token, PAGE))
        zalo = f"{JOIN}{token}" if self._runtime.settings.zalo else ""
        status = _STATUS.get(link.state, _GONE)
        return self._pages.render("join.html", status, link=link, zalo=zalo)

    async def join(self, request: Request) -> Response:
        """Use the link, and go to the member's own page."""
        if not same_origin(request, self._runtime.settings.base_url):
            raise Refused(403, "csrf")
        token = request.path_params["token"]

        def work(connection: Connection) -> Person | None:
            return self._joining.join(connection, token, PAGE)

        person = None
        if self._joining.ours(token):
            person = await self._runtime.db.write(work)
        if person is None:
            return await self.show(request)
        member = MemberView(person.id, person.team_id, person.name)
        return RedirectResponse(desk_url(self._runtime, member, self._runtime.now()), 303)
