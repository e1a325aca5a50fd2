"""A short question about the open guide, answered from that guide: its fee, time, place, papers."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import show, urgent, walk
from bot.dialogue.turn import Turn
from bot.domain.effects import Outcome
from bot.guides.asks import Ask
from bot.guides.model import Guide

_ANSWERS: dict[Ask, Callable[[Turn, Guide], str]] = {
    Ask.FEE: show.fee,
    Ask.TIME: show.time,
    Ask.WHERE: show.where,
    Ask.PREPARE: show.prepare,
}


def asked(turn: Turn, text: str) -> Callable[[Turn], None] | None:
    """The answer to such a question; None when this is none, or no guide is open."""
    session = turn.state.session
    if session is None or turn.content.guides.get(session.guide_id) is None:
        return None
    ask = turn.phrases.asks.asked(text)
    return None if ask is None else lambda turn: _answer(turn, ask)


def _answer(turn: Turn, ask: Ask) -> None:
    session = turn.state.session
    guide = show.current_guide(turn, session) if session else None
    if session is None or guide is None:
        walk.step_or_menu(turn)
        return
    turn.showed(guide)
    urgent.log(turn, Outcome.ANSWERED, guide.id)
    walk.put_aside(turn, session, _ANSWERS[ask](turn, guide))
