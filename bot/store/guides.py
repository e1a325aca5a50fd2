"""Guide revisions: their text, which are served, what was withdrawn, who was shown which."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, or_, select, tuple_, update

from bot.domain.recalls import Recall, StepRecall
from bot.models.schema import chats, guide_recalls, guide_revisions, guide_views, timers
from bot.store.prepared import Prepared
from bot.store.sql import insert

_CHUNK = 500
WHY_MOST = 300

#: What `Guide.to_json` made, by (guide id, revision).
Revisions = Mapping[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Revision:
    """A stored revision; `payload` is what `Guide.to_json` made."""

    guide_id: str
    name: str
    payload: dict[str, Any]
    served: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that a guide has or had."""

    name: str
    title: str
    first_seen: datetime
    verified_on: str


@dataclass(frozen=True, slots=True)
class RecallRow:
    """One withdrawal; `step` is 0 for a whole guide. `told` counts the chats that were told."""

    guide_id: str
    revision: str
    step: int
    title: str
    why: str
    recalled_at: datetime
    told: int
    recalled_by: str


@dataclass(frozen=True, slots=True)
class Reader:
    """A chat to tell of a recall: the revision it was shown last, "" when it is only known to be
    in the guide; `seen` is whether it was shown it within the days that count.
    """

    chat_id: int
    revision: str
    seen: bool


# Revisions --------------------------------------------------------------------------------------


def keep_revisions(
    connection: Connection,
    revisions: Revisions,
    now: datetime,
    *,
    served: bool = False,
) -> None:
    """Remember guide revisions, so that walks begun with them can go on after an edit.

    `served` says that from now on these, and no others, are what citizens are shown.
    """
    rows = [
        {
            "guide_id": guide_id,
            "revision": revision,
            "payload": json.dumps(payload, ensure_ascii=False),
            "first_seen": now,
        }
        for (guide_id, revision), payload in revisions.items()
    ]
    if not rows:
        return
    connection.execute(insert(connection, guide_revisions).on_conflict_do_nothing(), rows)
    if served:
        serve_revisions(connection, revisions.keys(), now)


def known_revisions(connection: Connection) -> set[tuple[str, str]]:
    """(guide id, revision) of all that are remembered."""
    rows = connection.execute(select(guide_revisions.c.guide_id, guide_revisions.c.revision))
    return {(row.guide_id, row.revision) for row in rows}


def serve_revisions(
    connection: Connection, names: Collection[tuple[str, str]], now: datetime
) -> None:
    """From now on these remembered revisions, and no others, are what citizens are shown."""
    c = guide_revisions.c
    before = update(guide_revisions).where(c.served_at.is_not(None))
    connection.execute(before.values(served_at=None))
    these = update(guide_revisions).where(tuple_(c.guide_id, c.revision).in_(names))
    connection.execute(these.values(served_at=now))


def revision(connection: Connection, guide_id: str, name: str) -> dict[str, Any] | None:
    """A stored revision that was not withdrawn as a whole."""
    query = select(guide_revisions.c.payload).where(
        guide_revisions.c.guide_id == guide_id,
        guide_revisions.c.revision == name,
        ~_withdrawn(),
    )
    payload = connection.execute(query).scalar()
    return None if payload is None else json.loads(payload)


def payload(connection: Connection, guide_id: str, name: str) -> dict[str, Any] | None:
    """A stored revision, withdrawn or not."""
    query = select(guide_revisions.c.payload).where(
        guide_revisions.c.guide_id == guide_id, guide_revisions.c.revision == name
    )
    found = connection.execute(query).scalar()
    return None if found is None else json.loads(found)


def kept(connection: Connection, guide_id: str, limit: int) -> list[Kept]:
    """The texts of a guide, the newest first."""
    c = guide_revisions.c
    query = select(c.revision, c.payload, c.first_seen).where(c.guide_id == guide_id)
    rows = connection.execute(query.order_by(c.first_seen.desc()).limit(limit))
    found = ((row.revision, json.loads(row.payload), row.first_seen) for row in rows)
    return [Kept(name, data["title"], at, data["verified_on"]) for name, data, at in found]


def revisions_left(connection: Connection, guide_id: str) -> list[Revision]:
    """The revisions of a guide that were not withdrawn as a whole, the newest first."""
    query = _revisions().where(guide_revisions.c.guide_id == guide_id, ~_withdrawn())
    rows = connection.execute(query.order_by(guide_revisions.c.first_seen.desc()))
    return [_revision(row) for row in rows]


def served_revisions(connection: Connection) -> list[Revision]:
    """What is being served, withdrawn or not, by guide id; none before the first start."""
    query = _revisions().where(guide_revisions.c.served_at.is_not(None))
    rows = connection.execute(query.order_by(guide_revisions.c.guide_id))
    return [_revision(row) for row in rows]


def _withdrawn() -> Any:
    return exists().where(
        guide_recalls.c.guide_id == guide_revisions.c.guide_id,
        guide_recalls.c.revision == guide_revisions.c.revision,
        guide_recalls.c.step == 0,
    )


def _revisions() -> Select[Any]:
    c = guide_revisions.c
    return select(c.guide_id, c.revision, c.payload, c.served_at)


def _revision(row: Any) -> Revision:
    return Revision(row.guide_id, row.revision, json.loads(row.payload), row.served_at is not None)


# Recalls ----------------------------------------------------------------------------------------


