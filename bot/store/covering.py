"""Covering in the database what a later message showed to be a part of a secret."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from bot.domain.data_effects import CoverEarlier
from bot.models.schema import questions, ticket_messages, tickets
from bot.store.crypto import Vault
from bot.store.tickets import LINE

#: Between two pieces a person writes hardly anything else.
_LOOKED_AT = 12
_BACK = timedelta(hours=1)


def cover_earlier(
    connection: Connection, vault: Vault, chat: int, effect: CoverEarlier, now: datetime
) -> None:
    """Cover the ends of the last texts of a chat: in the question log, and in tickets' talk."""
    pairs = [(b, c) for b, c in zip(effect.before, effect.covered, strict=True) if b != c]
    asked = (
        select(questions.c.id, questions.c.text)
        .where(questions.c.chat_id == chat, questions.c.text.is_not(None))
        .where(questions.c.asked_at > now - _BACK)
        .order_by(questions.c.id.desc())
        .limit(_LOOKED_AT)
    )
    for row in connection.execute(asked).all():
        text = _covered(row.text, pairs)
        if text != row.text:
            statement = update(questions).where(questions.c.id == row.id)
            connection.execute(statement.values(text=text))
    mine = select(tickets.c.id).where(tickets.c.chat_id == chat)
    lines = (
        select(ticket_messages.c.id, ticket_messages.c.payload)
        .where(
            or_(
                (ticket_messages.c.author == "citizen") & ticket_messages.c.ticket_id.in_(mine),
                (ticket_messages.c.author == "helper")
                & ticket_messages.c.ticket_id.in_(effect.held),
            )
        )
        .where(ticket_messages.c.payload.is_not(None), ticket_messages.c.at > now - _BACK)
        .order_by(ticket_messages.c.id.desc())
        .limit(_LOOKED_AT)
    )
    for row in connection.execute(lines).all():
        said = vault.open(row.payload, LINE).decode()
        text = _covered(said, pairs)
        if text != said:
            statement = update(ticket_messages).where(ticket_messages.c.id == row.id)
            connection.execute(statement.values(payload=vault.seal(text.encode(), LINE)))


def _covered(text: str, pairs: list[tuple[str, str]]) -> str:
    """The text with its end covered, where that is an end that was remembered."""
    stripped = text.rstrip()
    for before, covered in pairs:
        if stripped.endswith(before):
            return stripped.removesuffix(before) + covered
    return text
