"""What the bot says: text, choices, how soon it must go out. Channels render it their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from pydantic import TypeAdapter

from bot.domain.alerts import AlertPhoto


class Priority(IntEnum):
    """Order of sending across chats; smaller goes first (docs/architecture.md)."""

    URGENT = 0
    RELAY = 1
    REPLY = 2
    REMINDER = 3
    ALERT = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tap. `id` is at most 64 bytes (Telegram's limit on callback_data).

    `number` is what is typed for it where there are no buttons; 0: its place in the list.
    """

    id: str
    label: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class StepPicture:
    """A step to be shown as a picture too: all that is drawn, so that nobody needs the guide.

    `step` counts from 1. What the picture says, the reply's text says as well: a platform that
    cannot show pictures, or fails to, sends the text alone and nothing is lost.
    """

    guide_id: str
    guide_title: str
    step: int
    total: int
    title: str
    text: str
    verified_on: date


@dataclass(frozen=True, slots=True)
class PaymentPicture:
    """A seller's payment code to be printed: all that is drawn, in the order it stands there.

    It is drawn when it is sent and kept nowhere. `payload` is what the code says, `alt` what the
    picture is, in words; `lines` are small, the rest is large.
    """

    payload: str
    head: str
    bank: str
    holder: str
    lines: tuple[str, ...]
    foot: str
    alt: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One bubble. `ticket_id` ties it to a ticket, so that an answer to it finds its way back;
    `alert_id` to an alert, so that it is not sent once that was cancelled or its time has passed.

    `coalesce` names a kind of message several of which may be merged into one while they wait.
    `line_id` is the line of a ticket's talk it carries, whose delivery is watched. `carried`: it
    was for another chat of this person, and goes nowhere else from here.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    priority: Priority = Priority.REPLY
    ticket_id: int | None = None
    coalesce: str = ""
    picture: StepPicture | None = None
    line_id: int | None = None
    payment: PaymentPicture | None = None
    alert_id: int | None = None
    photo: AlertPhoto | None = None
    carried: bool = False


_REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)


def encode_reply(reply: Reply) -> bytes:
    """The reply as JSON bytes."""
    return _REPLY.dump_json(reply)


def decode_reply(payload: bytes) -> Reply:
    """The reply back from `encode_reply`'s bytes."""
    return _REPLY.validate_json(payload)


def merge(replies: list[Reply]) -> Reply:
    """Several waiting messages of one kind as one bubble, texts and choices in order."""
    if len(replies) == 1:
        return replies[0]
    return Reply(
        text="\n\n".join(r.text for r in replies),
        choices=tuple(c for r in replies for c in r.choices),
        priority=min(r.priority for r in replies),
        coalesce=replies[0].coalesce,
    )
