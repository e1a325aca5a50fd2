"""After it is done: how it was, in one tap, a sentence if they like, and "it is not done"."""

from __future__ import annotations

from bot.dialogue import menu, place, tracking, walk
from bot.dialogue.turn import Turn
from bot.domain.effects import RateTicket, ReopenTicket
from bot.domain.replies import Choice, Priority
from bot.domain.state import Draft, Slot
from bot.domain.tickets import TicketView

_STARS = (5, 3, 1)
_NOTE_MOST = 500


def ask(turn: Turn, ticket_id: int, helper: str) -> None:
    """The helper says it is done: ask how it was, and lead back to the step."""
    choices = [turn.choice(f"rate:{ticket_id}:{stars}", f"rate_{stars}") for stars in _STARS]
    turn.say(
        "ticket_closed",
        [*choices, *turn.way_back()],
        priority=Priority.RELAY,
        ticket=ticket_id,
        helper=helper or turn.text("moved_staff"),
    )


def rate(turn: Turn, ticket_id: int, stars: int) -> None:
    """One tap, then back to the step; a bad rating opens the ticket again or gets somebody else."""
    if stars not in _STARS:
        menu.show_menu(turn)
        return
    turn.do(RateTicket(ticket_id, stars))
    note = turn.choice(f"hand:note:{ticket_id}", "rating_note")
    if stars > 1:
        turn.note("rated")
        turn.also(note)
        walk.step_or_menu(turn)
        return
    again = _reopen_choice(turn, ticket_id)
    human = turn.choice("human", "human")
    ways_on = [*turn.way_back(), turn.choice("menu", "menu")]
    yes = (again or [human])[0].id
    turn.say("rated_low", [*again, human, note, *ways_on], yes=yes, no=ways_on[0].id)


def _reopen_choice(turn: Turn, ticket_id: int) -> list[Choice]:
    if tracking.ended(turn, ticket_id) is None:
        return []
    return [turn.choice(f"reopen:{ticket_id}", "reopen_ticket", ticket=ticket_id)]


def ask_note(turn: Turn, ticket_id: int) -> None:
    """They want to say a sentence."""
    turn.set(draft=Draft(ticket_id=ticket_id), slot=Slot.RATING_NOTE)
    turn.say("rating_note_ask", [turn.choice("hand:leave", "skip")])


def take_note(turn: Turn, raw: str) -> None:
    """The sentence, for the ticket of the draft."""
    draft = turn.state.draft or Draft()
    text = place.one_line(turn, raw)[:_NOTE_MOST]
    if not any(ch.isalnum() for ch in text):
        ask_note(turn, draft.ticket_id)
        return
    keep(turn, draft.ticket_id, text)


def keep(turn: Turn, ticket_id: int, text: str) -> None:
    """Keep a sentence on how it was."""
    turn.do(RateTicket(ticket_id, note=text))
    turn.set(draft=None, slot=None)
    turn.note("rating_note_kept")
    walk.step_or_menu(turn)


def reopen(turn: Turn, ticket: TicketView | None) -> None:
    """It is not done after all: to whoever helped, else to the team."""
    if ticket is None:
        tracking.status(turn)
        return
    turn.do(ReopenTicket(ticket.id))
    turn.note("ticket_reopened", ticket=ticket.id)
    walk.step_or_menu(turn)


def reopen_last(turn: Turn) -> None:
    """ "mở lại phiếu": the one that ended last."""
    reopen(turn, turn.facts.ended[-1] if turn.facts.ended else None)


def note_on_last(turn: Turn) -> None:
    """ "góp ý": on the help that was given last."""
    if turn.facts.ended:
        ask_note(turn, turn.facts.ended[-1].id)
    else:
        tracking.status(turn)
