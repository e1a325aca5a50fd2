"""Teams: the list, one team with its members, adding, changing and stopping one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.areas import Areas
from bot.console.gate import PREFIX
from bot.console.site import Site
from bot.console.teams_members import MemberPages
from bot.console.tickets_filter import digits
from bot.domain.languages import language_name
from bot.domain.tickets import Rung
from bot.locality.codes import is_code
from bot.rosters.cells import shown_hours
from bot.rosters.form import Role as MemberRole
from bot.services.staff import Role, Visit
from bot.services.team_admin import TEAM_FORM, Read, TeamAdmin, read_form
from bot.store import audit, members, team_list, ticket_queue, tickets
from bot.store.team_list import MemberRow, TeamRow, Wanted
from bot.weblib.deps import WebDeps
from bot.weblib.pages import Pages, Refused

URL = f"{PREFIX}/teams"
PAGE = 50
_NAME_MOST = 80
_DONE = ("added", "changed", "stopped", "started", "member_added", "member_changed", "removed")
_RUNGS = {"hamlet": Rung.HAMLET, "commune": Rung.COMMUNE, "province": Rung.PROVINCE}


def routes(site: Site) -> None:
    """The list, one team, its forms; its members' pages."""
    teams = TeamPages(site.deps, site.pages)
    site.page("/teams", Role.LEAD, teams.index)
    site.page("/teams/new", Role.LEAD, teams.new)
    site.form("/teams", Role.LEAD, teams.add)
    site.page("/teams/{team:int}", Role.LEAD, teams.show)
    site.form("/teams/{team:int}/phones", Role.LEAD, teams.phones)
    site.page("/teams/{team:int}/edit", Role.LEAD, teams.edit)
    site.form("/teams/{team:int}/edit", Role.LEAD, teams.change)
    site.form("/teams/{team:int}/stop", Role.LEAD, teams.stop)
    site.form("/teams/{team:int}/start", Role.LEAD, teams.start)
    MemberPages(site.deps, site.pages, teams.areas).hang(site)


@dataclass(frozen=True, slots=True)
class OneTeam:
    """A team as its page shows it; phones are "" unless they were asked for."""

    row: TeamRow
    coverage: tuple[str, ...]
    members: list[MemberRow]
    open: int
    overdue: int
    desk_phone: str = ""
    phones: Mapping[int, str] | None = None


def of(request: Request, visit: Visit) -> Wanted:
    """The team an address names, where somebody sees it."""
    return Wanted(scope=visit.scope, active=None, id=request.path_params["team"] % 2**63)


def must(row: TeamRow | None) -> TeamRow:
    """A team that is there; else a page that says it is not."""
    if row is None:
        raise Refused(404, "not_found", link=URL)
    return row


