"""What a helper, or their lead, is told in their own chat."""

from __future__ import annotations

from bot.dialogue.turn import Turn
from bot.domain.events import LineArrived, LineLate, SecretAsked
from bot.domain.replies import Priority


def citizen_said(turn: Turn, ticket_id: int, text: str) -> None:
    """A line from the citizen."""
    choices = [turn.choice(f"done:{ticket_id}", "done", ticket=ticket_id)]
    if not turn.facts.group:
        choices.append(turn.choice(f"acts:{ticket_id}", "acts", ticket=ticket_id))
    said = turn.text("citizen_said", ticket=ticket_id, text=text)
    turn.put(said, choices, priority=Priority.RELAY, ticket_id=ticket_id)


def gone(turn: Turn, ticket_id: int) -> None:
    """The ticket ended, or went to somebody else, without this helper's doing."""
    turn.set(pending_text="", asked=(), awaits="")
    if turn.state.focus == ticket_id:
        turn.set(focus=0)
    turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=ticket_id)


def citizen_unreachable(turn: Turn, ticket_id: int) -> None:
    """The citizen cannot be reached through the platform."""
    turn.say("citizen_unreachable", priority=Priority.RELAY, ticket=ticket_id)


def late(turn: Turn, event: LineLate) -> None:
    """A line has not reached the citizen: why, and what can be done."""
    text = turn.text(f"line_late_{event.why}", ticket=event.ticket_id, text=event.text)
    choices = []
    if event.why == "refused":
        choices.append(turn.choice(f"resend:{event.ticket_id}", "resend"))
    subject = turn.facts.subject
    if subject is not None and subject.phone:
        choices.append(turn.choice(f"call:{event.ticket_id}", "call", ticket=event.ticket_id))
    turn.put(text, choices, priority=Priority.RELAY, ticket_id=event.ticket_id)


def arrived(turn: Turn, event: LineArrived) -> None:
    """The line that was late has reached the citizen."""
    text = turn.text("line_arrived", ticket=event.ticket_id, text=event.text)
    turn.put(text, priority=Priority.RELAY, ticket_id=event.ticket_id)


def secret_asked(turn: Turn, event: SecretAsked) -> None:
    """The lead learns that a helper's message asked for a secret."""
    turn.say(
        "lead_secret_asked", priority=Priority.RELAY, ticket=event.ticket_id, helper=event.helper
    )
