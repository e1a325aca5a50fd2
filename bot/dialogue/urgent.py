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
    session, relay = turn.state.session, turn.state.relay
    if session is not None and session.guide_id == SCAM_GUIDE:
        # Already walking through it: what the person adds is handled like any question there.
        return None
    return None if relay is not None and relay.warned else Danger.SCAM


def answer(turn: Turn, kind: Danger) -> None:
    """Say what to do first, offer a person, keep the rest of the conversation as it was."""
    log(turn, Outcome.ANSWERED, SCAM_GUIDE if kind is Danger.SCAM else "")
    if kind is Danger.LIFE:
        threat(turn)
    else:
        scam(turn)
    relay = turn.state.relay
    if relay is not None:
        turn.set(relay=replace(relay, warned=True))


def threat(turn: Turn) -> None:
    """Plain advice and a person; no guide."""
    choices = [turn.choice("urgent", "human_now"), turn.choice("menu", "menu")]
    turn.say("threat", choices, yes="urgent", priority=Priority.URGENT)


def scam(turn: Turn) -> None:
    """The first minutes after money or a code is gone."""
    guide = turn.content.guides.get(SCAM_GUIDE)
    if guide is not None and guide.emergency:
        lines = [turn.phrases.fill(line) for line in guide.emergency]
        text = "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))
        text = f"‼ {turn.phrases.fill(guide.answer)}\n\n{text}"
    else:
        text = "‼ " + turn.text("emergency_plain")
    text += "\n\n" + turn.text("emergency_after")
    choices = [
        turn.choice("urgent", "human_now"),
        turn.choice(f"guide:{SCAM_GUIDE}", "step_by_step"),
    ]
    session = turn.state.session
    if session is not None:
        back_id = f"back:{session.guide_id}"
        choices.append(turn.choice(back_id, "back_to_step", step=session.step + 1))
    turn.put(text, choices, yes="urgent", priority=Priority.URGENT)


def log(turn: Turn, outcome: Outcome, guide_id: str = "") -> None:
    """Write the message to the question log, masked."""
    parse, masked = turn.facts.parse, turn.facts.masked
    turn.set(asked_question=turn.facts.event_id)
    turn.do(
        LogQuestion(
            text=masked.text if masked else "",
            intent=parse.intent if parse else "",
            confidence=parse.confidence if parse else 0.0,
            outcome=outcome,
            guide_id=guide_id,
        )
    )
