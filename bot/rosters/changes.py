"""The changes a roster makes, one by one, in the form that waits in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.rosters.roster import Hamlet, Member, Team


@dataclass(frozen=True, slots=True)
class PutHamlet:
    """A hamlet is there, or is called otherwise."""

    hamlet: Hamlet
    kind: Literal["hamlet"] = "hamlet"


@dataclass(frozen=True, slots=True)
class PutTeam:
    """A team is made (`id` None) or becomes like this. Its key is never ""."""

    id: int | None
    team: Team
    kind: Literal["team"] = "team"


@dataclass(frozen=True, slots=True)
class PutMember:
    """A member is made (`id` None) or becomes like this, in the team of that key.

    `moved`: they were in another team before, and give back what they hold.
    """

    id: int | None
    team_key: str
    member: Member
    moved: bool = False
    kind: Literal["member"] = "member"


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """A member is no more; what they hold goes back to the team."""

    id: int
    kind: Literal["remove"] = "remove"


@dataclass(frozen=True, slots=True)
class CloseTeam:
    """A team takes nothing any more; what it has goes on by itself."""

    id: int
    kind: Literal["close"] = "close"


Change = PutHamlet | PutTeam | PutMember | RemoveMember | CloseTeam

_CHANGE: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


def encode_change(change: Change) -> bytes:
    """The change as JSON bytes."""
    return _CHANGE.dump_json(change)


def decode_change(payload: bytes) -> Change:
    """The change back from `encode_change`'s bytes."""
    return _CHANGE.validate_json(payload)
