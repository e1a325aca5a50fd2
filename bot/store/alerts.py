"""Alerts, who wants them, and to whom each is still to go. What is due stands in the rows, so that
several schedulers do no harm and none is needed to remember anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from bot.domain.alerts import AlertView
from bot.domain.areas import around
from bot.models.schema import (
    AlertStatus,
    OutStatus,
    alert_deliveries,
    alert_subscriptions,
    alerts,
    chats,
    outbox,
)
from bot.store import outbox as sending
from bot.store.outbox import Claim
from bot.store.sql import insert

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert without its picture. `areas` are keys, none for everywhere."""

    id: int
    text: str
    place: str
    areas: tuple[str, ...]
    theme: str
    width: int
    height: int
    until: datetime
    status: AlertStatus
    filled: bool
    audience: int
    written_by: str
    written_at: datetime
    sent_by: str
    sent_at: datetime | None
    ended_at: datetime | None

    @property
    def view(self) -> AlertView:
        """What a citizen sees of it."""
        return AlertView(self.id, self.text, self.place, self.theme, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Due:
    """An alert that a chat is to be given now, for the `tries`-th time."""

    alert_id: int
    chat_id: int
    tries: int


_ALERT = [c for c in alerts.c if c.name != "picture"]


# Alerts -------------------------------------------------------------------------------------------


def write(connection: Connection, **fields: Any) -> int:
    """A new draft; returns its number. `fields` are columns of `alerts`."""
    row = {"status": AlertStatus.DRAFT.value, "filled": False, "audience": 0, "sent_by": ""}
    statement = insert(connection, alerts).values(**row, **fields).returning(alerts.c.id)
    return int(connection.execute(statement).scalar_one())


def change(connection: Connection, alert_id: int, **fields: Any) -> bool:
    """Change a draft; False when it is none any more."""
    mine = (alerts.c.id == alert_id) & (alerts.c.status == AlertStatus.DRAFT.value)
    return bool(connection.execute(update(alerts).where(mine).values(fields)).rowcount)


def find(connection: Connection, alert_id: int) -> Alert | None:
    """An alert."""
    found = _read(connection, alerts.c.id == alert_id, 1)
    return found[0] if found else None


def latest(connection: Connection, most: int = 50) -> list[Alert]:
    """Alerts, the newest first."""
    return _read(connection, true(), most)


def sending_now(connection: Connection, now: datetime) -> list[Alert]:
    """Alerts that hold and are being sent."""
    return _read(connection, _holds(now), _CHUNK)


def picture(connection: Connection, alert_id: int) -> bytes | None:
    """The picture of an alert, a JPEG."""
    return connection.execute(select(alerts.c.picture).where(alerts.c.id == alert_id)).scalar()


def _read(connection: Connection, which: ColumnElement[bool], most: int) -> list[Alert]:
    query = select(*_ALERT).where(which).order_by(alerts.c.id.desc()).limit(most)
    found = []
    for row in connection.execute(query):
        values = {**row._mapping, "areas": tuple(row.areas.split("\n")) if row.areas else ()}
        found.append(Alert(**{**values, "status": AlertStatus(row.status)}))
    return found


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(alerts.c.status == AlertStatus.SENDING.value, alerts.c.until > now)


def begin(connection: Connection, alert_id: int, who: str, audience: int, now: datetime) -> bool:
    """From now on a draft is being sent; False when it is none any more."""
    values = {"status": AlertStatus.SENDING.value, "sent_by": who, "sent_at": now}
    return change(connection, alert_id, **values, audience=audience)


def end(connection: Connection, alert_id: int, status: AlertStatus, now: datetime) -> bool:
    """Nothing more of an alert is sent; False when it has ended already."""
    open_ones = (AlertStatus.DRAFT.value, AlertStatus.SENDING.value)
    mine = (alerts.c.id == alert_id) & alerts.c.status.in_(open_ones)
    done = connection.execute(update(alerts).where(mine).values(status=status.value, ended_at=now))
    if not done.rowcount:
        return False
    undone = (alert_deliveries.c.alert_id == alert_id) & alert_deliveries.c.done_at.is_(None)
    connection.execute(update(alert_deliveries).where(undone).values(done_at=now))
    _hold_back(connection, outbox.c.alert_id == alert_id)
    return True


def passed(connection: Connection, now: datetime) -> list[int]:
    """Alerts that are being sent and whose time has passed."""
    over = (alerts.c.status == AlertStatus.SENDING.value) & (alerts.c.until <= now)
    return list(connection.execute(select(alerts.c.id).where(over)).scalars())


# Who wants them -----------------------------------------------------------------------------------


def subscribe(connection: Connection, chat: int, area: str, place: str, now: datetime) -> None:
    """A chat wants alerts of an area, from now on."""
    row = {"area": area, "place": place[:160], "since": now, "stopped_at": None}
    statement = insert(connection, alert_subscriptions).values(chat_id=chat, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_=row))


