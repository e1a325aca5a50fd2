"""What the bot asks by itself when a day has come: has it arrived, did it work. Once, by day."""

from __future__ import annotations

from bot.dialogue import path, recall, walk
from bot.dialogue.calendar import after_days, spoken_day
from bot.dialogue.quiet import put_off
from bot.dialogue.show import current_guide, walk_name
from bot.dialogue.turn import Turn
from bot.domain.effects import SetTimer
from bot.domain.events import TimerDue
from bot.domain.replies import Priority
from bot.domain.state import walk_parts


def due(turn: Turn, event: TimerDue) -> None:
    """A timer rang. At night it waits for the morning, in a talk with a human for tomorrow."""
    if put_off(turn, event.timer, event.guide_id):
        return
    if event.timer == "wait":
        recall.told_first(turn)
        ask_parked(turn, event.guide_id)
    elif event.timer == "recall":
        recall.remind(turn, event.guide_id)
    elif event.timer == "path":
        path.nudge(turn)
    else:
        follow_up(turn, event.guide_id)


def ask_parked(turn: Turn, key: str) -> None:
    """The time has come: has it?"""
    session = walk.parked_session(turn, key)
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        return
    wait = guide.steps[min(session.step, len(guide.steps) - 1)].wait
    ask = turn.phrases.fill(wait.ask) if wait else turn.text("followup", title=walk_name(turn, key))
    yes, no = f"ready:{key}", f"notyet:{key}"
    choices = [turn.choice(yes, "ready"), turn.choice(no, "not_ready")]
    text = turn.text("wait_ask", title=walk_name(turn, key), ask=ask)
    turn.put(text, choices, yes=yes, no=no, priority=Priority.REMINDER)


def not_ready(turn: Turn, key: str) -> None:
    """Not yet: the step's obstacles if it has any, and ask again in two working days."""
    session = walk.parked_session(turn, key)
    guide = current_guide(turn, session) if session else None
    if session is None or guide is None:
        walk.no_session(turn)
        return
    again = after_days(turn.facts.now, 2, working=True)
    turn.do(SetTimer("wait", key, again))
    turn.showed(guide)
    step = guide.steps[min(session.step, len(guide.steps) - 1)]
    fill = turn.phrases.fill
    lines = [turn.text("wait_again", when=spoken_day(again))]
    lines += [f"• {fill(o.problem)}: {fill(o.answer)}" for o in step.if_stuck]
    ready = turn.choice(f"ready:{key}", "ready")
    choices = [ready, turn.choice("human", "help"), turn.choice("menu", "menu")]
    turn.put("\n".join(lines), choices, yes=ready.id)


def follow_up(turn: Turn, key: str) -> None:
    """Some days later, once: did it work?"""
    if turn.state.followup_off:
        return
    yes, no = f"did:{key}", f"didnot:{key}"
    choices = [
        turn.choice(yes, "done_yes"),
        turn.choice(no, "done_no"),
        turn.choice("nofollow", "followup_off"),
    ]
    title = walk_name(turn, key)
    turn.say("followup", choices, yes=yes, no=no, priority=Priority.REMINDER, title=title)


def did_not(turn: Turn, key: str) -> None:
    """It did not work: open the guide again, or a person."""
    guide_id, _ = walk_parts(key)
    human = turn.choice(f"human:{guide_id}", "help")
    choices = [turn.choice(f"guide:{key}", "reopen"), human, turn.choice("menu", "menu")]
    turn.say("stuck_offer_human", choices, yes=human.id, no="menu")
