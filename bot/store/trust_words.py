"""The three words of a ticket, sealed."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.models.schema import tickets
from bot.store import standings
from bot.store.crypto import Vault

WORDS = "ticket.words"


def sealed(vault: Vault, words: str) -> bytes:
    """As the database keeps them."""
    return vault.seal(words.encode(), WORDS)


def read(vault: Vault, stored: bytes | None) -> str:
    """The words; "" for a ticket without."""
    return vault.open(stored, WORDS).decode() if stored else ""


def in_use(connection: Connection, vault: Vault, locality: str) -> frozenset[str]:
    """The words of the open tickets of a commune; of those without a place when it is "".

    `locality` may name the commune or anything in it.
    """
    commune = ".".join(locality.split(".")[:2])
    query = select(tickets.c.words).where(
        tickets.c.status.in_(standings.OPEN), tickets.c.words.is_not(None)
    )
    if commune:
        # Codes are digits, points and slugs, in which nothing is above "~".
        query = query.where(tickets.c.locality >= commune, tickets.c.locality < commune + "~")
    else:
        query = query.where(tickets.c.locality == "")
    return frozenset(read(vault, stored) for stored in connection.execute(query).scalars())
