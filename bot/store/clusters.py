"""Clusters of what nobody answered, ideas for guides, replies to those who still wait."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    or_,
    select,
    text,
    true,
    update,
)

from bot.models.people import UNANSWERED
from bot.models.schema import (
    ClusterState,
    IdeaState,
    cluster_members,
    cluster_replies,
    cluster_reply_chats,
    clusters,
    guide_ideas,
    labels,
    questions,
)
from bot.store.sql import insert

_CHUNK = 500
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that say nearly the same; `nearest` are (intent, probability), the best first."""

    id: int
    size: int
    recent: int
    before: int
    nearest: tuple[tuple[str, float], ...]
    state: ClusterState
    intent: str
    made_at: datetime
    grouped_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A question of a cluster; `text` is masked, None once it is gone; `labelled` its intent."""

    id: int
    text: str | None
    asked_at: datetime
    area: str
    labelled: str | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question to be grouped."""

    id: int
    text: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Grouped:
    """A group that was found: its id when it is one there was, its questions, the typical first."""

    id: int | None
    members: Sequence[int]
    nearest: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Idea:
    """An idea for a guide."""

    id: int
    cluster_id: int | None
    intent: str
    title: str
    note: str
    state: IdeaState
    author: str
    made_at: datetime
    changed_at: datetime


def within(scope: Sequence[str]) -> ColumnElement[bool]:
    """Questions of these places (codes, none for everywhere)."""
    if not scope:
        return true()
    area = questions.c.area
    return or_(*(clause for s in scope for clause in (area == s, area.startswith(f"{s}."))))


# Grouping ---------------------------------------------------------------------------------------


def unanswered(connection: Connection, most: int) -> list[Unanswered]:
    """The newest questions that nobody answered or that were misjudged, and no staff labelled."""
    done = select(labels.c.id).where(labels.c.question_id == questions.c.id)
    query = (
        select(questions.c.id, questions.c.text, questions.c.asked_at)
        .where(text(UNANSWERED), ~done.exists())
        .order_by(questions.c.id.desc())
        .limit(most)
    )
    return [Unanswered(*row) for row in connection.execute(query)]


def members_of_all(connection: Connection) -> dict[int, set[int]]:
    """The questions of every cluster."""
    found: dict[int, set[int]] = {}
    query = select(cluster_members.c.cluster_id, cluster_members.c.question_id)
    for cluster, question in connection.execute(query):
        found.setdefault(cluster, set()).add(question)
    return found


def put(
    connection: Connection,
    groups: Sequence[Grouped],
    asked_at: Mapping[int, datetime],
    now: datetime,
) -> None:
    """Keep these clusters as they were found now; those with an id keep it and their state.

    A question that was in another cluster moves over.
    """
    rows: list[dict[str, int]] = []
    for group in groups:
        cluster_id = _put_one(connection, group, asked_at, now)
        rows += [
            {"question_id": number, "cluster_id": cluster_id, "rank": rank}
            for rank, number in enumerate(group.members)
        ]
    for start in range(0, len(rows), _CHUNK):
        # A question that was erased meanwhile is left out.
        chunk = rows[start : start + _CHUNK]
        ids = [row["question_id"] for row in chunk]
        query = select(questions.c.id).where(questions.c.id.in_(ids), questions.c.text.is_not(None))
        there = set(connection.execute(query).scalars())
        left = [row for row in chunk if row["question_id"] in there]
        if left:
            statement = insert(connection, cluster_members)
            moved = {name: statement.excluded[name] for name in ("cluster_id", "rank")}
            connection.execute(
                statement.on_conflict_do_update(index_elements=["question_id"], set_=moved), left
            )


