"""What a conversation remembers between two messages. Stored encrypted, one value per chat."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from pydantic import TypeAdapter


class Slot(StrEnum):
    """A free text the bot has asked for and waits for."""

    NAME = "name"
    PHONE = "phone"
    COMMUNE = "commune"
    RATING_NOTE = "rating_note"


@dataclass(frozen=True, slots=True)
class Session:
    """A walk through one guide. `step` counts from 0; `revision` is kept for the whole walk."""

    guide_id: str
    revision: str
    step: int
    question_id: int
    failed: tuple[str, ...] = ()
    asked_stuck: bool = False
    waiting_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A request for a person being filled in. Raw contact data: kept encrypted only."""

    urgent: bool = False
    topic: str = ""
    name: str = ""
    phone: str = ""
    phone_tries: int = 0


@dataclass(frozen=True, slots=True)
class Relay:
    """An open line to a helper."""

    ticket_id: int
    helper: str
    warned: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Everything remembered. The default value is a conversation that has not begun."""

    greeted: bool = False
    session: Session | None = None
    suspended: Session | None = None
    parked: tuple[Session, ...] = ()
    offered: tuple[str, ...] = ()
    yes: str = ""
    no: str = ""
    slot: Slot | None = None
    draft: Draft | None = None
    relay: Relay | None = None
    misses: int = 0
    finished: dict[str, date] = field(default_factory=dict)
    asked_question: int = 0
    followup_off: bool = False
    last_press: str = ""
    pending_text: str = ""


_STATE: TypeAdapter[State] = TypeAdapter(State)


def encode_state(state: State) -> bytes:
    """The state as JSON bytes."""
    return _STATE.dump_json(state, exclude_defaults=True)


def decode_state(payload: bytes) -> State:
    """The state back from `encode_state`'s bytes."""
    return _STATE.validate_json(payload)
