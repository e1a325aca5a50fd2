"""Invented teams, and tickets of questions that were handed over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from numpy.random import Generator

from bot.locality.atlas import Atlas
from bot.locality.codes import commune_of
from bot.services.demo import words
from bot.services.demo.questions import Handed
from bot.store import ticket_events
from bot.store.crypto import Vault
from bot.store.ticket_contact import Contact, sealed
from bot.store.tickets import LINE

TICKET_COLUMNS = (
    *("id", "chat_id", "question_id", "status", "urgent", "topic", "guide_title", "step", "failed"),
    *("contact", "commune", "team_id", "claimed_by", "created_at", "claimed_at", "closed_at"),
    *("rating", "locality", "rung", "due_at", "due_kind", "missed", "first_reply_at", "outcome"),
    *("for_other", "call_requested", "language"),
)
EVENT_COLUMNS = ("ticket_id", "at", "kind", "actor_kind", "actor_id", "rung", "data")
LINE_COLUMNS = ("ticket_id", "at", "author", "name", "payload")
TEAM_COLUMNS = ("id", "name", "commune", "created_at", "key", "rung", "hours", "active")
MEMBER_COLUMNS = ("id", "team_id", "name", "created_at", "key", "role", "languages", "max_open")
COVERAGE_COLUMNS = ("team_id", "locality_code")
_MEMBERS = 4
#: Tickets of so many last days may be open still.
_OPEN_DAYS = 4


@dataclass(frozen=True, slots=True)
class Teams:
    """Rows of teams, what they serve and who is in them; `by_area` has team ids by code."""

    teams: list[tuple[Any, ...]]
    coverage: list[tuple[Any, ...]]
    members: list[tuple[Any, ...]]
    by_area: dict[str, int]


def make_teams(atlas: Atlas, made_at: datetime, dice: Generator) -> Teams:
    """A team for each province and each commune, four people in each."""
    found = Teams([], [], [], {})
    for province in sorted(atlas.gazetteer.loaded):
        codes = [province, *(c.code for c in atlas.gazetteer.of_province(province))]
        for code in codes:
            number = len(found.teams) + 1
            rung = "commune" if "." in code else "province"
            name = f"Tổ {atlas.label(code)}"
            found.teams.append(
                (number, name[:160], atlas.name(code), made_at, f"demo-{code}", rung, "", True)
            )
            found.coverage.append((number, code))
            found.by_area[code] = number
            for n in range(_MEMBERS):
                member = len(found.members) + 1
                person = _name(int(dice.integers(0, 1 << 30)))
                role = "lead" if n == 0 else "member"
                key = f"demo-{member}"
                found.members.append((member, number, person, made_at, key, role, '["vi"]', 50))
    return found


def _name(pick: int) -> str:
    family = words.FAMILY[pick % len(words.FAMILY)]
    return f"{family} {words.GIVEN[pick // 16 % len(words.GIVEN)]}"


@dataclass(frozen=True, slots=True)
class Made:
    """Rows of some tickets with what hangs on them."""

    tickets: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]
    lines: list[tuple[Any, ...]]


def make_tickets(
    handed: Sequence[Handed], teams: Teams, vault: Vault, now: datetime, dice: Generator
) -> Made:
    """A ticket for each question that was handed over."""
    found = Made([], [], [])
    for each in handed:
        _ticket(found, each, teams, vault, now, [int(n) for n in dice.integers(0, 1 << 30, 8)])
    return found


def _ticket(
    found: Made, each: Handed, teams: Teams, vault: Vault, now: datetime, picks: list[int]
) -> None:
    team = teams.by_area.get(commune_of(each.area)) or teams.by_area.get(each.area[:2])
    rung = "commune" if "." in each.area and team else "province"
    status = _status(each.at, now, picks[0], known=team is not None)
    taken = status in ("claimed", "closed") and team is not None
    member = (team - 1) * _MEMBERS + 1 + picks[1] % _MEMBERS if taken and team else None
    claimed = each.at + timedelta(minutes=2 + picks[2] % 300) if taken else None
    replied = claimed + timedelta(minutes=1 + picks[3] % 60) if claimed else None
    ended = status in ("closed", "cancelled")
    closed = (replied or each.at) + timedelta(minutes=5 + picks[4] % 2000) if ended else None
    due = None if ended else now + timedelta(minutes=picks[5] % 600 - 120)
    due_kind = None if ended else "claim" if status == "waiting" else "reply"
    contact = Contact(_name(picks[6]), f"0900 000 {picks[7] % 1000:03}")
    outcome = ("solved", "solved_at_home", "not_reachable", "referred_commune")[picks[5] % 4]
    found.tickets.append(
        (
            each.question,
            each.chat,
            each.question,
            status,
            int(picks[1] % 50 == 0),
            each.title,
            each.title if each.step else "",
            each.step,
            "",
            sealed(vault, contact),
            each.place,
            team,
            member,
            each.at,
            claimed,
            closed,
            3 + picks[6] % 3 if status == "closed" and picks[7] % 2 else None,
            each.area,
            rung,
            due,
            due_kind,
            0,
            replied,
            outcome if status == "closed" else None,
            0,
            0,
            "vi",
        )
    )
    found.events.extend(_events(each, rung, member, claimed, replied, closed, status, vault))
    if replied:
        for n, text in enumerate(words.LINES[: 2 + picks[2] % 3]):
            author = "citizen" if n % 2 else "helper"
            at = replied + timedelta(minutes=n)
            payload = vault.seal(text.encode(), LINE)
            found.lines.append((each.question, at, author, "", payload))


def _status(asked: datetime, now: datetime, pick: int, *, known: bool) -> str:
    recent = now - asked < timedelta(days=_OPEN_DAYS)
    if recent and pick % 3 == 0:
        return "waiting"
    if recent and known and pick % 3 == 1:
        return "claimed"
    return "cancelled" if pick % 20 == 0 or not known else "closed"


def _events(
    each: Handed,
    rung: str,
    member: int | None,
    claimed: datetime | None,
    replied: datetime | None,
    closed: datetime | None,
    status: str,
    vault: Vault,
) -> Iterator[tuple[Any, ...]]:
    data = vault.seal(json.dumps({"rung": rung}).encode(), ticket_events.DATA)
    yield (each.question, each.at, "opened", "citizen", None, rung, data)
    if claimed:
        yield (each.question, claimed, "claimed", "member", member, rung, None)
    if replied:
        yield (each.question, replied, "helper_said", "member", member, rung, None)
    if closed:
        by = ("member", member) if status == "closed" else ("citizen", None)
        yield (each.question, closed, status, *by, rung, None)
