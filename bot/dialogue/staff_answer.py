"""Staff answer what somebody asked before, when the assistant did not know."""

from __future__ import annotations

from bot.dialogue.turn import Turn
from bot.domain.events import StaffAnswered
from bot.domain.replies import Choice, Priority

_QUOTED_MOST = 80


def answered(turn: Turn, event: StaffAnswered) -> None:
    """Say it, with the guide if there is one. Waits for the morning like any reminder."""
    choices = []
    if event.guide_id in turn.content.guides:
        title = turn.content.title(event.guide_id)
        choices.append(Choice(f"guide:{event.guide_id}", title))
    choices += [*turn.way_back(), turn.choice("menu", "menu")]
    asked = event.asked if len(event.asked) <= _QUOTED_MOST else f"{event.asked[:_QUOTED_MOST]}…"
    turn.say("staff_answer", choices, priority=Priority.REMINDER, asked=asked, answer=event.text)
