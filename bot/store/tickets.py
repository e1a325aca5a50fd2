"""Tickets, teams and members."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from bot.domain.effects import OpenTicket
from bot.domain.tickets import ClaimResult, MemberView, TeamView, TicketStatus, TicketView
from bot.models.schema import chats, members, staff, teams, ticket_messages, tickets
from bot.store import inbox, outbox
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey
from bot.store.sql import insert, locked

CONTACT = "ticket.contact"
LINE = "ticket.line"
_OPEN = (TicketStatus.WAITING.value, TicketStatus.CLAIMED.value)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ticket's thread."""

    at: datetime
    author: str
    name: str
    text: str


def _query() -> Select[Any]:
    return (
        select(
            tickets,
            members.c.name.label("member_name"),
            staff.c.username.label("staff_name"),
        )
        .outerjoin(members, members.c.id == tickets.c.claimed_by)
        .outerjoin(staff, staff.c.id == tickets.c.claimed_by_staff)
    )


# Read for every message, so built once.
_OF_CHAT = (
    _query()
    .where(tickets.c.chat_id == bindparam("b_chat"), tickets.c.status.in_(_OPEN))
    .order_by(tickets.c.id)
)
_OF_TELEGRAM = (
    select(members)
    .where(members.c.telegram_id == bindparam("b_account"), members.c.removed_at.is_(None))
    .order_by(members.c.id)
    .limit(1)
)


def _view(row: Row[Any], vault: Vault) -> TicketView:
    contact = json.loads(vault.open(row.contact, CONTACT)) if row.contact else {}
    return TicketView(
        id=row.id,
        chat_id=row.chat_id or 0,
        status=TicketStatus(row.status),
        urgent=bool(row.urgent),
        topic=row.topic,
        guide_title=row.guide_title,
        step=row.step,
        failed=row.failed,
        name=contact.get("name", ""),
        phone=contact.get("phone", ""),
        commune=row.commune,
        created_at=row.created_at,
        team_id=row.team_id,
        claimed_by=row.claimed_by,
        helper=row.member_name or row.staff_name or "",
    )


def open_ticket(
    connection: Connection,
    vault: Vault,
    ticket_id: int,
    chat: int,
    effect: OpenTicket,
    now: datetime,
) -> None:
    """Write a new ticket that waits."""
    contact = json.dumps({"name": effect.name, "phone": effect.phone}, ensure_ascii=False)
    connection.execute(
        insert(connection, tickets).values(
            id=ticket_id,
            chat_id=chat,
            question_id=effect.question_id,
            status=TicketStatus.WAITING.value,
            urgent=int(effect.urgent),
            topic=effect.topic,
            guide_title=effect.guide_title,
            step=effect.step,
            failed=effect.failed,
            contact=vault.seal(contact.encode(), CONTACT),
            commune=effect.commune,
            team_id=effect.team_id,
            created_at=now,
        )
    )


def find(
    connection: Connection, vault: Vault, ticket_id: int, *, lock: bool = False
) -> TicketView | None:
    """One ticket; `lock` keeps others from changing it until this transaction ends."""
    if lock:
        connection.execute(locked(select(tickets.c.id).where(tickets.c.id == ticket_id)))
    row = connection.execute(_query().where(tickets.c.id == ticket_id)).one_or_none()
    return None if row is None else _view(row, vault)


def of_chat(connection: Connection, vault: Vault, chat: int) -> tuple[TicketView, ...]:
    """The open tickets of a citizen, oldest first."""
    return tuple(_view(r, vault) for r in connection.execute(_OF_CHAT, {"b_chat": chat}))


def of_team(
    connection: Connection, vault: Vault, team_id: int | None, limit: int = 100
) -> tuple[TicketView, ...]:
    """The open tickets of a team, urgent and old first; every team's when `team_id` is None."""
    query = _query().where(tickets.c.status.in_(_OPEN))
    if team_id is not None:
        query = query.where(tickets.c.team_id == team_id)
    query = query.order_by(tickets.c.urgent.desc(), tickets.c.id).limit(limit)
    return tuple(_view(r, vault) for r in connection.execute(query))


