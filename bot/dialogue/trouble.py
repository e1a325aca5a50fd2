"""When it does not work: a step that fails, words that are not understood. It ends at a person."""

from __future__ import annotations

from collections.abc import Sequence

from bot.dialogue import menu, walk
from bot.dialogue.show import step_text
from bot.dialogue.turn import Turn
from bot.domain.replies import Choice
from bot.domain.state import Session
from bot.guides.model import Guide

_MISSES_MOST = 3


def stuck(turn: Turn) -> None:
    """Chưa làm được: the step's usual obstacles as choices; the second time a person."""
    found = walk.opened(turn)
    if found is None:
        return
    session, guide = found
    step = session.step + 1
    if guide.steps[session.step].recalled:
        offer_human(turn, "stuck_offer_human")
    elif session.asked_stuck:
        other = turn.choice(f"which:{session.key}:{session.step}", "other_problem")
        offer_human(turn, "stuck_offer_human", [other] if _untried(session, guide) else ())
    elif _untried(session, guide):
        which(turn)
    else:
        walk.change(turn, asked_stuck=True)
        turn.say("stuck_plain", _after_advice(turn, session), step=step, no="human")


def which(turn: Turn) -> None:
    """Ask which of the usual obstacles it is, leaving out the ones that were answered already."""
    found = walk.opened(turn)
    if found is None:
        return
    session, guide = found
    obstacles = _untried(session, guide)
    if not obstacles:
        offer_human(turn, "stuck_offer_human")
        return
    walk.change(turn, asked_stuck=True)
    at = f"{session.key}:{session.step}"
    fill = turn.phrases.fill
    choices = [Choice(f"why:{at}:{n}", fill(problem)) for n, problem in obstacles]
    if guide.question is not None:
        choices.append(turn.choice(f"reask:{session.key}", "other_case"))
    choices += [turn.choice("human", "other_problem"), *turn.way_back()]
    turn.say("stuck_which", choices, step=session.step + 1)


def obstacle(turn: Turn, index: int) -> None:
    """The answer to one obstacle, and back to the step."""
    found = walk.opened(turn)
    if found is None:
        return
    session, guide = found
    obstacles = guide.steps[session.step].if_stuck
    if index >= len(obstacles):
        # A button from before the guide was edited.
        which(turn)
        return
    chosen = obstacles[index]
    failed = tuple(dict.fromkeys((*session.failed, chosen.problem)))
    walk.change(turn, failed=failed, asked_stuck=True)
    parts = [
        turn.phrases.fill(chosen.answer),
        turn.text("stuck_retry"),
        step_text(turn, session, guide),
    ]
    choices = _after_advice(turn, session)
    turn.put("\n\n".join(parts), choices, yes=choices[0].id, no=choices[1].id)


def _untried(session: Session, guide: Guide) -> list[tuple[int, str]]:
    """The obstacles of the open step that were not chosen yet, with their numbers."""
    obstacles = enumerate(guide.steps[session.step].if_stuck)
    return [(n, each.problem) for n, each in obstacles if each.problem not in session.failed]


def _after_advice(turn: Turn, session: Session) -> list[Choice]:
    at = f"{session.key}:{session.step}"
    return [
        turn.choice(f"next:{at}", "tried"),
        turn.choice(f"still:{at}", "still_stuck"),
        turn.choice("human", "help"),
    ]


def offer_human(turn: Turn, key: str, more: Sequence[Choice] = ()) -> None:
    """Offer a person, with the other ways to go on."""
    ways_on = [*turn.way_back(), turn.choice("menu", "menu")]
    choices = [turn.choice("human", "help"), *more, *ways_on]
    turn.say(key, choices, yes="human", no=ways_on[0].id)


def miss(turn: Turn, key: str, choices: Sequence[Choice] = ()) -> None:
    """One more misunderstanding; the third in a row offers a person by itself."""
    if count_miss(turn):
        offer_human(turn, "misses_offer_human")
    else:
        turn.say(key, choices or menu.front(turn))


def count_miss(turn: Turn) -> bool:
    """Count a misunderstanding; whether it is time to offer a person."""
    misses = turn.state.misses + 1
    enough = misses >= _MISSES_MOST
    turn.set(misses=0 if enough else misses)
    return enough
