"""What a decision wants done besides replying. Applied in the same transaction as the new state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.domain.data_effects import DataEffect
from bot.domain.events import TimerKind
from bot.domain.link_effects import Acted as Acted
from bot.domain.link_effects import AnswerLink as AnswerLink
from bot.domain.link_effects import AskLink as AskLink
from bot.domain.link_effects import CarryProgress as CarryProgress
from bot.domain.link_effects import LinkEffect as LinkEffect
from bot.domain.link_effects import MakeLinkCode as MakeLinkCode
from bot.domain.link_effects import MissLinkCode as MissLinkCode
from bot.domain.link_effects import Unlink as Unlink
from bot.domain.tickets import TicketOutcome
from bot.domain.voice_effects import VoiceEffect


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
class ReachedStep:
    """The person went on (or back) to a step of a question's guide; `step` counts from 1. An end
    stays an end."""

    question_id: int
    step: int


@dataclass(frozen=True, slots=True)
class JudgeQuestion:
    """The person says whether the answer to an earlier question was what they meant."""

    question_id: int
    right: bool


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Open a ticket whose id is the inbox row's id. Contact fields are encrypted by the store.

    `locality` is the official code of the place, "" when it is not known; the ladder then begins
    with `team_id`. `for_other`: asked for somebody else, who has agreed; `whom` is their role in
    the household, in words. `call_when` is when they wish to be called, in their own words.
    """

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
    locality: str = ""
    language: str = "vi"
    for_other: bool = False
    call_requested: bool = False
    call_when: str = ""
    whom: str = ""


@dataclass(frozen=True, slots=True)
class ClaimTicket:
    """Give a waiting ticket to a member of its team (the decision has seen it waiting, locked).

    Whoever acts in a team's own group is a member of it: membership of the group is the proof.
    With `member_id` it is a known member, who acts in a chat of their own.
    """

    ticket_id: int
    external_id: str
    name: str
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class CloseTicket:
    """The helper says the ticket is done. `minutes` is how long a visit took."""

    ticket_id: int
    outcome: TicketOutcome = TicketOutcome.SOLVED
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class GiveBackTicket:
    """*Trả lại*, with a word on why (masked) for whoever comes next."""

    ticket_id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class PassTicket:
    """*Chuyển* to another member."""

    ticket_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class ClimbTicket:
    """*Chuyển* to the next rung, with a word on why (masked)."""

    ticket_id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoteCall:
    """The helper calls the citizen: the number was shown, they spoke, or nobody answered."""

    ticket_id: int
    result: Literal["tried", "spoke", "no_answer"]


@dataclass(frozen=True, slots=True)
class SetVisit:
    """A visit at the citizen's home at a moment (UTC); None calls off the one that was agreed."""

    ticket_id: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class VisitDone:
    """The visit took place; the ticket goes on."""

    ticket_id: int
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class SendStep:
    """Show the citizen a step of a guide as from the helper; `step` counts from 0.

    `title` is what the ticket's talk keeps of it.
    """

    ticket_id: int
    guide_id: str
    choice: str
    step: int
    title: str


@dataclass(frozen=True, slots=True)
class ResendLines:
    """Send the lines once more that were given up."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class CancelTicket:
    """The citizen does not need it any more."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class CorrectTicket:
    """The citizen corrects what a ticket of theirs says of them; None leaves a field as it is.

    `name` and `phone` are encrypted by the store; `commune` in words goes with `locality`, the code
    ("" when it is not known). `call`: they want to be called.
    """

    ticket_id: int
    name: str | None = None
    phone: str | None = None
    commune: str | None = None
    locality: str = ""
    call: bool = False


@dataclass(frozen=True, slots=True)
class ReopenTicket:
    """The citizen says that a ticket that was closed is not done."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class TellGone:
    """A helper's line came to nobody: the ticket was cancelled, or everything was erased."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class RelayToHelper:
    """Pass a masked text of the citizen to whoever holds the ticket."""

    ticket_id: int
    text: str


@dataclass(frozen=True, slots=True)
class RelayToCitizen:
    """Pass a masked text of the helper to the citizen.

    `asks`: as typed it asks for a secret. `ours`: a canned reply.
    """

    ticket_id: int
    helper: str
    text: str
    asks: bool = False
    ours: bool = False


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
    """Remember the commune the person named, for the log and for routing; `area` is its code, ""
    when it is not known."""

    commune: str
    area: str = ""


@dataclass(frozen=True, slots=True)
class JoinTeam:
    """Tie this account to the member whom a link was given to (the decision has seen it open)."""

    token: str


@dataclass(frozen=True, slots=True)
class SetAway:
    """This account's member is away until a moment (UTC), from `since` if not from now; None: is
    there again."""

    until: datetime | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WantAlerts:
    """Subscribe to alerts: for an area (its key), and those for everywhere ("" for these only)."""

    area: str
    place: str


@dataclass(frozen=True, slots=True)
class StopAlerts:
    """No more alerts; what was on its way is held back."""


@dataclass(frozen=True, slots=True)
class AlertSaid:
    """An alert was said, or has no reason any more to be said."""

    alert_id: int


@dataclass(frozen=True, slots=True)
class AlertLater:
    """Now is no time for an alert: again at `due` (UTC)."""

    alert_id: int
    due: datetime


@dataclass(frozen=True, slots=True)
class EraseMe:
    """Erase what is kept about this person in every table; `everywhere`: in the chats that are
    linked with this one too."""

    everywhere: bool = False


Effect = (
    LogQuestion
    | SetOutcome
    | ReachedStep
    | JudgeQuestion
    | OpenTicket
    | ClaimTicket
    | CloseTicket
    | GiveBackTicket
    | PassTicket
    | ClimbTicket
    | NoteCall
    | SetVisit
    | VisitDone
    | SendStep
    | ResendLines
    | CancelTicket
    | CorrectTicket
    | ReopenTicket
    | TellGone
    | RelayToHelper
    | RelayToCitizen
    | RateTicket
    | SetTimer
    | DropTimers
    | ShowedGuide
    | SetLocality
    | JoinTeam
    | SetAway
    | WantAlerts
    | StopAlerts
    | AlertSaid
    | AlertLater
    | DataEffect
    | EraseMe
    | LinkEffect
    | VoiceEffect
)
