"""The own chat of a team's member: tickets at hand told apart, orders, lines for citizens."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import helper_acts, helper_done, helper_pass, team
from bot.dialogue.helper_acts import to_citizen
from bot.dialogue.helper_ask import ask, picked
from bot.dialogue.helper_needs import ticket_number
from bot.dialogue.ladder import spoken_time
from bot.dialogue.orders import Act, Order, read_order
from bot.dialogue.ticket_card import briefing, show_card
from bot.dialogue.turn import Turn
from bot.domain.events import Attachment, Contact, Press, Start, Text
from bot.domain.replies import Choice, Priority
from bot.domain.tickets import MemberView, TicketStatus, TicketView
from bot.guides.phrases import Command

_WAITING_SHOWN = 5
#: Bare words that may be an order or be meant for the citizen: the button that is the order.
_AS_PRESS = {
    Act.DONE: ("done", "done"),
    Act.GIVE_BACK: ("giveback", "give_back"),
    Act.CALL: ("call", "call"),
    Act.NO_ANSWER: ("noans", "no_answer"),
    Act.SPOKE: ("spoke", "spoke"),
    Act.RESEND: ("resend", "resend"),
    Act.NO_VISIT: ("novisit", "visit_off"),
}


def as_helper(turn: Turn) -> bool:
    """An act in the private chat of a team's member; False = treat as a citizen."""
    member, event = turn.facts.member, turn.event
    if member is None:
        return False
    busy = bool(member.claimed or turn.facts.subject)
    match event:
        case Press():
            return _press(turn, member, event.choice)
        case Text():
            return _text(turn, member, event, busy)
        case Start() if turn.facts.subject is not None:
            # The private chat was just opened: what could not be told before is told now.
            briefing(turn)
            return True
        case Attachment() | Contact() if busy:
            turn.say("helper_text_only", priority=Priority.RELAY)
            return True
    return False


# Buttons ----------------------------------------------------------------------------------------


def _press(turn: Turn, member: MemberView, choice: str) -> bool:
    action, _, rest = choice.partition(":")
    number, _, more = rest.partition(":")
    if action in _PAGES:
        turn.set(asked=(), awaits="")
        _PAGES[action](turn, member)
        return True
    if action not in helper_acts.PRESSES or not number.isdecimal():
        return False
    turn.set(asked=(), awaits="")
    if action == "to":
        _send_pending(turn, member, number)
        return True
    ticket = turn.facts.subject
    turn.set(pending_text="")
    if ticket is None:
        turn.say("claim_gone", priority=Priority.RELAY, ticket=number)
    elif action == "claim":
        team.claim(turn, ticket)
    elif action == "done":
        helper_done.ask_outcome(turn, ticket)
    elif action == "fin":
        helper_done.finish(turn, ticket, more)
    elif member.holds(ticket):
        helper_acts.press(turn, action, ticket, more)
    else:
        turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=number)
    return True


def _send_pending(turn: Turn, member: MemberView, number: str) -> None:
    """The line that waited for its ticket goes there."""
    pending = turn.state.pending_text
    ticket = _held(member, number)
    turn.set(pending_text="")
    if not pending:
        # Pressed twice, or long ago: show what there is.
        show_list(turn, member)
    elif ticket is None:
        turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=number)
    else:
        to_citizen(turn, ticket, pending)
        turn.say("helper_sent", priority=Priority.RELAY, ticket=ticket.id)


# Text -------------------------------------------------------------------------------------------


def _text(turn: Turn, member: MemberView, event: Text, busy: bool) -> bool:
    asked, awaits = turn.state.asked, turn.state.awaits
    turn.set(asked=(), awaits="")
    order = read_order(event.text)
    choice = picked(asked, event.text)
    times = [each for each in asked if each.startswith("visitat:")]
    if choice is None and awaits.startswith("visit:") and len(times) == 1:
        # "đúng" to the time that was asked back.
        choice = times[0] if turn.phrases.command(event.text) is Command.YES else None
    if choice is not None:
        return _chosen(turn, member, choice)
    if awaits and not (order is not None and order.sure) and _answered(turn, member, awaits):
        return True
    if order is not None and _ordered(turn, member, order, event, busy):
        return True
    command = turn.phrases.command(event.text)
    own = (Command.START, Command.MENU, Command.ALERTS_OFF)
    if not busy or command in own or event.text.startswith("/"):
        return False
    _line(turn, member, event)
    return True


