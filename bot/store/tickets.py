"""Tickets, teams and members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select, update

from bot.domain.effects import OpenTicket
from bot.domain.tickets import (
    ClaimResult,
    MemberView,
    Rung,
    Standing,
    TeamView,
    TicketOutcome,
    TicketStatus,
    TicketView,
)
from bot.models.schema import chats, members, staff, teams, ticket_messages, tickets
from bot.store import inbox, outbox, standings, ticket_contact, trust_words, ways
from bot.store import members as members_store
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey
from bot.store.prepared import Prepared
from bot.store.sql import insert, locked
from bot.store.ticket_contact import Contact

LINE = "ticket.line"
_OPEN = standings.OPEN


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ticket's thread."""

    at: datetime
    author: str
    name: str
    text: str
    id: int = field(default=0, compare=False)


def _query() -> Select[Any]:
    return (
        select(
            tickets,
            members.c.name.label("member_name"),
            staff.c.username.label("staff_name"),
            teams.c.name.label("team_name"),
        )
        .outerjoin(members, members.c.id == tickets.c.claimed_by)
        .outerjoin(teams, teams.c.id == tickets.c.team_id)
        .outerjoin(staff, staff.c.id == tickets.c.claimed_by_staff)
    )


# Read for every message, so built once.
_OF_CHAT = (
    _query()
    .where(tickets.c.chat_id == bindparam("b_chat"), tickets.c.status.in_(_OPEN))
    .order_by(tickets.c.id)
)
_ANY_OF_CHAT = Prepared(
    select(tickets.c.id).where(tickets.c.chat_id == bindparam("b_chat")).limit(1)
)
_RECENT_OF_CHAT = (
    _query()
    .where(
        tickets.c.chat_id == bindparam("b_chat"),
        or_(tickets.c.status.in_(_OPEN), tickets.c.closed_at > bindparam("b_since")),
    )
    .order_by(tickets.c.id)
)
_OF_ACCOUNT = {
    name: select(members)
    .where(members.c[name] == bindparam("b_account"), members.c.removed_at.is_(None))
    .order_by(members.c.id)
    for name in ("telegram_id", "zalo_id")
}


def _view(row: Row[Any], vault: Vault) -> TicketView:
    contact = ticket_contact.read(vault, row.contact)
    return TicketView(
        id=row.id,
        chat_id=row.chat_id or 0,
        status=TicketStatus(row.status),
        urgent=bool(row.urgent),
        topic=row.topic,
        guide_title=row.guide_title,
        step=row.step,
        failed=row.failed,
        name=contact.name,
        phone=contact.phone,
        commune=row.commune,
        created_at=row.created_at,
        team_id=row.team_id,
        claimed_by=row.claimed_by,
        helper=row.member_name or row.staff_name or "",
        rung=Rung(row.rung),
        due=standings.deadline(row),
        locality=row.locality,
        words=trust_words.read(vault, row.words),
        language=row.language,
        for_other=bool(row.for_other),
        call_requested=bool(row.call_requested),
        visit_at=row.visit_at,
        closed_at=row.closed_at,
        outcome=TicketOutcome(row.outcome) if row.outcome else None,
        unreachable_at=row.unreachable_at,
        team_name=row.team_name or "",
        claimed_at=row.claimed_at,
        call_when=contact.call_when,
        whom=contact.whom,
    )


