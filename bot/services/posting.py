"""Putting events into inboxes: the only way one conversation learns of another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.events import Attachment, Envelope, Text, decode, encode
from bot.store import inbox
from bot.store.crypto import Vault

INBOX = "inbox"
OUTBOX = "outbox"
STATE = "state"
_INTERNAL = "internal"


def storable(envelope: Envelope) -> Envelope:
    """Without NUL, which nobody types and PostgreSQL does not store."""
    event, sender = envelope.event, envelope.sender
    if isinstance(event, Text) and "\0" in event.text:
        event = replace(event, text=event.text.replace("\0", " "))
    if isinstance(event, Attachment) and "\0" in event.caption:
        event = replace(event, caption=event.caption.replace("\0", " "))
    return Envelope(event, replace(sender, name=sender.name.replace("\0", " ")))


def seal_event(vault: Vault, envelope: Envelope) -> bytes:
    """An event as the inbox keeps it."""
    return vault.seal(encode(envelope), INBOX)


def open_event(vault: Vault, payload: bytes) -> Envelope:
    """An event back from the inbox."""
    return decode(vault.open(payload, INBOX))


def post(
    connection: Connection, vault: Vault, chat: int, envelope: Envelope, dedupe: str, now: datetime
) -> None:
    """Tell a chat something. The same `dedupe` twice tells it once."""
    inbox.put(connection, chat, _INTERNAL, dedupe, seal_event(vault, envelope), now)