def _put_one(
    connection: Connection, group: Grouped, asked_at: Mapping[int, datetime], now: datetime
) -> int:
    times = [asked_at[number] for number in group.members if number in asked_at]
    values = {
        "size": len(group.members),
        "recent": sum(at >= now - _WEEK for at in times),
        "before": sum(now - 2 * _WEEK <= at < now - _WEEK for at in times),
        "nearest": json.dumps([list(each) for each in group.nearest]),
        "grouped_at": now,
    }
    if group.id is not None:
        mine = clusters.c.id == group.id
        if connection.execute(update(clusters).where(mine).values(values)).rowcount:
            return group.id
    fresh = {"state": ClusterState.OPEN.value, "intent": "", "made_at": now}
    statement = insert(connection, clusters).values({**values, **fresh})
    return int(connection.execute(statement.returning(clusters.c.id)).scalar_one())


def leave(connection: Connection, question_ids: Collection[int]) -> None:
    """These questions are in no cluster any more."""
    mine = cluster_members.c.question_id.in_(question_ids)
    connection.execute(delete(cluster_members).where(mine))


def drop_before(connection: Connection, now: datetime) -> int:
    """Forget one chunk of the clusters that were not found again now; how many."""
    old = select(clusters.c.id).where(clusters.c.grouped_at < now).limit(_CHUNK)
    return connection.execute(delete(clusters).where(clusters.c.id.in_(old))).rowcount


# Looking ----------------------------------------------------------------------------------------


def page(
    connection: Connection, state: ClusterState, scope: Sequence[str], limit: int, offset: int
) -> list[Cluster]:
    """Clusters of a state, the largest first; with a scope sizes count what is inside of it."""
    if not scope:
        query = select(clusters).where(clusters.c.state == state.value)
        ordered = query.order_by(clusters.c.size.desc(), clusters.c.id)
        return [_cluster(r) for r in connection.execute(ordered.limit(limit).offset(offset))]
    size = func.count().label("inside")
    inside = (
        select(cluster_members.c.cluster_id, size)
        .join(questions, questions.c.id == cluster_members.c.question_id)
        .where(within(scope))
        .group_by(cluster_members.c.cluster_id)
        .subquery()
    )
    query = (
        select(clusters, inside.c.inside)
        .join(inside, inside.c.cluster_id == clusters.c.id)
        .where(clusters.c.state == state.value)
        .order_by(inside.c.inside.desc(), clusters.c.id)
    )
    found = connection.execute(query.limit(limit).offset(offset))
    return [_cluster(r, size=r.inside, trend=False) for r in found]


def find(connection: Connection, cluster_id: int) -> Cluster | None:
    """A cluster."""
    row = connection.execute(select(clusters).where(clusters.c.id == cluster_id)).first()
    return None if row is None else _cluster(row)


def _cluster(row: Row[Any], size: int | None = None, *, trend: bool = True) -> Cluster:
    r = row._mapping
    return Cluster(
        r["id"],
        r["size"] if size is None else size,
        r["recent"] if trend else 0,
        r["before"] if trend else 0,
        tuple((str(name), float(chance)) for name, chance in json.loads(r["nearest"])),
        ClusterState(r["state"]),
        r["intent"],
        r["made_at"],
        r["grouped_at"],
    )