def open_ticket(
    connection: Connection,
    vault: Vault,
    ticket_id: int,
    chat: int,
    effect: OpenTicket,
    now: datetime,
    standing: Standing,
    words: str,
) -> None:
    """Write a new ticket that stands where `standing` says."""
    contact = Contact(effect.name, effect.phone, effect.call_when, effect.whom)
    connection.execute(
        insert(connection, tickets).values(
            id=ticket_id,
            chat_id=chat,
            question_id=effect.question_id,
            topic=effect.topic,
            guide_title=effect.guide_title,
            step=effect.step,
            failed=effect.failed,
            contact=ticket_contact.sealed(vault, contact),
            commune=effect.commune,
            locality=effect.locality,
            language=effect.language,
            for_other=int(effect.for_other),
            consent_at=now if effect.for_other else None,
            call_requested=int(effect.call_requested),
            words=trust_words.sealed(vault, words),
            created_at=now,
            **standings.values(standing),
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


def recent_of_chat(
    connection: Connection, vault: Vault, chat: int, since: datetime
) -> tuple[TicketView, ...]:
    """The tickets of a citizen that are open or ended after `since`, oldest first."""
    # Few people ever have one.
    if _ANY_OF_CHAT.row(connection, {"b_chat": chat}) is None:
        return ()
    values = {"b_chat": chat, "b_since": since}
    return tuple(_view(r, vault) for r in connection.execute(_RECENT_OF_CHAT, values))


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


# The thread -------------------------------------------------------------------------------------


def add_line(
    connection: Connection,
    vault: Vault,
    ticket_id: int,
    author: str,
    name: str,
    text: str,
    now: datetime,
) -> int:
    """Keep a line (masked before it comes here) of a ticket's talk, sealed; returns its id."""
    statement = insert(connection, ticket_messages).values(
        ticket_id=ticket_id,
        at=now,
        author=author,
        name=name,
        payload=vault.seal(text.encode(), LINE),
    )
    return int(connection.execute(statement.returning(ticket_messages.c.id)).scalar_one())


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
        Line(r.at, r.author, r.name, vault.open(r.payload, LINE).decode(), r.id)
        for r in reversed(rows)
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
    """Make a team, or change the one of this name that no roster has; returns its id.

    Without a commune it serves everywhere, as the last rung of the ladder.
    """
    rung = "commune" if commune else "province"
    values = {"name": name, "commune": commune, "telegram_group": group, "rung": rung}
    statement = insert(connection, teams).values(created_at=now, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["name"], index_where=teams.c.key.is_(None), set_=values
    )
    team_id = int(connection.execute(statement.returning(teams.c.id)).scalar_one())
    members_store.set_coverage(connection, team_id, () if commune else ("",))
    return team_id


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


def member_of_account(
    connection: Connection, vault: Vault, account: ChatKey, team_id: int | None = None
) -> MemberView | None:
    """The member with this account, with the open tickets they hold in all their teams; the one of
    a team when `team_id` is given."""
    ((column, value),) = ways.columns(account).items()
    rows = list(connection.execute(_OF_ACCOUNT[column], {"b_account": value}))
    row = next((r for r in rows if team_id in (None, r.team_id)), None)
    if row is None:
        return None
    others = [other for other in rows if other.id != row.id]
    return _member(connection, vault, row, others)


def member(connection: Connection, vault: Vault, member_id: int) -> MemberView | None:
    """A member who was not removed, with the open tickets they hold."""
    query = select(members).where(members.c.id == member_id, members.c.removed_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else _member(connection, vault, row)


def _member(
    connection: Connection, vault: Vault, row: Row[Any], others: Sequence[Row[Any]] = ()
) -> MemberView:
    ids = [row.id, *(other.id for other in others)]
    query = (
        _query()
        .where(tickets.c.claimed_by.in_(ids), tickets.c.status == TicketStatus.CLAIMED.value)
        .order_by(tickets.c.id)
        .limit(50)
    )
    held = tuple(_view(r, vault) for r in connection.execute(query))
    also = tuple((other.id, other.team_id) for other in others)
    return MemberView(row.id, row.team_id, row.name, held, also)


def open_counts(connection: Connection) -> dict[str, int]:
    """How many tickets wait and are claimed, for metrics."""
    rows = connection.execute(
        select(tickets.c.status, func.count())
        .where(tickets.c.status.in_(_OPEN))
        .group_by(tickets.c.status)
    )
    return {r[0]: r[1] for r in rows}
