"""What a helper does with a ticket in hand: answer, call, visit, show a step, hand it on.

Every act comes as a button (`press`) or as typed words (`perform`); both end in the same functions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.dialogue import helper_pass, helper_show
from bot.dialogue.helper_ask import ask
from bot.dialogue.ladder import spoken_time
from bot.dialogue.orders import Act, Order
from bot.dialogue.ticket_card import acts, show_briefing
from bot.dialogue.turn import Turn
from bot.domain.effects import (
    NoteCall,
    RelayToCitizen,
    ResendLines,
    SetVisit,
    VisitDone,
)
from bot.domain.replies import Priority
from bot.domain.tickets import TicketStatus, TicketView
from bot.safety.masking import asks_for_secret
from bot.schedule.visit_time import read_visit_time

#: How often nobody has to answer before it is said that the ticket may be closed so.
_TRIES = 3
_EPOCH_DIGITS = 11


def to_citizen(turn: Turn, ticket: TicketView, text: str) -> None:
    """Pass a line on, masked; the helper is told when something had to be covered, or when it
    asks for a secret."""
    if ticket.status is not TicketStatus.CLAIMED:
        turn.say("helper_ticket_gone", priority=Priority.RELAY, ticket=ticket.id)
        return
    masked, asks = turn.cover(text), asks_for_secret(text)
    if asks:
        turn.say("helper_asked_secret", priority=Priority.RELAY)
    elif masked.kinds:
        turn.say("helper_masked", priority=Priority.RELAY)
    turn.do(RelayToCitizen(ticket.id, ticket.helper, masked.text, asks))


# Calls ------------------------------------------------------------------------------------------


def call(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """*Gọi lại*: the number, the words to say first, and how it went."""
    if not ticket.phone:
        turn.say("helper_call_none", acts(turn, ticket), priority=Priority.RELAY, ticket=ticket.id)
        return
    turn.do(NoteCall(ticket.id, "tried"))
    lines = [turn.text("helper_call", ticket=ticket.id, phone=ticket.phone)]
    if ticket.words:
        lines.append(turn.text("helper_words", words=ticket.words))
    choices = [
        turn.choice(f"spoke:{ticket.id}", "spoke"),
        turn.choice(f"noans:{ticket.id}", "no_answer"),
    ]
    ask(turn, "\n".join(lines), choices, ticket_id=ticket.id)


def spoke(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """They talked on the phone."""
    turn.do(NoteCall(ticket.id, "spoke"))
    turn.say("helper_spoke", acts(turn, ticket), priority=Priority.RELAY, ticket=ticket.id)


def no_answer(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """Nobody answered: the citizen is told that they were called."""
    turn.do(NoteCall(ticket.id, "no_answer"))
    times = turn.facts.missed_calls + 1
    choices = []
    if times >= _TRIES:
        choices.append(turn.choice(f"fin:{ticket.id}:not_reachable", "outcome_not_reachable"))
    text = turn.text("helper_no_answer", ticket=ticket.id, times=times)
    turn.put(text, choices, priority=Priority.RELAY, ticket_id=ticket.id)


# Visits -----------------------------------------------------------------------------------------


def ask_visit(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """When? It is typed as people say it."""
    choices = []
    if ticket.visit_at is not None:
        choices.append(turn.choice(f"novisit:{ticket.id}", "visit_off"))
    text = turn.text("helper_visit_ask", ticket=ticket.id)
    ask(turn, text, choices, awaits=f"visit:{ticket.id}", ticket_id=ticket.id)


def read_visit(turn: Turn, ticket: TicketView, text: str) -> None:
    """A typed time: asked back before anybody is told, with a choice where it may mean several."""
    found = read_visit_time(text, turn.facts.now)
    awaits = f"visit:{ticket.id}"
    if found.problem is not None:
        turn.set(pending_text=turn.cover(text).text)
        choices = [turn.choice(f"to:{ticket.id}", "to_ticket", ticket=ticket.id)]
        said = turn.text(f"visit_time_{found.problem}", ticket=ticket.id)
        ask(turn, said, choices, awaits=awaits, ticket_id=ticket.id)
        return
    stamps = [int(moment.timestamp()) for moment in found.candidates]
    if found.sure is not None:
        said = turn.text("helper_visit_sure", ticket=ticket.id, when=spoken_time(found.sure))
        choices = [turn.choice(f"visitat:{ticket.id}:{stamps[0]}", "visit_yes")]
    else:
        said = turn.text("helper_visit_which", ticket=ticket.id)
        choices = [
            turn.choice(f"visitat:{ticket.id}:{stamp}", "visit_at", when=spoken_time(moment))
            for stamp, moment in zip(stamps, found.candidates, strict=True)
        ]
    ask(turn, said, choices, awaits=awaits, ticket_id=ticket.id)


def set_visit(turn: Turn, ticket: TicketView, stamp: str) -> None:
    """The time is agreed; both sides are told, and reminded."""
    if not stamp.isdecimal() or len(stamp) > _EPOCH_DIGITS:
        ask_visit(turn, ticket)
        return
    at = datetime.fromtimestamp(int(stamp), UTC)
    if at <= turn.facts.now:
        ask_visit(turn, ticket)
    elif at == ticket.visit_at:
        # Pressed twice: it is agreed already.
        turn.say(
            "helper_visit_set", priority=Priority.RELAY, ticket=ticket.id, when=spoken_time(at)
        )
    else:
        # What was noted comes back as news to both.
        turn.do(SetVisit(ticket.id, at))


def drop_visit(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """The visit is off."""
    if ticket.visit_at is None:
        turn.say("helper_visit_none", priority=Priority.RELAY, ticket=ticket.id)
    else:
        turn.do(SetVisit(ticket.id, None))


def visited(turn: Turn, ticket: TicketView, minutes: int | None) -> None:
    """They were there; the ticket goes on."""
    turn.do(VisitDone(ticket.id, minutes))
    turn.say("helper_visited", acts(turn, ticket), priority=Priority.RELAY, ticket=ticket.id)


# The rest ---------------------------------------------------------------------------------------


def resend(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """Send again what was given up."""
    turn.do(ResendLines(ticket.id))
    turn.say("helper_resent", priority=Priority.RELAY, ticket=ticket.id)


def show(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """The ticket, and from now on lines without a number go there."""
    turn.set(focus=ticket.id)
    show_briefing(turn, ticket)


_PRESSES: dict[str, Callable[[Turn, TicketView, str], None]] = {
    "call": call,
    "spoke": spoke,
    "noans": no_answer,
    "visit": ask_visit,
    "visitat": set_visit,
    "novisit": drop_visit,
    "resend": resend,
    "acts": show,
    "pass": helper_pass.ask_whom,
    "passto": helper_pass.to_member,
    "climb": helper_pass.ask_why,
    "why": helper_pass.climb_for,
    "giveback": helper_pass.give_back,
    "mau": helper_show.canned_by_id,
    "buoc": helper_show.step_by_id,
}
#: What a button of a helper begins with; its second part is the ticket's number.
PRESSES = frozenset({*_PRESSES, "claim", "done", "fin", "to"})


def press(turn: Turn, action: str, ticket: TicketView, rest: str) -> None:
    """A button about a ticket that this helper holds."""
    _PRESSES[action](turn, ticket, rest)


def perform(turn: Turn, order: Order, ticket: TicketView) -> None:
    """An order about a ticket that this helper holds."""
    match order.act:
        case Act.SHOW:
            show(turn, ticket)
        case Act.SAY:
            to_citizen(turn, ticket, order.rest)
            turn.note("helper_sent", ticket=ticket.id)
        case Act.GIVE_BACK:
            helper_pass.give_back(turn, ticket, order.rest)
        case Act.PASS:
            helper_pass.by_name(turn, ticket, order.rest)
        case Act.CLIMB if order.rest:
            helper_pass.climb(turn, ticket, order.rest)
        case Act.CLIMB:
            helper_pass.ask_why(turn, ticket)
        case Act.CALL:
            call(turn, ticket)
        case Act.SPOKE:
            spoke(turn, ticket)
        case Act.NO_ANSWER:
            no_answer(turn, ticket)
        case Act.VISIT if order.rest:
            read_visit(turn, ticket, order.rest)
        case Act.VISIT:
            ask_visit(turn, ticket)
        case Act.NO_VISIT:
            drop_visit(turn, ticket)
        case Act.VISITED:
            visited(turn, ticket, order.minutes)
        case Act.STEP:
            helper_show.step(turn, ticket, order.number, order.rest)
        case Act.CANNED:
            helper_show.canned(turn, ticket, order.number)
        case Act.RESEND:
            resend(turn, ticket)
