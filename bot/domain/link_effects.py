"""What a decision wants done about links between chats of one person."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.linking import Progress


@dataclass(frozen=True, slots=True)
class MakeLinkCode:
    """Keep a code, as its hash; the one given here before is no longer good."""

    code: str


@dataclass(frozen=True, slots=True)
class MissLinkCode:
    """Count a wrong code."""


@dataclass(frozen=True, slots=True)
class AskLink:
    """A good code was typed here: use it up, and ask where it was given."""

    code_id: int


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """The use of this chat's code is confirmed, or refused; `progress` goes to the other chat."""

    code_id: int
    yes: bool
    progress: Progress


@dataclass(frozen=True, slots=True)
class Unlink:
    """This chat is no longer linked with any other."""


@dataclass(frozen=True, slots=True)
class CarryProgress:
    """Tell the person's other chats how far this one has come."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class Acted:
    """The person did something here, where they have other chats."""


LinkEffect = MakeLinkCode | MissLinkCode | AskLink | AnswerLink | Unlink | CarryProgress | Acted
