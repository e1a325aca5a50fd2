"""Who is at the phone or at the door: nobody of the team comes without a request and its words."""

from __future__ import annotations

from bot.dialogue import ladder, menu, tracking, walk
from bot.dialogue.turn import Turn
from bot.dialogue.urgent import log
from bot.domain.effects import Outcome
from bot.domain.events import Text
from bot.domain.replies import Priority
from bot.domain.tickets import TicketView

SCAM_CALL = "scam_call"


def asked(turn: Turn, text: str) -> bool:
    """Whether somebody who claims to be a helper has called or come."""
    return isinstance(turn.event, Text) and turn.phrases.cues.caller(text)


def answer(turn: Turn) -> None:
    """With no open request it is nobody of the team, and the guide on such calls is opened; with
    one, who it may be and what they must say first."""
    log(turn, Outcome.ANSWERED, SCAM_CALL)
    tickets = turn.facts.tickets
    if tickets:
        _only_these(turn, tickets)
        return
    if SCAM_CALL not in turn.content.guides:
        turn.say("caller_nobody", menu.front(turn), priority=Priority.URGENT)
        return
    turn.say("caller_nobody", priority=Priority.URGENT)
    if turn.state.session is not None:
        walk.aside(turn, SCAM_CALL)
    else:
        walk.start(turn, SCAM_CALL, turn.facts.event_id)


def _only_these(turn: Turn, tickets: tuple[TicketView, ...]) -> None:
    lines = [_who(turn, ticket) for ticket in tickets]
    choices = [turn.choice(f"guide:{SCAM_CALL}", "caller_wrong")]
    choices += [*turn.way_back(), turn.choice("menu", "menu")]
    turn.put("\n".join([*lines, turn.text("caller_else")]), choices, priority=Priority.URGENT)


def _who(turn: Turn, ticket: TicketView) -> str:
    if not ticket.helper:
        team = tracking.team_name(turn, ticket)
        return turn.text("caller_waiting", ticket=ticket.id, team=team)
    team = tracking.team_name(turn, ticket)
    text = turn.text("caller_claimed", ticket=ticket.id, helper=ticket.helper, team=team)
    if ticket.words:
        text += " " + turn.text("caller_words", words=ticket.words)
    return text


def remind(turn: Turn, guide_id: str) -> None:
    """Before the guide on such calls: who of the team may really call."""
    held = [t for t in turn.facts.tickets if t.helper and t.words]
    if guide_id == SCAM_CALL and held:
        turn.note("caller_note", helper=held[-1].helper, words=held[-1].words)


def words(turn: Turn) -> None:
    """What are my three words?"""
    held = [t for t in turn.facts.tickets if t.helper and t.words]
    if not held:
        turn.note("words_none")
        tracking.status(turn)
        return
    lines = [ladder.trust_words(turn, ticket, ticket.helper) for ticket in held]
    turn.put("\n".join(lines), [*turn.way_back(), turn.choice("menu", "menu")])
