"""From a roster's rows to teams with their members.

Rows of one team have the same key, or the same name, rung and places. What a row says of its team
must not contradict another row; what it leaves empty, another row says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.languages import VIETNAMESE
from bot.domain.tickets import Rung
from bot.locality.gazetteer import Gazetteer
from bot.rosters.form import MEMBER_FIELDS, TEAM_FIELDS, Field, Role, is_everywhere, name_key
from bot.rosters.places import PlaceError, Places
from bot.rosters.roster import MAX_OPEN, Hamlet, Member, Problem, Roster, Team
from bot.rosters.sheets import open_sheet
from bot.rosters.table import Row, Table

_RUNG_OF_ROLE = {Role.COMMUNE_DESK: Rung.COMMUNE, Role.PROVINCE_DESK: Rung.PROVINCE}


@dataclass(slots=True)
class _Group:
    """The rows of one team; `values` is what they say of it, `said` in which row."""

    place: int
    values: dict[Field, object] = field(default_factory=dict)
    said: dict[Field, int] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)


def read_roster(file: Path, gazetteer: Gazetteer, sheet: str = "") -> Roster:
    """Everything a file says. SheetError when it is no roster at all; else problems are listed."""
    table = Table(open_sheet(file, sheet), str(file))
    roster = _Reader(table, Places(gazetteer)).roster()
    if not roster.teams and not roster.problems:
        roster.problems.append(Problem(0, "", "has headings but no rows"))
    for heading in table.ignored:
        roster.notes.append(Problem(0, f'"{heading}"', "is no column of the form and is left out"))
    return roster


class _Reader:
    def __init__(self, table: Table, places: Places) -> None:
        self._table = table
        self._places = places
        self._roster = Roster(columns=table.columns)
        self._groups: list[_Group] = []
        self._by_key: dict[str, _Group] = {}
        self._by_words: dict[tuple[object, ...], _Group] = {}
        self._phones: dict[str, Member] = {}
        self._keys: dict[str, int] = {}

    def roster(self) -> Roster:
        for row in self._table.rows():
            group = self._group(row)
            if group is None:
                continue
            self._merge(group, row)
            if any(field in row.values for field in MEMBER_FIELDS):
                self._member(group, row)
        for group in self._groups:
            self._finish(group)
        self._roster.problems += self._table.problems
        self._roster.problems.sort()
        return self._roster

    # Teams --------------------------------------------------------------------------------------

    def _group(self, row: Row) -> _Group | None:
        own_key = row.text(Field.TEAM_KEY)
        words = self._words(row)
        if not own_key and not row.text(Field.TEAM):
            if row.number not in self._table.wrong_rows:
                self._wrong(row.number, Field.TEAM, "is empty; every row must name its team")
            return None
        group = self._by_key.get(own_key) if own_key else self._by_words.get(words)
        if group is None and own_key and words[0]:
            # Rows above may have named this team without its key.
            group = self._by_words.get(words)
            if group is not None and Field.TEAM_KEY in group.values:
                group = None
        if group is None:
            group = _Group(row.number)
            self._groups.append(group)
        if own_key:
            self._by_key[own_key] = group
        if words[0]:
            self._by_words.setdefault(words, group)
        return group

    @staticmethod
    def _words(row: Row) -> tuple[object, ...]:
        places = (Field.PROVINCE, Field.COMMUNE, Field.HAMLET)
        return (
            name_key(row.text(Field.TEAM)),
            row.text(Field.RUNG),
            *(
                tuple(map(name_key, row.words(f)))
                if f is not Field.PROVINCE
                else name_key(row.text(f))
                for f in places
            ),
        )

    def _merge(self, group: _Group, row: Row) -> None:
        """What the row says of its team; another row must not say something else."""
        for each in TEAM_FIELDS:
            if each not in row.values:
                continue
            value = row.values[each]
            if each not in group.values:
                group.values[each] = value
                group.said[each] = row.number
            elif group.values[each] != value:
                self._wrong(
                    row.number,
                    each,
                    f"is not what row {group.said[each]} says of the same team; make them equal",
                )

    def _finish(self, group: _Group) -> None:
        row = Row(group.place, group.values)
        if not row.text(Field.TEAM):
            self._wrong(group.place, Field.TEAM, "is empty; every team must have a name")
            return
        coverage = self._coverage(row, group)
        if coverage is None:
            return
        rung, codes, commune = coverage
        self._roster.rows.append(group.place)
        self._roster.members.append([self._fits(member, rung) for member in group.members])
        self._roster.teams.append(
            Team(
                row.text(Field.TEAM_KEY),
                row.text(Field.TEAM),
                rung,
                tuple(sorted(codes)),
                commune,
                row.text(Field.TEAM_PHONE),
                row.text(Field.GROUP),
                row.text(Field.TEAM_HOURS),
            )
        )

    def _fits(self, member: Member, rung: Rung) -> Member:
        wanted = _RUNG_OF_ROLE.get(member.role)
        if wanted is not None and wanted is not rung:
            self._wrong(
                member.row, Field.ROLE, f"is of a desk, but the team's rung is {rung.value}"
            )
        return member

    # Places -------------------------------------------------------------------------------------

    def _coverage(self, row: Row, group: _Group) -> tuple[Rung, list[str], str] | None:
        """(rung, codes, commune in words) of a team; None with the problem noted."""
        said = row.text(Field.RUNG)
        communes, hamlets = row.words(Field.COMMUNE), row.words(Field.HAMLET)
        usual = Rung.HAMLET if hamlets else Rung.COMMUNE if communes else Rung.PROVINCE
        rung = Rung(said) if said else usual
        at = Field.PROVINCE
        try:
            if not row.text(Field.PROVINCE):
                raise PlaceError("is empty; every team must say its province")
            if is_everywhere(row.text(Field.PROVINCE)):
                if communes or hamlets or rung is not Rung.PROVINCE:
                    raise PlaceError("says everywhere; then leave commune, hamlet and rung empty")
                return rung, [""], ""
            province = self._places.province(row.text(Field.PROVINCE))
            at = Field.COMMUNE
            codes = [self._places.commune(each, province) for each in communes]
            if hamlets and not codes:
                raise PlaceError("is empty; a hamlet must have its commune")
            if rung is not Rung.PROVINCE and not codes:
                raise PlaceError("is empty; only a province's desk has none")
            at = Field.HAMLET
            if rung is Rung.HAMLET:
                return rung, self._hamlets(group.place, hamlets, codes), self._in_words(codes)
            if hamlets:
                raise PlaceError(f"must be empty for a team of the {rung.value}")
            return rung, codes or [province], self._in_words(codes)
        except PlaceError as error:
            self._wrong(group.said.get(at, group.place), at, str(error))
            return None

    def _hamlets(self, row: int, names: tuple[str, ...], communes: list[str]) -> list[str]:
        if not names:
            raise PlaceError("is empty; a hamlet's team must say which hamlet")
        if len(communes) > 1:
            raise PlaceError("must be of one commune; give each commune a team of its own")
        codes: list[str] = []
        for each in names:
            code = self._places.hamlet(each, communes[0])
            known = self._roster.hamlets.setdefault(code, Hamlet(code, communes[0], each))
            if name_key(known.name) != name_key(each):
                text = f"{each!r} is taken for {known.name!r} of the same commune"
                self._note(row, Field.HAMLET, text)
            codes.append(code)
        return list(dict.fromkeys(codes))

    def _in_words(self, communes: list[str]) -> str:
        if not communes:
            return ""
        names = ", ".join(self._places.commune_name(code) for code in communes)
        return f"{names}, {self._places.province_name(communes[0][:2])}"[:160]

    # Members ------------------------------------------------------------------------------------

    def _member(self, group: _Group, row: Row) -> None:
        if not row.text(Field.NAME):
            if row.number not in self._table.wrong_rows:
                self._wrong(row.number, Field.NAME, "is empty; must be the member's name")
            return
        limit = row.number_of(Field.MAX_OPEN)
        member = Member(
            row.text(Field.KEY),
            row.text(Field.NAME),
            Role(row.text(Field.ROLE) or Role.MEMBER),
            row.text(Field.PHONE),
            row.words(Field.LANGUAGES) or (VIETNAMESE,),
            row.text(Field.HOURS),
            MAX_OPEN if limit is None else limit,
            row.number,
        )
        self._check(group, member)
        group.members.append(member)

    def _check(self, group: _Group, member: Member) -> None:
        """Whoever stands there already, or whose phone or key somebody else has."""
        same = [m for m in group.members if name_key(m.name) == name_key(member.name)]
        if member.key:
            before = self._keys.setdefault(member.key, member.row)
            if before != member.row:
                self._wrong(member.row, Field.KEY, f"is that of row {before}; must be their own")
        elif any(m.phone == member.phone or not m.phone or not member.phone for m in same):
            self._wrong(
                member.row,
                Field.NAME,
                f"stands in row {same[0].row} of the same team; delete one row, or give both a key",
            )
            return
        if not member.phone:
            return
        other = self._phones.setdefault(member.phone, member)
        if other is not member and (
            name_key(other.name) != name_key(member.name) or other in group.members
        ):
            self._wrong(
                member.row,
                Field.PHONE,
                f"is that of row {other.row} too; two members must not have one phone",
            )

    def _note(self, row: int, field: Field, text: str) -> None:
        self._roster.notes.append(Problem(row, self._table.name(field), text))

    def _wrong(self, row: int, field: Field, text: str) -> None:
        self._roster.problems.append(Problem(row, self._table.name(field), text))
