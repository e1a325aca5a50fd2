"""What a roster would change: the file against what is stored. Nothing is done here.

Teams are found again by key, else by rung, places and name, else by their Telegram group; members
by key, else by phone and team, else by name and team, else (from a team of this file to another)
by phone and name. So a file without keys may be imported again and again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import partial
from typing import TypeVar

from bot.locality.codes import commune_of
from bot.rosters.changes import Change, CloseTeam, PutHamlet, PutMember, PutTeam, RemoveMember
from bot.rosters.form import Field, name_key
from bot.rosters.roster import Member, Problem, Roster, Stored, StoredMember, StoredTeam, Team

_T = TypeVar("_T")

#: Attributes a column fills in; without the column what is stored stays.
_TEAM_COLUMNS = {Field.TEAM_PHONE: "phone", Field.GROUP: "group", Field.TEAM_HOURS: "hours"}
_MEMBER_COLUMNS = {
    Field.ROLE: "role",
    Field.PHONE: "phone",
    Field.LANGUAGES: "languages",
    Field.HOURS: "hours",
    Field.MAX_OPEN: "max_open",
}


class What(StrEnum):
    """What becomes of a team or member."""

    NEW = "new"
    CHANGED = "changed"
    MISSING = "missing"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what would be done. `fields` names what changes, never from what to what."""

    what: What
    is_team: bool
    name: str
    of_team: str = ""
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """Changes in the order they must be made, in words, and what stands against them."""

    changes: list[Change] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    teams: int = 0
    members: int = 0

    def count(self, what: What, *, is_team: bool) -> int:
        """How many teams or members this becomes of."""
        return sum(line.what is what and line.is_team is is_team for line in self.lines)


def plan(roster: Roster, stored: Stored, *, remove_missing: bool = False) -> Plan:
    """Compare. With problems there are no changes."""
    made = _Planner(roster, stored, remove_missing).plan()
    if made.problems:
        made.problems.sort()
        made.changes.clear()
    return made


