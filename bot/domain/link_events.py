"""What the program tells a chat that is linked with others of its person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.linking import Progress
from bot.domain.replies import Reply


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """Told where a code was given: it was typed on this channel, at this time (UTC)."""

    code_id: int
    channel: str
    at: datetime
    kind: Literal["link_asked"] = "link_asked"


@dataclass(frozen=True, slots=True)
class LinkMade:
    """Told where a code was typed: it was confirmed; this is what the other chat brings."""

    channel: str
    progress: Progress
    kind: Literal["link_made"] = "link_made"


@dataclass(frozen=True, slots=True)
class LinkRefused:
    """Told where a code was typed: it was not confirmed."""

    kind: Literal["link_refused"] = "link_refused"


@dataclass(frozen=True, slots=True)
class LinkEnded:
    """Told to a chat that was linked: the one on this channel is no longer. `still`: others are."""

    channel: str
    still: bool
    kind: Literal["link_ended"] = "link_ended"


@dataclass(frozen=True, slots=True)
class ProgressCarried:
    """Another chat of this person has come further."""

    progress: Progress
    kind: Literal["progress_carried"] = "progress_carried"


@dataclass(frozen=True, slots=True)
class CarriedHere:
    """Another chat of this person (`chat_id`) takes no messages now: these were for it."""

    chat_id: int
    channel: str
    replies: tuple[Reply, ...]
    kind: Literal["carried_here"] = "carried_here"


@dataclass(frozen=True, slots=True)
class EraseWanted:
    """The person erased everything, on this channel, and wants it erased here too."""

    channel: str
    kind: Literal["erase_wanted"] = "erase_wanted"


@dataclass(frozen=True, slots=True)
class PeerElsewhere:
    """Told to a helper's own chat: the citizen is not reached on one channel, but on another."""

    ticket_id: int
    channel: str
    other: str
    kind: Literal["peer_elsewhere"] = "peer_elsewhere"


LinkEvent = (
    LinkAsked
    | LinkMade
    | LinkRefused
    | LinkEnded
    | ProgressCarried
    | CarriedHere
    | EraseWanted
    | PeerElsewhere
)
