"""Several tickets at once: chosen in the queue, confirmed on a page of their own, done one by one.

Each is a transaction of its own, and the page says of each what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console.tickets_filter import digits
from bot.domain.tickets import Rung, TicketOutcome
from bot.services.answering import Act, Did, Helper
from bot.services.board_acts import Steering
from bot.services.staff import Visit
from bot.store import audit, ticket_queue
from bot.store.team_list import Wanted as WantedTeams
from bot.store.team_list import teams_of
from bot.store.ticket_queue import Entry, Wanted
from bot.weblib.deps import WebDeps
from bot.weblib.forms import pairs
from bot.weblib.pages import Pages

ACTIONS = ("remind", "pass", "up", "close")
_TEAMS_MOST = 1000
_DONE = frozenset({Did.PASSED, Did.CLOSED, Did.REMINDED})


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one ticket; `entry` is None when it is not there, or not theirs."""

    number: int
    entry: Entry | None
    act: Act

    @property
    def done(self) -> bool:
        """Whether it went well."""
        return self.act.did in _DONE


class BulkPages:
    """The page that asks, and the one that says what was done."""

    def __init__(self, deps: WebDeps, pages: Pages) -> None:
        self._deps = deps
        self._runtime = deps.runtime
        self._pages = pages

    async def confirm(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """What would be done with which tickets."""
        return await self._ask(visit, await _ticked(request), form.get("action", ""))

    async def _ask(
        self, visit: Visit, numbers: list[int], action: str, problem: str = ""
    ) -> Response:
        def load(connection: Connection) -> tuple[list[Entry], list[tuple[int, str]]]:
            found = [self._entry(connection, visit, number) for number in numbers]
            teams = []
            if action == "pass":
                wanted = WantedTeams(scope=visit.scope)
                teams = [(t.id, t.name) for t in teams_of(connection, wanted, _TEAMS_MOST)]
            return [entry for entry in found if entry is not None], teams

        entries, teams = await self._runtime.db.read(load)
        known = action if action in ACTIONS else ""
        missing = "" if entries and known else "nothing" if known else "action"
        return self._pages.render(
            "tickets_several.html",
            422 if problem or missing else 200,
            visit=visit,
            here="tickets",
            entries=entries,
            action=known,
            teams=teams,
            outcomes=tuple(TicketOutcome),
            problem=problem or missing,
            results=None,
            last=Rung.PROVINCE,
        )

    async def do(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        """Do it with each, and say what came of it."""
        numbers, action = await _ticked(request), form.get("action", "")
        team, outcome = digits(form.get("team", "")), form.get("outcome", "")
        if action == "pass" and not team:
            return await self._ask(visit, numbers, action, "team")
        if action == "close" and outcome not in list(TicketOutcome):
            return await self._ask(visit, numbers, action, "outcome")
        if action not in ACTIONS or not numbers:
            return await self._ask(visit, numbers, action)
        results = [await self._one(visit, n, action, team, outcome) for n in numbers]
        return self._pages.render(
            "tickets_several.html",
            visit=visit,
            here="tickets",
            entries=[],
            action=action,
            teams=[],
            outcomes=(),
            problem="",
            results=results,
            last=Rung.PROVINCE,
        )

    async def _one(self, visit: Visit, number: int, action: str, team: int, outcome: str) -> Result:
        runtime = self._runtime

        def work(connection: Connection) -> Result:
            now = runtime.now()
            entry = self._entry(connection, visit, number)
            if entry is None:
                return Result(number, None, Act(Did.GONE))
            helper = Helper(visit.staff_id, visit.username, staff=True)
            steering = Steering(connection, runtime.vault, now, helper, runtime.plan)
            if action == "remind":
                act = steering.remind(number)
            elif action == "up":
                act = steering.up(number)
            elif action == "close":
                act = steering.end(number, TicketOutcome(outcome))
            elif teams_of(connection, WantedTeams(scope=visit.scope, id=team), 1):
                act = steering.to_team(number, team)
            else:
                act = Act(Did.UNABLE)
            result = Result(number, entry, act)
            if result.done:
                subject = f"ticket {number}"
                audit.record(connection, visit.username, f"ticket.{act.did}", subject, now)
            return result

        result = await runtime.db.write(work)
        for chat in result.act.wake:
            self._deps.wake(chat)
        return result

    def _entry(self, connection: Connection, visit: Visit, number: int) -> Entry | None:
        wanted = Wanted(scope=visit.scope, number=number)
        found = ticket_queue.page(connection, wanted, self._runtime.now(), 1)
        return found[0] if found else None


async def _ticked(request: Request) -> list[int]:
    """The tickets that were ticked, each once."""
    found = [digits(value) for name, value in await pairs(request) if name == "ticket"]
    return [number for number in dict.fromkeys(found) if number]
