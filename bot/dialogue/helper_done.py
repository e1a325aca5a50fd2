"""*Xong*: closing tickets, with what came of them and how long a visit took."""

from __future__ import annotations

from collections.abc import Sequence

from bot.dialogue.helper_ask import ask
from bot.dialogue.orders import Order, read_minutes
from bot.dialogue.turn import Turn
from bot.domain.effects import CloseTicket
from bot.domain.replies import Priority
from bot.domain.tickets import TicketOutcome, TicketStatus, TicketView

_HOME = TicketOutcome.SOLVED_AT_HOME
_MINUTES = (15, 30, 45, 60, 90, 120)
_MINUTES_MOST = 1440
#: In a choice's id: the helper does not say how long it took.
_UNSAID = "x"


def ask_outcome(turn: Turn, ticket: TicketView) -> None:
    """What came of it? Only whoever holds the ticket is asked."""
    if not _may(turn, ticket):
        return
    choices = [
        turn.choice(f"fin:{ticket.id}:{outcome}", f"outcome_{outcome}") for outcome in TicketOutcome
    ]
    ask(turn, turn.text("helper_outcome_ask", ticket=ticket.id), choices, ticket_id=ticket.id)


def finish(turn: Turn, ticket: TicketView, rest: str) -> None:
    """The outcome was tapped, `rest` is "<outcome>" or "<outcome>:<minutes>"."""
    name, _, minutes = rest.partition(":")
    if name not in list(TicketOutcome):
        ask_outcome(turn, ticket)
        return
    outcome = TicketOutcome(name)
    if outcome is _HOME and not minutes:
        _ask_minutes(turn, ticket, outcome)
        return
    known = minutes.isdecimal() and len(minutes) <= 4 and int(minutes) <= _MINUTES_MOST
    close(turn, ticket, outcome, int(minutes) if known else None)


def _ask_minutes(turn: Turn, ticket: TicketView, outcome: TicketOutcome) -> None:
    if not _may(turn, ticket):
        return
    start = f"fin:{ticket.id}:{outcome}"
    choices = [turn.choice(f"{start}:{n}", "minutes", minutes=n) for n in _MINUTES]
    choices.append(turn.choice(f"{start}:{_UNSAID}", "minutes_unsaid"))
    text = turn.text("helper_minutes_ask", ticket=ticket.id)
    ask(turn, text, choices, awaits=f"min:{ticket.id}:{outcome}", ticket_id=ticket.id)


def take_minutes(turn: Turn, ticket: TicketView, outcome: str, text: str) -> bool:
    """The minutes, typed; False when the text is none."""
    minutes = read_minutes(text)
    if minutes is None or outcome not in list(TicketOutcome):
        return False
    close(turn, ticket, TicketOutcome(outcome), minutes)
    return True


def by_order(turn: Turn, order: Order, found: Sequence[TicketView | None]) -> None:
    """Typed: "xong 12", "xong 12 tại nhà", "xong 12 15 18"."""
    if len(found) == 1 and found[0] is not None:
        ticket = found[0]
        if order.outcome is _HOME and order.minutes is None:
            _ask_minutes(turn, ticket, order.outcome)
        elif ticket.visit_at is not None and not order.rest and order.minutes is None:
            # There was to be a visit: was there?
            ask_outcome(turn, ticket)
        else:
            close(turn, ticket, order.outcome, order.minutes)
        return
    mine = [ticket for ticket in found if ticket is not None and _holds(turn, ticket)]
    for ticket in mine:
        turn.do(CloseTicket(ticket.id, order.outcome))
    closed = [ticket.id for ticket in mine]
    left = [number for number in order.numbers if number not in closed]
    if closed:
        turn.note("helper_closed_many", tickets=", ".join(map(str, closed)))
    if left:
        turn.note("helper_not_closed", tickets=", ".join(map(str, left)))


def close(
    turn: Turn,
    ticket: TicketView,
    outcome: TicketOutcome = TicketOutcome.SOLVED,
    minutes: int | None = None,
) -> None:
    """Close it: only by whoever holds it, and once."""
    if not _may(turn, ticket):
        return
    turn.do(CloseTicket(ticket.id, outcome, minutes))
    if turn.state.focus == ticket.id:
        turn.set(focus=0)
    if turn.facts.group:
        text = turn.text("done_group", ticket=ticket.id, helper=ticket.helper)
    else:
        text = turn.text("helper_closed", ticket=ticket.id)
    turn.put(text, priority=Priority.RELAY)


def _may(turn: Turn, ticket: TicketView) -> bool:
    if not ticket.status.open:
        turn.say("claim_gone", priority=Priority.RELAY, ticket=ticket.id)
        return False
    if _holds(turn, ticket):
        return True
    name = turn.facts.sender.name or turn.text("team_name_unknown")
    turn.say("done_not_yours", priority=Priority.RELAY, ticket=ticket.id, name=name)
    return False


def _holds(turn: Turn, ticket: TicketView) -> bool:
    member = turn.facts.member
    return member is not None and ticket.status is TicketStatus.CLAIMED and member.holds(ticket)
