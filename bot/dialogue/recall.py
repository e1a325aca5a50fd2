"""A guide, or a step of one, was withdrawn or corrected: whoever read it is told, once.

People inside are told at once and moved on. People who only saw it hear in daytime, unless it was
about their safety.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.dialogue import walk
from bot.dialogue.quiet import put_off
from bot.dialogue.show import stored_guide
from bot.dialogue.turn import Turn
from bot.domain.effects import DropTimers
from bot.domain.events import GuideRecalled, Press
from bot.domain.recalls import Recall, StepRecall, recall_name
from bot.domain.replies import Choice, Priority
from bot.domain.state import Session

#: The group of the menu whose guides protect people: a mistake there does not wait for the morning.
SAFETY_GROUP = "safety"
_TOLD_MOST = 20
_WALK_PRESSES = frozenset({"back", "ready", "notyet", "case", "reask"})


def recalled(turn: Turn, event: GuideRecalled) -> None:
    """Something was withdrawn. Says nothing to whoever knows already, or was never shown it."""
    if recall_name(event.guide_id, event.revision, event.step) in turn.state.told:
        return
    if event.step:
        _step(turn, event)
    elif not _leave(turn, event.guide_id, event.revision, event.why) and event.seen:
        _later_or_now(turn, event)


def told_first(turn: Turn, *, about_step: bool = False) -> bool:
    """Walks whose guide was withdrawn, and whose notice has not come yet: tell before anything.

    True when the event was about what is gone, so that nothing is left to do for it; `about_step`
    says that it is about the open step, whichever that is.
    """
    gone = [each for each in turn.state.walks if _why(turn, each)]
    here = turn.state.session in gone
    for guide_id in dict.fromkeys(each.guide_id for each in gone):
        which = next(each for each in gone if each.guide_id == guide_id)
        _leave(turn, guide_id, which.revision, _why(turn, which))
    if about_step and here:
        return True
    if not isinstance(turn.event, Press):
        return False
    action, _, rest = turn.event.choice.partition(":")
    lost = {each.key for each in gone if each.guide_id not in turn.content.guides}
    return action in _WALK_PRESSES and rest.partition(":")[0] in lost


def remind(turn: Turn, name: str) -> None:
    """The morning has come to tell somebody of a recall, named as `recall_name` does."""
    guide_id, _, rest = name.partition(":")
    revision, _, number = rest.partition(":")
    found = turn.facts.recalled.get((guide_id, revision), Recall())
    step = int(number) if number.isdecimal() else 0
    which = found.steps.get(step, StepRecall("", "")) if step else StepRecall("", found.why)
    if which.why and name not in turn.state.told:
        _tell_seen(turn, GuideRecalled(guide_id, revision, which.why, step, which.title, seen=True))


# The whole guide --------------------------------------------------------------------------------


def _leave(turn: Turn, guide_id: str, revision: str, why: str) -> bool:
    """Tell whoever walks through a withdrawn revision, and move them on; False for nobody."""
    gone = [
        each
        for each in turn.state.walks
        if each.guide_id == guide_id and (each.revision == revision or _why(turn, each))
    ]
    if not gone:
        return False
    # One recall withdraws every text of the guide so far: it is told once, whichever was read.
    same = {r for (g, r), item in turn.facts.recalled.items() if g == guide_id and item.why == why}
    withdrawn = same | {revision} | {each.revision for each in gone}
    _remember(turn, *sorted(recall_name(guide_id, each) for each in withdrawn))
    guide = turn.content.guides.get(guide_id)
    if guide is not None and guide.revision not in withdrawn:
        _to_current(turn, gone, guide_id, why)
    else:
        _drop(turn, gone, guide_id, why)
    return True


def _drop(turn: Turn, gone: Sequence[Session], guide_id: str, why: str) -> None:
    walk.drop(turn, gone)
    for each in gone:
        turn.do(DropTimers("wait", each.key))
    human = turn.choice(f"human:{guide_id}", "help")
    choices = [human, *turn.way_back(), turn.choice("menu", "menu")]
    turn.say("guide_recalled", choices, title=turn.content.title(guide_id), why=why)


def _to_current(turn: Turn, gone: Sequence[Session], guide_id: str, why: str) -> None:
    """A corrected text is there: let the walks forget their revision, and go on with that."""
    state = turn.state
    here = state.session in gone

    def moved(session: Session) -> Session:
        return replace(session, revision="") if session in gone else session

    turn.set(
        session=moved(state.session) if state.session else None,
        suspended=moved(state.suspended) if state.suspended else None,
        parked=tuple(map(moved, state.parked)),
    )
    if here:
        walk.show_current(turn)
        return
    back = turn.choice(f"back:{gone[0].key}", "back_to_step", step=gone[0].step + 1)
    _say(turn, GuideRecalled(guide_id, "", why), [back], Priority.REPLY)


# One step ---------------------------------------------------------------------------------------


def _step(turn: Turn, event: GuideRecalled) -> None:
    """Whoever is in the guide sees where they are again; the step itself says that it is gone."""
    inside = [each for each in turn.state.walks if _has_step(turn, each, event)]
    if not inside:
        if event.seen:
            _later_or_now(turn, event)
        return
    _remember(turn, recall_name(event.guide_id, event.revision, event.step))
    if turn.state.session in inside:
        turn.note("step_recalled_seen", **_names(turn, event))
        walk.show_current(turn)
    else:
        each = inside[0]
        back = turn.choice(f"back:{each.key}", "back_to_step", step=each.step + 1)
        _say(turn, event, [back], Priority.REPLY)


def _has_step(turn: Turn, each: Session, event: GuideRecalled) -> bool:
    """Whether the step that was withdrawn is one of this walk's."""
    if each.guide_id != event.guide_id:
        return False
    if each.revision == event.revision:
        numbers = {event.step}
    else:
        steps = turn.facts.recalled.get((each.guide_id, each.revision), Recall()).steps
        same = StepRecall(event.title, event.why)
        numbers = {number for number, step in steps.items() if step == same}
    guide = stored_guide(turn, each)
    if guide is None or guide.revision != each.revision:
        return bool(numbers)
    found = [guide.steps[number - 1] for number in numbers if number <= len(guide.steps)]
    return any(
        not step.situations or not each.choice or each.choice in step.situations for step in found
    )


