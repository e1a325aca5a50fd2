"""A ticket in words: the card everybody of the team may see, the briefing for who has it."""

from __future__ import annotations

from bot.dialogue.ladder import spoken_time
from bot.dialogue.turn import Turn
from bot.domain.replies import Choice, Priority
from bot.domain.tickets import TicketStatus, TicketView


def card(turn: Turn) -> None:
    """A ticket waits: show it with a button to take it. Contact data stays with who takes it."""
    ticket = turn.facts.subject
    if ticket is not None and ticket.status is TicketStatus.WAITING:
        show_card(turn, ticket)


def show_card(turn: Turn, ticket: TicketView) -> None:
    """The card of a ticket that waits."""
    priority = Priority.URGENT if ticket.urgent else Priority.RELAY
    choices = [turn.choice(f"claim:{ticket.id}", "claim", ticket=ticket.id)]
    text = card_text(turn, ticket)
    turn.put(text, choices, priority=priority, ticket_id=ticket.id, coalesce="card")


def card_text(turn: Turn, ticket: TicketView) -> str:
    """What a card says: everything needed to know whether one can help, and nobody's name."""
    if ticket.commune:
        commune = turn.text("card_commune", commune=ticket.commune)
    else:
        commune = turn.text("card_unknown_commune")
    mark = turn.text("card_urgent") + " " if ticket.urgent else ""
    where = where_text(turn, ticket)
    lines = [
        turn.text(
            "card", mark=mark, ticket=ticket.id, topic=ticket.topic, where=where, commune=commune
        ),
        turn.text("card_phone" if ticket.phone else "card_chat"),
    ]
    if ticket.call_requested:
        lines.append(turn.text("card_call"))
    lines.append(_due(turn, ticket))
    return "\n".join(filter(None, lines))


def _due(turn: Turn, ticket: TicketView) -> str:
    rung = turn.text(f"rung_{ticket.rung}")
    if ticket.due is None:
        return turn.text("card_rung", rung=rung)
    return turn.text("card_due", rung=rung, when=spoken_time(ticket.due.at))


def where_text(turn: Turn, ticket: TicketView) -> str:
    """The guide, the step, and what was tried already."""
    if not ticket.guide_title or ticket.step is None:
        return turn.text("card_no_guide")
    text = turn.text("card_where", title=ticket.guide_title, step=ticket.step)
    if ticket.failed:
        text += "\n" + turn.text("card_failed", failed=ticket.failed)
    return text


def briefing(turn: Turn) -> None:
    """The ticket is yours: everything needed to help, and where to answer."""
    ticket = turn.facts.subject
    if ticket is not None:
        show_briefing(turn, ticket)


def show_briefing(turn: Turn, ticket: TicketView) -> None:
    """What whoever holds a ticket sees of it."""
    text = turn.text(
        "helper_briefing",
        ticket=ticket.id,
        topic=ticket.topic,
        where=where_text(turn, ticket),
        name=ticket.name or turn.text("no_name"),
        contact=_contact(turn, ticket),
    )
    lines = [text]
    if ticket.words:
        lines.append(turn.text("helper_words", words=ticket.words))
    if ticket.call_requested:
        lines.append(turn.text("card_call"))
    if ticket.call_when:
        lines.append(turn.text("helper_call_when", when=ticket.call_when))
    if ticket.whom:
        lines.append(turn.text("helper_for", whom=ticket.whom))
    if ticket.visit_at is not None:
        lines.append(turn.text("helper_visit_at", when=spoken_time(ticket.visit_at)))
    if ticket.unreachable_at is not None:
        lines.append(turn.text("helper_unreached"))
    if turn.facts.recent:
        lines.append("\n" + "\n".join(turn.facts.recent))
    if turn.facts.desk_url:
        lines.append(turn.text("helper_desk", url=turn.facts.desk_url))
    turn.put("\n".join(lines), acts(turn, ticket), priority=Priority.RELAY, ticket_id=ticket.id)


def _contact(turn: Turn, ticket: TicketView) -> str:
    """The phone, in the helper's own chat only: a group is no place for it."""
    if turn.facts.group or not ticket.phone:
        return turn.text("helper_contact_chat")
    return ticket.phone


def acts(turn: Turn, ticket: TicketView) -> list[Choice]:
    """What can be done with a ticket in hand, as buttons."""
    number = ticket.id
    choices = [turn.choice(f"done:{number}", "done", ticket=number)]
    if turn.facts.group:
        return choices
    if ticket.phone:
        choices.append(turn.choice(f"call:{number}", "call", ticket=number))
    choices.append(turn.choice(f"visit:{number}", "visit", ticket=number))
    choices.append(turn.choice(f"pass:{number}", "pass", ticket=number))
    choices.append(turn.choice(f"giveback:{number}", "give_back", ticket=number))
    return choices
