"""Where the citizen's requests stand: who has them, since when, what is next; and giving one up."""

from __future__ import annotations

from bot.dialogue import ladder, walk
from bot.dialogue.calendar import spoken_time
from bot.dialogue.turn import Turn
from bot.domain.data_effects import Consent, TookBack
from bot.domain.effects import CancelTicket
from bot.domain.replies import Choice
from bot.domain.tickets import DueKind, TicketStatus, TicketView

_LISTED_MOST = 5


def mine(turn: Turn, ticket_id: int) -> TicketView | None:
    """The person's open ticket of this number."""
    return next((t for t in turn.facts.tickets if t.id == ticket_id), None)


def ended(turn: Turn, ticket_id: int) -> TicketView | None:
    """The person's ticket of this number that ended not long ago."""
    return next((t for t in turn.facts.ended if t.id == ticket_id), None)


def status(turn: Turn) -> None:
    """Where the person's requests stand: one in full, several as a list to choose from."""
    tickets = turn.facts.tickets
    if not tickets:
        _none(turn)
    elif len(tickets) == 1:
        show(turn, tickets[0])
    else:
        _list(turn, tickets)


def _none(turn: Turn) -> None:
    human, front = turn.choice("human", "human"), turn.choice("menu", "menu")
    closed = [t for t in turn.facts.ended if t.status is TicketStatus.CLOSED]
    if not closed:
        turn.say("status_none", [human, *turn.way_back(), front])
        return
    last = closed[-1]
    day = spoken_time(last.closed_at, turn.facts.now) if last.closed_at else ""
    again = turn.choice(f"reopen:{last.id}", "reopen_ticket", ticket=last.id)
    choices = [again, human, *turn.way_back(), front]
    turn.say("status_ended", choices, ticket=last.id, topic=last.topic, when=day)


def _list(turn: Turn, tickets: tuple[TicketView, ...]) -> None:
    shown = tickets[-_LISTED_MOST:]
    lines = [turn.text("status_list", count=len(tickets))]
    for ticket in shown:
        key = "status_line_claimed" if ticket.helper else "status_line_waiting"
        who = {"helper": ticket.helper} if ticket.helper else {"team": team_name(turn, ticket)}
        lines.append(turn.text(key, ticket=ticket.id, topic=ticket.topic, **who))
    choices = [turn.choice(f"ticket:{t.id}", "see_ticket", ticket=t.id) for t in shown]
    choices += [*turn.way_back(), turn.choice("menu", "menu")]
    turn.put("\n".join([*lines, turn.text("status_safety")]), choices)


def show(turn: Turn, ticket: TicketView) -> None:
    """One request: who has it, since when, by when something happens, and what can be done."""
    first = [turn.text("status_head", ticket=ticket.id, topic=ticket.topic), _holder(turn, ticket)]
    if ticket.unreachable_at is not None and not ticket.helper:
        first.append(turn.text("status_unreachable"))
    parts = [" ".join(first), _next(turn, ticket)]
    if ticket.helper:
        parts.append(ladder.trust_words(turn, ticket, ticket.helper))
    parts.append(turn.text("status_safety"))
    text = "\n".join(filter(None, parts))
    if not ticket.urgent or ticket.helper:
        turn.put(text, actions(turn, ticket))
        return
    lines, choices = ladder.meanwhile(turn, ticket)
    ladder.put_urgent(turn, text, lines, [*choices, *actions(turn, ticket)])


def actions(turn: Turn, ticket: TicketView) -> list[Choice]:
    """What can be done with an open request."""
    choices: list[Choice] = []
    relay = turn.state.relay
    if ticket.helper and (relay is None or relay.ticket_id != ticket.id):
        choices.append(turn.choice(f"talk:{ticket.id}", "talk_to", helper=ticket.helper))
    elif not ticket.helper:
        choices.append(turn.choice(f"hand:add:{ticket.id}", "add_to_ticket"))
    choices.append(turn.choice(f"hand:fix:{ticket.id}", "fix_ticket"))
    choices.append(turn.choice(f"drop:{ticket.id}", "cancel_ticket"))
    return [*choices, *turn.way_back(), turn.choice("menu", "menu")]


def team_name(turn: Turn, ticket: TicketView) -> str:
    """Who a request waits for; without a team it is the province's staff."""
    return ticket.team_name or turn.text("moved_staff")


def _holder(turn: Turn, ticket: TicketView) -> str:
    now = turn.facts.now
    if not ticket.helper:
        since = spoken_time(ticket.created_at, now)
        return turn.text("status_waiting", team=_team_and_rung(turn, ticket), since=since)
    since = spoken_time(ticket.claimed_at or ticket.created_at, now)
    team = _team_and_rung(turn, ticket)
    return turn.text("status_claimed", helper=ticket.helper, team=team, since=since)


def _team_and_rung(turn: Turn, ticket: TicketView) -> str:
    if not ticket.team_name:
        return turn.text("moved_staff")
    return f"{ticket.team_name} ({turn.text(f'rung_{ticket.rung.value}')})"


def _next(turn: Turn, ticket: TicketView) -> str:
    """What happens next, and by when, in plain words."""
    due, now = ticket.due, turn.facts.now
    if ticket.visit_at is not None and ticket.visit_at > now:
        when = spoken_time(ticket.visit_at, now)
        return turn.text("next_visit", helper=ticket.helper, when=when)
    if due is None:
        return ""
    if due.at <= now:
        return turn.text("next_overdue")
    when = spoken_time(due.at, now)
    if due.kind is not DueKind.CLAIM:
        return turn.text(f"next_{due.kind.value}", helper=ticket.helper, when=when)
    above = ticket.rung.above
    if above is None:
        return turn.text("next_claim_last", when=when)
    return turn.text("next_claim", when=when, above=turn.text(f"rung_{above.value}"))


# Giving up --------------------------------------------------------------------------------------


def ask_drop(turn: Turn, ticket: TicketView) -> None:
    """Ask before cancelling."""
    yes = turn.choice(f"dropped:{ticket.id}", "cancel_ticket_yes")
    no = turn.choice(f"ticket:{ticket.id}", "keep")
    about: dict[str, object] = {"ticket": ticket.id, "topic": ticket.topic}
    if ticket.helper:
        text = turn.text("drop_ask_claimed", helper=ticket.helper, **about)
    else:
        text = turn.text("drop_ask", **about)
    turn.put(text, [yes, no], yes=yes.id, no=no.id)


def drop(turn: Turn, ticket: TicketView) -> None:
    """The citizen does not need it any more. An old button asks again."""
    if f"dropped:{ticket.id}" not in turn.state.offered:
        ask_drop(turn, ticket)
        return
    turn.do(CancelTicket(ticket.id))
    turn.do(TookBack((Consent.HANDOFF, Consent.HANDOFF_OTHER, Consent.CALL)))
    if turn.state.relay is not None and turn.state.relay.ticket_id == ticket.id:
        turn.set(relay=None)
    turn.note("ticket_cancelled", ticket=ticket.id)
    walk.step_or_menu(turn)
