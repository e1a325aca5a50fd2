"""Who can help: members by team and place, their accounts, when they are there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.domain.channels import ZALO_OA, traits
from bot.domain.tickets import Rung, TicketStatus
from bot.locality.codes import parents
from bot.models.schema import chats, members, team_coverage, teams, tickets
from bot.schedule.holidays import Holidays
from bot.schedule.hours import BusinessHours
from bot.schedule.week import Week
from bot.store import ways
from bot.store.crypto import Vault
from bot.store.inbox import ChatKey
from bot.store.sql import insert

PHONE = "member.phone"
TEAM_PHONE = "team.phone"


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who can take a ticket now. `joined`: messages reach them; else they can only be
    called. `open` is how many tickets they hold; `phone` is filled in for the call sheet only.
    """

    id: int
    team_id: int
    name: str
    role: str
    languages: tuple[str, ...]
    open: int
    joined: bool = True
    telegram_id: str = ""
    zalo_id: str = ""
    has_phone: bool = False
    phone: str = ""


JOINED = or_(
    members.c.telegram_id.is_not(None),
    members.c.zalo_id.is_not(None),
    members.c.web_joined_at.is_not(None),
)


# Places -----------------------------------------------------------------------------------------


def desk_of(connection: Connection, locality_code: str, rung: str) -> tuple[int, ...]:
    """The active teams of a rung that serve a place, the ones of the smallest place first.

    A hamlet's team serves hamlets, a commune's its communes, a province's desk a province or
    everywhere; for a place that is wider than what teams of a rung serve there is none.
    """
    within = (locality_code, *parents(locality_code))
    query = (
        select(teams.c.id)
        .join(team_coverage, team_coverage.c.team_id == teams.c.id)
        .where(
            team_coverage.c.locality_code.in_(within),
            teams.c.rung == str(rung),
            teams.c.active,
        )
        .order_by(func.max(func.length(team_coverage.c.locality_code)).desc(), teams.c.id)
        .group_by(teams.c.id)
    )
    return tuple(connection.execute(query).scalars())


def coverage(connection: Connection, team_id: int) -> tuple[str, ...]:
    """The codes of the places a team serves."""
    query = (
        select(team_coverage.c.locality_code)
        .where(team_coverage.c.team_id == team_id)
        .order_by(team_coverage.c.locality_code)
    )
    return tuple(connection.execute(query).scalars())


def set_coverage(connection: Connection, team_id: int, codes: Iterable[str]) -> None:
    """What a team serves from now on."""
    set_coverages(connection, {team_id: tuple(codes)})


def set_coverages(connection: Connection, served: Mapping[int, Iterable[str]]) -> None:
    """What several teams, by their numbers, serve from now on."""
    connection.execute(delete(team_coverage).where(team_coverage.c.team_id.in_(list(served))))
    rows = [
        {"team_id": team_id, "locality_code": code}
        for team_id, codes in served.items()
        for code in dict.fromkeys(codes)
    ]
    if rows:
        connection.execute(insert(connection, team_coverage), rows)


def rung_of(connection: Connection, team_id: int) -> Rung | None:
    """A team's rung; None when there is no such team or it is not active."""
    found = connection.execute(
        select(teams.c.rung).where(teams.c.id == team_id, teams.c.active)
    ).scalar()
    return Rung(found) if found else None


def team_of(connection: Connection, member_id: int) -> tuple[int, Rung] | None:
    """(team, its rung) of a member who was not removed; None when there is none."""
    row = connection.execute(
        select(teams.c.id, teams.c.rung)
        .join(members, members.c.team_id == teams.c.id)
        .where(members.c.id == member_id, members.c.removed_at.is_(None), teams.c.active)
    ).one_or_none()
    return None if row is None else (row.id, Rung(row.rung))


def open_group(connection: Connection, team_id: int) -> bool:
    """Whether a team has a group that can be reached, while nobody knows who is in it: it came
    with no roster, or nobody of its roster has joined."""
    joined = exists().where(members.c.team_id == teams.c.id, members.c.removed_at.is_(None), JOINED)
    closed = exists().where(
        chats.c.channel == "telegram",
        chats.c.external_id == teams.c.telegram_group,
        chats.c.unreachable_at.is_not(None),
    )
    query = select(teams.c.id).where(
        teams.c.id == team_id,
        teams.c.active,
        teams.c.telegram_group.is_not(None),
        or_(teams.c.key.is_(None), ~joined),
        ~closed,
    )
    return connection.execute(query).scalar() is not None


def team_languages(connection: Connection, team_id: int) -> frozenset[str]:
    """Every language that somebody of a team speaks."""
    query = select(members.c.languages).where(
        members.c.team_id == team_id, members.c.removed_at.is_(None)
    )
    return frozenset(code for text in connection.execute(query).scalars() for code in _codes(text))


# Who is there -----------------------------------------------------------------------------------

_HOLDS = (
    select(func.count())
    .where(tickets.c.claimed_by == members.c.id, tickets.c.status == TicketStatus.CLAIMED.value)
    .correlate(members)
    .scalar_subquery()
)
_REACHED = and_(JOINED, members.c.reach_failed_at.is_(None))
#: NULLs count as not away: every part is decided by itself.
_AWAY = and_(
    members.c.away_until.is_not(None),
    members.c.away_until > bindparam("b_at"),
    or_(members.c.away_from.is_(None), members.c.away_from <= bindparam("b_at")),
)


def _there() -> Select[Any]:
    """Members of a team who were not removed and are not away, the least burdened first."""
    held = _HOLDS.label("held")
    return (
        select(members, teams.c.hours.label("team_hours"), held, _REACHED.label("reached"))
        .join(teams, teams.c.id == members.c.team_id)
        .where(
            members.c.team_id == bindparam("b_team"),
            members.c.removed_at.is_(None),
            teams.c.active,
            ~_AWAY,
        )
        .order_by(held, members.c.id)
    )


