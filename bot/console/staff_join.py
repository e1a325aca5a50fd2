"""The page of a link with which somebody sets their own password: their first login, or a new one.

Opening it changes nothing, since messengers look at links before people do; its form does.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.console.gate import PREFIX
from bot.console.login import welcome
from bot.console.site import Site
from bot.services.staff import SHORTEST_PASSWORD, StaffRefused
from bot.weblib.forms import fields, same_origin
from bot.weblib.pages import Refused

_GONE = {"used": 410, "link": 410}


def routes(site: Site) -> None:
    """The page and its form, for people who cannot log in yet."""
    join = JoinPages(site)
    site.door("/join/{token}", join.show, ["GET"])
    site.door("/join/{token}", join.send, ["POST"])


class JoinPages:
    """Shows whose link it is, and takes their password."""

    def __init__(self, site: Site) -> None:
        self._pages = site.pages
        self._logins = site.logins
        self._settings = site.deps.runtime.settings
        self._now = site.deps.runtime.now

    async def show(self, request: Request) -> Response:
        """Whose link it is, with the form; or why it is not good."""
        return await self._form(request)

    async def send(self, request: Request) -> Response:
        """Set the password and go in."""
        if not same_origin(request, self._settings.base_url):
            raise Refused(403, "csrf")
        form = await fields(request)
        password = form.get("password", "")
        if password != form.get("again", ""):
            return await self._form(request, "again", 422)
        try:
            session = await self._logins.accept(request.path_params["token"], password)
        except StaffRefused as refused:
            return await self._form(request, refused.fault, 422)
        return welcome(session, PREFIX, secure=self._settings.https)

    async def _form(self, request: Request, fault: str = "", status: int = 200) -> Response:
        invite = await self._logins.invite(request.path_params["token"])
        if invite is not None and invite.used:
            fault = "used"
        elif invite is None or invite.expires_at <= self._now():
            fault = "link"
        return self._pages.render(
            "staff_join.html",
            _GONE.get(fault, status),
            invite=invite,
            fault=fault,
            shortest=SHORTEST_PASSWORD,
            address=request.url.path,
        )