def unsubscribe(connection: Connection, chat: int, now: datetime) -> None:
    """A chat wants no more; what was on its way stays here."""
    c, d = alert_subscriptions.c, alert_deliveries.c
    stopped = update(alert_subscriptions).where(c.chat_id == chat, c.stopped_at.is_(None))
    connection.execute(stopped.values(stopped_at=now))
    undone = update(alert_deliveries).where(d.chat_id == chat, d.done_at.is_(None))
    connection.execute(undone.values(done_at=now))
    _hold_back(connection, (outbox.c.chat_id == chat) & outbox.c.alert_id.is_not(None))


def wanted_by(connection: Connection, chat: int) -> str | None:
    """The area a chat wants alerts of ("" for everywhere only); None when it wants none."""
    c = alert_subscriptions.c
    query = select(c.area).where(c.chat_id == chat, c.stopped_at.is_(None))
    return connection.execute(query).scalar()


def audience(connection: Connection, areas: Sequence[str]) -> dict[str, int]:
    """How many chats an alert for these areas would reach, by channel."""
    query = (
        select(chats.c.channel, func.count())
        .select_from(alert_subscriptions.join(chats))
        .where(_wants(areas))
        .group_by(chats.c.channel)
        .order_by(chats.c.channel)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def subscribers(connection: Connection) -> int:
    """How many chats want alerts."""
    still = alert_subscriptions.c.stopped_at.is_(None)
    query = select(func.count()).select_from(alert_subscriptions).where(still)
    return connection.execute(query).scalar() or 0


def _wants(areas: Sequence[str]) -> ColumnElement[bool]:
    """`bot.domain.areas.concerns`, as the database says it."""
    c = alert_subscriptions.c
    still = and_(c.stopped_at.is_(None), chats.c.unreachable_at.is_(None))
    if not areas:
        return still
    near = [
        each
        for area in areas
        for each in (
            c.area == area,
            c.area.startswith(f"{area}.", autoescape=True),
            c.area.in_(around(area)),
        )
    ]
    return and_(still, or_(*near))


# To whom they are still to go ---------------------------------------------------------------------


def fill(connection: Connection, alert: Alert, now: datetime) -> int:
    """Write down a portion of those whom an alert is for; 0 when all of them are.

    Whoever subscribed after it was sent does not get it.
    """
    c, d = alert_subscriptions.c, alert_deliveries.c
    known = exists().where(d.alert_id == alert.id, d.chat_id == c.chat_id)
    query = (
        select(c.chat_id)
        .select_from(alert_subscriptions.join(chats))
        .where(_wants(alert.areas), c.since <= (alert.sent_at or now), ~known)
        .order_by(c.chat_id)
        .limit(_CHUNK)
    )
    found = list(connection.execute(query).scalars())
    if not found:
        done = update(alerts).where(alerts.c.id == alert.id).values(filled=True)
        connection.execute(done)
        return 0
    rows = [{"alert_id": alert.id, "chat_id": each, "due_at": now, "tries": 0} for each in found]
    connection.execute(insert(connection, alert_deliveries).on_conflict_do_nothing(), rows)
    return len(found)


def take_due(connection: Connection, now: datetime, most: int) -> list[Due]:
    """Take a portion of what is due, of alerts that hold; nobody else is given the same."""
    d = alert_deliveries.c
    query = (
        select(d.alert_id, d.chat_id, d.tries)
        .join(alerts, alerts.c.id == d.alert_id)
        .where(d.posted_at.is_(None), d.done_at.is_(None), d.due_at <= now, _holds(now))
        .order_by(d.due_at, d.alert_id, d.chat_id)
        .limit(most)
    )
    taken = []
    for row in list(connection.execute(query)):
        mine = (d.alert_id == row.alert_id) & (d.chat_id == row.chat_id) & d.posted_at.is_(None)
        values = {"posted_at": now, "tries": row.tries + 1}
        if connection.execute(update(alert_deliveries).where(mine).values(values)).rowcount:
            taken.append(Due(row.alert_id, row.chat_id, row.tries + 1))
    return taken


def for_chat(connection: Connection, alert_id: int, chat: int, now: datetime) -> AlertView | None:
    """The alert a chat is to be told; None when it has ended, was told, or is not wanted."""
    d = alert_deliveries.c
    mine = exists().where(d.alert_id == alert_id, d.chat_id == chat, d.done_at.is_(None))
    found = _read(connection, and_(alerts.c.id == alert_id, _holds(now), mine), 1)
    wanted = found and wanted_by(connection, chat) is not None
    return found[0].view if wanted else None


def said(connection: Connection, alert_id: int, chat: int, now: datetime) -> None:
    """A chat has been told, or needs not be."""
    _mark(connection, alert_id, chat, done_at=now)


def later(connection: Connection, alert_id: int, chat: int, due: datetime) -> None:
    """A chat is to be told at another time."""
    _mark(connection, alert_id, chat, posted_at=None, due_at=due)


def _mark(connection: Connection, alert_id: int, chat: int, **values: Any) -> None:
    d = alert_deliveries.c
    mine = (d.alert_id == alert_id) & (d.chat_id == chat)
    connection.execute(update(alert_deliveries).where(mine).values(values))


def waiting(connection: Connection) -> int:
    """How many deliveries are not done."""
    undone = alert_deliveries.c.done_at.is_(None)
    query = select(func.count()).select_from(alert_deliveries).where(undone)
    return connection.execute(query).scalar() or 0


# Messages on their way ----------------------------------------------------------------------------


def may_leave(connection: Connection, alert_id: int, chat: int, now: datetime) -> bool:
    """Whether a message of an alert may still be sent to a chat, or shown there."""
    holds = exists().where(alerts.c.id == alert_id, _holds(now))
    return bool(connection.execute(select(holds)).scalar()) and (
        wanted_by(connection, chat) is not None
    )


def drop(connection: Connection, claim: Claim, now: datetime) -> bool:
    """What was about to be sent is not sent. True when more waits for the chat."""
    ids = [row.id for row in claim.rows]
    values = {"status": OutStatus.CANCELLED.value, "payload": None}
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(values))
    return sending.more_or_free(connection, claim.chat_id, now)


