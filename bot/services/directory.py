"""Who could take a ticket now: the teams of its place, rung by rung, and their people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from bot.domain.tickets import Colleague, DueKind, Rung, Standing
from bot.handoff.ladder import Lookup, Option
from bot.handoff.rules import Timekeeper
from bot.schedule.errors import ScheduleError
from bot.schedule.hours import BusinessHours
from bot.schedule.week import Week
from bot.services.plan import Plan
from bot.store import members, reach
from bot.store.members import Helper
from bot.store.reach import Team

_DEFAULT_LANGUAGE = "vi"
#: Blocks of duty are an hour long or longer, so that looking once an hour misses none.
_STEP = timedelta(hours=1)
_LOOKS_MOST = 24


@lru_cache(maxsize=4096)
def _own_hours(text: str) -> Week | None:
    """The hours of a team's row; None for hours that say nothing or are no good."""
    try:
        week = Week.from_json(text) if text else None
    except ScheduleError:
        return None
    return week if week is not None and week.minutes else None


class Directory:
    """Looks up teams and people in one transaction."""

    def __init__(self, connection: Connection, plan: Plan, now: datetime) -> None:
        self._c = connection
        self._plan = plan
        self._now = now
        self._teams: dict[int, Team | None] = {}
        self._hours: dict[tuple[int | None, Rung], BusinessHours] = {}
        self.time = Timekeeper(now, plan.rules, self.hours_of)

    @property
    def billed(self) -> bool:
        """Whether messages are sent that cost."""
        return self._plan.billed

    def team(self, team_id: int | None) -> Team | None:
        """A team; None for one that is not there."""
        if team_id is None:
            return None
        if team_id not in self._teams:
            self._teams[team_id] = reach.team(self._c, team_id)
        return self._teams[team_id]

    def hours_of(self, team_id: int | None, rung: Rung) -> BusinessHours:
        """When a team works: its own hours, else its rung's; never on holidays."""
        key = (team_id, rung)
        if key not in self._hours:
            team = self.team(team_id)
            week = _own_hours(team.hours) if team else None
            rules = self._plan.rules
            self._hours[key] = BusinessHours(week or rules.hours[rung], self._plan.holidays)
        return self._hours[key]

    def lookup(
        self,
        locality: str,
        *,
        urgent: bool,
        language: str = _DEFAULT_LANGUAGE,
        also: int | None = None,
        without: int | None = None,
    ) -> Lookup:
        """The teams that serve a place, the nearest first, with who could take a ticket.

        An urgent ticket counts whoever is not away, at any hour; any other one who is on duty
        before it would be due. `also` is a team that was chosen by hand, whatever it covers;
        `without` is a member who is not counted.
        """

        def on(rung: Rung) -> list[Option]:
            teams = list(members.desk_of(self._c, locality, rung))
            chosen = self.team(also)
            known = chosen is not None and chosen.active and chosen.rung is rung
            if chosen is not None and known and chosen.id not in teams:
                teams.insert(0, chosen.id)
            return [self._option(team, rung, urgent, language, without) for team in teams]

        return on

    def people(self, team_id: int | None, rung: Rung, *, urgent: bool) -> tuple[int, ...]:
        """Ids of the members who could take a ticket of this team, the least burdened first."""
        if team_id is None:
            return ()
        return tuple(helper.id for helper in self._there(team_id, rung, urgent, None))

    def leads(self, locality: str, standing: Standing, without: int | None) -> tuple[int, ...]:
        """Who answers for the team that has a ticket, but for one; else for those above it."""
        found: tuple[int, ...] = ()
        if standing.team_id is not None:
            found = reach.leads(self._c, standing.team_id)
        for rung in standing.rung.and_above[1:]:
            found = tuple(lead for lead in found if lead != without)
            if found:
                break
            teams = members.desk_of(self._c, locality, rung)
            found = tuple(lead for team in teams for lead in reach.leads(self._c, team))
        return tuple(lead for lead in found if lead != without)

    def colleagues(self, team_id: int, *, urgent: bool) -> tuple[Colleague, ...]:
        """A team's members, with whether they could take a ticket now."""
        team = self.team(team_id)
        there = self.people(team_id, team.rung, urgent=urgent) if team else ()
        named = reach.names(self._c, team_id)
        return tuple(Colleague(number, name, number in there) for number, name in named)

    def _option(
        self, team_id: int, rung: Rung, urgent: bool, language: str, without: int | None
    ) -> Option:
        there = self._there(team_id, rung, urgent, without)
        people = len(there)
        team = self.team(team_id)
        if not people and team is not None and team.group and not team.rostered:
            # Who is in the group of a team without a roster is not known, only that they read it.
            people = 1
        return Option(team_id, people, sum(language in helper.languages for helper in there))

    def _there(
        self, team_id: int, rung: Rung, urgent: bool, without: int | None
    ) -> tuple[Helper, ...]:
        def look(at: datetime, *, any_hour: bool) -> tuple[Helper, ...]:
            found = members.available(
                self._c,
                team_id,
                at,
                holidays=self._plan.holidays,
                any_hour=any_hour,
                billed=self._plan.billed,
            )
            return tuple(helper for helper in found if helper.id != without)

        if urgent:
            return look(self._now, any_hour=True)
        for number, at in enumerate(self._moments(team_id, rung)):
            found = look(at, any_hour=False)
            if found or (not number and not look(at, any_hour=True)):
                return found
        return ()

    def _moments(self, team_id: int, rung: Rung) -> Iterator[datetime]:
        """From when the team opens until a ticket that comes now would be due."""
        hours = self.hours_of(team_id, rung)
        due = self.time.due(DueKind.CLAIM, rung, team_id, urgent=False).at
        at = hours.next_open(self._now) or self._now
        for _ in range(_LOOKS_MOST):
            yield at
            opens = hours.next_open(at + _STEP)
            if opens is None or opens >= due:
                return
            at = opens
