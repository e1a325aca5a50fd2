"""Logging in and out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import COOKIE, LOGIN, PREFIX, Gate
from bot.services.staff import Visit
from bot.services.staff_logins import LoggedIn, Logins, Throttled
from bot.settings import Settings
from bot.weblib.forms import client_address
from bot.weblib.pages import Pages


class LoginPages:
    """The login form and what it leads to."""

    def __init__(self, logins: Logins, gate: Gate, pages: Pages, settings: Settings) -> None:
        self._logins = logins
        self._gate = gate
        self._pages = pages
        self._secure = settings.https

    async def show(self, request: Request) -> Response:
        """The form; somebody who is logged in goes on."""
        after = _own(request.query_params.get("next", ""))
        if await self._gate.visit(request) is not None:
            return RedirectResponse(after, 303)
        return self._form(after=after)

    async def send(self, request: Request) -> Response:
        """Check name and password."""
        form = await self._gate.own_form(request)
        username, after = form.get("username", ""), _own(form.get("next", ""))
        result = await self._logins.log_in(
            username,
            form.get("password", ""),
            client_address(request),
            request.cookies.get(COOKIE, ""),
        )
        match result:
            case LoggedIn():
                return welcome(result, after, secure=self._secure)
            case Throttled():
                minutes = minutes_of(result)
                response = self._form(429, "throttled", username, after, minutes)
                response.headers["Retry-After"] = str(minutes * 60)
                return response
        return self._form(401, "wrong", username, after)

    async def leave(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """Log out."""
        await self._logins.log_out(request.cookies.get(COOKIE, ""), visit.username)
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(
            COOKIE, path=PREFIX, secure=self._secure, httponly=True, samesite="lax"
        )
        return response

    def _form(
        self,
        status: int = 200,
        problem: str = "",
        username: str = "",
        after: str = PREFIX,
        minutes: int = 0,
    ) -> Response:
        return self._pages.render(
            "login.html", status, problem=problem, username=username, after=after, minutes=minutes
        )


def welcome(session: LoggedIn, after: str, *, secure: bool) -> Response:
    """On to a page, with the cookie of a session that has just begun."""
    response = RedirectResponse(after, 303)
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=int(session.lasts.total_seconds()),
        path=PREFIX,
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response


def minutes_of(throttled: Throttled) -> int:
    """How many minutes to wait, as a sentence says it."""
    return math.ceil(throttled.wait / timedelta(minutes=1))


def _own(address: str) -> str:
    """An address inside the console to go on to; its front page for any other."""
    parts = urlsplit(address)
    inside = parts.path == PREFIX or parts.path.startswith(f"{PREFIX}/")
    if parts.scheme or parts.netloc or not inside or "\\" in address or ".." in parts.path:
        return PREFIX
    return parts.path + (f"?{parts.query}" if parts.query else "")
