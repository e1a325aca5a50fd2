"""Linking chats of one person on several channels: the code, what is known of a link, what is
carried from one chat to the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.state import Session

#: Without look-alikes: no 0 O Q, 1 I L, 2 Z, 5 S, 8 B, 6 beside G, U beside V.
DIGITS = "34679"
LETTERS = "ACDEFHJKMNPRTWXY"
LENGTH = 6
#: How many of each a code has at least, so that no word and no number is one.
_OF_EACH = 2
#: How long a code can be typed, and after that its use confirmed.
VALID = timedelta(minutes=10)
#: Wrong codes: so many an hour in a chat, and in all chats together.
WRONG_MOST = 5
WRONG_MOST_ALL = 300
WRONG_WITHIN = timedelta(hours=1)
#: Chats of one person.
CHATS_MOST = 4

_SHAPE = re.compile(f"[{DIGITS}{LETTERS}]{{{LENGTH}}}")
_BETWEEN = re.compile(r"[\s.\-·]+")
_LEAD = re.compile(
    r"(?:(?:mã|ma|code|số|so|liên|lien|kết|ket|là|la|của|cua|tôi|toi|đây|day|nè|ne)\b[\s:,.\-]*)+",
    re.IGNORECASE,
)
_TYPED_MOST = 48


def new_code(choose: Callable[[Sequence[str]], str]) -> str:
    """A code; `choose` picks one of a sequence, by chance that nobody can foresee."""
    while True:
        code = "".join(choose(DIGITS + LETTERS) for _ in range(LENGTH))
        if _is_code(code):
            return code


def _is_code(text: str) -> bool:
    digits = sum(1 for sign in text if sign in DIGITS)
    return _SHAPE.fullmatch(text) is not None and _OF_EACH <= digits <= LENGTH - _OF_EACH


def typed_code(text: str) -> str | None:
    """The code a message is, "k7m 4p9" or "mã liên kết: K7M4P9"; None for any other message."""
    if len(text) > _TYPED_MOST:
        return None
    stripped = text.strip()
    lead = _LEAD.match(stripped)
    for each in (stripped, stripped[lead.end() :] if lead else ""):
        code = _BETWEEN.sub("", each).rstrip("!,").upper()
        if _is_code(code):
            return code
    return None


class LinkState(StrEnum):
    """What a typed code can do here."""

    #: It is asked about where it was given.
    OPEN = "open"
    #: There is none such, it was used, or its time is over.
    WRONG = "wrong"
    #: It was given in this very chat.
    OWN = "own"
    #: These two are linked already.
    SAME = "same"
    #: This chat is linked with others.
    TAKEN = "taken"
    #: The other one is linked with as many as there may be.
    FULL = "full"
    #: Too many wrong ones here, or everywhere, within the hour: nothing is looked up.
    BLOCKED = "blocked"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class LinkedChat:
    """Another chat of the same person."""

    chat_id: int
    channel: str


@dataclass(frozen=True, slots=True)
class LinkAsk:
    """Somebody typed this chat's code elsewhere, and waits for it to be confirmed here.

    `same_alerts`: both get the alerts of one area.
    """

    code_id: int
    channel: str
    at: datetime
    same_alerts: bool = False


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a decision about links may look at. `fresh` is a code that can be given, `typed` what
    the typed one (`code_id`) can do, `left` how many wrong ones may still be typed after this one;
    `asked` what waits to be confirmed here."""

    fresh: str = ""
    typed: LinkState | None = None
    code_id: int = 0
    left: int = 0
    asked: LinkAsk | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a chat hands to the others of its person; as of `at`."""

    at: datetime
    session: Session | None = None
    suspended: Session | None = None
    parked: tuple[Session, ...] = ()
    finished: dict[str, date] = field(default_factory=dict)
    family: dict[str, dict[str, date]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    person: str = ""
    province: str = ""
    device: str = ""
    form: str = ""
    form_chosen: bool = False
    pictures: bool = False