# Telling ----------------------------------------------------------------------------------------


def _later_or_now(turn: Turn, event: GuideRecalled) -> None:
    name = recall_name(event.guide_id, event.revision, event.step)
    if _urgent(turn, event) or not put_off(turn, "recall", name):
        _tell_seen(turn, event)


def _tell_seen(turn: Turn, event: GuideRecalled) -> None:
    """To somebody who read it and is elsewhere now."""
    _remember(turn, recall_name(event.guide_id, event.revision, event.step))
    guide = turn.content.guides.get(event.guide_id)
    reopen = guide is not None and (bool(event.step) or guide.revision != event.revision)
    again = [turn.choice(f"guide:{event.guide_id}", "reopen")] if reopen else []
    urgent = _urgent(turn, event)
    _say(turn, event, again, Priority.REPLY if urgent else Priority.REMINDER)


def _say(turn: Turn, event: GuideRecalled, again: Sequence[Choice], priority: Priority) -> None:
    key = "step_recalled_seen" if event.step else "guide_recalled_seen"
    known = {choice.id for choice in again}
    back = [choice for choice in turn.way_back() if choice.id not in known]
    human = turn.choice(f"human:{event.guide_id}", "help")
    choices = [human, *again, *back, turn.choice("menu", "menu")]
    turn.say(key, choices, priority=priority, **_names(turn, event))


def _names(turn: Turn, event: GuideRecalled) -> dict[str, str]:
    names = {"title": turn.content.title(event.guide_id), "why": event.why}
    return names | {"step": turn.phrases.fill(event.title)} if event.step else names


def _urgent(turn: Turn, event: GuideRecalled) -> bool:
    safety = (group for group in turn.content.menu if group.id == SAFETY_GROUP)
    return event.urgent or any(event.guide_id in group.guides for group in safety)


def _remember(turn: Turn, *names: str) -> None:
    turn.set(told=(*turn.state.told, *names)[-_TOLD_MOST:])


def _why(turn: Turn, each: Session) -> str:
    """Why this walk's guide was withdrawn, "" when it was not."""
    return turn.facts.recalled.get((each.guide_id, each.revision), Recall()).why