_AVAILABLE = _there().where(
    or_(_REACHED, members.c.phone.is_not(None)), members.c.max_open > _HOLDS
)
_TO_CALL = _there().where(members.c.phone.is_not(None))


def available(
    connection: Connection,
    team_id: int,
    at: datetime,
    languages: Iterable[str] = (),
    *,
    holidays: Holidays | None = None,
    any_hour: bool = False,
    billed: bool = False,
) -> tuple[Helper, ...]:
    """The members of a team who can take a ticket at a moment, the least burdened first.

    They can be reached by messages (`joined`) or at least by phone, are not away, hold fewer
    tickets than they may, and are on duty: within their own hours, or the team's, or at any hour
    where none are set or with `any_hour`. `languages`: only who speaks one of them. One query, and
    one for each who can be told on Zalo's Official Account alone; `billed` as in `ways.silent`.
    """
    rows = connection.execute(_AVAILABLE, {"b_team": team_id, "b_at": at})
    on_duty = (
        row for row in rows if any_hour or is_duty(row.hours or row.team_hours, at, holidays)
    )
    wanted = frozenset(languages)
    helpers = (
        replace(_helper(row), joined=False)
        if ways.silent(connection, row, at, billed=billed)
        else _helper(row)
        for row in on_duty
    )
    spoken = (h for h in helpers if not wanted or wanted & frozenset(h.languages))
    return tuple(helper for helper in spoken if helper.joined or helper.has_phone)


def to_call(connection: Connection, vault: Vault, team_id: int, at: datetime) -> tuple[Helper, ...]:
    """The call sheet: members with a phone who are not away, joined or not, whatever the hour."""
    rows = connection.execute(_TO_CALL, {"b_team": team_id, "b_at": at})
    return tuple(_helper(row, vault.open(row.phone, PHONE).decode()) for row in rows)


def desk_phone(connection: Connection, vault: Vault, team_id: int) -> str:
    """The number of a team's desk; "" when it has none."""
    sealed = connection.execute(select(teams.c.phone).where(teams.c.id == team_id)).scalar()
    return vault.open(sealed, TEAM_PHONE).decode() if sealed else ""


def team_hours(connection: Connection, team_id: int) -> str:
    """A team's hours as stored (`Week.from_json`); "" when it has none: it is there always."""
    return connection.execute(select(teams.c.hours).where(teams.c.id == team_id)).scalar() or ""


def is_duty(hours: str, at: datetime, holidays: Holidays | None = None) -> bool:
    """Whether stored hours are open at a moment; empty ones always are."""
    return not hours or BusinessHours(_week(hours), holidays).open_at(at)


@lru_cache(maxsize=4_096)
def _week(hours: str) -> Week:
    return Week.from_json(hours)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _helper(row: Row[Any], phone: str = "") -> Helper:
    return Helper(
        row.id,
        row.team_id,
        row.name,
        row.role,
        _codes(row.languages),
        row.held,
        bool(row.reached),
        row.telegram_id or "",
        row.zalo_id or "",
        row.phone is not None,
        phone,
    )


# What members say of themselves -----------------------------------------------------------------


def set_away(
    connection: Connection,
    account: ChatKey,
    until: datetime | None,
    since: datetime | None = None,
) -> None:
    """An account's member, in every team of theirs, is away from `since` (None: now) until
    a moment; `until` None: there again. Whoever says so can be reached."""
    connection.execute(
        update(members)
        .where(ways.is_theirs(account), members.c.removed_at.is_(None))
        .values(away_from=since if until else None, away_until=until, reach_failed_at=None)
    )


def set_away_of(
    connection: Connection, member_id: int, until: datetime | None, since: datetime | None = None
) -> None:
    """The same for a member who says so on their own page."""
    connection.execute(
        update(members)
        .where(members.c.id == member_id, members.c.removed_at.is_(None))
        .values(away_from=since if until else None, away_until=until, reach_failed_at=None)
    )


def away(connection: Connection, member_id: int) -> tuple[datetime | None, datetime | None]:
    """(from, until) when a member is away; (None, None) when they never said so."""
    query = select(members.c.away_from, members.c.away_until).where(members.c.id == member_id)
    row = connection.execute(query).one_or_none()
    return (row.away_from, row.away_until) if row else (None, None)


def set_unreachable(connection: Connection, member_id: int, at: datetime) -> None:
    """Nothing reaches them on any channel: they count as away until they are heard of."""
    connection.execute(update(members).where(members.c.id == member_id).values(reach_failed_at=at))


def account_failed(
    connection: Connection, account: ChatKey, at: datetime, *, billed: bool = False
) -> None:
    """An account takes no messages: whoever has no other way in counts as away."""
    for row in ways.holders(connection, account):
        other = ways.has_other(connection, row, account, at, billed=billed)
        if not other and row.web_joined_at is None:
            set_unreachable(connection, row.id, at)


def heard_of(connection: Connection, account: ChatKey, *, back: bool) -> None:
    """Something came from an account; `back`: its chat had taken no messages.

    A window that was closed on the Official Account leaves no mark on the chat.
    """
    if account.channel == ZALO_OA or (back and traits(account.channel).accounts):
        account_back(connection, account)


def account_back(connection: Connection, account: ChatKey) -> None:
    """Something came from an account that had taken no messages."""
    connection.execute(
        update(members)
        .where(ways.is_theirs(account), members.c.reach_failed_at.is_not(None))
        .values(reach_failed_at=None)
    )
