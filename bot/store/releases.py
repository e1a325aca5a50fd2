"""Releases of the content: what is served, who published it, and the texts of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from bot.domain.content_edits import Edit, Edits, digest_of
from bot.models.schema import content_texts, releases
from bot.store.sql import insert

_LOCK = 20_261_122


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was served: the revision of every guide, the digest of every other file."""

    guides: Mapping[str, str]
    files: Mapping[str, str]

    def to_json(self) -> str:
        """As it is stored."""
        return json.dumps({"guides": dict(self.guides), "files": dict(self.files)}, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Release:
    """One release without the texts of its edits."""

    id: int
    made_at: datetime
    made_by: str
    why: str
    name: str
    model: str
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class New:
    """A release that is to be made. `name` is the file it is about, "" for none."""

    made_by: str
    why: str
    name: str
    edits: Edits
    manifest: Manifest
    model: str = ""


def one_at_a_time(connection: Connection) -> None:
    """Until this transaction ends nobody else publishes (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})


def latest_id(connection: Connection) -> int:
    """The number of the newest release; 0 before the first."""
    return int(connection.execute(select(func.max(releases.c.id))).scalar() or 0)


def add(connection: Connection, new: New, now: datetime) -> int:
    """Make a release; the caller holds `one_at_a_time`. Returns its number."""
    keep_texts(connection, (edit.text for edit in new.edits.values()))
    edits = {
        name: {"text": edit.digest, "base": edit.base, "taken": edit.taken}
        for name, edit in sorted(new.edits.items())
    }
    row = {
        "made_at": now,
        "made_by": new.made_by,
        "why": new.why,
        "name": new.name,
        "edits": json.dumps(edits),
        "manifest": new.manifest.to_json(),
        "model": new.model,
    }
    made = connection.execute(insert(connection, releases).values(row).returning(releases.c.id))
    return int(made.scalar_one())


def latest(connection: Connection) -> tuple[int, dict[str, Edit]]:
    """The newest release with its edits; (0, {}) before the first."""
    query = select(releases.c.id, releases.c.edits).order_by(releases.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return (0, {}) if row is None else (row.id, _edits(connection, row.edits))


def latest_manifest(connection: Connection) -> tuple[Manifest, str] | None:
    """What the newest release says was served, and the model; None before the first."""
    query = select(releases.c.manifest, releases.c.model)
    row = connection.execute(query.order_by(releases.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else (_manifest(row.manifest), row.model)


def history(
    connection: Connection, limit: int, name: str = "", before: int | None = None
) -> list[Release]:
    """Releases, newest first; of one file when it is named."""
    c = releases.c
    query = select(c.id, c.made_at, c.made_by, c.why, c.name, c.model, c.manifest)
    if name:
        query = query.where(c.name == name)
    if before is not None:
        query = query.where(c.id < before)
    rows = connection.execute(query.order_by(c.id.desc()).limit(limit))
    return [Release(*row[:6], _manifest(row.manifest)) for row in rows]


def keep_texts(connection: Connection, texts: Iterable[str]) -> None:
    """Keep texts by their digests."""
    rows = [{"digest": digest_of(item), "text": item} for item in texts]
    if rows:
        connection.execute(insert(connection, content_texts).on_conflict_do_nothing(), rows)


def texts(connection: Connection, digests: Collection[str]) -> dict[str, str]:
    """Kept texts by digest."""
    query = select(content_texts).where(content_texts.c.digest.in_(digests))
    return {row.digest: row.text for row in connection.execute(query)}


def _edits(connection: Connection, stored: str) -> dict[str, Edit]:
    data: dict[str, Any] = json.loads(stored)
    kept = texts(connection, {item["text"] for item in data.values()})
    return {
        name: Edit(name, kept[item["text"]], item["base"], item["taken"])
        for name, item in data.items()
    }


def _manifest(stored: str) -> Manifest:
    data = json.loads(stored)
    return Manifest(data["guides"], data["files"])
