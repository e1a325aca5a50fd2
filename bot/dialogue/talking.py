"""The citizen's side of the talk with a helper: it opens, lines go, it ends."""

from __future__ import annotations

from bot.dialogue import ladder, menu, rating, tracking
from bot.dialogue.turn import Turn
from bot.domain.effects import RelayToHelper
from bot.domain.events import TicketClaimed, TicketClosed
from bot.domain.replies import Priority
from bot.domain.state import Relay
from bot.domain.tickets import TicketView

# What the helper does ---------------------------------------------------------------------------


def claimed(turn: Turn, event: TicketClaimed) -> None:
    """Somebody took the ticket: say who, with the three words, and open the line."""
    ticket = tracking.mine(turn, event.ticket_id)
    if ticket is None:
        return
    turn.set(relay=Relay(event.ticket_id, event.helper), slot=None, draft=None)
    key = "ticket_claimed_call" if ticket.phone else "ticket_claimed"
    text = turn.text(key, ticket=event.ticket_id, helper=event.helper)
    words = ladder.trust_words(turn, ticket, event.helper)
    turn.put("\n".join(filter(None, [text, words])), priority=Priority.RELAY)


def closed(turn: Turn, event: TicketClosed) -> None:
    """The helper says it is done: the talk ends, and one tap says how it was."""
    relay = turn.state.relay
    if relay is not None and relay.ticket_id == event.ticket_id:
        turn.set(relay=None)
    draft = turn.state.draft
    if draft is not None and draft.ticket_id == event.ticket_id:
        turn.set(slot=None, draft=None)
    rating.ask(turn, event.ticket_id, event.helper)


def helper_unreachable(turn: Turn, ticket_id: int) -> None:
    """The helper, or the whole team, could not be reached: tell the person who waits."""
    ticket = tracking.mine(turn, ticket_id)
    if ticket is None:
        return
    if ticket.helper:
        text = turn.text("helper_unreachable", ticket=ticket_id, helper=ticket.helper)
    else:
        text = turn.text("team_unreachable", ticket=ticket_id)
    ladder.tell(turn, ticket, text)


# What the citizen does --------------------------------------------------------------------------


def say_to_helper(turn: Turn, text: str) -> None:
    """Pass a masked line on; the bot itself keeps silent."""
    relay = turn.state.relay
    if relay is not None:
        turn.do(RelayToHelper(relay.ticket_id, text))


def open_line(turn: Turn, ticket: TicketView) -> None:
    """The citizen wants to write to the helper again."""
    turn.set(relay=Relay(ticket.id, ticket.helper), slot=None, draft=None)
    turn.say("relay_open", helper=ticket.helper)


def end_relay(turn: Turn) -> None:
    """The citizen wants to talk with the machine again; the ticket stays."""
    relay = turn.state.relay
    if relay is None:
        menu.show_menu(turn)
        return
    turn.set(relay=None)
    turn.say("relay_ended", menu.front(turn), ticket=relay.ticket_id, helper=relay.helper)


def dropped_line(turn: Turn) -> None:
    """A line to a ticket that is no longer open leads to nobody: it is closed."""
    relay = turn.state.relay
    if relay is not None and tracking.mine(turn, relay.ticket_id) is None:
        turn.set(relay=None)
