"""Drafts of content files: one open draft a file, every saved text of it kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from bot.models.schema import DraftState, content_draft_texts, content_drafts, guide_reviews
from bot.store.sql import insert

_OPEN = [state.value for state in DraftState if state.open]
NOTE_MOST = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft; `base` and `file` are digests: of the text it was begun from, of the file then."""

    id: int
    name: str
    state: DraftState
    version: int
    text: str
    base: str
    file: str
    opened_by: str
    opened_at: datetime
    changed_by: str
    changed_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    release_id: int | None


@dataclass(frozen=True, slots=True)
class Saved:
    """One text that was saved; `kind` is "saved" or "aside"."""

    id: int
    version: int
    kind: str
    text: str
    by: str
    at: datetime


def open_draft(connection: Connection, name: str) -> Draft | None:
    """The draft that somebody works on."""
    query = select(content_drafts).where(
        content_drafts.c.name == name, content_drafts.c.state.in_(_OPEN)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _draft(row)


def lock(connection: Connection, name: str) -> Draft | None:
    """The same, kept from others until the transaction ends."""
    query = select(content_drafts).where(
        content_drafts.c.name == name, content_drafts.c.state.in_(_OPEN)
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    return None if row is None else _draft(row)


def open_drafts(connection: Connection) -> list[Draft]:
    """All of them, by name."""
    query = select(content_drafts).where(content_drafts.c.state.in_(_OPEN))
    return [_draft(row) for row in connection.execute(query.order_by(content_drafts.c.name))]


def drafts_of(connection: Connection, name: str, limit: int) -> list[Draft]:
    """The drafts of a file, the newest first."""
    query = select(content_drafts).where(content_drafts.c.name == name)
    rows = connection.execute(query.order_by(content_drafts.c.id.desc()).limit(limit))
    return [_draft(row) for row in rows]


def begin(
    connection: Connection, name: str, text: str, base: str, file: str, who: str, now: datetime
) -> bool:
    """Begin a draft with the text that is served; False when there is one already."""
    row = {
        "name": name,
        "text": text,
        "base": base,
        "file": file,
        "opened_by": who,
        "opened_at": now,
        "changed_by": who,
        "changed_at": now,
    }
    statement = insert(connection, content_drafts).values(row).on_conflict_do_nothing()
    made = connection.execute(statement.returning(content_drafts.c.id)).scalar()
    if made is None:
        return False
    # Nobody's: what was served before anybody wrote.
    _keep(connection, made, 1, "saved", text, "", now)
    return True


def save(connection: Connection, draft: Draft, text: str, who: str, now: datetime) -> int:
    """The draft says this from now on, and is reviewed no more; the caller holds its lock."""
    version = draft.version + 1
    change(
        connection,
        draft.id,
        text=text,
        version=version,
        changed_by=who,
        changed_at=now,
        state=DraftState.DRAFT.value,
    )
    _keep(connection, draft.id, version, "saved", text, who, now)
    return version


def put_aside(connection: Connection, draft: Draft, text: str, who: str, now: datetime) -> None:
    """Keep a text beside the draft."""
    _keep(connection, draft.id, draft.version, "aside", text, who, now)


def change(connection: Connection, draft_id: int, **values: Any) -> None:
    """Change columns of a draft; the caller holds its lock."""
    statement = update(content_drafts).where(content_drafts.c.id == draft_id)
    connection.execute(statement.values(**values))


def saved(connection: Connection, draft_id: int, version: int) -> str | None:
    """The text that a version of a draft had."""
    c = content_draft_texts.c
    query = select(c.text).where(c.draft_id == draft_id, c.version == version, c.kind == "saved")
    return connection.execute(query).scalar()


def all_saved(connection: Connection, draft_id: int, limit: int) -> list[Saved]:
    """What was saved of a draft, the newest first."""
    c = content_draft_texts.c
    query = select(c.id, c.version, c.kind, c.text, c.by, c.at).where(c.draft_id == draft_id)
    return [Saved(*row) for row in connection.execute(query.order_by(c.id.desc()).limit(limit))]


def authors(connection: Connection, draft_id: int) -> set[str]:
    """Everybody who wrote at a draft."""
    c = content_draft_texts.c
    query = select(c.by).where(c.draft_id == draft_id, c.kind == "saved", c.by != "")
    return set(connection.execute(query.distinct()).scalars())


# Guides that were looked at again ---------------------------------------------------------------


def reviewed(connection: Connection, guide_id: str, who: str, note: str, now: datetime) -> None:
    """Somebody found the text of a guide right as it is."""
    row = {"guide_id": guide_id, "by": who, "note": note, "at": now}
    connection.execute(insert(connection, guide_reviews).values(row))


def last_reviews(connection: Connection) -> dict[str, datetime]:
    """When each guide was last found right."""
    c = guide_reviews.c
    query = select(c.guide_id, func.max(c.at)).group_by(c.guide_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def _keep(
    connection: Connection, draft: int, version: int, kind: str, text: str, who: str, now: datetime
) -> None:
    row = {
        "draft_id": draft,
        "version": version,
        "kind": kind,
        "text": text,
        "by": who,
        "at": now,
    }
    connection.execute(insert(connection, content_draft_texts).values(row))


def _draft(row: Any) -> Draft:
    values = row._asdict()
    values["state"] = DraftState(values["state"])
    return Draft(**values)
