"""A question in free text: from what the engine understood to what is done about it."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import handoff, menu, urgent, walk
from bot.dialogue.turn import Turn
from bot.domain.effects import Outcome
from bot.domain.replies import Choice
from bot.domain.state import State
from nlu.engine import Decision, Parse

_MISSES_MOST = 3
_CANDIDATES = 3
#: Inside a guide a short word is nearly always about the step, so a step intent is believed much
#: earlier than in the open (docs/nlu.md).
_IN_GUIDE_ENOUGH = 0.2
_STEP_INTENTS = ("next_step", "previous_step", "repeat_step", "stuck", "affirm", "deny", "cancel")


def free_text(turn: Turn) -> None:
    """The last stop of routing: ask the engine's opinion and act on it."""
    parse = turn.facts.parse
    if parse is None or not parse.text.strip():
        turn.say("empty", menu.front(turn))
        return
    intent = _chosen(turn.state, parse)
    if intent in DIALOGUE:
        turn.set(misses=0)
        urgent.log(turn, Outcome.ANSWERED)
        DIALOGUE[intent](turn)
    elif intent == "out_of_scope" or parse.decision is Decision.REFUSE:
        refuse(turn)
    elif parse.decision is Decision.ASK:
        ask(turn, parse)
    else:
        answer(turn, intent)


def _chosen(state: State, parse: Parse) -> str:
    """The intent to act on, with the step intents favoured while a guide is open."""
    if parse.decision is Decision.ANSWER:
        return parse.intent
    if state.session is not None:
        for ranked in parse.ranking[:3]:
            if ranked.name in _STEP_INTENTS and ranked.confidence >= _IN_GUIDE_ENOUGH:
                return ranked.name
    if parse.decision is Decision.ASK and parse.intent in DIALOGUE:
        # Asking "ý bác là…?" makes no sense for thanks or goodbye: take the best guess.
        return parse.intent
    return "" if parse.intent in DIALOGUE else parse.intent


def answer(turn: Turn, guide_id: str) -> None:
    """A question understood."""
    turn.set(misses=0)
    guide = turn.content.guides.get(guide_id)
    urgent.log(turn, Outcome.ANSWERED, guide_id)
    if guide_id == urgent.SCAM_GUIDE and not _within(turn.state, guide_id):
        urgent.scam(turn)
    elif guide is None:
        walk.missing(turn, guide_id)
    elif turn.state.session is not None:
        walk.aside(turn, guide_id)
    else:
        walk.start(turn, guide_id)


def _within(state: State, guide_id: str) -> bool:
    return state.session is not None and state.session.guide_id == guide_id


def ask(turn: Turn, parse: Parse) -> None:
    """Not sure: offer the three best guides."""
    names = [r.name for r in parse.ranking if r.name in turn.content.titles][:_CANDIDATES]
    urgent.log(turn, Outcome.NOT_UNDERSTOOD)
    choices = [
        Choice(f"pick:{turn.facts.event_id}:{name}", turn.content.title(name)) for name in names
    ]
    none_id = f"none:{turn.facts.event_id}"
    choices.append(turn.choice(none_id, "none"))
    turn.say("ask_which", choices, no=none_id)


def refuse(turn: Turn) -> None:
    """Outside what the bot knows, or not understood at all."""
    urgent.log(turn, Outcome.NOT_UNDERSTOOD)
    miss(turn, "out_of_scope")


def miss(turn: Turn, key: str) -> None:
    """One more misunderstanding; the third in a row offers a person by itself."""
    misses = turn.state.misses + 1
    turn.set(misses=0 if misses >= _MISSES_MOST else misses)
    if misses >= _MISSES_MOST:
        walk.offer_human(turn, "misses_offer_human")
    else:
        turn.say(key, menu.front(turn))


def affirm(turn: Turn) -> None:
    """Yes, or done: to whatever the bot asked last; in a guide, the step is done."""
    yes = turn.state.yes
    if yes:
        from bot.dialogue.press import press

        press(turn, yes)
    elif turn.state.session is not None:
        walk.forward(turn)
    else:
        turn.say("affirm", menu.front(turn))


def deny(turn: Turn) -> None:
    """No, or not yet: to whatever the bot asked last; in a guide, the step did not work."""
    no = turn.state.no
    if no:
        from bot.dialogue.press import press

        press(turn, no)
    elif turn.state.session is not None:
        walk.stuck(turn)
    else:
        turn.say("deny", menu.front(turn))


def cancel(turn: Turn) -> None:
    """Stop whatever is going on: a form, a guide, else a waiting ticket."""
    state = turn.state
    if state.slot is not None or state.draft is not None:
        handoff.decline(turn)
    elif state.session is not None:
        walk.stop(turn)
    elif turn.facts.tickets:
        handoff.status(turn)
    else:
        turn.say("deny", menu.front(turn))


def erase(turn: Turn) -> None:
    """Ask before erasing."""
    choices = [turn.choice("erase:yes", "erase"), turn.choice("erase:no", "keep")]
    turn.say("erase_ask", choices, yes=choices[0].id, no=choices[1].id)


def feedback(turn: Turn) -> None:
    """The person is not content: say sorry, count it, offer a person."""
    choices = [turn.choice("human", "human"), turn.choice("menu", "menu")]
    misses = turn.state.misses + 1
    turn.set(misses=misses)
    if misses >= _MISSES_MOST:
        miss(turn, "feedback_sorry")
    else:
        turn.say("feedback_sorry", choices)


def repeat(turn: Turn) -> None:
    """Nhắc lại: the step again."""
    if not walk.show_current(turn):
        walk.no_session(turn)


def stuck(turn: Turn) -> None:
    """Chưa làm được, as free text."""
    if turn.state.session is None:
        turn.say("feedback_sorry", menu.front(turn))
    else:
        walk.stuck(turn)


def _say(key: str) -> Callable[[Turn], None]:
    return lambda turn: turn.say(key, menu.front(turn))


DIALOGUE: dict[str, Callable[[Turn], None]] = {
    "greet": menu.greet,
    "thanks": _say("thanks"),
    "goodbye": _say("goodbye"),
    "affirm": affirm,
    "deny": deny,
    "menu": menu.show_menu,
    "next_step": walk.forward,
    "previous_step": walk.back,
    "repeat_step": repeat,
    "stuck": stuck,
    "talk_to_human": handoff.ask_human,
    "request_status": handoff.status,
    "cancel": cancel,
    "bot_identity": _say("identity"),
    "delete_my_data": erase,
    "feedback_negative": feedback,
}
