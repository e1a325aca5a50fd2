"""A question in free text: from what the engine understood to what is done about it."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import (
    alerts,
    amending,
    handoff,
    judging,
    linking,
    meaning,
    menu,
    search,
    seller_qr,
    tracking,
    trouble,
    trust,
    urgent,
    walk,
)
from bot.dialogue.press import press
from bot.dialogue.turn import Turn
from bot.domain.effects import Outcome
from bot.domain.replies import Choice
from bot.domain.state import Slot, State
from nlu.engine import Decision, Parse
from nlu.remembered import read
from nlu.text import MAX_CHARS

_CANDIDATES = 3
#: Inside a guide a short word is nearly always about the step, so a step intent is believed much
#: earlier than in the open, as long as no other intent is clearly likelier.
_IN_GUIDE_ENOUGH = 0.2
_STEP_INTENTS = ("next_step", "previous_step", "repeat_step", "stuck", "affirm", "deny", "cancel")
#: Questions that "rồi" and "tiếp" answer with yes, and "chưa được" with no.
_IS_IT_DONE = ("next", "ready", "did", "back", "case")
_NOT_DONE = ("notyet", "didnot")


def free_text(turn: Turn) -> None:
    """The last stop of routing: ask the engine's opinion and act on it."""
    parse = turn.facts.parse
    if parse is None or not read(parse.text).stripped:
        turn.say("empty", menu.front(turn))
        return
    if meaning.explained(turn):
        return
    if len(parse.text) > MAX_CHARS:
        turn.note("too_long")
    intent = _chosen(turn.state, parse)
    if intent in DIALOGUE:
        if intent != "feedback_negative":
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
        enough = max(_IN_GUIDE_ENOUGH, parse.confidence / 2)
        for ranked in parse.ranking[:3]:
            if ranked.name in _STEP_INTENTS and ranked.confidence >= enough:
                return ranked.name
    if parse.decision is Decision.ASK and parse.intent in DIALOGUE:
        # Asking "ý bác là…?" makes no sense for thanks or goodbye: take the best guess.
        return parse.intent
    return "" if parse.intent in DIALOGUE else parse.intent


def answer(turn: Turn, guide_id: str) -> None:
    """A question understood."""
    turn.set(misses=0)
    urgent.log(turn, Outcome.ANSWERED, guide_id)
    judging.answered(turn, turn.facts.event_id)
    judging.offer_in_doubt(turn, turn.facts.parse)
    trust.remind(turn, guide_id)
    if guide_id == seller_qr.GUIDE:
        turn.note("seller_offer")
    if turn.state.session is not None:
        walk.aside(turn, guide_id)
    else:
        walk.start(turn, guide_id)


def ask(turn: Turn, parse: Parse) -> None:
    """Not sure: offer the three best guides; the third time in a row a person besides."""
    names = [r.name for r in parse.ranking if r.name in turn.content.titles][:_CANDIDATES]
    if not names:
        refuse(turn)
        return
    urgent.log(turn, Outcome.NOT_UNDERSTOOD)
    event = turn.facts.event_id
    choices = [Choice(f"pick:{event}:{name}", turn.content.title(name)) for name in names]
    if trouble.count_miss(turn):
        trouble.offer_human(turn, "misses_offer_human", choices)
        return
    none = turn.choice(f"none:{event}", "none")
    turn.put(f"{turn.text('ask_which')}\n{_told_apart(turn, names)}", [*choices, none], no=none.id)


def _told_apart(turn: Turn, guide_ids: list[str]) -> str:
    """A line for each: titles of one family look alike, what each is for does not."""
    topics = turn.phrases.topics
    lines = ((turn.content.title(g), turn.phrases.fill(topics.get(g, ""))) for g in guide_ids)
    return "\n".join(f"• {title}: {topic}" if topic else f"• {title}" for title, topic in lines)


def searched(turn: Turn, words: str) -> None:
    """A search for words that are known to find something."""
    urgent.log(turn, Outcome.CLARIFIED)
    search.show(turn, words)