def claim(connection: Connection, ticket_id: int, member_id: int, now: datetime) -> ClaimResult:
    """Give a waiting ticket to a member: exactly one claim ever wins."""
    return _claim(connection, ticket_id, now, claimed_by=member_id)


def claim_for_staff(
    connection: Connection, ticket_id: int, staff_id: int, now: datetime
) -> ClaimResult:
    """Give a waiting ticket to somebody of the staff."""
    return _claim(connection, ticket_id, now, claimed_by_staff=staff_id)


def _claim(connection: Connection, ticket_id: int, now: datetime, **holder: int) -> ClaimResult:
    values: dict[str, object] = {"status": TicketStatus.CLAIMED.value, "claimed_at": now, **holder}
    won = connection.execute(
        update(tickets)
        .where(tickets.c.id == ticket_id, tickets.c.status == TicketStatus.WAITING.value)
        .values(values)
    ).rowcount
    if won:
        return ClaimResult.WON
    ((column, value),) = holder.items()
    row = connection.execute(
        select(tickets.c.status, tickets.c[column]).where(tickets.c.id == ticket_id)
    ).one_or_none()
    if row is None or row[0] != TicketStatus.CLAIMED.value:
        return ClaimResult.GONE
    return ClaimResult.MINE if row[1] == value else ClaimResult.TAKEN


def end(connection: Connection, ticket_id: int, status: TicketStatus, now: datetime) -> bool:
    """Close or cancel an open ticket; False when it had ended already."""
    return bool(
        connection.execute(
            update(tickets)
            .where(tickets.c.id == ticket_id, tickets.c.status.in_(_OPEN))
            .values(status=status.value, closed_at=now)
        ).rowcount
    )


def rate(connection: Connection, ticket_id: int, chat: int, stars: int) -> None:
    """Keep the rating of the ticket's own citizen."""
    connection.execute(
        update(tickets)
        .where(tickets.c.id == ticket_id, tickets.c.chat_id == chat)
        .values(rating=stars)
    )


# The thread -------------------------------------------------------------------------------------


def add_line(
    connection: Connection,
    vault: Vault,
    ticket_id: int,
    author: str,
    name: str,
    text: str,
    now: datetime,
) -> None:
    """Keep a line (masked before it comes here) of a ticket's talk, sealed."""
    connection.execute(
        insert(connection, ticket_messages).values(
            ticket_id=ticket_id,
            at=now,
            author=author,
            name=name,
            payload=vault.seal(text.encode(), LINE),
        )
    )


def thread(
    connection: Connection, vault: Vault, ticket_id: int, limit: int = 100
) -> tuple[Line, ...]:
    """The last lines of a ticket's talk, oldest first; erased ones are left out."""
    query = (
        select(ticket_messages)
        .where(ticket_messages.c.ticket_id == ticket_id, ticket_messages.c.payload.is_not(None))
        .order_by(ticket_messages.c.id.desc())
        .limit(limit)
    )
    rows = list(connection.execute(query))
    return tuple(
        Line(r.at, r.author, r.name, vault.open(r.payload, LINE).decode()) for r in reversed(rows)
    )


# Teams and members ------------------------------------------------------------------------------


def all_teams(connection: Connection) -> tuple[TeamView, ...]:
    """Every team."""
    rows = connection.execute(select(teams).order_by(teams.c.id))
    return tuple(TeamView(r.id, r.name, r.commune, r.telegram_group or "") for r in rows)


def team(connection: Connection, team_id: int) -> TeamView | None:
    """One team."""
    return next((t for t in all_teams(connection) if t.id == team_id), None)


def team_of_group(connection: Connection, group: str) -> TeamView | None:
    """The team whose Telegram group this is."""
    row = connection.execute(select(teams).where(teams.c.telegram_group == group)).one_or_none()
    return None if row is None else TeamView(row.id, row.name, row.commune, group)


