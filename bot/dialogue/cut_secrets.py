"""Secrets that come in pieces: remember the open end of a message, cover it when the rest comes.

Only of what people write; the program's own events neither end nor go on with anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.dialogue.turn import Turn
from bot.domain.data_effects import CoverEarlier
from bot.domain.events import Text
from bot.domain.state import State
from bot.safety.split import tail_of

_STAYS_OPEN = timedelta(minutes=30)


def still_open(state: State, now: datetime) -> bool:
    """Whether what is written now may go on with what was written last."""
    return state.tail_at is not None and now - state.tail_at < _STAYS_OPEN


def listen(turn: Turn) -> None:
    """After the decision: cover what was kept of the earlier pieces, remember the new end."""
    joined = turn.facts.joined
    if joined is not None and joined.before != joined.covered:
        member = turn.facts.member
        held = tuple(ticket.id for ticket in member.claimed) if member is not None else ()
        turn.do(CoverEarlier(joined.before, joined.covered, held))
    if not isinstance(turn.event, Text) or turn.facts.group:
        turn.set(tail=(), tail_at=None)
        return
    open_ends = tail_of(turn.masked, joined.covered if joined is not None else turn.facts.open_ends)
    turn.set(tail=open_ends, tail_at=turn.facts.now if open_ends else None)