class _Planner:
    def __init__(self, roster: Roster, stored: Stored, remove_missing: bool) -> None:
        self._roster = roster
        self._stored = stored
        self._remove = remove_missing
        self._plan = Plan(
            problems=list(roster.problems),
            teams=len(roster.teams),
            members=sum(map(len, roster.members)),
        )
        self._team_of = {team.id: team for team in stored.teams}
        self._matched_teams: dict[int, StoredTeam] = {}
        self._matched: dict[tuple[int, int], StoredMember] = {}
        self._used: set[int] = set()
        self._scope: set[str] = set()

    def plan(self) -> Plan:
        if self._plan.problems:
            return self._plan
        self._match_teams()
        self._scope = {
            commune_of(code) for team in self._roster.teams for code in team.coverage
        } - {""}
        self._match_members()
        for hamlet in self._roster.hamlets.values():
            if self._stored.hamlets.get(hamlet.code) != hamlet:
                self._plan.changes.append(PutHamlet(hamlet))
        keys = [self._put_team(place, team) for place, team in enumerate(self._roster.teams)]
        taken = {s.member.key for s in self._stored.members}
        taken |= {m.key for members in self._roster.members for m in members}
        for place, members in enumerate(self._roster.members):
            for at, member in enumerate(members):
                self._put_member(place, at, keys[place], member, taken)
        self._check_groups()
        self._check_phones()
        self._missing()
        return self._plan

    # Finding again ------------------------------------------------------------------------------

    def _match_teams(self) -> None:
        free = {team.id: team for team in self._stored.teams}
        ways: tuple[Callable[[Team], Hashable], ...] = (
            lambda team: team.key,
            lambda team: (team.rung, team.coverage, name_key(team.name)) if team.coverage else "",
            lambda team: team.group,
        )
        for number, way in enumerate(ways):
            known = _first(free.values(), partial(_of_team, way))
            for place, team in enumerate(self._roster.teams):
                found = known.get(way(team)) if place not in self._matched_teams else None
                if found is None or not way(team) or found.id not in free:
                    continue
                if number and team.key and _own(found.team.key):
                    # Both have keys of the roster's, and other ones: two teams.
                    continue
                self._matched_teams[place] = free.pop(found.id)

    def _match_members(self) -> None:
        def team_id(place: int) -> int | None:
            found = self._matched_teams.get(place)
            return found.id if found else None

        def in_reach(s: StoredMember) -> bool:
            return self._in_scope(self._team_of[s.team_id])

        self._match(lambda s: s.member.key, lambda _, m: m.key)
        self._match(
            lambda s: s.member.phone and (s.team_id, s.member.phone),
            lambda place, m: m.phone and (team_id(place), m.phone),
        )
        self._match(
            lambda s: (s.team_id, name_key(s.member.name)),
            lambda place, m: (team_id(place), name_key(m.name)),
        )
        self._match(
            lambda s: s.member.phone and in_reach(s) and (s.member.phone, name_key(s.member.name)),
            lambda _, m: m.phone and (m.phone, name_key(m.name)),
        )

    def _match(
        self,
        of_stored: Callable[[StoredMember], Hashable],
        of_file: Callable[[int, Member], Hashable],
    ) -> None:
        free = (s for s in self._stored.members if s.id not in self._used)
        known = _first(sorted(free, key=lambda s: s.removed), of_stored)
        for place, members in enumerate(self._roster.members):
            for at, member in enumerate(members):
                wanted = of_file(place, member)
                found = known.get(wanted) if wanted and (place, at) not in self._matched else None
                if found is None or found.id in self._used:
                    continue
                if member.key and found.member.key != member.key and _own(found.member.key):
                    continue
                self._matched[place, at] = found
                self._used.add(found.id)

    def _in_scope(self, stored: StoredTeam) -> bool:
        """Whether the file is about this team: it has it, or another of the same commune."""
        return any(commune_of(code) in self._scope for code in stored.team.coverage) or any(
            found.id == stored.id for found in self._matched_teams.values()
        )

    # Changes ------------------------------------------------------------------------------------

    def _put_team(self, place: int, team: Team) -> str:
        found = self._matched_teams.get(place)
        if found is None:
            new = replace(team, key=team.key or _team_key(team))
            self._plan.changes.append(PutTeam(None, new))
            self._line(What.NEW, True, team.name)
            return new.key
        kept = {
            name: getattr(found.team, name)
            for column, name in _TEAM_COLUMNS.items()
            if column not in self._roster.columns
        }
        if not team.group:
            # A group's id may be known here alone: Telegram changes it when a group grows.
            kept["group"] = found.team.group
        new = replace(team, key=team.key or found.team.key or _team_key(team), **kept)
        changed = _differences(found.team, new)
        if not found.active:
            changed = (*changed, "active")
        if changed:
            self._plan.changes.append(PutTeam(found.id, new))
        if set(changed) - {"key"}:
            self._line(What.CHANGED, True, team.name, fields=changed)
        return new.key

    def _put_member(
        self, place: int, at: int, team_key: str, member: Member, taken: set[str]
    ) -> None:
        found = self._matched.get((place, at))
        team = self._roster.teams[place]
        if found is None:
            own = member.key or _member_key(team_key, member, taken)
            self._plan.changes.append(PutMember(None, team_key, replace(member, key=own)))
            self._line(What.NEW, False, member.name, team.name)
            return
        kept = {
            name: getattr(found.member, name)
            for column, name in _MEMBER_COLUMNS.items()
            if column not in self._roster.columns
        }
        own = member.key or found.member.key or _member_key(team_key, member, taken)
        new = replace(member, key=own, **kept)
        changed = _differences(found.member, new)
        stored_team = self._matched_teams.get(place)
        moved = stored_team is None or stored_team.id != found.team_id
        changed = (*changed, *(["team"] if moved else []), *(["back"] if found.removed else []))
        if changed:
            self._plan.changes.append(PutMember(found.id, team_key, new, moved))
        if set(changed) - {"key"}:
            self._line(What.CHANGED, False, member.name, team.name, changed)

    def _missing(self) -> None:
        """Who is stored where the file is about, and is not in it."""
        what = What.REMOVED if self._remove else What.MISSING
        matched = {found.id for found in self._matched_teams.values()}
        in_scope = {s.id for s in self._stored.teams if s.active and self._in_scope(s)}
        for s in self._stored.members:
            if s.id in self._used or s.removed or not s.member.key or s.team_id not in in_scope:
                continue
            self._line(what, False, s.member.name, self._team_of[s.team_id].team.name)
            if self._remove:
                self._plan.changes.append(RemoveMember(s.id))
        for team_id in sorted(in_scope - matched):
            team = self._team_of[team_id].team
            if team.key:
                self._line(what, True, team.name)
                if self._remove:
                    self._plan.changes.append(CloseTeam(team_id))

    def _line(
        self,
        what: What,
        is_team: bool,
        name: str,
        of_team: str = "",
        fields: tuple[str, ...] = (),
    ) -> None:
        self._plan.lines.append(Line(what, is_team, name, of_team, fields))

    # What stands against it ---------------------------------------------------------------------

    def _check_groups(self) -> None:
        matched = {found.id for found in self._matched_teams.values()}
        held = {s.team.group: s.team.name for s in self._stored.teams if s.id not in matched}
        rows: dict[str, int] = {}
        for row, team in zip(self._roster.rows, self._roster.teams, strict=True):
            if not team.group:
                continue
            before = rows.setdefault(team.group, row)
            if before != row:
                self._wrong(row, Field.GROUP, f"is that of row {before}; one group, one team")
            elif team.group in held:
                name = held[team.group]
                self._wrong(row, Field.GROUP, f"is that of {name!r}, which is not in this file")

    def _check_phones(self) -> None:
        others = {
            s.member.phone: s
            for s in self._stored.members
            if s.member.phone and s.id not in self._used and not s.removed
        }
        for members in self._roster.members:
            for member in members:
                other = others.get(member.phone)
                if other is None or name_key(other.member.name) == name_key(member.name):
                    continue
                team = self._team_of[other.team_id].team
                if (
                    self._remove
                    and other.member.key
                    and self._in_scope(self._team_of[other.team_id])
                ):
                    # They go with this import.
                    continue
                self._wrong(
                    member.row,
                    Field.PHONE,
                    f"is that of {other.member.name!r} of {team.name!r}, who is not in this file",
                )

    def _wrong(self, row: int, column: Field, text: str) -> None:
        self._plan.problems.append(Problem(row, f'"{column.value}"', text))


