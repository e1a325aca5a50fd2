"""Importing and exporting rosters.

The changes of an import wait in the database until all are there, then they are made, in
transactions of a few hundredths of a second with pauses between them: messages that come meanwhile
are acknowledged as fast as ever. What was interrupted is finished by the next that looks
(`finish`), so a roster is imported as a whole or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cached_property
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection

from bot.domain.languages import language_name
from bot.domain.tickets import Rung
from bot.errors import CongdansoError
from bot.locality.codes import commune_of
from bot.locality.files import load_gazetteer
from bot.locality.gazetteer import Gazetteer
from bot.rosters.cells import shown_hours
from bot.rosters.changes import (
    Change,
    CloseTeam,
    PutHamlet,
    PutMember,
    PutTeam,
    RemoveMember,
    decode_change,
    encode_change,
)
from bot.rosters.form import EVERYWHERE, ROLES, RUNGS, Field
from bot.rosters.places import Places
from bot.rosters.plan import Plan, plan
from bot.rosters.reading import read_roster
from bot.rosters.roster import Member, Problem, Roster, Stored, Team
from bot.rosters.sheets import write_sheet
from bot.services.passing import Passing
from bot.services.runtime import Runtime
from bot.store import accounts
from bot.store import rosters as store

#: The folder of places under the content.
LOCALITIES = "localities"
#: A transaction takes no more changes after so many seconds; with the commit it stays below 0.05.
_SECONDS_MOST = 0.02
#: Between two transactions others have their turn for at least this part of the time.
_PAUSE = 1.0
_AT_ONCE = 200
#: An import whose process said nothing for so long is nobody's any more.
_STALE = timedelta(seconds=30)

#: Told how many of how many changes are made.
Progress = Callable[[int, int], None]


class _Kind(Enum):
    """Changes that are made alike, many at once but for the last two."""

    HAMLETS = 1
    NEW_TEAMS = 2
    NEW_MEMBERS = 3
    OTHER = 4
    #: Tickets are locked before members: such a change has a transaction of its own.
    TICKETS = 5


_BATCH = {
    _Kind.HAMLETS: 50,
    _Kind.NEW_TEAMS: 25,
    _Kind.NEW_MEMBERS: 50,
    _Kind.OTHER: 1,
    _Kind.TICKETS: 1,
}


class RosterError(CongdansoError):
    """An import cannot begin; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file read and compared: what it says, what it would change, what is wrong."""

    roster: Roster
    plan: Plan

    @property
    def problems(self) -> list[Problem]:
        """What is wrong, row by row."""
        return self.plan.problems


@dataclass(frozen=True, slots=True)
class Written:
    """What an export has; `left_out` are teams whose place is known by its name only."""

    teams: int
    members: int
    left_out: int


def _unheard(_done: int, _total: int) -> None:
    """Nobody looks."""


class Rosters:
    """Rosters of a database."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        clock: Callable[[], float] = time.perf_counter,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._runtime = runtime
        self._db = runtime.db
        self._vault = runtime.vault
        self._clock = clock
        self._pause = pause

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return load_gazetteer(self._runtime.settings.content_dir / LOCALITIES)

    # In -----------------------------------------------------------------------------------------

    def check(self, file: Path, sheet: str = "", *, remove_missing: bool = False) -> Checked:
        """Read a file and compare it. SheetError when it is no roster; nothing is written."""
        roster = read_roster(file, self._gazetteer, sheet)
        stored = Stored() if roster.problems else self._stored()
        return Checked(roster, plan(roster, stored, remove_missing=remove_missing))

    def run(self, checked: Checked, progress: Progress = _unheard) -> int:
        """Make the changes of a file without problems; returns how many there were.

        RosterError when another import is under way.
        """
        if checked.problems:
            raise RosterError(f"the file has {len(checked.problems)} problems; nothing was changed")
        changes = checked.plan.changes
        if not changes:
            return 0
        import_id = self._begin()
        for first in range(0, len(changes), _AT_ONCE):
            payloads = [encode_change(each) for each in changes[first : first + _AT_ONCE]]
            self._stage(import_id, first, payloads)
        now = self._runtime.now()
        if not self._db.write_now(lambda c: store.ready(c, import_id, len(changes), now)):
            raise _taken_over()
        self._make(import_id, len(changes), progress)
        return len(changes)

    def finish(self, progress: Progress = _unheard) -> int:
        """Finish an import that was interrupted; returns how many changes were still to be made."""
        found = self._db.read_now(store.unfinished)
        if found is None or not found.ready or self._runtime.now() - found.alive_at < _STALE:
            return 0
        self._make(found.id, found.left, progress)
        return found.left

    def _begin(self) -> int:
        now = self._runtime.now()

        def work(connection: Connection) -> int:
            found = store.unfinished(connection)
            if found is not None and (found.ready or now - found.alive_at < _STALE):
                raise RosterError(
                    f"another import is under way ({found.left} changes left); wait until it is "
                    "done and import again"
                )
            return store.begin(connection, now)

        return self._db.write_now(work)

    def _stage(self, import_id: int, first: int, payloads: Sequence[bytes]) -> None:
        now = self._runtime.now()
        began = self._clock()
        vault = self._vault
        if not self._db.write_now(lambda c: store.put(c, vault, import_id, first, payloads, now)):
            raise _taken_over()
        self._pause((self._clock() - began) * _PAUSE)

    def _make(self, import_id: int, total: int, progress: Progress) -> None:
        done = 0
        progress(done, total)
        while True:
            began = self._clock()
            made = self._db.write_now(lambda c: self._some(c, import_id))
            if made is None:
                break
            done += made
            progress(done, total)
            self._pause((self._clock() - began) * _PAUSE)

    def _some(self, connection: Connection, import_id: int) -> int | None:
        """Make as many changes as fit into a short transaction; None when there are none left."""
        if not store.lock_import(connection, import_id):
            return None
        until = self._clock() + _SECONDS_MOST
        count = 0
        waiting = store.next_changes(connection, self._vault, import_id, _AT_ONCE)
        if not waiting:
            store.done(connection, import_id, self._runtime.now())
            return None
        for kind, batch in _batches([decode_change(payload) for _, payload in waiting]):
            if count and (kind is _Kind.TICKETS or self._clock() > until):
                break
            self._batch(connection, kind, batch, f"roster{import_id}:{waiting[count][0]}")
            count += len(batch)
        store.made(connection, import_id, waiting[count - 1][0], self._runtime.now())
        return count

    def _batch(
        self, connection: Connection, kind: _Kind, batch: Sequence[Change], act: str
    ) -> None:
        now, vault = self._runtime.now(), self._vault
        if kind is _Kind.HAMLETS:
            store.put_hamlets(connection, [b for b in batch if isinstance(b, PutHamlet)])
        elif kind is _Kind.NEW_TEAMS:
            store.put_teams(connection, vault, [b for b in batch if isinstance(b, PutTeam)], now)
        elif kind is _Kind.NEW_MEMBERS:
            new = [b for b in batch if isinstance(b, PutMember)]
            store.put_members(connection, vault, new, now)
        else:
            for change in batch:
                self._change(connection, change, act)

    def _change(self, connection: Connection, change: Change, act: str) -> None:
        now, vault = self._runtime.now(), self._vault
        match change:
            case PutTeam():
                store.put_team(connection, vault, change)
            case PutMember():
                if change.moved and change.id is not None:
                    self._tickets(connection, act).member_gone(change.id)
                store.put_member(connection, vault, change)
            case RemoveMember():
                self._tickets(connection, act).member_gone(change.id)
                accounts.remove(connection, change.id, now)
            case CloseTeam():
                store.close_team(connection, change)
                self._tickets(connection, act).team_gone(change.id)

    def _tickets(self, connection: Connection, act: str) -> Passing:
        # The chats that are told are found by the serving process, which looks every second.
        runtime = self._runtime
        return Passing(connection, self._vault, runtime.now(), act, runtime.plan)

    def _stored(self) -> Stored:
        return self._db.read_now(lambda c: store.stored(c, self._vault))

    # Out ----------------------------------------------------------------------------------------

    def export(self, file: Path) -> Written:
        """Write the roster as it is stored, in the form that is imported."""
        stored = self._stored()
        rows = list(self._rows(stored))
        write_sheet(file, [field.value for field in Field], rows)
        active = [found for found in stored.teams if found.active]
        placed = sum(bool(found.team.coverage) for found in active)
        name = list(Field).index(Field.NAME)
        return Written(placed, sum(bool(row[name]) for row in rows), len(active) - placed)

    def _rows(self, stored: Stored) -> Iterator[list[str]]:
        places = Places(self._gazetteer)
        of_team: dict[int, list[Member]] = {}
        for each in stored.members:
            if not each.removed:
                of_team.setdefault(each.team_id, []).append(each.member)
        for found in sorted(stored.teams, key=lambda s: (s.team.coverage, s.id)):
            if found.active and found.team.coverage:
                team = self._team_cells(found.team, stored, places)
                members = [_member_cells(each) for each in of_team.get(found.id, ())]
                for member in members or [{}]:
                    cells = {**team, **member}
                    yield [cells.get(field, "") for field in Field]

    @staticmethod
    def _team_cells(team: Team, stored: Stored, places: Places) -> dict[Field, str]:
        codes = team.coverage
        communes = list(dict.fromkeys(filter(None, map(commune_of, codes))))
        hamlets = [stored.hamlets[code].name for code in codes if code in stored.hamlets]
        return {
            Field.TEAM_KEY: team.key,
            Field.TEAM: team.name,
            Field.RUNG: RUNGS.written(team.rung),
            Field.PROVINCE: places.province_name(codes[0][:2]) if codes[0] else EVERYWHERE,
            Field.COMMUNE: "; ".join(map(places.written_commune, communes)),
            Field.HAMLET: "; ".join(hamlets) if team.rung is Rung.HAMLET else "",
            Field.TEAM_PHONE: team.phone,
            Field.GROUP: team.group,
            Field.TEAM_HOURS: shown_hours(team.hours),
        }


def _member_cells(member: Member) -> dict[Field, str]:
    return {
        Field.KEY: member.key,
        Field.NAME: member.name,
        Field.ROLE: ROLES.written(member.role),
        Field.PHONE: member.phone,
        Field.LANGUAGES: ", ".join(map(language_name, member.languages)),
        Field.HOURS: shown_hours(member.hours),
        Field.MAX_OPEN: str(member.max_open),
    }


def _batches(changes: Sequence[Change]) -> Iterator[tuple[_Kind, list[Change]]]:
    for kind, alike in groupby(changes, _kind):
        some = list(alike)
        for at in range(0, len(some), _BATCH[kind]):
            yield kind, some[at : at + _BATCH[kind]]


def _kind(change: Change) -> _Kind:
    match change:
        case PutHamlet():
            return _Kind.HAMLETS
        case PutTeam(id=None):
            return _Kind.NEW_TEAMS
        case PutMember(id=None):
            return _Kind.NEW_MEMBERS
        case RemoveMember() | CloseTeam() | PutMember(moved=True):
            return _Kind.TICKETS
    return _Kind.OTHER


def _taken_over() -> RosterError:
    return RosterError("another import took this one's place; import again when it is done")
