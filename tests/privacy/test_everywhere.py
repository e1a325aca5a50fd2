"""Erasing reaches every column of every table that is about a person: also one that is new."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table, select

from bot.models.schema import metadata
from bot.store import inbox, records
from bot.store.db import Database
from bot.store.inbox import ChatKey
from tests.support import START

WORD = "Kim Sa"
#: Columns in which a word stays, with the reason (docs/privacy.md, "What is kept").
STAYS = {
    "chats.external_id": "the platform's number, to know a repeated message",
    "inbox.source": "which channel",
    "inbox.external_id": "the platform's number of a message, to know it again",
    "outbox.external_id": "the platform's number of a message",
    "outbox.coalesce": "a kind of message",
    "outbox.error": "the kind of an error",
    "tickets.topic": "for counts: the guide's or the program's own words",
    "tickets.guide_title": "for counts: the guide's own words",
    "ticket_events.kind": "for counts: what happened, never what was written",
    "questions.channel": "for counts",
    "questions.intent": "for counts",
    "questions.guide_id": "for counts",
    "questions.topic": "for counts",
    "questions.label": "what staff called it: an intent's name",
    "questions.judged": "for counts: right or wrong",
}
_ALLOWED = re.compile(r"(\w+)\W*(?:::\w+\W*)?IN\W*\(+\W*'([^']*)'", re.IGNORECASE)


def about_people() -> Iterator[Table]:
    """Tables whose rows belong to a chat, a ticket or a question, and `chats` itself."""
    owners = {"chats", "tickets", "questions"}
    for table in metadata.sorted_tables:
        points_at = {key.column.table.name for key in table.foreign_keys}
        if table.name in owners or points_at & owners:
            yield table


def value(column: Column[Any], words: dict[str, str], rows: dict[str, dict[str, Any]]) -> Any:
    """The word, wherever a column can take it."""
    for key in column.foreign_keys:
        return rows.get(key.column.table.name, {}).get(key.column.name)
    if column.name in words:
        return words[column.name]
    kind = column.type
    if isinstance(kind, sa.types.TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, sa.DateTime):
        return START
    if isinstance(kind, sa.Date):
        return START.date()
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer | sa.Float | sa.Numeric):
        return 1
    if isinstance(kind, sa.LargeBinary):
        return WORD.encode()
    return {WORD: WORD} if isinstance(kind, sa.JSON) else WORD[: getattr(kind, "length", None)]


def allowed(table: Table) -> dict[str, str]:
    """For each column that a check limits to some words, one of them."""
    checks = (each for each in table.constraints if isinstance(each, sa.CheckConstraint))
    found = (_ALLOWED.search(str(check.sqltext)) for check in checks)
    return {match[1]: match[2] for match in found if match is not None}


def fill(connection: Connection, chat: int) -> None:
    """A row in every table, with the word in everything."""
    rows: dict[str, dict[str, Any]] = {"chats": {"id": chat}}
    for table in metadata.sorted_tables:
        if table.name in rows:
            continue
        words = allowed(table)
        values = {column.name: value(column, words, rows) for column in table.columns}
        connection.execute(table.insert().values(values))
        rows[table.name] = values
    if connection.dialect.name == "postgresql":
        # Ids written by hand leave their sequences behind.
        for name in sa.inspect(connection).get_sequence_names():
            connection.execute(sa.text(f"SELECT setval('{name}', 100)"))


def left(connection: Connection) -> set[str]:
    """Columns in which the word still stands."""
    return {
        f"{table.name}.{name}"
        for table in about_people()
        for row in connection.execute(select(table)).mappings()
        for name, kept in row.items()
        if WORD in (kept.decode("utf-8", "ignore") if isinstance(kept, bytes) else str(kept))
    }


def test_nothing_is_forgotten_when_somebody_erases(database: Database) -> None:
    def work(connection: Connection) -> tuple[set[str], set[str]]:
        chat = inbox.chat_id(connection, ChatKey("telegram", WORD), START)
        fill(connection, chat)
        inbox.set_locality(connection, chat, WORD, WORD)
        before = left(connection)
        row = inbox.put(connection, chat, "telegram", "erase", b"now", START)
        assert row is not None
        records.erase_chat(connection, chat, row, START)
        return before, left(connection)

    before, after = database.write_now(work)
    assert len(before) > 30, "the word got everywhere, or this proves nothing"
    assert after == STAYS.keys()
