"""Feeds of swindlers' hosts, what staff say of hosts, and the record of who changed what."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from bot.models.schema import safety_audit, safety_feeds, safety_hosts
from bot.store import audit as audit_log
from bot.store.sql import insert

PROBLEM_MOST = 300
WHY_MOST = 300
_CHUNK = 1 << 16
_HOST_ACTS = ("host_bad", "host_cleared", "host_forgotten")


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed without its hosts."""

    name: str
    title: str
    source: str
    format: str
    plain_http: bool
    enabled: bool
    etag: str
    modified: str
    hosts: int
    digest: str
    fetched_at: datetime | None
    checked_at: datetime | None
    problem: str
    failures: int


@dataclass(frozen=True, slots=True)
class HostRow:
    """What staff decided of a host."""

    host: str
    bad: bool
    who: str
    why: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who changed what."""

    at: datetime
    who: str
    act: str
    subject: str
    detail: str


_FEED = [c for c in safety_feeds.c if c.name != "content"]


# Feeds --------------------------------------------------------------------------------------------


def put_feed(connection: Connection, who: str, now: datetime, **fields: Any) -> None:
    """Add a feed, or change the one of this name: its source is read anew then, and the hosts of
    another source are forgotten.

    `fields` are name, title, source, format and plain_http.
    """
    c = safety_feeds.c
    other = (c.name == fields["name"]) & (c.source != fields["source"])
    connection.execute(delete(safety_feeds).where(other))
    fresh = {"enabled": True, "etag": "", "modified": "", "checked_at": None, "problem": ""}
    row = {**fields, **fresh, "failures": 0}
    statement = insert(connection, safety_feeds).values(**row, hosts=0, digest="")
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))
    record(connection, who, "feed_put", str(fields["name"]), str(fields["source"]), now)


def remove_feed(connection: Connection, name: str, who: str, now: datetime) -> bool:
    """Forget a feed with its hosts; False when there is none."""
    done = connection.execute(delete(safety_feeds).where(safety_feeds.c.name == name))
    if done.rowcount:
        record(connection, who, "feed_removed", name, "", now)
    return bool(done.rowcount)


def feeds(connection: Connection) -> list[Feed]:
    """Every feed, by name."""
    rows = connection.execute(select(*_FEED).order_by(safety_feeds.c.name))
    return [Feed(**row._mapping) for row in rows]


def claim(connection: Connection, name: str, due: datetime, now: datetime) -> bool:
    """Take a feed that nobody looked at since `due`; False when another process was first."""
    c = safety_feeds.c
    free = or_(c.checked_at.is_(None), c.checked_at <= due)
    taken = update(safety_feeds).where(c.name == name, c.enabled, free).values(checked_at=now)
    return bool(connection.execute(taken).rowcount)


def keep(
    connection: Connection, name: str, hosts: Sequence[str], etag: str, modified: str, now: datetime
) -> None:
    """A new good list takes the place of the last one."""
    text = "\n".join(hosts).encode()
    values = {
        "content": zlib.compress(text, 6),
        "digest": hashlib.sha256(text).hexdigest(),
        "hosts": len(hosts),
        "etag": etag[:200],
        "modified": modified[:200],
        "fetched_at": now,
        "problem": "",
        "failures": 0,
    }
    _change(connection, name, values)


def unchanged(connection: Connection, name: str) -> None:
    """The source said that nothing is new."""
    _change(connection, name, {"problem": "", "failures": 0})


def refused(connection: Connection, name: str, problem: str) -> None:
    """The list in use stays; the next look asks for everything again."""
    values = {"problem": problem[:PROBLEM_MOST], "failures": safety_feeds.c.failures + 1}
    _change(connection, name, {**values, "etag": "", "modified": ""})


def _change(connection: Connection, name: str, values: dict[str, Any]) -> None:
    connection.execute(update(safety_feeds).where(safety_feeds.c.name == name).values(values))


def content(connection: Connection, name: str) -> bytes | None:
    """The compressed hosts of a feed; `unpack` reads them."""
    query = select(safety_feeds.c.content).where(safety_feeds.c.name == name)
    return connection.execute(query).scalar()


def unpack(packed: bytes) -> Iterator[str]:
    """The hosts of a feed one by one: half a million at once would take ten times the memory."""
    unpacking, rest = zlib.decompressobj(), b""
    for at in range(0, len(packed), _CHUNK):
        *lines, rest = (rest + unpacking.decompress(packed[at : at + _CHUNK])).split(b"\n")
        yield from (line.decode() for line in lines)
    if rest:
        yield rest.decode()


def signature(connection: Connection) -> tuple[Any, ...]:
    """Something that is another when the lists or what staff said are."""
    c = safety_feeds.c
    query = select(c.name, c.title, c.digest, c.fetched_at).where(c.enabled).order_by(c.name)
    rows = connection.execute(query)
    lists = tuple(tuple(row) for row in rows)
    # By the record, since clocks of two machines differ and a decision may replace another.
    a = safety_audit.c
    decided = select(func.count(), func.max(a.id)).where(a.act.in_(_HOST_ACTS))
    return (lists, tuple(connection.execute(decided).one()))


# Hosts that staff decided on ----------------------------------------------------------------------


def decide_host(
    connection: Connection, host: str, bad: bool, who: str, why: str, now: datetime
) -> None:
    """From now on this host is bad, or cleared, whatever the feeds say."""
    row = {"bad": bad, "who": who, "why": why[:WHY_MOST], "decided_at": now}
    statement = insert(connection, safety_hosts).values(host=host, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["host"], set_=row))
    record(connection, who, "host_bad" if bad else "host_cleared", host, why, now)


def forget_host(connection: Connection, host: str, who: str, now: datetime) -> bool:
    """Leave a host to the feeds and the rules again; False when nothing was decided of it."""
    done = connection.execute(delete(safety_hosts).where(safety_hosts.c.host == host))
    if done.rowcount:
        record(connection, who, "host_forgotten", host, "", now)
    return bool(done.rowcount)


def hosts(connection: Connection) -> list[HostRow]:
    """What was decided, the newest first."""
    c = safety_hosts.c
    query = select(c.host, c.bad, c.who, c.why, c.decided_at).order_by(c.decided_at.desc(), c.host)
    return [HostRow(*row) for row in connection.execute(query)]


# The record ---------------------------------------------------------------------------------------


def record(
    connection: Connection, who: str, act: str, subject: str, detail: str, now: datetime
) -> None:
    """One line of who changed what; in the record of all that staff do it stands too."""
    audit_log.record(connection, who[:64], f"safety.{act}", subject, now)
    row = {"at": now, "who": who[:64], "act": act, "subject": subject[:253], "detail": detail[:300]}
    connection.execute(insert(connection, safety_audit).values(row))


def audit(connection: Connection, most: int = 100) -> list[AuditRow]:
    """The newest lines of the record."""
    c = safety_audit.c
    query = select(c.at, c.who, c.act, c.subject, c.detail).order_by(c.id.desc()).limit(most)
    return [AuditRow(*row) for row in connection.execute(query)]
