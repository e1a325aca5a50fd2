"""The helper's side: cards in the team's group, the talk in the helper's own chat."""

from __future__ import annotations

import re

from bot.dialogue.turn import Turn
from bot.domain.effects import ClaimTicket, CloseTicket, RelayToCitizen
from bot.domain.events import (
    Attachment,
    CardChanged,
    Contact,
    HelperUnreachable,
    Press,
    Start,
    Text,
)
from bot.domain.replies import Choice, Priority
from bot.domain.tickets import MemberView, TicketStatus, TicketView
from bot.guides.phrases import Command
from bot.safety.masking import mask

_DONE = re.compile(
    r"\s*/?(?:xong|xg)(?:\s+(?:rồi|roi|phiếu|phieu))?(?:\s+(\d{1,9}))?\s*[.!]?\s*", re.IGNORECASE
)


# The group --------------------------------------------------------------------------------------


def card(turn: Turn) -> None:
    """A ticket waits: show it with a button to take it. Contact data stays out of the group."""
    ticket = turn.facts.subject
    if ticket is None or ticket.status is not TicketStatus.WAITING:
        return
    priority = Priority.URGENT if ticket.urgent else Priority.RELAY
    choices = [turn.choice(f"claim:{ticket.id}", "claim", ticket=ticket.id)]
    text = card_text(turn, ticket)
    turn.put(text, choices, priority=priority, ticket_id=ticket.id, coalesce="card")


def card_text(turn: Turn, ticket: TicketView) -> str:
    """What a card says."""
    if ticket.commune:
        commune = turn.text("card_commune", commune=ticket.commune)
    else:
        commune = turn.text("card_unknown_commune")
    mark = turn.text("card_urgent") + " " if ticket.urgent else ""
    where = where_text(turn, ticket)
    return turn.text(
        "card", mark=mark, ticket=ticket.id, topic=ticket.topic, where=where, commune=commune
    )


def where_text(turn: Turn, ticket: TicketView) -> str:
    """The guide, the step, and what was tried already."""
    if not ticket.guide_title or ticket.step is None:
        return turn.text("card_no_guide")
    text = turn.text("card_where", title=ticket.guide_title, step=ticket.step)
    if ticket.failed:
        text += "\n" + turn.text("card_failed", failed=ticket.failed)
    return text


def changed(turn: Turn, event: CardChanged) -> None:
    """Something happened to a ticket elsewhere: tell the group."""
    keys = {"claimed": "claim_won", "closed": "done_group", "cancelled": "cancelled_group"}
    values: dict[str, object] = {"ticket": event.ticket_id}
    if event.change != "cancelled":
        values["helper"] = event.by
    turn.put(turn.text(keys[event.change], **values), priority=Priority.RELAY)


def helper_unreachable(turn: Turn, event: HelperUnreachable) -> None:
    """The helper has not opened a private chat with the bot: ask them to, in the group."""
    turn.say(
        "helper_open_chat",
        priority=Priority.RELAY,
        ticket=event.ticket_id,
        helper=event.helper,
    )


def in_group(turn: Turn) -> None:
    """Somebody acted in a team's group. Small talk there is none of the bot's business."""
    event, ticket = turn.event, turn.facts.subject
    if isinstance(event, Press):
        _group_press(turn, event.choice)
    elif isinstance(event, Text) and ticket is not None and _holds(turn, ticket):
        # The helper answers a card or a line in the group, because the private chat is not open.
        if _DONE.fullmatch(event.text):
            close(turn, ticket)
        else:
            to_citizen(turn, ticket, event.text)


def _group_press(turn: Turn, choice: str) -> None:
    action, _, number = choice.partition(":")
    ticket = turn.facts.subject
    if action not in ("claim", "done"):
        return
    if ticket is None:
        if number.isdecimal():
            turn.say("claim_gone", priority=Priority.RELAY, ticket=number)
    elif action == "claim":
        claim(turn, ticket)
    else:
        close(turn, ticket)


def _sender(turn: Turn) -> str:
    return turn.facts.sender.name or turn.text("team_name_unknown")


