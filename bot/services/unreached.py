"""A member's account takes no messages: they are told on another one, or whoever waits is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.channels import traits
from bot.domain.tickets import TicketStatus
from bot.services.handoff import Desk
from bot.store import members, tickets, ways
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey


def member_unreached(
    desk: Desk,
    connection: Connection,
    vault: Vault,
    key: ChatKey,
    about: Iterable[int],
    now: datetime,
    *,
    billed: bool = False,
) -> None:
    """What was for this account's member will not be read. `about` are the tickets it was on.

    A ticket they hold, or could take, is shown to them on their other account. Without one, the
    group and the citizen of a ticket they hold learn that they cannot be reached; a ticket that
    only waited goes its way up the ladder.
    """
    if not traits(key.channel).accounts:
        return
    members.account_failed(connection, key, now, billed=billed)
    theirs = ways.holders(connection, key)
    elsewhere = {
        row.id for row in theirs if ways.has_other(connection, row, key, now, billed=billed)
    }
    for ticket_id in about:
        ticket = tickets.find(connection, vault, ticket_id)
        if ticket is None:
            continue
        if ticket.status is TicketStatus.WAITING:
            mine = [row.id for row in theirs if row.team_id == ticket.team_id]
        else:
            mine = [row.id for row in theirs if row.id == ticket.claimed_by]
        for member_id in mine:
            if member_id in elsewhere:
                desk.tell_again(ticket, member_id)
            elif ticket.status is TicketStatus.CLAIMED:
                desk.helper_unreachable(ticket)
