"""What a helper may see of tickets: the list, and one ticket with its talk.

Names and phone numbers leave this module only for whoever may see them, so no page can show them
by mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.tickets import TicketStatus, TicketView
from bot.domain.voice import HeldNote
from bot.services.answering import Helper
from bot.store import relay_lines, tickets, voice
from bot.store.crypto import Vault
from bot.store.relay_lines import LineState
from bot.store.tickets import Line

_MOST = 200
#: Instead of a number that is there, and shown to whoever takes the ticket.
_KNOWN = "•"


@dataclass(frozen=True, slots=True)
class Board:
    """Open tickets; each list urgent ones first, then the longest waiting. `more` were left out."""

    waiting: tuple[TicketView, ...]
    mine: tuple[TicketView, ...]
    others: tuple[TicketView, ...]
    more: bool
    teams: dict[int, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One ticket. `contact` and `talk` say whether this helper may see them."""

    ticket: TicketView
    team: str
    mine: bool
    contact: bool
    talk: bool
    lines: tuple[Line, ...] = ()
    #: Where lines of helpers are, by line; one that is not in it is on its way.
    states: Mapping[int, LineState] = field(default_factory=dict)
    #: Voice notes, for whoever holds the ticket.
    notes: tuple[HeldNote, ...] = ()


def board(
    connection: Connection, vault: Vault, helper: Helper, team_id: int | None = None
) -> Board:
    """The open tickets of a team; of every team when `team_id` is None. Without contact data."""
    found = tickets.of_team(connection, vault, team_id, _MOST + 1)
    shown = [_anonymous(t) for t in found[:_MOST]]
    waiting = tuple(sorted((t for t in shown if t.status is TicketStatus.WAITING), key=_next_due))
    mine = tuple(t for t in shown if helper.holds(t))
    others = tuple(t for t in shown if t.status is not TicketStatus.WAITING and not helper.holds(t))
    return Board(waiting, mine, others, len(found) > _MOST, _team_names(connection))


def sheet(
    connection: Connection,
    vault: Vault,
    helper: Helper,
    ticket_id: int,
    team_id: int | None = None,
) -> Sheet | None:
    """One ticket of a team, or of any team when `team_id` is None; None when it is not there.

    Staff who may see tickets see the contact and the talk. A member sees them while holding the
    ticket; of one that waits a member sees the talk so far, to know whether they can help.
    """
    ticket = tickets.find(connection, vault, ticket_id)
    if ticket is None or (team_id is not None and ticket.team_id != team_id):
        return None
    mine = helper.holds(ticket)
    contact = helper.staff or mine
    talk = contact or ticket.status is TicketStatus.WAITING
    return Sheet(
        ticket if contact else _anonymous(ticket),
        _team_names(connection).get(ticket.team_id or 0, ""),
        mine,
        contact,
        talk,
        tickets.thread(connection, vault, ticket_id) if talk else (),
        relay_lines.states(connection, ticket_id) if talk else {},
        voice.of_ticket(connection, ticket_id) if mine else (),
    )


def _next_due(ticket: TicketView) -> tuple[bool, datetime, int]:
    return not ticket.urgent, ticket.due.at if ticket.due else ticket.created_at, ticket.id


def _anonymous(ticket: TicketView) -> TicketView:
    return replace(
        ticket, name="", phone=_KNOWN if ticket.phone else "", words="", call_when="", whom=""
    )


def _team_names(connection: Connection) -> dict[int, str]:
    return {team.id: team.name for team in tickets.all_teams(connection)}