class TeamPages:
    """Pages about teams."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._runtime = deps.runtime
        self._pages = pages
        self.areas = Areas(deps.runtime)

    # Looking.

    async def index(self, request: Request, visit: Visit) -> Response:
        """Teams by name, with their load."""
        wanted, given = _filter(request, visit)
        after = _after(request)
        now = self._runtime.now()

        def load(connection: Connection) -> tuple[list[TeamRow], dict[int, tuple[int, int]]]:
            found = team_list.teams_of(connection, wanted, PAGE + 1, after)
            return found, ticket_queue.load(connection, now, [team.id for team in found])

        found, burden = await self._runtime.db.read(load)
        shown = found[:PAGE]
        older = ""
        if len(found) > PAGE:
            last = {"after": shown[-1].name, "after_id": str(shown[-1].id)}
            older = f"{URL}?{urlencode({**given, **last})}"
        return self._render(
            "teams.html",
            visit,
            teams=shown,
            load=burden,
            wanted=wanted,
            given=given,
            older=older,
            areas=await self.areas.ready(),
            rungs=tuple(Rung),
            paged=after is not None,
        )

    async def show(self, request: Request, visit: Visit) -> Response:
        """One team, without phones."""
        return await self._show(request, visit)

    async def phones(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """One team with the phones of its desk and members; that somebody looked is kept."""
        return await self._show(request, visit, phones=True)

    async def _show(self, request: Request, visit: Visit, *, phones: bool = False) -> Response:
        wanted, now = of(request, visit), self._runtime.now()
        vault = self._runtime.vault

        def load(connection: Connection) -> OneTeam:
            row = must(team_list.team(connection, wanted))
            burden = ticket_queue.load(connection, now, [row.id]).get(row.id, (0, 0))
            if not phones:
                return OneTeam(row, *_of_team(connection, row.id), *burden)
            audit.record(connection, visit.username, "team.phones", f"team {row.id}", now)
            return OneTeam(
                row,
                *_of_team(connection, row.id),
                *burden,
                team_list.sealed_phone(connection, vault, row.id),
                team_list.phones_of(connection, vault, row.id),
            )

        db = self._runtime.db
        found = await (db.write(load) if phones else db.read(load))
        word = request.query_params.get("done", "")
        return self._render(
            "team.html",
            visit,
            one=found,
            areas=await self.areas.ready(),
            hours=shown_hours,
            language=language_name,
            now=now,
            done=word if word in _DONE else "",
            passed=digits(request.query_params.get("passed", "")),
            admin=visit.role.covers(Role.ADMIN),
        )

    # Adding and changing.

    async def new(self, request: Request, visit: Visit) -> Response:
        """The form of a new team."""
        return await self._form(visit, None, {**_filter(request, visit)[1]})

    async def add(self, _request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """A new team."""
        rung, area = _RUNGS.get(form.get("rung", "")), form.get("area", "")
        read = read_form(form, TEAM_FORM)
        areas = await self.areas.ready()
        atlas = await areas.atlas()
        good = (area == "" and rung is Rung.PROVINCE) or (is_code(area) and atlas.known(area))
        if rung is None or not good or not visit.sees(area):
            read.wrong.add("area")
        if read.wrong or rung is None:
            return await self._form(visit, None, form, read)
        runtime = self._runtime

        def work(connection: Connection) -> int | None:
            _check_group(connection, read)
            if read.wrong:
                return None
            made = TeamAdmin(connection, runtime, atlas).add_team(rung, area, read)
            if made is None:
                if not read.wrong:
                    read.wrong.add("same")
                return None
            audit.record(connection, visit.username, "team.add", f"team {made}", runtime.now())
            return made

        made = await runtime.db.write(work)
        if made is None:
            return await self._form(visit, None, form, read)
        return RedirectResponse(f"{URL}/{made}?done=added", 303)

    async def edit(self, request: Request, visit: Visit) -> Response:
        """The form of a team; its numbers are shown, and that somebody looked is kept."""
        wanted, runtime = of(request, visit), self._runtime

        def load(connection: Connection) -> tuple[TeamRow, dict[str, str]]:
            row = must(team_list.team(connection, wanted))
            now = runtime.now()
            audit.record(connection, visit.username, "team.phones", f"team {row.id}", now)
            return row, {
                "name": row.name,
                "hours": shown_hours(row.hours),
                "phone": team_list.sealed_phone(connection, runtime.vault, row.id),
                "group": team_list.group_of(connection, row.id),
            }

        row, form = await runtime.db.write(load)
        return await self._form(visit, row, form)

    async def change(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Another name, hours, number, group."""
        wanted, runtime = of(request, visit), self._runtime
        read = read_form(form, {k: v for k, v in TEAM_FORM.items() if k != "hamlets"})
        areas = await self.areas.ready()
        atlas = await areas.atlas()

        def work(connection: Connection) -> TeamRow:
            row = must(team_list.team(connection, wanted))
            _check_group(connection, read, row.id)
            if not read.wrong:
                TeamAdmin(connection, runtime, atlas).change_team(row, read)
                now = runtime.now()
                audit.record(connection, visit.username, "team.change", f"team {row.id}", now)
            return row

        row = await runtime.db.write(work)
        if read.wrong:
            return await self._form(visit, row, form, read)
        return RedirectResponse(f"{URL}/{row.id}?done=changed", 303)

    async def stop(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """It takes no tickets any more; those that wait go on."""
        return await self._activate(request, visit, active=False)

    async def start(self, request: Request, visit: Visit, _form: Mapping[str, str]) -> Response:
        """It takes tickets again."""
        return await self._activate(request, visit, active=True)

    async def _activate(self, request: Request, visit: Visit, *, active: bool) -> Response:
        wanted, runtime = of(request, visit), self._runtime
        atlas = await (await self.areas.ready()).atlas()

        def work(connection: Connection) -> tuple[int, int, set[int]]:
            row = must(team_list.team(connection, wanted))
            admin, passed = TeamAdmin(connection, runtime, atlas), 0
            if active:
                admin.start_team(row.id)
            else:
                passed = admin.stop_team(row.id)
            action = "team.start" if active else "team.stop"
            audit.record(connection, visit.username, action, f"team {row.id}", runtime.now())
            return row.id, passed, admin.wake

        number, passed, wake = await runtime.db.write(work)
        for chat in wake:
            self._deps.wake(chat)
        done = "started" if active else "stopped"
        return RedirectResponse(f"{URL}/{number}?done={done}&passed={passed}", 303)

    async def _form(
        self,
        visit: Visit,
        row: TeamRow | None,
        form: Mapping[str, str],
        read: Read | None = None,
    ) -> Response:
        wrong = read.wrong if read else set()
        return self._render(
            "team_form.html",
            visit,
            status=422 if wrong else 200,
            row=row,
            form=form,
            wrong=wrong,
            areas=await self.areas.ready(),
        )

    def _render(self, template: str, visit: Visit, status: int = 200, **values: Any) -> Response:
        values = {"roles": tuple(MemberRole), **values}
        return self._pages.render(template, status, visit=visit, here="teams", **values)


def _of_team(connection: Connection, team_id: int) -> tuple[tuple[str, ...], list[MemberRow]]:
    return members.coverage(connection, team_id), team_list.members_of(connection, team_id)


def _check_group(connection: Connection, read: Read, but: int = 0) -> None:
    """A group is one team's."""
    group = read.text("group")
    other = tickets.team_of_group(connection, group) if group else None
    if other is not None and other.id != but:
        read.wrong.add("group")


def _filter(request: Request, visit: Visit) -> tuple[Wanted, dict[str, str]]:
    params = request.query_params
    area = params.get("area", "") if is_code(params.get("area", "")) else ""
    rung = params.get("rung", "") if params.get("rung", "") in _RUNGS else ""
    name = " ".join(params.get("name", "").split())[:_NAME_MOST]
    stopped = params.get("stopped") == "1"
    given = {"area": area, "rung": rung, "name": name, "stopped": "1" if stopped else ""}
    wanted = Wanted(visit.scope, area, rung, name, active=not stopped)
    return wanted, {key: value for key, value in given.items() if value}


def _after(request: Request) -> tuple[str, int] | None:
    number = digits(request.query_params.get("after_id", ""))
    return (request.query_params.get("after", ""), number) if number else None
