"""The forms whose fields are typed: a request for a person, a seller's payment code, a place.

At most one is being filled in; the slot says which of its fields is waited for.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import alerts, handoff, seller_qr
from bot.dialogue.turn import Turn
from bot.domain.state import Slot, State


def sound(state: State) -> State:
    """The state without a slot that belongs to no form: it would swallow what is typed."""
    placed = state.slot is Slot.ALERT_PLACE
    return state if placed or state.draft or state.seller else _left(state)


def fill(turn: Turn, raw: str) -> None:
    """Take a typed text, unmasked, for the field that is waited for."""
    if turn.state.slot is Slot.ALERT_PLACE:
        alerts.fill_slot(turn, raw)
    elif turn.state.seller is not None:
        seller_qr.fill_slot(turn, raw)
    else:
        handoff.fill_slot(turn, raw)


def ask_again(turn: Turn) -> None:
    """Ask for the same field once more."""
    if turn.state.slot is Slot.ALERT_PLACE:
        alerts.ask_again(turn)
    elif turn.state.seller is not None:
        seller_qr.ask_again(turn)
    else:
        handoff.ask_again(turn)


def leave(turn: Turn) -> None:
    """Something else is wanted: nothing of the form is kept."""
    turn.state = _left(turn.state)


def drop_unasked(turn: Turn) -> None:
    """A form lives while one of its fields is waited for, or its last question is open."""
    state = turn.state
    if state.slot is not None:
        return
    # A voice note that is being asked about comes between a question and its answer.
    note = state.voice
    offered = (*state.offered, *(note.offered if note else ()))
    if state.draft is not None and not any(c.startswith("hand:") for c in offered):
        turn.set(draft=None)
    if state.seller is not None and "seller:make" not in (state.yes, note.yes if note else ""):
        turn.set(seller=None)


def _left(state: State) -> State:
    return replace(state, slot=None, draft=None, seller=None)
