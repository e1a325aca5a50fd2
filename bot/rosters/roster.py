"""What a roster says, and what was found wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.languages import VIETNAMESE
from bot.domain.tickets import Rung
from bot.rosters.form import Field, Role

MAX_OPEN = 5


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a row (counted from 1, as a spreadsheet does; 0: the whole file)."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        where = [f"row {self.row}"] if self.row else []
        where += [f"column {self.column}"] if self.column else []
        return f"{', '.join(where)}: {self.text}" if where else self.text


@dataclass(frozen=True, slots=True)
class Hamlet:
    """A hamlet that a team serves."""

    code: str
    commune: str
    name: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team. `key` is "" when the file gives none. `coverage` has the codes it serves, sorted."""

    key: str
    name: str
    rung: Rung
    coverage: tuple[str, ...]
    commune: str = ""
    phone: str = ""
    group: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A member. `key` is "" when the file gives none; `row` is where they stand."""

    key: str
    name: str
    role: Role = Role.MEMBER
    phone: str = ""
    languages: tuple[str, ...] = (VIETNAMESE,)
    hours: str = ""
    max_open: int = MAX_OPEN
    row: int = 0


@dataclass(slots=True)
class Roster:
    """Teams with their members, hamlets by code, problems and notes in the order of the file.

    `rows` has the row each team stands in first, by its place in `teams`; `columns` what the file
    says at all. With a problem nothing may be done with the rest.
    """

    columns: frozenset[Field] = frozenset(Field)
    teams: list[Team] = field(default_factory=list)
    members: list[list[Member]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    hamlets: dict[str, Hamlet] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StoredTeam:
    """A team as the database has it."""

    id: int
    team: Team
    active: bool = True


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A member as the database has them; `joined`: they have an account, or opened their page."""

    id: int
    team_id: int
    member: Member
    removed: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """Every team and member there is, hamlets by code."""

    teams: tuple[StoredTeam, ...] = ()
    members: tuple[StoredMember, ...] = ()
    hamlets: dict[str, Hamlet] = field(default_factory=dict)
