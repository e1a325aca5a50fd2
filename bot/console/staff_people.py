"""Accounts, for admins: list, invite, another role or other places, a new link, end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.services.staff import Fault, Role, StaffRefused, Visit, good_role
from bot.services.staff_admin import Link, StaffAdmin
from bot.services.staff_areas import areas_of
from bot.weblib.pages import Refused

URL = f"{PREFIX}/people"
_DONE = ("changed", "ended", "removed")
T = TypeVar("T")


def routes(site: Site) -> None:
    """The list with the form to invite, and one account with what can be done to it."""
    people = PeoplePages(site)
    site.page("/people", Role.ADMIN, people.index)
    site.form("/people", Role.ADMIN, people.invite)
    site.page("/people/{person:int}", Role.ADMIN, people.show)
    site.form("/people/{person:int}", Role.ADMIN, people.change)
    site.form("/people/{person:int}/link", Role.ADMIN, people.link)
    site.form("/people/{person:int}/sessions", Role.ADMIN, people.end_sessions)
    site.form("/people/{person:int}/remove", Role.ADMIN, people.remove)


class PeoplePages:
    """The list and one account."""

    def __init__(self, site: Site) -> None:
        self._pages = site.pages
        self._runtime = site.deps.runtime
        self._places = site.places

    async def index(self, request: Request, visit: Visit) -> Response:
        """Everybody."""
        return await self._list(visit, done=_done(request))

    async def invite(self, _request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Make an account and show its link, this once."""
        try:
            role, scope = await self._wanted(form)
            link = await self._do(
                visit, lambda admin, c: admin.invite(c, form.get("username", ""), role, scope)
            )
        except StaffRefused as refused:
            typed = {key: form.get(key, "") for key in ("username", "role", "areas")}
            return await self._list(visit, 422, refused=refused, typed=typed)
        return self._link(visit, link, "invite")

    async def show(self, request: Request, visit: Visit) -> Response:
        """One account."""
        return await self._page(visit, request, done=_done(request))

    async def change(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Another role, other places."""
        person = request.path_params["person"]
        try:
            role, scope = await self._wanted(form)
            await self._do(visit, lambda admin, c: admin.change(c, person, role, scope))
        except StaffRefused as refused:
            typed = {key: form.get(key, "") for key in ("role", "areas")}
            return await self._page(visit, request, refused, typed)
        return RedirectResponse(f"{URL}/{person}?done=changed", 303)

    async def link(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """A new link to set a password with; the old password ends here."""
        person = request.path_params["person"]
        try:
            link = await self._do(visit, lambda admin, c: admin.reset(c, person))
        except StaffRefused as refused:
            return await self._page(visit, request, refused)
        return self._link(visit, link, "reset")

    async def end_sessions(
        self, request: Request, visit: Visit, _form: Mapping[str, str]
    ) -> Response:
        """Log somebody out everywhere."""
        person = request.path_params["person"]
        try:
            await self._do(visit, lambda admin, c: admin.end_sessions(c, person))
        except StaffRefused as refused:
            return await self._page(visit, request, refused)
        return RedirectResponse(f"{URL}/{person}?done=ended", 303)

    async def remove(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """End an account."""
        person = request.path_params["person"]
        try:
            await self._do(visit, lambda admin, c: admin.remove(c, person))
        except StaffRefused as refused:
            return await self._page(visit, request, refused)
        return RedirectResponse(f"{URL}?done=removed", 303)

    # Inside --------------------------------------------------------------------------------------

    async def _wanted(self, form: Mapping[str, str]) -> tuple[Role, tuple[str, ...]]:
        role = good_role(form.get("role", ""))
        # The first search in the places makes their index.
        scope = await asyncio.to_thread(areas_of, form.get("areas", ""), role, self._places.atlas)
        return role, scope

    async def _do(self, visit: Visit, work: Callable[[StaffAdmin, Connection], T]) -> T:
        admin = StaffAdmin(self._runtime, visit.username)
        return await self._runtime.db.write(lambda c: work(admin, c))

    def _link(self, visit: Visit, link: Link, what: str) -> Response:
        return self._pages.render(
            "staff_link.html",
            visit=visit,
            here="people",
            link=link,
            what=what,
            hours=self._runtime.settings.staff_invite_hours,
        )

    async def _list(
        self,
        visit: Visit,
        status: int = 200,
        done: str = "",
        refused: StaffRefused | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        people = await self._runtime.db.read(StaffAdmin(self._runtime, visit.username).everybody)
        return self._pages.render(
            "staff_people.html",
            status,
            **self._common(visit, done, refused),
            people=people,
            typed=typed or {"username": "", "role": Role.VIEWER, "areas": ""},
            hours=self._runtime.settings.staff_invite_hours,
        )

    async def _page(
        self,
        visit: Visit,
        request: Request,
        refused: StaffRefused | None = None,
        typed: Mapping[str, str] | None = None,
        done: str = "",
    ) -> Response:
        number = request.path_params["person"]
        people = await self._runtime.db.read(StaffAdmin(self._runtime, visit.username).everybody)
        person = next((p for p in people if p.account.id == number), None)
        if person is None:
            raise Refused(404, "not_found", link=URL)
        account = person.account
        names = "\n".join(self._named(code) for code in account.scope)
        return self._pages.render(
            "staff_person.html",
            _status(refused),
            **self._common(visit, done, refused),
            person=person,
            own=account.id == visit.staff_id,
            typed=typed or {"role": account.role, "areas": names},
        )

    def _common(self, visit: Visit, done: str, refused: StaffRefused | None) -> dict[str, Any]:
        return {
            "visit": visit,
            "here": "people",
            "roles": list(Role),
            "named": self._named,
            "done": done,
            "fault": refused.fault if refused else "",
            "detail": refused.detail if refused else "",
        }

    def _named(self, code: str) -> str:
        return self._places.atlas.name(code) or code


def _status(refused: StaffRefused | None) -> int:
    if refused is None:
        return 200
    return 409 if refused.fault in (Fault.SELF, Fault.LAST_ADMIN) else 422


def _done(request: Request) -> str:
    word = request.query_params.get("done", "")
    return word if word in _DONE else ""