def recall(
    connection: Connection,
    guide_id: str,
    name: str,
    why: str,
    now: datetime,
    *,
    step: int = 0,
    title: str = "",
) -> bool:
    """Withdraw a revision, or one step of it; False when that was done before."""
    row = {
        "guide_id": guide_id,
        "revision": name,
        "step": step,
        "title": title,
        "why": why[:WHY_MOST],
        "recalled_at": now,
    }
    statement = insert(connection, guide_recalls).on_conflict_do_nothing()
    done = connection.execute(statement.returning(guide_recalls.c.step), row)
    return done.scalar() is not None


def note_told(
    connection: Connection, guide_id: str, steps: Mapping[str, int], told: int, who: str
) -> None:
    """How many were told of a recall (step by revision), and by whom."""
    c = guide_recalls.c
    rows = tuple_(c.revision, c.step).in_(list(steps.items()))
    statement = update(guide_recalls).where(c.guide_id == guide_id, rows)
    connection.execute(statement.values(told=told, recalled_by=who))


def recalls(connection: Connection) -> dict[tuple[str, str], Recall]:
    """Everything that was withdrawn."""
    found: dict[tuple[str, str], Recall] = {}
    for row in recall_rows(connection):
        key = (row.guide_id, row.revision)
        before = found.get(key, Recall())
        steps = dict(before.steps)
        if row.step:
            steps[row.step] = StepRecall(row.title, row.why)
        found[key] = Recall(before.why if row.step else row.why, steps)
    return found


def recall_rows(connection: Connection) -> list[RecallRow]:
    """The same, one by one, the newest first."""
    c = guide_recalls.c
    query = select(
        c.guide_id, c.revision, c.step, c.title, c.why, c.recalled_at, c.told, c.recalled_by
    )
    query = query.order_by(c.recalled_at.desc(), c.guide_id, c.revision, c.step)
    return [RecallRow(*row) for row in connection.execute(query)]


def readers(
    connection: Connection, guide_id: str, revisions: Collection[str], since: datetime
) -> list[Reader]:
    """Whom a recall of these revisions concerns, each chat once, those inside first.

    They are in the guide, wait in it, or were shown it after `since`. What each chat left aside
    stands in its sealed state only; it is found by the views as long as these are kept.
    """
    views = (
        select(guide_views.c.chat_id, guide_views.c.revision)
        .where(
            guide_views.c.guide_id == guide_id,
            guide_views.c.revision.in_(revisions),
            guide_views.c.seen_at >= since,
        )
        .order_by(guide_views.c.seen_at)
    )
    shown = {row.chat_id: row.revision for row in connection.execute(views)}
    inside = select(chats.c.id).where(chats.c.guide_id == guide_id).order_by(chats.c.id)
    walk = timers.c.guide_id
    waiting = select(timers.c.chat_id).where(
        timers.c.timer == "wait",
        timers.c.fired_at.is_(None),
        or_(walk == guide_id, walk.startswith(f"{guide_id}@", autoescape=True)),
    )
    first = [*connection.execute(inside).scalars(), *connection.execute(waiting).scalars()]
    every = dict.fromkeys([*first, *shown])
    return [Reader(chat, shown.get(chat, ""), chat in shown) for chat in every]


def withdrawn_steps(connection: Connection, guide_id: str) -> dict[tuple[str, str], str]:
    """The (title, text) of every step of a guide that was withdrawn, with the reason."""
    r, g = guide_recalls.c, guide_revisions.c
    query = (
        select(r.step, r.why, g.payload)
        .join(guide_revisions, (g.guide_id == r.guide_id) & (g.revision == r.revision))
        .where(r.guide_id == guide_id, r.step > 0)
    )
    found: dict[tuple[str, str], str] = {}
    for number, why, stored in connection.execute(query):
        steps = json.loads(stored)["steps"]
        if number <= len(steps):
            found[steps[number - 1]["title"], steps[number - 1]["text"]] = why
    return found


def reached(connection: Connection, wanted: Collection[int]) -> tuple[dict[str, int], int]:
    """Of these chats: how many there are by channel, and how many cannot be reached."""
    by_channel: Counter[str] = Counter()
    lost = 0
    ids = list(wanted)
    for start in range(0, len(ids), _CHUNK):
        query = select(chats.c.channel, chats.c.unreachable_at).where(
            chats.c.id.in_(ids[start : start + _CHUNK])
        )
        for channel, gone in connection.execute(query):
            by_channel[channel] += 1
            lost += gone is not None
    return dict(by_channel), lost


# Views ------------------------------------------------------------------------------------------


@cache
def _view(dialect: str) -> Prepared:
    statement = insert(dialect, guide_views)
    key = ("chat_id", "guide_id", "revision")
    statement = statement.on_conflict_do_update(
        index_elements=key, set_={"seen_at": statement.excluded.seen_at}
    )
    return Prepared(statement, *key, "seen_at")


def viewed(connection: Connection, chat: int, guide_id: str, name: str, now: datetime) -> None:
    """A chat was shown text of a revision."""
    row = {"chat_id": chat, "guide_id": guide_id, "revision": name, "seen_at": now}
    _view(connection.dialect.name).change(connection, row)


def forget_views(connection: Connection, chat: int) -> None:
    """Forget what a chat was shown."""
    connection.execute(delete(guide_views).where(guide_views.c.chat_id == chat))


def purge_views(connection: Connection, before: datetime) -> int:
    """Forget one chunk of views older than `before`; returns how many."""
    key = (guide_views.c.chat_id, guide_views.c.guide_id, guide_views.c.revision)
    old = select(*key).where(guide_views.c.seen_at < before).limit(_CHUNK)
    return connection.execute(delete(guide_views).where(tuple_(*key).in_(old))).rowcount