def _chosen(turn: Turn, member: MemberView, choice: str) -> bool:
    """A number typed for a button: what the button would have done."""
    number = choice.partition(":")[2].partition(":")[0]
    known = _held(member, number) or turn.facts.named.get(ticket_number(number))
    if known is not None:
        turn.facts = replace(turn.facts, subject=known)
    if _press(turn, member, choice):
        return True
    # One of what every citizen is offered: members have questions of their own as well.
    turn.event = Press(choice)
    return False


def _answered(turn: Turn, member: MemberView, awaits: str) -> bool:
    """Take the text for what was asked: a time, minutes, a reason."""
    what, _, rest = awaits.partition(":")
    number, _, more = rest.partition(":")
    ticket, text = _held(member, number), turn.event.text if isinstance(turn.event, Text) else ""
    if ticket is None:
        return False
    if turn.phrases.command(text) is Command.STOP:
        turn.say("helper_asked_no_more", priority=Priority.RELAY, ticket=ticket.id)
        return True
    if what == "visit":
        helper_acts.read_visit(turn, ticket, text)
        return True
    if what == "why":
        helper_pass.climb(turn, ticket, text)
        return True
    return what == "min" and helper_done.take_minutes(turn, ticket, more, text)


def _ordered(turn: Turn, member: MemberView, order: Order, event: Text, busy: bool) -> bool:
    """Do what was ordered; False when the words are rather meant for the citizen."""
    page = _ORDERED_PAGES.get(order.act)
    if page is not None:
        page(turn, member)
        return True
    found = [_known(turn, member, number) for number in order.numbers]
    if order.act is Act.DONE and len(found) > 1:
        helper_done.by_order(turn, order, found)
        return True
    if not found:
        return _at_hand(turn, member, order, event) if busy else False
    ticket = found[0]
    if ticket is not None and order.act is Act.TAKE:
        team.claim(turn, ticket)
    elif ticket is not None and order.act is Act.DONE:
        helper_done.by_order(turn, order, found)
    elif ticket is not None and member.holds(ticket):
        helper_acts.perform(turn, order, ticket)
    elif ticket is not None and order.act is Act.SHOW and ticket.status is TicketStatus.WAITING:
        show_card(turn, ticket)
    elif order.rest:
        # "trả lại 500 ngàn cho cô" is no order.
        return False
    else:
        turn.say("helper_not_mine", priority=Priority.RELAY, ticket=order.numbers[0])
    return True


def _known(turn: Turn, member: MemberView, number: int) -> TicketView | None:
    return turn.facts.named.get(number) or _held(member, str(number))


def _held(member: MemberView, number: str) -> TicketView | None:
    return next((ticket for ticket in member.claimed if str(ticket.id) == number), None)


def _at_hand(turn: Turn, member: MemberView, order: Order, event: Text) -> bool:
    """An order without a number: about the ticket at hand, if it is clear which that is."""
    ticket = _current(turn, member)
    if ticket is None or order.act is Act.TAKE:
        turn.say("helper_number_needed", priority=Priority.RELAY)
    elif not order.sure:
        action, label = _AS_PRESS[order.act]
        _order_or_send(turn, ticket, event.text, action, label)
    elif order.act is Act.DONE:
        helper_done.by_order(turn, order, [ticket])
    else:
        helper_acts.perform(turn, order, ticket)
    return True


def _current(turn: Turn, member: MemberView) -> TicketView | None:
    """The ticket whose message is answered, else the one looked at last, else the only one."""
    subject = turn.facts.subject
    if subject is not None:
        return subject if member.holds(subject) else None
    if len(member.claimed) == 1:
        return member.claimed[0]
    return _held(member, str(turn.state.focus))


