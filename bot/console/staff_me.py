"""One's own account: where one is logged in, another password."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import PREFIX
from bot.console.login import minutes_of, welcome
from bot.console.site import Site
from bot.services.staff import SHORTEST_PASSWORD, Role, StaffRefused, Visit
from bot.services.staff_logins import LoggedIn, Throttled
from bot.weblib.forms import client_address

URL = f"{PREFIX}/me"
_DONE = ("password", "ended", "nothing")
_HANDLE = re.compile(r"[0-9a-f]{16}")


def routes(site: Site) -> None:
    """The page and its two forms."""
    me = OwnPages(site)
    site.page("/me", Role.VIEWER, me.show)
    site.form("/me/password", Role.VIEWER, me.password)
    site.form("/me/sessions", Role.VIEWER, me.end)


class OwnPages:
    """The page of one's own account."""

    def __init__(self, site: Site) -> None:
        self._pages = site.pages
        self._logins = site.logins
        self._places = site.places
        self._secure = site.deps.runtime.settings.https

    async def show(self, request: Request, visit: Visit) -> Response:
        """Who one is here, and where one is logged in."""
        done = request.query_params.get("done", "")
        return await self._page(visit, done=done if done in _DONE else "")

    async def password(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Another password: every other session ends, this one begins anew."""
        new = form.get("password", "")
        if new != form.get("again", ""):
            return await self._page(visit, 422, fault="again")
        try:
            result = await self._logins.change_password(
                visit, form.get("old", ""), new, client_address(request)
            )
        except StaffRefused as refused:
            return await self._page(visit, 422, fault=refused.fault)
        match result:
            case LoggedIn():
                return welcome(result, f"{URL}?done=password", secure=self._secure)
            case Throttled():
                minutes = minutes_of(result)
                response = await self._page(visit, 429, fault="throttled", minutes=minutes)
                response.headers["Retry-After"] = str(minutes * 60)
                return response
        return await self._page(visit, 422, fault="old")

    async def end(self, _request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """End one other session, or all others."""
        handle = form.get("session", "")
        if handle and not _HANDLE.fullmatch(handle):
            return RedirectResponse(f"{URL}?done=nothing", 303)
        ended = await self._logins.end_devices(visit, handle)
        return RedirectResponse(f"{URL}?done={'ended' if ended else 'nothing'}", 303)

    async def _page(
        self,
        visit: Visit,
        status: int = 200,
        done: str = "",
        fault: str = "",
        minutes: int = 0,
    ) -> Response:
        return self._pages.render(
            "staff_me.html",
            status,
            visit=visit,
            here="me",
            areas=[self._places.atlas.name(code) or code for code in visit.scope],
            devices=await self._logins.devices(visit),
            shortest=SHORTEST_PASSWORD,
            done=done,
            fault=fault,
            minutes=minutes,
        )
