"""Standings for tests that need a ticket and not the ladder."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.tickets import Deadline, DueKind, Rung, Standing, TicketStatus
from bot.store import standings
from tests.support import START, minutes

WORDS = "con mèo, cái gương, bông lúa"


def waiting(team_id: int | None, *, urgent: bool = False) -> Standing:
    """A new ticket's."""
    due = Deadline(DueKind.CLAIM, START + minutes(240))
    rung = Rung.PROVINCE if team_id is None else Rung.HAMLET
    return Standing(TicketStatus.WAITING, urgent, rung, team_id, due)


def end(connection: Connection, ticket_id: int, status: TicketStatus, at: datetime) -> bool:
    """Close or cancel an open ticket; False when it had ended already."""
    standing = standings.load(connection, ticket_id, lock=True)
    if standing is None or not standing.status.open:
        return False
    ended = replace(standing, status=status, closed_at=at, due=None)
    standings.save(connection, ticket_id, ended)
    return True