def refuse(turn: Turn) -> None:
    """Outside what the bot knows, or not understood at all: perhaps the name of a topic."""
    if search.show(turn, turn.masked):
        urgent.log(turn, Outcome.CLARIFIED)
        return
    urgent.log(turn, Outcome.NOT_UNDERSTOOD)
    trouble.miss(turn, "out_of_scope")


# Short answers ----------------------------------------------------------------------------------


def affirm(turn: Turn) -> None:
    """Yes, to whatever the bot asked last."""
    if turn.state.yes:
        press(turn, turn.state.yes)
    elif not walk.show_current(turn):
        turn.say("affirm", menu.front(turn))


def deny(turn: Turn) -> None:
    """No, or not yet: to whatever the bot asked last."""
    if turn.state.no:
        press(turn, turn.state.no)
    else:
        turn.say("deny", menu.front(turn))


def asked_whether_done(state: State) -> bool:
    """Whether the last question was one that "rồi" answers."""
    return state.yes.partition(":")[0] in _IS_IT_DONE


def asked_what_failed(state: State) -> bool:
    """Whether the last question was one that "chưa được" answers."""
    return state.no.partition(":")[0] in _NOT_DONE


def done(turn: Turn) -> None:
    """Tiếp, xong, rồi: an answer to "làm được chưa?", else the step is done."""
    if asked_whether_done(turn.state):
        press(turn, turn.state.yes)
    else:
        walk.forward(turn)


def stuck(turn: Turn) -> None:
    """Chưa làm được: an answer to "làm được chưa?", else help with the step."""
    if asked_what_failed(turn.state):
        press(turn, turn.state.no)
    elif turn.state.session is not None:
        trouble.stuck(turn)
    else:
        turn.say("feedback_sorry", menu.front(turn))


def repeat(turn: Turn) -> None:
    """Nhắc lại: the step again."""
    if not walk.show_current(turn):
        walk.no_session(turn)


def cancel(turn: Turn) -> None:
    """Stop whatever is going on: a form, a guide, else a waiting ticket."""
    state = turn.state
    if state.slot is Slot.ALERT_PLACE:
        alerts.decline(turn)
    elif state.draft is not None:
        handoff.decline(turn)
    elif state.seller is not None:
        seller_qr.stop(turn)
    elif state.session is not None:
        walk.stop(turn)
    elif turn.facts.tickets:
        amending.cancel(turn)
    else:
        turn.say("deny", menu.front(turn))


def judged_right(turn: Turn) -> None:
    """Đúng ý: nothing more to do."""
    judging.judge(turn, turn.state.answered, right=True)
    turn.say("judged_right", [*turn.way_back(), turn.choice("menu", "menu")])


def judged_wrong(turn: Turn) -> None:
    """Không đúng ý: a guide that was only just begun for it is left."""
    session, question = turn.state.session, turn.state.answered
    judging.judge(turn, question, right=False)
    if session is not None and session.question_id == question and session.step == 0:
        walk.drop(turn, [session])
    _sorry(turn)


def feedback(turn: Turn) -> None:
    """The person is not content: say sorry, count it, offer a person."""
    if turn.state.answered:
        judging.judge(turn, turn.state.answered, right=False)
    _sorry(turn)


def _sorry(turn: Turn) -> None:
    choices = [turn.choice("human", "human"), *turn.way_back(), turn.choice("menu", "menu")]
    trouble.miss(turn, "feedback_sorry", choices)


def _say(key: str) -> Callable[[Turn], None]:
    return lambda turn: turn.say(key, menu.front(turn))


DIALOGUE: dict[str, Callable[[Turn], None]] = {
    "greet": menu.greet,
    "thanks": _say("thanks"),
    "goodbye": _say("goodbye"),
    "affirm": affirm,
    "deny": deny,
    "menu": menu.show_menu,
    "next_step": done,
    "previous_step": walk.back,
    "repeat_step": repeat,
    "stuck": stuck,
    "talk_to_human": handoff.ask_human,
    "request_status": tracking.status,
    "cancel": cancel,
    "bot_identity": _say("identity"),
    "delete_my_data": linking.ask_erase,
    "feedback_negative": feedback,
}