def claim(turn: Turn, ticket: TicketView) -> None:
    """*Nhận*: exactly one person gets it; everybody else is told who."""
    name = _sender(turn)
    if ticket.status is TicketStatus.WAITING:
        turn.do(ClaimTicket(ticket.id, turn.facts.sender.id, name))
        choices = [turn.choice(f"done:{ticket.id}", "done", ticket=ticket.id)]
        text = turn.text("claim_won", ticket=ticket.id, helper=name)
        turn.put(text, choices, priority=Priority.RELAY, ticket_id=ticket.id)
    elif ticket.status is not TicketStatus.CLAIMED:
        turn.say("claim_gone", priority=Priority.RELAY, ticket=ticket.id)
    elif _holds(turn, ticket):
        turn.say("claim_mine", priority=Priority.RELAY, ticket=ticket.id, helper=ticket.helper)
    else:
        turn.say(
            "claim_taken",
            priority=Priority.RELAY,
            ticket=ticket.id,
            helper=ticket.helper,
            name=name,
        )


def close(turn: Turn, ticket: TicketView) -> None:
    """*Xong*: only by whoever holds it."""
    if not ticket.status.open:
        turn.say("claim_gone", priority=Priority.RELAY, ticket=ticket.id)
    elif _holds(turn, ticket):
        turn.do(CloseTicket(ticket.id))
        if turn.facts.group:
            text = turn.text("done_group", ticket=ticket.id, helper=ticket.helper)
        else:
            text = turn.text("helper_closed", ticket=ticket.id)
        turn.put(text, priority=Priority.RELAY)
    else:
        turn.say(
            "done_not_yours",
            priority=Priority.RELAY,
            ticket=ticket.id,
            name=_sender(turn),
        )


def _holds(turn: Turn, ticket: TicketView) -> bool:
    member = turn.facts.member
    return member is not None and ticket.claimed_by == member.id


# The helper's own chat --------------------------------------------------------------------------


def briefing(turn: Turn) -> None:
    """The ticket is yours: everything needed to help, and where to answer."""
    ticket = turn.facts.subject
    if ticket is None:
        return
    text = turn.text(
        "helper_briefing",
        ticket=ticket.id,
        topic=ticket.topic,
        where=where_text(turn, ticket),
        name=ticket.name or turn.text("no_name"),
        contact=_contact(turn, ticket),
    )
    if turn.facts.recent:
        text += "\n\n" + "\n".join(turn.facts.recent)
    if turn.facts.desk_url:
        text += "\n" + turn.text("helper_desk", url=turn.facts.desk_url)
    _to_helper(turn, text, ticket.id)


def _contact(turn: Turn, ticket: TicketView) -> str:
    """The phone, in the helper's own chat only: a group is no place for it."""
    if turn.facts.group or not ticket.phone:
        return turn.text("helper_contact_chat")
    return ticket.phone


def _to_helper(turn: Turn, text: str, ticket_id: int) -> None:
    choices = [turn.choice(f"done:{ticket_id}", "done", ticket=ticket_id)]
    turn.put(text, choices, priority=Priority.RELAY, ticket_id=ticket_id)


def citizen_said(turn: Turn, ticket_id: int, text: str) -> None:
    """A line from the citizen."""
    _to_helper(turn, turn.text("citizen_said", ticket=ticket_id, text=text), ticket_id)


def gone(turn: Turn, ticket_id: int) -> None:
    """The ticket ended without this helper's doing."""
    turn.set(pending_text="")
    turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=ticket_id)


def citizen_unreachable(turn: Turn, ticket_id: int) -> None:
    """The citizen cannot be reached through the platform."""
    turn.say("citizen_unreachable", priority=Priority.RELAY, ticket=ticket_id)


def as_helper(turn: Turn) -> bool:
    """An act in the private chat of somebody who holds tickets; False = treat as a citizen."""
    member, event = turn.facts.member, turn.event
    if member is None or not (member.claimed or turn.facts.subject):
        return False
    match event:
        case Press():
            return _helper_press(turn, member, event.choice)
        case Text():
            return _helper_text(turn, member, event)
        case Start() if turn.facts.subject is not None:
            # The private chat was just opened: what could not be told before is told now.
            briefing(turn)
            return True
        case Attachment() | Contact():
            turn.say("helper_text_only", priority=Priority.RELAY)
            return True
    return False


