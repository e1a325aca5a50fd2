"""Questions a helper is asked, and what they answer: tapped, as a number, or typed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.dialogue.turn import Turn
from bot.domain.replies import Choice, Priority

_NUMBER = re.compile(r"\s*(\d{1,2})\s*[.)]?\s*")


def ask(
    turn: Turn, text: str, choices: Iterable[Choice], *, awaits: str = "", ticket_id: int = 0
) -> None:
    """Ask. Until the helper does something else a bare number is one of the choices, and with
    `awaits` what they type is the answer."""
    offered = tuple(choices)
    turn.put(text, offered, priority=Priority.RELAY, ticket_id=ticket_id or None)
    turn.set(awaits=awaits)
    if not turn.facts.numbered:
        # Elsewhere every choice that is shown has its number already.
        turn.set(asked=tuple(choice.id for choice in offered))


def picked(asked: tuple[str, ...], text: str) -> str | None:
    """The choice whose number a whole text is."""
    match = _NUMBER.fullmatch(text)
    number = int(match.group(1)) if match else 0
    return asked[number - 1] if 1 <= number <= len(asked) else None
