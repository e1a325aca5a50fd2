"""What happens to a conversation: a person acts, or another part of the program tells it something.

Events are stored in the inbox as encrypted JSON, so every class here is a frozen dataclass with a
`kind` that names it. `encode` and `decode` are the only way in and out of that form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

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
class Sender:
    """Who acted: the platform's id and the name it shows. Empty for internal events."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A typed message. `reply_to` is the platform's id of the message it answers."""

    text: str
    reply_to: str | None = None
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed. `choice` is the id of a `Choice` the bot once offered, perhaps long ago."""

    choice: str
    kind: Literal["press"] = "press"


@dataclass(frozen=True, slots=True)
class Start:
    """The person opened the conversation (for Telegram `/start payload`)."""

    payload: str = ""
    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that is not text: sticker, photo, voice, video, location, poll…"""

    what: str
    kind: Literal["attachment"] = "attachment"


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone number shared with the platform's own button."""

    phone: str
    kind: Literal["contact"] = "contact"


@dataclass(frozen=True, slots=True)
class Hello:
    """A page was opened and the person has not been greeted yet (web chat, terminal)."""

    kind: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class TicketClaimed:
    """Told to the citizen: somebody has taken the ticket."""

    ticket_id: int
    helper: str
    kind: Literal["ticket_claimed"] = "ticket_claimed"


@dataclass(frozen=True, slots=True)
class HelperSaid:
    """Told to the citizen: the helper wrote. The text is masked already."""

    ticket_id: int
    helper: str
    text: str
    kind: Literal["helper_said"] = "helper_said"


@dataclass(frozen=True, slots=True)
class TicketClosed:
    """Told to the citizen: the helper says it is done."""

    ticket_id: int
    helper: str
    kind: Literal["ticket_closed"] = "ticket_closed"


@dataclass(frozen=True, slots=True)
class CardDue:
    """Told to a team's group: a ticket waits for somebody to take it."""

    ticket_id: int
    kind: Literal["card_due"] = "card_due"


@dataclass(frozen=True, slots=True)
class CardChanged:
    """Told to a team's group: a ticket was taken or closed somewhere else."""

    ticket_id: int
    change: Literal["claimed", "closed", "cancelled"]
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


PersonEvent = Text | Press | Start | Attachment | Contact | Hello
InternalEvent = (
    TicketClaimed
    | HelperSaid
    | TicketClosed
    | CardDue
    | CardChanged
    | ClaimConfirmed
    | CitizenSaid
    | TicketGone
    | PeerUnreachable
    | HelperUnreachable
    | TimerDue
    | GuideRecalled
)
Event = PersonEvent | InternalEvent


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with its sender, as the inbox keeps it."""

    event: Annotated[Event, Field(discriminator="kind")]
    sender: Sender = Sender()


_ENVELOPE: TypeAdapter[Envelope] = TypeAdapter(Envelope)


def encode(envelope: Envelope) -> bytes:
    """The envelope as JSON bytes."""
    return _ENVELOPE.dump_json(envelope)


def decode(payload: bytes) -> Envelope:
    """The envelope back from `encode`'s bytes. Raises pydantic.ValidationError on anything else."""
    return _ENVELOPE.validate_json(payload)
