"""What happens to a conversation: a person acts, or another part of the program tells it something.

Events are stored in the inbox as encrypted JSON, so every class here is a frozen dataclass with a
`kind` that names it. `encode` and `decode` are the only way in and out of that form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.domain.acts import Attachment as Attachment
from bot.domain.acts import Contact as Contact
from bot.domain.acts import Hello as Hello
from bot.domain.acts import PersonEvent as PersonEvent
from bot.domain.acts import Press as Press
from bot.domain.acts import Sender as Sender
from bot.domain.acts import Start as Start
from bot.domain.acts import Text as Text
from bot.domain.acts import Withdrawn as Withdrawn
from bot.domain.link_events import CarriedHere as CarriedHere
from bot.domain.link_events import EraseWanted as EraseWanted
from bot.domain.link_events import LinkAsked as LinkAsked
from bot.domain.link_events import LinkEnded as LinkEnded
from bot.domain.link_events import LinkEvent as LinkEvent
from bot.domain.link_events import LinkMade as LinkMade
from bot.domain.link_events import LinkRefused as LinkRefused
from bot.domain.link_events import PeerElsewhere as PeerElsewhere
from bot.domain.link_events import ProgressCarried as ProgressCarried
from bot.domain.tickets import DueKind

#: What a timer is for: a step that takes days, "did it work?", the next thing on the path, a
#: correction that waits for the morning.
TimerKind = Literal["wait", "followup", "path", "recall"]
_TIMER_KINDS: dict[str, TimerKind] = {
    "wait": "wait",
    "followup": "followup",
    "path": "path",
    "recall": "recall",
}


def timer_kind(name: str) -> TimerKind:
    """The kind of a stored timer. KeyError, a programming error, for any other name."""
    return _TIMER_KINDS[name]


@dataclass(frozen=True, slots=True)
class TicketClaimed:
    """Told to the citizen: somebody has taken the ticket."""

    ticket_id: int
    helper: str
    kind: Literal["ticket_claimed"] = "ticket_claimed"


@dataclass(frozen=True, slots=True)
class HelperSaid:
    """Told to the citizen: the helper wrote. The text is masked already.

    `line_id` is the line of the ticket's talk, whose delivery is watched. `warn`: it asks for a
    secret, and the citizen must be told not to give it. `ours`: a canned reply, whose blanks are
    filled with this person's form of address.
    """

    ticket_id: int
    helper: str
    text: str
    line_id: int | None = None
    warn: bool = False
    ours: bool = False
    kind: Literal["helper_said"] = "helper_said"


@dataclass(frozen=True, slots=True)
class HelperShowed:
    """Told to the citizen: the helper sends a step of a guide; `step` counts from 0."""

    ticket_id: int
    helper: str
    guide_id: str
    choice: str
    step: int
    line_id: int | None = None
    kind: Literal["helper_showed"] = "helper_showed"


@dataclass(frozen=True, slots=True)
class CallMissed:
    """Told to the citizen: the helper has called, and nobody answered."""

    ticket_id: int
    helper: str
    kind: Literal["call_missed"] = "call_missed"


@dataclass(frozen=True, slots=True)
class TicketClosed:
    """Told to the citizen: the helper says it is done."""

    ticket_id: int
    helper: str
    kind: Literal["ticket_closed"] = "ticket_closed"


@dataclass(frozen=True, slots=True)
class TicketMoved:
    """Told to the citizen: another team has the ticket now. `team` is "" for the province's staff.

    `why`: nobody took it in time, nobody is there, whoever had it kept silent, sent it on, or is
    no longer a helper.
    """

    ticket_id: int
    team: str
    why: Literal["late", "nobody", "silent", "by_hand", "removed"]
    kind: Literal["ticket_moved"] = "ticket_moved"


@dataclass(frozen=True, slots=True)
class TicketOverdue:
    """Told to the citizen: nobody took the ticket in time, and the last desk was told again."""

    ticket_id: int
    kind: Literal["ticket_overdue"] = "ticket_overdue"


@dataclass(frozen=True, slots=True)
class DeadlineMissed:
    """Told to a helper's own chat: this was due. `taken`: the ticket is no longer theirs."""

    ticket_id: int
    what: DueKind
    taken: bool = False
    kind: Literal["deadline_missed"] = "deadline_missed"


@dataclass(frozen=True, slots=True)
class TicketReopened:
    """Told to a helper's own chat: the citizen says that it is not done."""

    ticket_id: int
    kind: Literal["ticket_reopened"] = "ticket_reopened"


#: What a citizen corrected on a ticket; "call": they want to be called.
Corrected = Literal["name", "phone", "place", "call"]


@dataclass(frozen=True, slots=True)
class TicketCorrected:
    """Told to a helper's own chat: the citizen corrected what the ticket says of them, or wants to
    be called."""

    ticket_id: int
    what: tuple[Corrected, ...]
    kind: Literal["ticket_corrected"] = "ticket_corrected"


VisitWhat = Literal["set", "changed", "soon", "off"]


@dataclass(frozen=True, slots=True)
class VisitNews:
    """Told to citizen and helper: a visit at this time (UTC) was agreed, put to this other time, is
    near, or is off."""

    ticket_id: int
    news: VisitWhat
    at: datetime
    helper: str = ""
    kind: Literal["visit_news"] = "visit_news"


@dataclass(frozen=True, slots=True)
class CallSheetDue:
    """Told to a desk's group: nobody nearer can be told by a message, so somebody must call."""

    ticket_id: int
    kind: Literal["call_sheet_due"] = "call_sheet_due"


