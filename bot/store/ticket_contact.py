"""What the citizen of a ticket says of themselves and of the help they got, sealed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, select, update

from bot.domain.effects import CorrectTicket
from bot.models.schema import tickets
from bot.store import standings
from bot.store.crypto import Vault

CONTACT = "ticket.contact"
NOTE = "ticket.rating_note"


@dataclass(frozen=True, slots=True)
class Contact:
    """`call_when` is when they wish to be called, `whom` for whom it is asked; both in words."""

    name: str = ""
    phone: str = ""
    call_when: str = ""
    whom: str = ""


def sealed(vault: Vault, contact: Contact) -> bytes:
    """As the database keeps it."""
    return vault.seal(json.dumps(asdict(contact), ensure_ascii=False).encode(), CONTACT)


def read(vault: Vault, stored: bytes | None) -> Contact:
    """The contact; an empty one when it was erased."""
    return Contact(**json.loads(vault.open(stored, CONTACT))) if stored else Contact()


def correct(connection: Connection, vault: Vault, chat: int, change: CorrectTicket) -> bool:
    """Change what an open ticket of this chat says of its citizen; False when it is none."""
    mine = (
        tickets.c.id == change.ticket_id,
        tickets.c.chat_id == chat,
        tickets.c.status.in_(standings.OPEN),
    )
    row = connection.execute(select(tickets.c.contact).where(*mine)).one_or_none()
    if row is None:
        return False
    values: dict[str, object] = {}
    contact = read(vault, row.contact)
    if change.name is not None:
        contact = replace(contact, name=change.name)
    if change.phone is not None:
        contact = replace(contact, phone=change.phone)
    if change.name is not None or change.phone is not None:
        values["contact"] = sealed(vault, contact)
    if change.commune is not None:
        values |= {"commune": change.commune, "locality": change.locality}
    if change.call:
        values["call_requested"] = 1
    if values:
        connection.execute(update(tickets).where(*mine).values(values))
    return True


def rate(
    connection: Connection, vault: Vault, ticket_id: int, chat: int, stars: int | None, note: str
) -> bool:
    """Keep the rating of the ticket's own citizen, a sentence on it, or both.

    Returns whether it is their ticket.
    """
    values: dict[str, object] = {}
    if stars is not None:
        values["rating"] = stars
    if note:
        values["rating_note"] = vault.seal(note.encode(), NOTE)
    if not values:
        return False
    return bool(
        connection.execute(
            update(tickets)
            .where(tickets.c.id == ticket_id, tickets.c.chat_id == chat)
            .values(values)
        ).rowcount
    )