def add_team(
    connection: Connection, name: str, commune: str, group: str | None, now: datetime
) -> int:
    """Make a team, or change the one of this name; returns its id."""
    values = {"name": name, "commune": commune, "telegram_group": group}
    statement = insert(connection, teams).values(created_at=now, **values)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=values)
    return int(connection.execute(statement.returning(teams.c.id)).scalar_one())


def move_group(connection: Connection, old: str, new: str) -> int | None:
    """A group became another (Telegram makes a supergroup of it): follow it.

    Returns the chat that goes on. It is another row when the new group has spoken already.
    """
    connection.execute(
        update(teams).where(teams.c.telegram_group == old).values(telegram_group=new)
    )
    before = inbox.find_chat(connection, ChatKey("telegram", old))
    after = inbox.find_chat(connection, ChatKey("telegram", new))
    if before is None or before == after:
        return after
    if after is None:
        connection.execute(update(chats).where(chats.c.id == before).values(external_id=new))
        return before
    outbox.hand_over(connection, before, after)
    return after


def add_member(
    connection: Connection, team_id: int, name: str, telegram_id: str | None, now: datetime
) -> int:
    """Make a member of a team; the same Telegram account of the same team only once."""
    if telegram_id is not None:
        found = connection.execute(
            select(members.c.id).where(
                members.c.team_id == team_id, members.c.telegram_id == telegram_id
            )
        ).scalar()
        if found is not None:
            connection.execute(update(members).where(members.c.id == found).values(removed_at=None))
            return int(found)
    statement = insert(connection, members).values(
        team_id=team_id, name=name, telegram_id=telegram_id, created_at=now
    )
    return int(connection.execute(statement.returning(members.c.id)).scalar_one())


def join_telegram(connection: Connection, member_id: int, telegram_id: str) -> None:
    """Tie a member to a Telegram account."""
    connection.execute(
        update(members).where(members.c.id == member_id).values(telegram_id=telegram_id)
    )


def member_of_telegram(
    connection: Connection, vault: Vault, telegram_id: str, team_id: int | None = None
) -> MemberView | None:
    """The member with this Telegram account, with the open tickets they hold."""
    query = _OF_TELEGRAM if team_id is None else _OF_TELEGRAM.where(members.c.team_id == team_id)
    row = connection.execute(query, {"b_account": telegram_id}).one_or_none()
    return None if row is None else _member(connection, vault, row)


def member(connection: Connection, vault: Vault, member_id: int) -> MemberView | None:
    """A member who was not removed, with the open tickets they hold."""
    query = select(members).where(members.c.id == member_id, members.c.removed_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else _member(connection, vault, row)


def _member(connection: Connection, vault: Vault, row: Row[Any]) -> MemberView:
    query = (
        _query()
        .where(tickets.c.claimed_by == row.id, tickets.c.status == TicketStatus.CLAIMED.value)
        .order_by(tickets.c.id)
        .limit(50)
    )
    held = tuple(_view(r, vault) for r in connection.execute(query))
    return MemberView(row.id, row.team_id, row.name, held)


def holder_telegram(connection: Connection, ticket_id: int) -> tuple[str | None, str | None]:
    """(Telegram id of the member who holds it, their team's group); None for either if unknown."""
    row = connection.execute(
        select(members.c.telegram_id, teams.c.telegram_group)
        .select_from(tickets)
        .join(members, members.c.id == tickets.c.claimed_by)
        .join(teams, teams.c.id == members.c.team_id)
        .where(tickets.c.id == ticket_id)
    ).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


def team_group(connection: Connection, ticket_id: int) -> str | None:
    """The Telegram group of the team a ticket went to."""
    return connection.execute(
        select(teams.c.telegram_group)
        .select_from(tickets)
        .join(teams, teams.c.id == tickets.c.team_id)
        .where(tickets.c.id == ticket_id)
    ).scalar()


def open_counts(connection: Connection) -> dict[str, int]:
    """How many tickets wait and are claimed, for metrics."""
    rows = connection.execute(
        select(tickets.c.status, func.count())
        .where(tickets.c.status.in_(_OPEN))
        .group_by(tickets.c.status)
    )
    return {r[0]: r[1] for r in rows}
