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
    CALL_TIME = "call_time"
    NOTE = "note"
    RATING_NOTE = "rating_note"
    SELLER_BANK = "seller_bank"
    SELLER_ACCOUNT = "seller_account"
    SELLER_NAME = "seller_name"
    SELLER_AMOUNT = "seller_amount"
    SELLER_MEMO = "seller_memo"
    ALERT_PLACE = "alert_place"


def walk_key(guide_id: str, person: str) -> str:
    """The name of the walk through a guide for a member of the household ("" for oneself)."""
    return f"{guide_id}@{person}" if person else guide_id


def walk_parts(key: str) -> tuple[str, str]:
    """The guide's id and the person of a walk's name."""
    guide_id, _, person = key.partition("@")
    return guide_id, person


@dataclass(frozen=True, slots=True)
class Session:
    """A walk through one guide. `step` counts from 0; `revision` is kept for the whole walk.

    `choice` is the answer to the guide's question, "" until it is given. `person` is the role of
    the member of the household it is done for, "" for oneself.
    """

    guide_id: str
    revision: str
    step: int
    question_id: int
    failed: tuple[str, ...] = ()
    asked_stuck: bool = False
    waiting_until: datetime | None = None
    choice: str = ""
    person: str = ""

    @property
    def key(self) -> str:
        """What names this walk: its guide, and for whom it is when not for oneself."""
        return walk_key(self.guide_id, self.person)


@dataclass(frozen=True, slots=True)
class Draft:
    """A request for a person being filled in. Raw contact data: kept encrypted only.

    `place` is what was typed last of where they live, `place_wide` that it named no more than a
    district or province, `place_tries` how often it was found nowhere. `call`: they want to be
    called, at `when` in their own words. `whom` is the role of the person it is for, "" for
    themselves. With a `ticket_id` it is no new request but a word on that ticket.
    """

    urgent: bool = False
    topic: str = ""
    name: str = ""
    phone: str = ""
    phone_tries: int = 0
    place: str = ""
    place_wide: bool = False
    place_tries: int = 0
    call: bool = False
    when: str = ""
    whom: str = ""
    ticket_id: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class SellerDraft:
    """A payment code being made for a seller: raw data, kept encrypted only, until it is sent.

    `bin` names the bank, `amount` is in đồng (None: whoever pays types it).
    """

    bin: str = ""
    account: str = ""
    holder: str = ""
    amount: int | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Relay:
    """An open line to a helper."""

    ticket_id: int
    helper: str
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """A voice note that waits for what its speaker says of it.

    `text` is what was heard, masked, "" when nothing was; `agreed` that a helper may hear the note.
    `offered`, `yes` and `no` are what an answer meant before the note came.
    """

    text: str = ""
    agreed: bool = False
    offered: tuple[str, ...] = ()
    yes: str = ""
    no: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Everything remembered. The default value is a conversation that has not begun.

    `form` is the id of the form of address; `form_chosen` says that the person chose it.
    `province` and `device` were told by the person. `person` is the role of whom they are helping
    now, "" for themselves; `family` has what each role has finished, as `finished` has their own.
    `nudges` counts the reminders of the path since they last finished something. `shown` has the
    guide revisions whose showing was recorded, with the day; `told` the recalls they know of.
    `pictures` is the wish to get every step as a picture too. `homes` has the code of the place
    where each role lives, "" for themselves. Of a helper: `asked` has the choices of a question
    that waits for its answer, `awaits` names what is to be typed ("visit:12"), `focus` is the
    ticket that lines go to.
    `answered` is the question last answered by a guide, until the person says whether that was
    meant. `pictures` is the wish to get every step as a picture too; `alerts` that they get scam
    alerts, `alerts_off` that they wanted none when asked. `voice` is a note whose speaker is being
    asked about it. `carried_at` is as of when the walks are, where the person has other chats that
    may bring newer ones. `tail` has the ends, masked, of the last texts when a secret may go on in
    the next one; written at `tail_at`.
    """

    greeted: bool = False
    session: Session | None = None
    suspended: Session | None = None
    parked: tuple[Session, ...] = ()
    offered: tuple[str, ...] = ()
    yes: str = ""
    no: str = ""
    slot: Slot | None = None
    draft: Draft | None = None
    seller: SellerDraft | None = None
    relay: Relay | None = None
    misses: int = 0
    finished: dict[str, date] = field(default_factory=dict)
    asked_question: int = 0
    answered: int = 0
    followup_off: bool = False
    last_press: str = ""
    pending_text: str = ""
    form: str = ""
    form_chosen: bool = False
    province: str = ""
    device: str = ""
    person: str = ""
    family: dict[str, dict[str, date]] = field(default_factory=dict)
    nudges: int = 0
    shown: dict[str, date] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    pictures: bool = False
    homes: dict[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    awaits: str = ""
    focus: int = 0
    alerts: bool = False
    alerts_off: bool = False
    voice: Spoken | None = None
    carried_at: datetime | None = None
    tail: tuple[str, ...] = ()
    tail_at: datetime | None = None

    @property
    def walks(self) -> tuple[Session, ...]:
        """Every walk that was begun and not finished, the open one first."""
        every = (self.session, self.suspended, *self.parked)
        return tuple(walk for walk in every if walk is not None)


_STATE: TypeAdapter[State] = TypeAdapter(State)


def encode_state(state: State) -> bytes:
    """The state as JSON bytes."""
    return _STATE.dump_json(state, exclude_defaults=True)


def decode_state(payload: bytes) -> State:
    """The state back from `encode_state`'s bytes."""
    return _STATE.validate_json(payload)