def state_counts(connection: Connection) -> dict[str, int]:
    """How many clusters there are of each state."""
    query = select(clusters.c.state, func.count()).group_by(clusters.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def typical(
    connection: Connection, ids: Collection[int], scope: Sequence[str], each: int
) -> dict[int, list[str]]:
    """A few of the most typical texts that are still there, by cluster, one wording once."""
    query = (
        select(cluster_members.c.cluster_id, questions.c.text)
        .join(questions, questions.c.id == cluster_members.c.question_id)
        .where(
            cluster_members.c.cluster_id.in_(ids),
            cluster_members.c.rank < 10 * each,
            questions.c.text.is_not(None),
            within(scope),
        )
        .order_by(cluster_members.c.cluster_id, cluster_members.c.rank)
    )
    found: dict[int, list[str]] = {}
    for cluster_id, said in connection.execute(query):
        held = found.setdefault(cluster_id, [])
        if len(held) < each and said not in held:
            held.append(said)
    return found


def members(
    connection: Connection, cluster_id: int, scope: Sequence[str], limit: int, after: int = -1
) -> list[Member]:
    """The questions of a cluster inside a scope, the most typical first."""
    query = (
        select(
            questions.c.id,
            questions.c.text,
            questions.c.asked_at,
            questions.c.area,
            labels.c.intent,
        )
        .join(cluster_members, questions.c.id == cluster_members.c.question_id)
        .outerjoin(labels, labels.c.question_id == questions.c.id)
        .where(
            cluster_members.c.cluster_id == cluster_id,
            cluster_members.c.rank > after,
            within(scope),
        )
        .order_by(cluster_members.c.rank)
        .limit(limit)
    )
    return [Member(*row) for row in connection.execute(query)]


def areas(connection: Connection, cluster_id: int, scope: Sequence[str]) -> dict[str, int]:
    """How many questions of a cluster came from each commune or province ("" when not known)."""
    query = (
        select(questions.c.area, func.count())
        .join(cluster_members, questions.c.id == cluster_members.c.question_id)
        .where(cluster_members.c.cluster_id == cluster_id, within(scope))
        .group_by(questions.c.area)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def set_state(
    connection: Connection, cluster_id: int, state: ClusterState, intent: str = ""
) -> bool:
    """What staff made of a cluster; False when it is not there."""
    values = {"state": state.value, "intent": intent}
    mine = clusters.c.id == cluster_id
    return bool(connection.execute(update(clusters).where(mine).values(values)).rowcount)


# Ideas ------------------------------------------------------------------------------------------


def add_idea(connection: Connection, **fields: object) -> int:
    """A new idea; returns its number. `fields` are columns of `guide_ideas`."""
    row = {"state": IdeaState.OPEN.value, **fields}
    statement = insert(connection, guide_ideas).values(row).returning(guide_ideas.c.id)
    return int(connection.execute(statement).scalar_one())


def ideas(connection: Connection, most: int = 200) -> list[Idea]:
    """The ideas, those to do first."""
    order = [s.value for s in (IdeaState.OPEN, IdeaState.WRITING, IdeaState.DONE)]
    rows = connection.execute(select(guide_ideas).order_by(guide_ideas.c.id.desc()).limit(most))
    found = [_idea(row) for row in rows]
    known = {state: place for place, state in enumerate(order)}
    return sorted(found, key=lambda idea: known.get(idea.state.value, len(order)))


def _idea(row: Row[Any]) -> Idea:
    values = dict(row._mapping)
    return Idea(**{**values, "state": IdeaState(values["state"])})


def move_idea(connection: Connection, idea_id: int, state: IdeaState, now: datetime) -> bool:
    """Say how far an idea is; False when there is none."""
    mine = guide_ideas.c.id == idea_id
    values = {"state": state.value, "changed_at": now}
    return bool(connection.execute(update(guide_ideas).where(mine).values(values)).rowcount)


# Erasure ----------------------------------------------------------------------------------------


def forget(connection: Connection, chat: int, question_ids: Iterable[int]) -> None:
    """Forget a person in clusters and replies."""
    held = list(question_ids)
    for start in range(0, len(held), _CHUNK):
        ids = held[start : start + _CHUNK]
        connection.execute(delete(cluster_members).where(cluster_members.c.question_id.in_(ids)))
    mine = cluster_reply_chats.c.chat_id == chat
    connection.execute(delete(cluster_reply_chats).where(mine))


def purge(connection: Connection, before: datetime) -> int:
    """Forget whom replies older than that went to; how many rows."""
    old = select(cluster_replies.c.id).where(cluster_replies.c.at < before)
    mine = cluster_reply_chats.c.reply_id.in_(old)
    return connection.execute(delete(cluster_reply_chats).where(mine)).rowcount
