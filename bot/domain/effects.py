"""What a decision wants done besides replying. Applied in the same transaction as the new state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.events import TimerKind


class Outcome(StrEnum):
    """What became of a question (the question log's `outcome`)."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    NOT_UNDERSTOOD = "not_understood"
    HANDED_OVER = "handed_over"
    FINISHED = "finished"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """Write a question to the log; its id is the inbox row's id. `text` is masked."""

    text: str
    intent: str
    confidence: float
    outcome: Outcome
    guide_id: str = ""


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """Say what became of an earlier question; `step` counts from 1."""

    question_id: int
    outcome: Outcome
    step: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Open a ticket whose id is the inbox row's id. Contact fields are encrypted by the store."""

    urgent: bool
    topic: str
    guide_title: str
    step: int | None
    failed: str
    name: str
    phone: str
    commune: str
    team_id: int | None
    question_id: int | None


@dataclass(frozen=True, slots=True)
class ClaimTicket:
    """Give a waiting ticket to a member of its team (the decision has seen it waiting, locked).

    Whoever acts in a team's own group is a member of it: membership of the group is the proof.
    """

    ticket_id: int
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class CloseTicket:
    """The helper says the ticket is done."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class CancelTicket:
    """The citizen does not need it any more."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class RelayToHelper:
    """Pass a masked text of the citizen to whoever holds the ticket."""

    ticket_id: int
    text: str


@dataclass(frozen=True, slots=True)
class RelayToCitizen:
    """Pass a masked text of the helper to the citizen."""

    ticket_id: int
    helper: str
    text: str


@dataclass(frozen=True, slots=True)
class RateTicket:
    """The citizen's rating, 1 to 5, or a sentence on it."""

    ticket_id: int
    stars: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Ask to be told at `due` (UTC). One timer per kind and walk: a new one replaces the old.

    `guide_id` names the walk (`walk_key`), "" for none.
    """

    timer: TimerKind
    guide_id: str
    due: datetime


@dataclass(frozen=True, slots=True)
class DropTimers:
    """Forget timers of this conversation; an empty `guide_id` means all of that kind."""

    timer: TimerKind
    guide_id: str = ""


@dataclass(frozen=True, slots=True)
class ShowedGuide:
    """This person is being shown text of a guide revision: they are told should it be recalled."""

    guide_id: str
    revision: str


@dataclass(frozen=True, slots=True)
class SetLocality:
    """Remember the commune the person named, for the log and for routing."""

    commune: str


@dataclass(frozen=True, slots=True)
class EraseMe:
    """Erase what is kept about this person in every table."""


Effect = (
    LogQuestion
    | SetOutcome
    | OpenTicket
    | ClaimTicket
    | CloseTicket
    | CancelTicket
    | RelayToHelper
    | RelayToCitizen
    | RateTicket
    | SetTimer
    | DropTimers
    | ShowedGuide
    | SetLocality
    | EraseMe
)
