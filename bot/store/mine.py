"""Everything that is stored about the person of one chat, read for that person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from bot.domain.kept import Kept, Rows
from bot.models.schema import (
    alert_deliveries,
    alert_subscriptions,
    chats,
    consents,
    guide_views,
    linked_chats,
    questions,
    ticket_events,
    ticket_messages,
    tickets,
    timers,
    visits,
    voice_notes,
    zalo_windows,
)
from bot.store import linking, ticket_contact
from bot.store.crypto import Vault
from bot.store.tickets import LINE

#: Nobody has as many; a page of more would be of no use to anybody.
_MOST = 2_000
#: Every table this reads; what else is personal, and why it is not in it: docs/privacy.md.
READ = (
    chats,
    questions,
    tickets,
    ticket_messages,
    ticket_events,
    visits,
    alert_subscriptions,
    alert_deliveries,
    guide_views,
    timers,
    consents,
    linked_chats,
    voice_notes,
    zalo_windows,
)


def everything(connection: Connection, vault: Vault, chat: int) -> Kept:
    """All of it, oldest first."""
    own = connection.execute(select(chats).where(chats.c.id == chat)).one()
    mine = select(tickets.c.id).where(tickets.c.chat_id == chat)

    def rows(query: Select[Any]) -> Rows:
        return [dict(row._mapping) for row in connection.execute(query.limit(_MOST))]

    asked, said = questions.c, ticket_messages.c
    return Kept(
        own.created_at,
        {
            "chats": [
                {"channel": own.channel, "seen_at": own.seen_at, "locality": own.locality or ""}
            ],
            "questions": rows(
                select(asked.asked_at, asked.text, asked.outcome, asked.guide_id)
                .where(asked.chat_id == chat)
                .order_by(asked.id)
            ),
            "tickets": [
                _ticket(row, vault)
                for row in connection.execute(
                    select(tickets).where(tickets.c.chat_id == chat).order_by(tickets.c.id)
                )
            ],
            "ticket_messages": [
                {
                    "ticket_id": row.ticket_id,
                    "at": row.at,
                    "author": row.author,
                    "text": vault.open(row.payload, LINE).decode(),
                }
                for row in connection.execute(
                    select(ticket_messages)
                    .where(said.ticket_id.in_(mine), said.payload.is_not(None))
                    .order_by(said.id)
                    .limit(_MOST)
                )
            ],
            "ticket_events": rows(
                select(ticket_events.c.ticket_id, ticket_events.c.at, ticket_events.c.kind)
                .where(ticket_events.c.ticket_id.in_(mine))
                .order_by(ticket_events.c.id)
            ),
            "visits": rows(
                select(visits.c.ticket_id, visits.c.at, visits.c.done_at, visits.c.cancelled_at)
                .where(visits.c.ticket_id.in_(mine))
                .order_by(visits.c.id)
            ),
            "alert_subscriptions": rows(
                select(alert_subscriptions).where(alert_subscriptions.c.chat_id == chat)
            ),
            "alert_deliveries": rows(
                select(alert_deliveries.c.alert_id, alert_deliveries.c.done_at)
                .where(alert_deliveries.c.chat_id == chat)
                .order_by(alert_deliveries.c.alert_id)
            ),
            "guide_views": rows(
                select(guide_views.c.guide_id, guide_views.c.seen_at)
                .where(guide_views.c.chat_id == chat)
                .order_by(guide_views.c.seen_at)
            ),
            "timers": rows(
                select(timers.c.timer, timers.c.guide_id, timers.c.due_at)
                .where(timers.c.chat_id == chat, timers.c.fired_at.is_(None))
                .order_by(timers.c.id)
            ),
            "consents": rows(
                select(consents).where(consents.c.chat_id == chat).order_by(consents.c.id)
            ),
            "linked_chats": [
                {"channel": each.channel} for each in linking.others(connection, chat)
            ],
            "voice_notes": rows(
                select(voice_notes.c.at, voice_notes.c.seconds)
                .where(voice_notes.c.chat_id == chat)
                .order_by(voice_notes.c.id)
            ),
            "zalo_windows": rows(
                select(zalo_windows.c.heard_at).where(zalo_windows.c.chat_id == chat)
            ),
        },
    )


def state_of(connection: Connection, chat: int) -> bytes | None:
    """What the conversation remembers, sealed; None when nothing."""
    state: bytes | None = connection.execute(
        select(chats.c.state).where(chats.c.id == chat)
    ).scalar()
    return state


def _ticket(row: Any, vault: Vault) -> dict[str, Any]:
    contact = ticket_contact.read(vault, row.contact)
    note = vault.open(row.rating_note, ticket_contact.NOTE).decode() if row.rating_note else ""
    return {
        "id": row.id,
        "created_at": row.created_at,
        "status": row.status,
        "topic": row.topic,
        "commune": row.commune,
        "failed": row.failed,
        "name": contact.name,
        "phone": contact.phone,
        "call_when": contact.call_when,
        "whom": contact.whom,
        "rating": row.rating,
        "rating_note": note,
    }
