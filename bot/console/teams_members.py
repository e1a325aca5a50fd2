"""A team's members: adding, changing, removing, being away, links to join with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.areas import Areas
from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.domain.languages import language_name
from bot.rosters.cells import shown_hours
from bot.rosters.form import ROLES
from bot.rosters.form import Role as MemberRole
from bot.schedule.availability import read_availability
from bot.services.joining import VALID, Joining, MadeLink
from bot.services.staff import Role, Visit
from bot.services.team_admin import MEMBER_FORM, Read, TeamAdmin, read_form
from bot.store import audit, team_list
from bot.store.team_list import MemberRow, TeamRow, Wanted
from bot.weblib.deps import WebDeps
from bot.weblib.forms import clean_text
from bot.weblib.pages import Pages, Refused

URL = f"{PREFIX}/teams"
Form = Mapping[str, str]
_SAID_MOST = 120
_BUSY = "tôi bận"
_MOST_ID = 2**63


class MemberPages:
    """Pages about one member of a team that the reader sees."""

    def __init__(self, deps: WebDeps, pages: Pages, areas: Areas) -> None:
        self._deps = deps
        self._runtime = deps.runtime
        self._pages = pages
        self._areas = areas
        self._joining = Joining(deps.runtime)

    def hang(self, site: Site) -> None:
        """Their addresses."""
        one = "/teams/{team:int}/members/{member:int}"
        site.page("/teams/{team:int}/members/new", Role.LEAD, self.new)
        site.form("/teams/{team:int}/members", Role.LEAD, self.add)
        site.page(one, Role.LEAD, self.show)
        site.form(one, Role.LEAD, self.change)
        site.form(f"{one}/away", Role.LEAD, self.away)
        site.form(f"{one}/remove", Role.LEAD, self.remove)
        site.form(f"{one}/link", Role.LEAD, self.link)

    # Adding.

    async def new(self, request: Request, visit: Visit) -> Response:
        """The form of a new member."""
        team = await self._runtime.db.read(lambda c: _team(c, request, visit))
        return self._page(visit, team, None, {})

    async def add(self, request: Request, visit: Visit, form: Form) -> Response:
        """A new member."""
        read = read_form(form, MEMBER_FORM)
        runtime, atlas = self._runtime, await self._areas.atlas()

        def work(connection: Connection) -> tuple[TeamRow, str]:
            team = _team(connection, request, visit)
            admin = TeamAdmin(connection, runtime, atlas)
            taken = "" if read.wrong else admin.phone_taken(read)
            if not read.wrong and not taken:
                admin.add_member(team, read)
                now = runtime.now()
                audit.record(connection, visit.username, "member.add", f"team {team.id}", now)
            return team, taken

        team, taken = await runtime.db.write(work)
        if read.wrong or taken:
            return self._page(visit, team, None, form, read, taken=taken)
        return RedirectResponse(f"{URL}/{team.id}?done=member_added", 303)

    # One member.

    async def show(self, request: Request, visit: Visit) -> Response:
        """What is known of a member, their number too; that somebody looked is kept."""
        return await self._show(request, visit)

    async def _show(
        self, request: Request, visit: Visit, status: int = 200, **shown: Any
    ) -> Response:
        runtime = self._runtime

        def load(connection: Connection) -> tuple[TeamRow, MemberRow, str]:
            team, member = _both(connection, request, visit)
            phone = team_list.phones_of(connection, runtime.vault, team.id).get(member.id, "")
            if phone:
                subject, now = f"member {member.id}", runtime.now()
                audit.record(connection, visit.username, "member.phone", subject, now)
            return team, member, phone

        team, member, phone = await runtime.db.write(load)
        form = {
            "name": member.name,
            "role": ROLES.written(member.role),
            "phone": phone,
            "languages": ", ".join(map(language_name, member.languages)),
            "hours": shown_hours(member.hours),
            "max_open": str(member.max_open),
        }
        return self._page(visit, team, member, form, status=status, **shown)

    async def change(self, request: Request, visit: Visit, form: Form) -> Response:
        """What is known of a member."""
        read = read_form(form, MEMBER_FORM)
        runtime, atlas = self._runtime, await self._areas.atlas()

        def work(connection: Connection) -> tuple[TeamRow, MemberRow, str]:
            team, member = _both(connection, request, visit)
            admin = TeamAdmin(connection, runtime, atlas)
            taken = "" if read.wrong else admin.phone_taken(read, member.id)
            if not read.wrong and not taken:
                admin.change_member(member.id, team, member.key, read)
                subject, now = f"member {member.id}", runtime.now()
                audit.record(connection, visit.username, "member.change", subject, now)
            return team, member, taken

        team, member, taken = await runtime.db.write(work)
        if read.wrong or taken:
            return self._page(visit, team, member, form, read, taken=taken)
        return RedirectResponse(f"{URL}/{team.id}?done=member_changed", 303)

    async def away(self, request: Request, visit: Visit, form: Form) -> Response:
        """As a member writes it: "bận đến thứ hai", "rảnh"."""
        said = clean_text(form.get("text", ""))[:_SAID_MOST]
        now = self._runtime.now()
        found = read_availability(said, now)
        if found is None:
            found = read_availability(f"{_BUSY} {said}", now)
            found = None if found == read_availability(_BUSY, now) else found
        if found is None or found.problem is not None or not (found.free or found.until):
            return await self._show(request, visit, 422, away_problem=True, said=said)
        until, since = found.until, found.since
        return await self._do(
            request,
            visit,
            "member.away",
            "member_changed",
            lambda a, m: a.set_away(m, until, since),
        )

    async def remove(self, request: Request, visit: Visit, _form: Form) -> Response:
        """No longer a member; what they hold goes on."""
        return await self._do(
            request, visit, "member.remove", "removed", lambda a, m: a.remove_member(m)
        )

    async def _do(
        self,
        request: Request,
        visit: Visit,
        action: str,
        done: str,
        act: Callable[[TeamAdmin, int], int | None],
    ) -> Response:
        runtime, atlas = self._runtime, await self._areas.atlas()

        def work(connection: Connection) -> tuple[int, int, set[int]]:
            team, member = _both(connection, request, visit)
            admin = TeamAdmin(connection, runtime, atlas)
            passed = act(admin, member.id) or 0
            subject = f"member {member.id}"
            audit.record(connection, visit.username, action, subject, runtime.now())
            return team.id, passed, admin.wake

        team_id, passed, wake = await runtime.db.write(work)
        for chat in wake:
            self._deps.wake(chat)
        return RedirectResponse(f"{URL}/{team_id}?done={done}&passed={passed}", 303)

    async def link(self, request: Request, visit: Visit, _form: Form) -> Response:
        """A new link to join with, shown this once."""
        runtime = self._runtime

        def note(connection: Connection) -> int:
            _, member = _both(connection, request, visit)
            subject = f"member {member.id}"
            audit.record(connection, visit.username, "member.link", subject, runtime.now())
            return member.id

        member_id = await runtime.db.write(note)
        made = await asyncio.to_thread(self._joining.link_of, member_id)
        return await self._show(request, visit, made=made)

    def _page(
        self,
        visit: Visit,
        team: TeamRow,
        member: MemberRow | None,
        form: Form,
        read: Read | None = None,
        *,
        status: int = 200,
        taken: str = "",
        made: MadeLink | None = None,
        away_problem: bool = False,
        said: str = "",
    ) -> Response:
        wrong = read.wrong if read else set()
        return self._pages.render(
            "member.html",
            422 if wrong or taken else status,
            visit=visit,
            here="teams",
            team=team,
            member=member,
            form=form,
            wrong=wrong,
            taken=taken,
            made=made,
            days=VALID.days,
            away_problem=away_problem,
            said=said,
            roles=[ROLES.written(role) for role in MemberRole],
            now=self._runtime.now(),
        )


def _team(connection: Connection, request: Request, visit: Visit) -> TeamRow:
    number = request.path_params["team"] % _MOST_ID
    row = team_list.team(connection, Wanted(scope=visit.scope, active=None, id=number))
    if row is None:
        raise Refused(404, "not_found", link=URL)
    return row


def _both(connection: Connection, request: Request, visit: Visit) -> tuple[TeamRow, MemberRow]:
    team = _team(connection, request, visit)
    member = team_list.member(connection, request.path_params["member"] % _MOST_ID)
    if member is None or member.team_id != team.id:
        raise Refused(404, "not_found", link=f"{URL}/{team.id}")
    return team, member
