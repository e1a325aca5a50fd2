"""Handing a ticket on: to a colleague, up the ladder with a word on why, or back to the team."""

from __future__ import annotations

from bot.dialogue.helper_ask import ask
from bot.dialogue.turn import Turn
from bot.domain.effects import ClimbTicket, GiveBackTicket, PassTicket
from bot.domain.replies import Choice, Priority
from bot.domain.tickets import Colleague, TicketView
from bot.safety.masking import mask
from nlu.text import normalize

_SHOWN = 8
_WHYS = ("papers", "hard", "not_ours")
#: In a choice's id: no reason given.
_UNSAID = "x"
_NOTE_MOST = 300


def ask_whom(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """*Chuyển*: to whom?"""
    _offer(turn, ticket, _others(turn, ticket), turn.text("helper_pass_ask", ticket=ticket.id))


def _offer(turn: Turn, ticket: TicketView, people: list[Colleague], text: str) -> None:
    there = [person for person in people if person.there][:_SHOWN]
    choices = [Choice(f"passto:{ticket.id}:{person.id}", person.name) for person in there]
    if ticket.rung.above is not None:
        choices.append(turn.choice(f"climb:{ticket.id}", f"climb_{ticket.rung.above}"))
    choices.append(turn.choice(f"giveback:{ticket.id}", "give_back", ticket=ticket.id))
    ask(turn, text, choices, ticket_id=ticket.id)


def _others(turn: Turn, ticket: TicketView) -> list[Colleague]:
    return [person for person in turn.facts.colleagues if person.id != ticket.claimed_by]


def to_member(turn: Turn, ticket: TicketView, number: str) -> None:
    """The colleague was tapped."""
    people = [person for person in _others(turn, ticket) if str(person.id) == number]
    _pass(turn, ticket, people)


def by_name(turn: Turn, ticket: TicketView, name: str) -> None:
    """The colleague was named, by the given name alone if that is enough."""
    wanted = normalize(name).stripped.split()
    if not wanted:
        ask_whom(turn, ticket)
        return
    people = [
        person
        for person in _others(turn, ticket)
        if set(wanted) <= set(normalize(person.name).stripped.split())
    ]
    # "Lan" is Nguyễn Thị Lan rather than Lan Anh, where both are there.
    last = [p for p in people if normalize(p.name).stripped.split()[-len(wanted) :] == wanted]
    _pass(turn, ticket, last or people, name)


def _pass(turn: Turn, ticket: TicketView, people: list[Colleague], name: str = "") -> None:
    if len(people) == 1 and people[0].there:
        turn.do(PassTicket(ticket.id, people[0].id))
        _let_go(turn, ticket)
        turn.say("helper_passed", priority=Priority.RELAY, ticket=ticket.id, helper=people[0].name)
    elif len(people) == 1:
        text = turn.text("helper_pass_away", helper=people[0].name)
        _offer(turn, ticket, _others(turn, ticket), text)
    elif people:
        text = turn.text("helper_pass_which", name=name)
        _offer(turn, ticket, people, text)
    else:
        text = turn.text("helper_pass_nobody", name=name)
        _offer(turn, ticket, _others(turn, ticket), text)


def ask_why(turn: Turn, ticket: TicketView, _: str = "") -> None:
    """Up the ladder: why? Whoever comes next must not ask the citizen everything again."""
    if ticket.rung.above is None:
        turn.say("helper_no_rung", priority=Priority.RELAY, ticket=ticket.id)
        return
    choices = [turn.choice(f"why:{ticket.id}:{why}", f"why_{why}") for why in _WHYS]
    choices.append(turn.choice(f"why:{ticket.id}:{_UNSAID}", "why_unsaid"))
    text = turn.text("helper_climb_why", ticket=ticket.id)
    ask(turn, text, choices, awaits=f"why:{ticket.id}", ticket_id=ticket.id)


def climb_for(turn: Turn, ticket: TicketView, why: str) -> None:
    """The reason was tapped."""
    climb(turn, ticket, turn.phrases.button(f"why_{why}") if why in _WHYS else "")


def climb(turn: Turn, ticket: TicketView, why: str) -> None:
    """Up it goes."""
    if ticket.rung.above is None:
        turn.say("helper_no_rung", priority=Priority.RELAY, ticket=ticket.id)
        return
    turn.do(ClimbTicket(ticket.id, mask(why[:_NOTE_MOST]).text))
    _let_go(turn, ticket)
    turn.say("helper_climbed", priority=Priority.RELAY, ticket=ticket.id)


def give_back(turn: Turn, ticket: TicketView, why: str = "") -> None:
    """*Trả lại*: no reason is needed, and nobody is blamed."""
    turn.do(GiveBackTicket(ticket.id, mask(why[:_NOTE_MOST]).text))
    _let_go(turn, ticket)
    turn.say("helper_given_back", priority=Priority.RELAY, ticket=ticket.id)


def _let_go(turn: Turn, ticket: TicketView) -> None:
    if turn.state.focus == ticket.id:
        turn.set(focus=0)