def _first(items: Iterable[_T], by: Callable[[_T], Hashable]) -> dict[Hashable, _T]:
    """The first item of each name."""
    known: dict[Hashable, _T] = {}
    for item in items:
        known.setdefault(by(item), item)
    return known


def _of_team(way: Callable[[Team], Hashable], stored: StoredTeam) -> Hashable:
    return way(stored.team)


def _own(stored_key: str) -> bool:
    """Whether a roster gave this key, rather than we."""
    return stored_key != "" and not stored_key.startswith((_TEAM, _MEMBER))


def _differences(old: object, new: object) -> tuple[str, ...]:
    """The names of the attributes that differ, but for where a row stands."""
    names = (each.name for each in fields(old))  # type: ignore[arg-type]
    return tuple(n for n in names if n != "row" and getattr(old, n) != getattr(new, n))


_TEAM, _MEMBER = "to-", "tv-"


def _team_key(team: Team) -> str:
    """A key for a team that has none: the same for the same rung, places and name."""
    return _TEAM + _digest(team.rung, *team.coverage, name_key(team.name))


def _member_key(team_key: str, member: Member, taken: set[str]) -> str:
    """A key for a member who has none. Nothing of their phone goes into it."""
    number = 0
    while (made := _MEMBER + _digest(team_key, name_key(member.name), str(number))) in taken:
        number += 1
    taken.add(made)
    return made


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
