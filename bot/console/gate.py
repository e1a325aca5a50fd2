"""Who may see what: the session behind the cookie, the role, and the token in every form."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.services.staff import Role, Visit
from bot.services.staff_logins import Logins
from bot.settings import Settings
from bot.weblib.forms import fields, same_origin, typed
from bot.weblib.pages import Handler, Pages, Refused
from bot.weblib.uploads import Upload, upload

COOKIE = "congdanso_staff"
PREFIX = "/staff"
LOGIN = f"{PREFIX}/login"

Reading = Callable[[Request, Visit], Awaitable[Response]]
Writing = Callable[[Request, Visit, Mapping[str, str]], Awaitable[Response]]
Uploading = Callable[[Request, Visit, Upload], Awaitable[Response]]


class Gate:
    """Wraps the console's handlers."""

    def __init__(self, logins: Logins, pages: Pages, settings: Settings) -> None:
        self._logins = logins
        self._pages = pages
        self._base_url = settings.base_url

    def page(self, role: Role, handler: Reading) -> Handler:
        """A page for this role and those above it."""

        async def wrapped(request: Request) -> Response:
            visit = await self.visit(request)
            if visit is None:
                return RedirectResponse(f"{LOGIN}?next={quote(_address(request))}", 303)
            _check_role(visit, role)
            return await handler(request, visit)

        return self._pages.guarded(wrapped)

    def part(self, role: Role, handler: Reading) -> Handler:
        """A part of a page that a script fetches: without a session it says so."""

        async def wrapped(request: Request) -> Response:
            # A page left open asks by itself: that keeps no session alive.
            visit = await self.visit(request, use=False)
            if visit is None:
                raise Refused(401, "session", link=LOGIN)
            _check_role(visit, role)
            return await handler(request, visit)

        return self._pages.guarded(wrapped)

    def form(self, role: Role, handler: Writing) -> Handler:
        """A form sent by this role or one above it."""

        async def wrapped(request: Request) -> Response:
            form = await self.own_form(request)
            return await handler(request, await self._sender(request, role, form), form)

        return self._pages.guarded(wrapped)

    def upload(self, role: Role, name: str, handler: Uploading) -> Handler:
        """A form with a file, its field `name`, sent by this role or one above it."""

        async def wrapped(request: Request) -> Response:
            # Whoever may not send one is refused before megabytes are read.
            if not same_origin(request, self._base_url):
                raise Refused(403, "csrf")
            visit = await self.visit(request)
            if visit is None:
                raise Refused(401, "session", link=LOGIN)
            _check_role(visit, role)
            sent = await upload(request, name)
            return await handler(request, await self._sender(request, role, sent.fields), sent)

        return self._pages.guarded(wrapped)

    async def _sender(self, request: Request, role: Role, form: Mapping[str, str]) -> Visit:
        """Who sent a form, with the token of their own session in it."""
        visit = await self.visit(request)
        if visit is None:
            # The text comes back, so that nothing typed is lost to a session that ended.
            raise Refused(401, "session", link=LOGIN, typed=typed(form))
        if not hmac.compare_digest(form.get("csrf", "").encode(), visit.csrf.encode()):
            raise Refused(403, "csrf")
        _check_role(visit, role)
        return visit

    async def own_form(self, request: Request) -> Mapping[str, str]:
        """The fields of a form that was sent from our own page."""
        if not same_origin(request, self._base_url):
            raise Refused(403, "csrf")
        return await fields(request)

    async def visit(self, request: Request, *, use: bool = True) -> Visit | None:
        """Who is logged in; `use` counts as somebody being there."""
        return await self._logins.visit(request.cookies.get(COOKIE, ""), use=use)


def _check_role(visit: Visit, role: Role) -> None:
    if not visit.role.covers(role):
        raise Refused(403, "role", link=PREFIX)


def _address(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
