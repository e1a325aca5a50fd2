"""Where a ticket goes by itself: what the citizen, the helper and the team are told of it."""

from __future__ import annotations

from datetime import datetime

from bot.dialogue.calendar import VIETNAM, spoken_day
from bot.dialogue.turn import Turn
from bot.dialogue.urgent import SCAM_GUIDE
from bot.domain.events import (
    CallSheetDue,
    DeadlineMissed,
    TicketCorrected,
    TicketMoved,
    TicketOverdue,
    TicketReopened,
    VisitNews,
)
from bot.domain.replies import Choice, Priority
from bot.domain.tickets import TicketView

#: Longer than this, what to do meanwhile gets a bubble of its own.
_BUBBLE_MOST = 600

# The citizen ------------------------------------------------------------------------------------


def moved(turn: Turn, event: TicketMoved) -> None:
    """Another team has the ticket now; nobody of the one before is on the line any more."""
    ticket = _mine(turn, event.ticket_id)
    if ticket is None:
        return
    relay = turn.state.relay
    if relay is not None and relay.ticket_id == event.ticket_id and not ticket.helper:
        turn.set(relay=None)
    team = event.team or turn.text("moved_staff")
    tell(turn, ticket, turn.text(f"moved_{event.why}", ticket=ticket.id, team=team))


def overdue(turn: Turn, event: TicketOverdue) -> None:
    """Still nobody."""
    ticket = _mine(turn, event.ticket_id)
    if ticket is not None and not ticket.helper:
        tell(turn, ticket, turn.text("ticket_overdue", ticket=ticket.id))


def tell(turn: Turn, ticket: TicketView, text: str) -> None:
    """News of a request; whoever is in need reads too what they can do alone meanwhile."""
    if not ticket.urgent:
        turn.put(text, priority=Priority.RELAY)
        return
    lines, choices = meanwhile(turn, ticket)
    put_urgent(turn, text, lines, choices)


def put_urgent(turn: Turn, text: str, lines: str, choices: list[Choice]) -> None:
    """Both in one bubble where they fit."""
    if len(text) + len(lines) + 2 <= _BUBBLE_MOST:
        turn.put(f"{text}\n\n{lines}", choices, priority=Priority.URGENT)
        return
    turn.put(text, priority=Priority.URGENT)
    turn.put(lines, choices, priority=Priority.URGENT)


def meanwhile(turn: Turn, ticket: TicketView) -> tuple[str, list[Choice]]:
    """What somebody in need can do alone while they wait."""
    return meanwhile_for(turn, scam=ticket.topic == turn.content.title(SCAM_GUIDE))


def meanwhile_for(turn: Turn, *, scam: bool) -> tuple[str, list[Choice]]:
    """The same by what has happened: money or a code is gone, or somebody is in danger."""
    guide = turn.content.guides.get(SCAM_GUIDE)
    if guide is None or not guide.emergency or not scam:
        return turn.text("meanwhile_life"), []
    turn.showed(guide)
    lines = [f"{n}. {turn.phrases.fill(line)}" for n, line in enumerate(guide.emergency, 1)]
    text = "\n".join([turn.text("meanwhile_scam"), *lines])
    return text, [turn.choice(f"guide:{SCAM_GUIDE}", "step_by_step")]


def trust_words(turn: Turn, ticket: TicketView, helper: str) -> str:
    """The line with the three words; "" for a ticket without."""
    if not ticket.words:
        return ""
    return turn.text("trust_words", helper=helper, words=ticket.words)


# Helper and team --------------------------------------------------------------------------------


def missed(turn: Turn, event: DeadlineMissed) -> None:
    """Whoever missed a deadline is told, without blame."""
    key = "missed_taken" if event.taken else f"missed_{event.what}"
    if event.taken:
        turn.set(pending_text="")
    turn.say(key, priority=Priority.RELAY, ticket=event.ticket_id)


def reopened(turn: Turn, event: TicketReopened) -> None:
    """The citizen says that it is not done."""
    choices = [turn.choice(f"done:{event.ticket_id}", "done", ticket=event.ticket_id)]
    text = turn.text("helper_reopened", ticket=event.ticket_id)
    turn.put(text, choices, priority=Priority.RELAY, ticket_id=event.ticket_id)


def corrected(turn: Turn, event: TicketCorrected) -> None:
    """The citizen corrected what the ticket says of them, or wants to be called: to its helper."""
    ticket = turn.facts.subject
    if ticket is None:
        return
    known = {
        "name": ticket.name,
        "phone": ticket.phone,
        "place": ticket.commune,
        "call": ticket.phone,
    }
    lines = [
        turn.text(f"helper_corrected_{what}", ticket=ticket.id, value=known[what])
        for what in event.what
    ]
    turn.put("\n".join(lines), priority=Priority.RELAY, ticket_id=ticket.id)


def call_sheet(turn: Turn, event: CallSheetDue) -> None:
    """Nobody near can be told by a message."""
    turn.say("call_sheet", priority=Priority.RELAY, ticket=event.ticket_id)


def visit(turn: Turn, event: VisitNews) -> None:
    """A visit was agreed, is near or is off: to the citizen, else to the helper."""
    when, ticket = spoken_time(event.at), _mine(turn, event.ticket_id)
    priority = Priority.RELAY
    if ticket is None:
        turn.say(f"helper_visit_{event.news}", priority=priority, ticket=event.ticket_id, when=when)
        return
    text = turn.text(f"visit_{event.news}", ticket=ticket.id, helper=event.helper, when=when)
    words = trust_words(turn, ticket, event.helper) if event.news != "off" else ""
    said = "\n".join(filter(None, [text, words]))
    relay = turn.state.relay
    choices = []
    if ticket.helper and (relay is None or relay.ticket_id != ticket.id):
        # What is typed goes to the bot: this is how to say that the time does not suit.
        choices = [turn.choice(f"talk:{ticket.id}", "talk_to", helper=ticket.helper)]
        choices += [*turn.way_back(), turn.choice("menu", "menu")]
    turn.put(said, choices, priority=priority)


def spoken_time(moment: datetime) -> str:
    """A time the way it is said: "15 giờ thứ Hai 23/11", "8 giờ 30 thứ Ba 24/11"."""
    local = moment.astimezone(VIETNAM)
    minute = f" {local.minute:02d}" if local.minute else ""
    return f"{local.hour} giờ{minute} {spoken_day(moment)}"


def _mine(turn: Turn, ticket_id: int) -> TicketView | None:
    return next((t for t in turn.facts.tickets if t.id == ticket_id), None)
