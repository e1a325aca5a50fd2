"""What a citizen changes of a ticket of theirs after it was opened. In one transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.effects import CorrectTicket
from bot.domain.tickets import Standing, TicketStatus
from bot.handoff.ladder import find_place
from bot.handoff.moves import CitizenSaid, Move
from bot.services.moving import Mover
from bot.store import ticket_contact
from bot.store.crypto import Vault
from bot.store.ticket_events import CITIZEN


def correct(
    connection: Connection, vault: Vault, mover: Mover, chat: int, change: CorrectTicket
) -> bool:
    """Correct an open ticket of this chat; False when it is none.

    Whoever holds it is told. One that waits for the team of another place goes to the right one.
    """
    before = mover.locked(change.ticket_id)
    if before is None or not ticket_contact.correct(connection, vault, chat, change):
        return False
    what = _what(change)
    mover.note(change.ticket_id, "corrected", before, CITIZEN, what=list(what))
    if before.status is TicketStatus.CLAIMED:
        mover.attempt(change.ticket_id, CitizenSaid(), CITIZEN)
        mover.tell.holder(change.ticket_id, ev.TicketCorrected(change.ticket_id, what))
    elif change.locality:
        _place_anew(mover, change.ticket_id, before)
    return True


def _what(change: CorrectTicket) -> tuple[ev.Corrected, ...]:
    found: list[ev.Corrected] = []
    if change.name is not None:
        found.append("name")
    if change.phone is not None:
        found.append("phone")
    if change.commune is not None:
        found.append("place")
    if change.call:
        found.append("call")
    return tuple(found)


def _place_anew(mover: Mover, ticket_id: int, before: Standing) -> None:
    """It begins on the ladder of the right place."""
    ticket = mover.view(ticket_id)
    if ticket is None:
        return
    place = find_place(mover.lookup(ticket), owner=before.team_id)
    if (place.rung, place.team_id) != (before.rung, before.team_id):
        mover.go(ticket, before, Move(place.rung, place.team_id, "by_hand"), place, CITIZEN)
