"""What comes before everything else: danger to life, and people who are being robbed right now."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from bot.dialogue.turn import Turn
from bot.domain.effects import LogQuestion, Outcome
from bot.domain.events import Text
from bot.domain.replies import Priority
from nlu.engine import Decision

SCAM_GUIDE = "scam_victim"
#: The topic of a request for a person when somebody's life is in danger; there is no guide for it.
LIFE = "life"


class Danger(StrEnum):
    """Kinds of urgent message."""

    LIFE = "life"
    SCAM = "scam"


def danger(turn: Turn) -> Danger | None:
    """Whether this message must be answered before anything else."""
    if not isinstance(turn.event, Text):
        return None
    if turn.phrases.threat(turn.event.text):
        return Danger.LIFE
    parse = turn.facts.parse
    if parse is None or parse.intent != SCAM_GUIDE or parse.decision is not Decision.ANSWER:
        return None
    if turn.phrases.command(turn.event.text) is not None:
        # "tôi đã gửi những gì" is said to this program, though it sounds like money that is gone.
        return None
    if turn.only_secrets:
        # A bare code or number tells no story, whatever the engine makes of its label.
        return None
    session, relay = turn.state.session, turn.state.relay
    if session is not None and session.guide_id == SCAM_GUIDE:
        # Already walking through it: what the person adds is handled like any question there.
        return None
    return None if relay is not None and relay.warned else Danger.SCAM


def answer(turn: Turn, kind: Danger) -> None:
    """Say what to do first, and offer a person. A form being filled in is dropped for it."""
    log(turn, Outcome.ANSWERED, SCAM_GUIDE if kind is Danger.SCAM else "")
    turn.set(slot=None, draft=None, misses=0)
    if kind is Danger.LIFE:
        threat(turn)
    else:
        scam(turn)
    relay = turn.state.relay
    if relay is not None:
        turn.set(relay=replace(relay, warned=True))


def threat(turn: Turn) -> None:
    """Plain advice and a person; no guide."""
    human = turn.choice(f"urgent:{LIFE}", "human_now")
    turn.say("threat", [human, turn.choice("menu", "menu")], yes=human.id, priority=Priority.URGENT)


def scam(turn: Turn) -> None:
    """The first minutes after money or a code is gone."""
    guide = turn.content.guides.get(SCAM_GUIDE)
    if guide is not None and guide.emergency:
        turn.showed(guide)
        lines = [turn.phrases.fill(line) for line in guide.emergency]
        first = "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))
    else:
        first = turn.text("emergency_plain")
    human = turn.choice(f"urgent:{SCAM_GUIDE}", "human_now")
    choices = [human, turn.choice(f"guide:{SCAM_GUIDE}", "step_by_step"), *turn.way_back()]
    text = f"‼ {turn.text('emergency_first')}\n{first}\n\n{turn.text('emergency_after')}"
    turn.put(text, choices, yes=human.id, priority=Priority.URGENT)


def log(turn: Turn, outcome: Outcome, guide_id: str = "") -> None:
    """Write the message to the question log, masked."""
    parse = turn.facts.parse
    turn.set(asked_question=turn.facts.event_id)
    turn.do(
        LogQuestion(
            text=turn.masked,
            intent=parse.intent if parse else "",
            confidence=parse.confidence if parse else 0.0,
            outcome=outcome,
            guide_id=guide_id,
        )
    )