def _helper_press(turn: Turn, member: MemberView, choice: str) -> bool:
    action, _, number = choice.partition(":")
    ticket = turn.facts.subject
    if action == "done" and ticket is not None:
        turn.set(pending_text="")
        close(turn, ticket)
        return True
    if action == "to" and number.isdecimal():
        _send_pending(turn, member, number)
        return True
    return False


def _send_pending(turn: Turn, member: MemberView, number: str) -> None:
    """The line that waited for its ticket goes there."""
    pending = turn.state.pending_text
    ticket = next((t for t in member.claimed if str(t.id) == number), None)
    turn.set(pending_text="")
    if not pending:
        # Pressed twice, or long ago: show what there is.
        _list(turn, member)
    elif ticket is None:
        turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=number)
    else:
        to_citizen(turn, ticket, pending)
        turn.say("helper_sent", priority=Priority.RELAY, ticket=ticket.id)


def _helper_text(turn: Turn, member: MemberView, event: Text) -> bool:
    command = turn.phrases.command(event.text)
    done = _DONE.fullmatch(event.text)
    if command is Command.TICKETS:
        _list(turn, member)
    elif command in (Command.START, Command.MENU):
        return False
    elif done is not None and done.group(1):
        _close_by_number(turn, member, int(done.group(1)))
    elif event.text.startswith("/") and done is None:
        return False
    else:
        _line_for(turn, member, event, done is not None)
    return True


def _line_for(turn: Turn, member: MemberView, event: Text, done: bool) -> None:
    """A line for a citizen: the one whose message it answers, else the only one there is."""
    ticket = turn.facts.subject
    if ticket is not None and not _holds(turn, ticket):
        turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=ticket.id)
        return
    if ticket is None and len(member.claimed) == 1:
        ticket = member.claimed[0]
    if ticket is None:
        _which(turn, member, event.text)
    elif done:
        _done_or_send(turn, ticket, event.text)
    else:
        to_citizen(turn, ticket, event.text)


def _done_or_send(turn: Turn, ticket: TicketView, text: str) -> None:
    """A bare "xong" may close the ticket or be an answer to the citizen: ask."""
    turn.set(pending_text=text)
    choices = [
        turn.choice(f"done:{ticket.id}", "done", ticket=ticket.id),
        turn.choice(f"to:{ticket.id}", "to_ticket", ticket=ticket.id),
    ]
    turn.say("helper_done_or_send", choices, priority=Priority.RELAY, text=text.strip())


def _close_by_number(turn: Turn, member: MemberView, number: int) -> None:
    ticket = next((t for t in member.claimed if t.id == number), None)
    if ticket is None:
        turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=number)
    else:
        close(turn, ticket)


def _which(turn: Turn, member: MemberView, text: str) -> None:
    turn.set(pending_text=mask(text).text)
    choices = [Choice(f"to:{t.id}", _line(turn, t)) for t in member.claimed]
    turn.say("helper_which", choices, priority=Priority.RELAY)


def _list(turn: Turn, member: MemberView) -> None:
    if not member.claimed:
        turn.say("helper_none", priority=Priority.RELAY)
        return
    lines = [turn.text("helper_list"), *(_line(turn, t) for t in member.claimed)]
    choices = [turn.choice(f"done:{t.id}", "done", ticket=t.id) for t in member.claimed]
    turn.put("\n".join(lines), choices, priority=Priority.RELAY)


def _line(turn: Turn, ticket: TicketView) -> str:
    name = ticket.name or turn.text("no_name")
    return turn.text("helper_list_line", ticket=ticket.id, topic=ticket.topic, name=name)


def to_citizen(turn: Turn, ticket: TicketView, text: str) -> None:
    """Pass a line on, masked; the helper is told when something had to be covered."""
    if ticket.status is not TicketStatus.CLAIMED:
        turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=ticket.id)
        return
    masked = mask(text)
    if masked.kinds:
        turn.say("helper_masked", priority=Priority.RELAY)
    turn.do(RelayToCitizen(ticket.id, ticket.helper, masked.text))
