"""A team's group: cards, who took what, and answers written there instead of the own chat."""

from __future__ import annotations

from bot.dialogue import helper_acts, helper_done
from bot.dialogue.orders import Act, Order, read_order
from bot.dialogue.ticket_card import acts
from bot.dialogue.turn import Turn
from bot.domain.effects import ClaimTicket
from bot.domain.events import CardChanged, HelperUnreachable, Press, Text
from bot.domain.replies import Priority
from bot.domain.tickets import TicketStatus, TicketView

#: Orders that say nothing private, so that they may be given before everybody.
_PUBLIC = frozenset({Act.TAKE, Act.DONE, Act.GIVE_BACK, Act.CLIMB})


def changed(turn: Turn, event: CardChanged) -> None:
    """Something happened to a ticket elsewhere: tell the group."""
    keys = {
        "claimed": "claim_won",
        "closed": "done_group",
        "cancelled": "cancelled_group",
        "given_back": "given_back_group",
        "late": "late_group",
        "moved": "moved_group",
        "reopened": "reopened_group",
    }
    values: dict[str, object] = {"ticket": event.ticket_id}
    if event.change != "cancelled":
        # Where nobody else is, it is the province's staff.
        values["helper"] = event.by or turn.text("moved_staff")
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
    event = turn.event
    if isinstance(event, Press):
        _press(turn, event.choice)
    elif isinstance(event, Text):
        _text(turn, event)


def _press(turn: Turn, choice: str) -> None:
    action, _, rest = choice.partition(":")
    number, _, more = rest.partition(":")
    ticket = turn.facts.subject
    if action not in ("claim", "done", "fin"):
        return
    if ticket is None:
        if number.isdecimal():
            turn.say("claim_gone", priority=Priority.RELAY, ticket=number)
    elif action == "claim":
        claim(turn, ticket)
    elif action == "done":
        helper_done.ask_outcome(turn, ticket)
    else:
        helper_done.finish(turn, ticket, more)


def _text(turn: Turn, event: Text) -> None:
    """An answer to a card or a line, or an order: their own chat may not be open yet."""
    ticket, order = turn.facts.subject, read_order(event.text)
    if order is not None and (order.numbers or ticket is not None) and _ordered(turn, order):
        return
    if ticket is None:
        return
    if _holds(turn, ticket):
        helper_acts.to_citizen(turn, ticket, event.text)
    elif ticket.status is TicketStatus.CLAIMED:
        turn.say(
            "group_not_holder", priority=Priority.RELAY, ticket=ticket.id, helper=ticket.helper
        )
    elif ticket.status is TicketStatus.WAITING:
        turn.say("group_not_taken", priority=Priority.RELAY, ticket=ticket.id)


def _ordered(turn: Turn, order: Order) -> bool:
    """Do what was ordered where that may be done before everybody; False when it was no order."""
    found = [turn.facts.named.get(number) for number in order.numbers] or [turn.facts.subject]
    ticket = found[0]
    if len(found) == 1 and ticket is None:
        if not (order.numbers and order.sure and order.act in _PUBLIC):
            return False
        turn.say("claim_gone", priority=Priority.RELAY, ticket=order.numbers[0])
        return True
    if order.act is Act.TAKE and ticket is not None:
        claim(turn, ticket)
    elif order.act is Act.DONE:
        helper_done.by_order(turn, order, found)
    elif ticket is None or not _holds(turn, ticket):
        return False
    elif order.act in _PUBLIC and order.sure:
        helper_acts.perform(turn, order, ticket)
    elif order.sure and order.act is not Act.SAY:
        turn.say("group_private", priority=Priority.RELAY, ticket=ticket.id)
    else:
        return False
    return True


def _sender(turn: Turn) -> str:
    return turn.facts.sender.name or turn.text("team_name_unknown")


def claim(turn: Turn, ticket: TicketView) -> None:
    """*Nhận*: exactly one person gets it; everybody else is told who."""
    member = turn.facts.member
    known = None if turn.facts.group or member is None else member.in_team(ticket.team_id)
    name = member.name if known is not None and member is not None else _sender(turn)
    if ticket.status is TicketStatus.WAITING:
        turn.do(ClaimTicket(ticket.id, turn.facts.sender.id, name, known))
        if turn.facts.group:
            text = turn.text("claim_won", ticket=ticket.id, helper=name)
            done = acts(turn, ticket)
            turn.put(text, done, priority=Priority.RELAY, ticket_id=ticket.id)
        # In their own chat the briefing comes with the confirmation.
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


def _holds(turn: Turn, ticket: TicketView) -> bool:
    member = turn.facts.member
    return member is not None and member.holds(ticket)
