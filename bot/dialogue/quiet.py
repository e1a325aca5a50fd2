"""When not to speak unasked: at night, in a talk with a human, while a form is filled in."""

from __future__ import annotations

from bot.dialogue.calendar import after_days, out_of_quiet
from bot.dialogue.turn import Turn
from bot.domain.effects import SetTimer
from bot.domain.events import TimerKind


def put_off(turn: Turn, timer: TimerKind, name: str) -> bool:
    """Whether now is no time for it; then a timer of this kind and name is set for a better one."""
    now, state = turn.facts.now, turn.state
    morning = out_of_quiet(now)
    if morning > now:
        turn.do(SetTimer(timer, name, morning))
    elif state.relay is not None or state.slot is not None:
        turn.do(SetTimer(timer, name, after_days(now, 1)))
    else:
        return False
    return True
