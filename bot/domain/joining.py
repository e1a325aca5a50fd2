"""Joining a team by a link, as conversations see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

#: What a start payload of such a link begins with; the token follows.
JOIN = "join_"
_PAYLOAD = re.compile(rf"(?:/start\s+)?{JOIN}([\w-]{{0,64}})", re.ASCII)


class JoinState(StrEnum):
    """What a link can do for whoever opened it."""

    #: It ties this account to the member.
    OPEN = "open"
    #: This very account has joined already.
    MINE = "mine"
    #: It was used, by another account or on the member's page.
    USED = "used"
    #: The member has joined with another account.
    OTHER = "other"
    #: This account is another member of the same team.
    TAKEN = "taken"
    #: Its time is over.
    EXPIRED = "expired"
    #: It is none of ours, or a part of one.
    UNKNOWN = "unknown"
    #: It is good, but not here: a browser or terminal is no account.
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class JoinView:
    """A link in the hands of an account. `url` is where it can be used when not here."""

    state: JoinState
    name: str = ""
    team: str = ""
    url: str = ""


def typed_token(text: str) -> str | None:
    """The token of a start payload, or of a message that is nothing else; None for anything else.

    A damaged one is given as it is: whoever opened it is told.
    """
    match = _PAYLOAD.fullmatch(text.strip())
    return match.group(1) if match else None