def _order_or_send(turn: Turn, ticket: TicketView, text: str, action: str, label: str) -> None:
    """Bare words such as "xong" may be an order or an answer to the citizen: ask."""
    turn.set(pending_text=turn.cover(text).text)
    values = {"ticket": ticket.id} if action in ("done", "giveback", "call") else {}
    choices = [
        turn.choice(f"{action}:{ticket.id}", label, **values),
        turn.choice(f"to:{ticket.id}", "to_ticket", ticket=ticket.id),
    ]
    said = turn.text("helper_done_or_send", text=text.strip())
    ask(turn, said, choices)


def _line(turn: Turn, member: MemberView, event: Text) -> None:
    """A line for a citizen."""
    ticket, subject = _current(turn, member), turn.facts.subject
    if ticket is None and subject is not None:
        turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=subject.id)
    elif ticket is None:
        _which(turn, member, event.text)
    else:
        to_citizen(turn, ticket, event.text)
        if subject is None and len(member.claimed) > 1:
            name = ticket.name or turn.text("no_name")
            turn.say("helper_sent_to", priority=Priority.RELAY, ticket=ticket.id, name=name)


def _which(turn: Turn, member: MemberView, text: str) -> None:
    turn.set(pending_text=turn.cover(text).text)
    choices = [Choice(f"to:{t.id}", _list_line(turn, t)) for t in member.claimed]
    ask(turn, turn.text("helper_which"), choices)


# Pages ------------------------------------------------------------------------------------------


def show_list(turn: Turn, member: MemberView) -> None:
    """What is in hand, and what waits for the team, the next deadline first."""
    waiting = turn.facts.waiting
    lines, choices = [], []
    if member.claimed:
        lines += [turn.text("helper_list"), *(_list_line(turn, t) for t in member.claimed)]
        choices += [turn.choice(f"acts:{t.id}", "open_ticket", ticket=t.id) for t in member.claimed]
    else:
        lines.append(turn.text("helper_none"))
    if waiting:
        lines += ["", turn.text("helper_waiting")]
        for ticket in waiting[:_WAITING_SHOWN]:
            due = spoken_time(ticket.due.at) if ticket.due else ""
            mark = turn.text("card_urgent") + " " if ticket.urgent else ""
            values = {"ticket": ticket.id, "topic": ticket.topic, "when": due, "mark": mark}
            lines.append(turn.text("helper_waiting_line", **values))
            choices.append(turn.choice(f"claim:{ticket.id}", "claim", ticket=ticket.id))
        if len(waiting) > _WAITING_SHOWN:
            lines.append(turn.text("helper_waiting_more", more=len(waiting) - _WAITING_SHOWN))
    ask(turn, "\n".join(lines), choices)


def _list_line(turn: Turn, ticket: TicketView) -> str:
    name = ticket.name or turn.text("no_name")
    return turn.text("helper_list_line", ticket=ticket.id, topic=ticket.topic, name=name)


def _help(turn: Turn, _: MemberView) -> None:
    if turn.facts.numbered:
        turn.note("helper_help_numbers")
    turn.say("helper_help", [turn.choice("menu", "menu")], priority=Priority.RELAY)


def _summary(turn: Turn, member: MemberView) -> None:
    work = turn.facts.work
    if work is None:
        show_list(turn, member)
        return
    hours, minutes = divmod(work.minutes, 60)
    lines = [
        turn.text(
            "helper_summary",
            open=work.open,
            taken=work.taken,
            closed=work.closed,
            visits=work.visits,
            hours=hours,
            minutes=minutes,
        )
    ]
    if work.reply is not None:
        waited = max(1, round(work.reply.total_seconds() / 60))
        lines.append(turn.text("helper_summary_reply", minutes=waited))
    if work.rating is not None:
        lines.append(
            turn.text("helper_summary_rating", rating=f"{work.rating:.1f}".replace(".", ","))
        )
    turn.put("\n".join(lines), priority=Priority.RELAY)


_PAGES = {"hlist": show_list, "hhelp": _help, "hmine": _summary}
_ORDERED_PAGES = {Act.LIST: show_list, Act.HELP: _help, Act.SUMMARY: _summary}
