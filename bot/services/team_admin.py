"""Teams and members changed by hand, one by one, with the rules of rosters.

Fields are read by what reads a roster's cells, so whatever is good here is good in a roster, and an
export of the roster has it. Each function runs in a transaction its caller opened.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.languages import VIETNAMESE
from bot.domain.tickets import Rung
from bot.locality.atlas import Atlas
from bot.locality.codes import commune_of, hamlet_code
from bot.rosters import cells
from bot.rosters.cells import CellError
from bot.rosters.changes import PutHamlet, PutMember, PutTeam
from bot.rosters.form import Field, Role
from bot.rosters.roster import MAX_OPEN, Hamlet, Member, Team
from bot.services.passing import Passing
from bot.services.runtime import Runtime
from bot.store import accounts, rosters, team_list
from bot.store import members as people
from bot.store.team_list import TeamRow

#: Fields of the forms and the columns of a roster they are.
TEAM_FORM = {
    "name": Field.TEAM,
    "hours": Field.TEAM_HOURS,
    "phone": Field.TEAM_PHONE,
    "group": Field.GROUP,
    "hamlets": Field.HAMLET,
}
MEMBER_FORM = {
    "name": Field.NAME,
    "role": Field.ROLE,
    "phone": Field.PHONE,
    "languages": Field.LANGUAGES,
    "hours": Field.HOURS,
    "max_open": Field.MAX_OPEN,
}


@dataclass(slots=True)
class Read:
    """A form as it was read: values of its fields, and the fields that are wrong."""

    values: dict[str, object] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    def text(self, name: str) -> str:
        """A value of words."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""


def read_form(form: Mapping[str, str], fields: Mapping[str, Field]) -> Read:
    """Read the fields of a form as cells of a roster; a name must not be empty."""
    read = Read()
    for name, column in fields.items():
        reader: Callable[[str], object] = cells.READERS[column]
        try:
            read.values[name] = reader(form.get(name, ""))
        except CellError:
            read.wrong.add(name)
    if not read.values.get("name"):
        read.wrong.add("name")
    return read


class TeamAdmin:
    """Changes of teams and members in one transaction. `wake` has chats to wake afterwards."""

    def __init__(self, connection: Connection, runtime: Runtime, atlas: Atlas) -> None:
        self._c = connection
        self._vault = runtime.vault
        self._now: datetime = runtime.now()
        self._atlas = atlas
        self._passing = Passing(
            connection, self._vault, self._now, f"teams{secrets.token_hex(6)}", runtime.plan
        )

    @property
    def wake(self) -> set[int]:
        """Chats to wake after the commit."""
        return self._passing.wake

    # Teams.

    def add_team(self, rung: Rung, area: str, read: Read) -> int | None:
        """A new team of a place; its number, None when one of that place has the name."""
        team = self._team(rung, area, read)
        if team is None:
            return None
        before = team_list.teams_of(self._c, team_list.Wanted(name=team.name, active=None), 50)
        same = {t.id for t in before if t.name == team.name and t.rung is rung}
        if any(people.coverage(self._c, number) == team.coverage for number in same):
            return None
        rosters.put_teams(self._c, self._vault, [PutTeam(None, team)], self._now)
        found = team_list.teams_of(self._c, team_list.Wanted(name=team.name, active=None), 50)
        return next((t.id for t in found if t.key == team.key), None)

    def _team(self, rung: Rung, area: str, read: Read) -> Team | None:
        hamlets = read.values.get("hamlets") or ()
        assert isinstance(hamlets, tuple), "what reads places gives a tuple"
        codes: tuple[str, ...] = (area,)
        commune = commune_of(area)
        if rung is Rung.HAMLET:
            if not hamlets or not commune:
                read.wrong.add("hamlets")
                return None
            made = [Hamlet(hamlet_code(commune, name), commune, name) for name in hamlets]
            rosters.put_hamlets(self._c, [PutHamlet(hamlet) for hamlet in made])
            codes = tuple(sorted({hamlet.code for hamlet in made}))
        elif (rung is Rung.COMMUNE) is not bool(commune):
            read.wrong.add("area")
            return None
        name = self._atlas.gazetteer.communes[commune].name if commune else ""
        return Team(
            key=f"to-{secrets.token_hex(6)}",
            name=read.text("name"),
            rung=rung,
            coverage=codes,
            commune=name,
            phone=read.text("phone"),
            group=read.text("group"),
            hours=read.text("hours"),
        )

    def change_team(self, row: TeamRow, read: Read) -> None:
        """Another name, number, hours or group; where it is stays."""
        team = Team(
            key=row.key or f"to-{secrets.token_hex(6)}",
            name=read.text("name"),
            rung=row.rung,
            coverage=people.coverage(self._c, row.id),
            commune=row.commune,
            phone=read.text("phone"),
            group=read.text("group"),
            hours=read.text("hours"),
        )
        rosters.put_team(self._c, self._vault, PutTeam(row.id, team))
        team_list.set_active(self._c, row.id, row.active)

    def stop_team(self, team_id: int) -> int:
        """It takes nothing any more, and what waits for it goes on; how many tickets that were."""
        team_list.set_active(self._c, team_id, False)
        return self._passing.team_gone(team_id)

    def start_team(self, team_id: int) -> None:
        """It takes tickets again."""
        team_list.set_active(self._c, team_id, True)

    # Members.

    def phone_taken(self, read: Read, but: int = 0) -> str:
        """Who else has the number of a form; "" when nobody has."""
        digest = rosters.phone_hash(self._vault, read.text("phone"))
        return team_list.holder_of_phone(self._c, digest, but) if digest else ""

    def add_member(self, team: TeamRow, read: Read) -> None:
        """A new member of a team."""
        team_key = team.key or self._give_key(team)
        member = self._member(f"tv-{secrets.token_hex(6)}", read)
        rosters.put_members(self._c, self._vault, [PutMember(None, team_key, member)], self._now)

    def change_member(self, member_id: int, team: TeamRow, key: str, read: Read) -> None:
        """What is known of a member; account and absence stay."""
        team_key = team.key or self._give_key(team)
        member = self._member(key or f"tv-{secrets.token_hex(6)}", read)
        rosters.put_member(self._c, self._vault, PutMember(member_id, team_key, member))

    def remove_member(self, member_id: int) -> int:
        """No longer a member: what they hold goes on, phone and accounts are erased, the name stays
        for the records. How many tickets went on."""
        passed = self._passing.member_gone(member_id)
        accounts.remove(self._c, member_id, self._now)
        return passed

    def set_away(self, member_id: int, until: datetime | None, since: datetime | None) -> None:
        """They are away, or (`until` None) there again."""
        people.set_away_of(self._c, member_id, until, since)

    @staticmethod
    def _member(key: str, read: Read) -> Member:
        most = read.values.get("max_open")
        languages = read.values.get("languages") or (VIETNAMESE,)
        assert isinstance(languages, tuple), "what reads languages gives a tuple"
        return Member(
            key=key,
            name=read.text("name"),
            role=Role(read.text("role") or Role.MEMBER),
            phone=read.text("phone"),
            languages=languages,
            hours=read.text("hours"),
            max_open=most if isinstance(most, int) else MAX_OPEN,
        )

    def _give_key(self, team: TeamRow) -> str:
        """A team that no roster has gets a key: from now on all its members are known."""
        digest = hashlib.sha256(f"{team.id}\n{team.name}".encode()).hexdigest()[:12]
        key = f"to-{digest}"
        team_list.set_key(self._c, team.id, key)
        return key