@dataclass(frozen=True, slots=True)
class CardDue:
    """Told to a team's group: a ticket waits for somebody to take it."""

    ticket_id: int
    kind: Literal["card_due"] = "card_due"


@dataclass(frozen=True, slots=True)
class CardChanged:
    """Told to a team's group: something happened to a ticket somewhere else.

    `by` is who did it; the team that has it now when it was `moved` on or climbed because it was
    `late`.
    """

    ticket_id: int
    change: Literal["claimed", "closed", "cancelled", "given_back", "late", "moved", "reopened"]
    by: str
    kind: Literal["card_changed"] = "card_changed"


@dataclass(frozen=True, slots=True)
class ClaimConfirmed:
    """Told to a helper's own chat: the ticket is yours."""

    ticket_id: int
    kind: Literal["claim_confirmed"] = "claim_confirmed"


@dataclass(frozen=True, slots=True)
class CitizenSaid:
    """Told to a helper's own chat: the citizen wrote. The text is masked already."""

    ticket_id: int
    text: str
    kind: Literal["citizen_said"] = "citizen_said"


@dataclass(frozen=True, slots=True)
class TicketGone:
    """Told to a helper's own chat: the citizen cancelled or erased, or it was closed elsewhere."""

    ticket_id: int
    kind: Literal["ticket_gone"] = "ticket_gone"


@dataclass(frozen=True, slots=True)
class PeerUnreachable:
    """Told to whoever waits on a ticket: the other side cannot be reached through the platform."""

    ticket_id: int
    kind: Literal["peer_unreachable"] = "peer_unreachable"


#: Why a line has not reached the citizen: their page is closed, they have blocked the bot or left,
#: the platform refused it, takes nothing for them until they write again, or is slow.
LateWhy = Literal["page", "blocked", "refused", "window", "slow"]


@dataclass(frozen=True, slots=True)
class LineLate:
    """Told to a helper's own chat: this line has not reached the citizen. The text is masked."""

    ticket_id: int
    text: str
    why: LateWhy
    kind: Literal["line_late"] = "line_late"


@dataclass(frozen=True, slots=True)
class LineArrived:
    """Told to a helper's own chat: the line that was late has reached the citizen."""

    ticket_id: int
    text: str
    kind: Literal["line_arrived"] = "line_arrived"


@dataclass(frozen=True, slots=True)
class SecretAsked:
    """Told to a team's lead: a helper's message asked a citizen for a secret."""

    ticket_id: int
    helper: str
    kind: Literal["secret_asked"] = "secret_asked"


@dataclass(frozen=True, slots=True)
class HelperUnreachable:
    """Told to a team's group: the helper's own chat with the bot is not open."""

    ticket_id: int
    helper: str
    kind: Literal["helper_unreachable"] = "helper_unreachable"


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer this conversation set has come due.

    `guide_id` names a walk, for a recall what was recalled (`recall_name`), "" for nothing.
    """

    timer: TimerKind
    guide_id: str
    kind: Literal["timer_due"] = "timer_due"


@dataclass(frozen=True, slots=True)
class GuideRecalled:
    """A guide revision was withdrawn while this conversation may be in it.

    With `step`, a number in the guide's file, only that step was; `title` is then the step's.
    `seen` says that this person was shown the revision not long ago, whether they are in it or
    not, `urgent` that they must be told at any hour.
    """

    guide_id: str
    revision: str
    why: str
    step: int = 0
    title: str = ""
    seen: bool = False
    urgent: bool = False
    kind: Literal["guide_recalled"] = "guide_recalled"


@dataclass(frozen=True, slots=True)
class AlertDue:
    """An alert that this conversation's person asked for is to be said now."""

    alert_id: int
    kind: Literal["alert_due"] = "alert_due"


@dataclass(frozen=True, slots=True)
class StaffAnswered:
    """Told to the citizen: staff answer what they had asked (`asked`, masked) in vain."""

    text: str
    guide_id: str
    asked: str
    kind: Literal["staff_answered"] = "staff_answered"


@dataclass(frozen=True, slots=True)
class TooFast:
    """Told to whoever sends more than is taken: what came after this was left."""

    kind: Literal["too_fast"] = "too_fast"


InternalEvent = (
    TicketClaimed
    | HelperSaid
    | HelperShowed
    | CallMissed
    | LineLate
    | LineArrived
    | SecretAsked
    | TicketClosed
    | TicketMoved
    | TicketOverdue
    | DeadlineMissed
    | TicketReopened
    | TicketCorrected
    | VisitNews
    | CallSheetDue
    | CardDue
    | CardChanged
    | ClaimConfirmed
    | CitizenSaid
    | TicketGone
    | PeerUnreachable
    | HelperUnreachable
    | TimerDue
    | GuideRecalled
    | AlertDue
    | StaffAnswered
    | TooFast
    | LinkEvent
)
Event = PersonEvent | InternalEvent


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with its sender, as the inbox keeps it."""

    event: Annotated[Event, Field(discriminator="kind")]
    sender: Sender = field(default_factory=Sender)


_ENVELOPE: TypeAdapter[Envelope] = TypeAdapter(Envelope)


def encode(envelope: Envelope) -> bytes:
    """The envelope as JSON bytes."""
    return _ENVELOPE.dump_json(envelope)


def decode(payload: bytes) -> Envelope:
    """The envelope back from `encode`'s bytes. Raises pydantic.ValidationError on anything else."""
    return _ENVELOPE.validate_json(payload)