def put_off(connection: Connection, claim: Claim, until: datetime, now: datetime) -> bool:
    """What was about to be sent waits; others of the chat do not. True when more is there."""
    ids = [row.id for row in claim.rows]
    values = {"status": OutStatus.PENDING.value, "not_before": until}
    waiting = update(outbox).where(outbox.c.id.in_(ids))
    connection.execute(waiting.values(**values, attempts=outbox.c.attempts - 1))
    return sending.more_or_free(connection, claim.chat_id, now)


def counts(connection: Connection, alert_id: int) -> dict[str, int]:
    """How many messages of an alert are in each state, as long as they are kept."""
    query = select(outbox.c.status, func.count()).where(outbox.c.alert_id == alert_id)
    return {row[0]: row[1] for row in connection.execute(query.group_by(outbox.c.status))}


def _hold_back(connection: Connection, which: ColumnElement[bool]) -> None:
    # What is being sent is looked at once more before it leaves (`may_leave`).
    values = {"status": OutStatus.CANCELLED.value, "payload": None}
    pending = outbox.c.status == OutStatus.PENDING.value
    connection.execute(update(outbox).where(which, pending).values(values))


# Retention and erasure ----------------------------------------------------------------------------


def forget(connection: Connection, chat: int) -> None:
    """Forget what a chat wanted and was told."""
    for table in (alert_subscriptions, alert_deliveries):
        connection.execute(delete(table).where(table.c.chat_id == chat))


def purge(connection: Connection, before: datetime) -> int:
    """One chunk of what ended before: subscriptions, deliveries, pictures. Returns how many."""
    s, d = alert_subscriptions.c, alert_deliveries.c
    stopped = select(s.chat_id).where(s.stopped_at < before).limit(_CHUNK)
    gone = connection.execute(delete(alert_subscriptions).where(s.chat_id.in_(stopped))).rowcount
    over = select(alerts.c.id).where(alerts.c.ended_at < before)
    told = select(d.chat_id).where(d.alert_id.in_(over)).limit(_CHUNK)
    gone += connection.execute(
        delete(alert_deliveries).where(d.alert_id.in_(over), d.chat_id.in_(told))
    ).rowcount
    pictured = (alerts.c.ended_at < before) & alerts.c.picture.is_not(None)
    values = {"picture": None, "width": 0, "height": 0}
    return gone + connection.execute(update(alerts).where(pictured).values(values)).rowcount
