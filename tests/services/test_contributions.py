"""A month's contributions and times: from the tables of both databases into files."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert

from bot.errors import BadRequest
from bot.handoff.contributions import By
from bot.models.schema import members, teams, ticket_events, tickets, visits
from bot.services.contributions import (
    HEADINGS,
    month_span,
    of_month,
    times_of_month,
    write_contributions,
    write_times,
)
from bot.services.runtime import Runtime
from bot.store import inbox
from bot.store.inbox import ChatKey
from tests.support import SQLITE

HOUR = timedelta(hours=1)
#: The first and the last moment of November 2026 in Vietnam.
FIRST = datetime(2026, 10, 31, 17, tzinfo=UTC)
LAST = datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)
EVIL = '=HYPERLINK("http://x","Hoa")'


class World:
    """Rows as the ticket's services write them."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.add(teams, id=1, name="Tổ Rạch Gốc", commune="", created_at=FIRST, rung="hamlet")
        self.member(1, "Hoa", "m-1")
        self.member(2, EVIL, "@m-2")
        chat = ChatKey("web", "citizen")
        self.chat = runtime.db.write_now(lambda c: inbox.chat_id(c, chat, FIRST))
        self.number = 0

    def add(self, table: Table, **values: Any) -> None:
        self.runtime.db.write_now(lambda c: c.execute(insert(table).values(**values)))

    def member(self, number: int, name: str, key: str, **more: Any) -> None:
        self.add(members, id=number, team_id=1, name=name, key=key, created_at=FIRST, **more)

    def ticket(self, opened: datetime, member: int | None = 1, **more: Any) -> int:
        """A ticket closed two hours after it was opened, the first reply after one."""
        self.number += 1
        values: dict[str, Any] = {
            "status": "closed",
            "topic": "VNeID",
            "locality": "96.32083.rach-goc",
            "claimed_by": member,
            "created_at": opened,
            "claimed_at": opened,
            "first_reply_at": opened + HOUR,
            "closed_at": opened + 2 * HOUR,
            "outcome": "solved",
        }
        self.add(tickets, **{"id": self.number, "chat_id": self.chat, **values, **more})
        return self.number

    def claimed(self, ticket: int, member: int, at: datetime, kind: str = "claimed") -> None:
        actor = {"actor_kind": "member", "actor_id": member}
        self.add(ticket_events, ticket_id=ticket, at=at, kind=kind, rung="hamlet", **actor)

    def visit(self, ticket: int, member: int, done: datetime | None, minutes: int | None) -> None:
        self.add(
            visits,
            ticket_id=ticket,
            member_id=member,
            at=FIRST,
            made_at=FIRST,
            done_at=done,
            minutes=minutes,
        )


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


@pytest.fixture
def november(world: World) -> World:
    first = world.ticket(FIRST, rating=5)
    world.claimed(first, 1, FIRST)
    world.claimed(first, 1, FIRST, kind="helper_said")
    world.visit(first, 1, LAST, 90)
    world.visit(first, 1, LAST, None)
    world.visit(first, 1, None, 60)
    second = world.ticket(LAST - 2 * HOUR, 2, outcome="not_reachable", locality="96.32083")
    world.claimed(second, 2, LAST)
    # A second before and a second after the month.
    world.ticket(FIRST - 2 * HOUR - timedelta(seconds=1))
    late = world.ticket(LAST - HOUR, 1)
    world.claimed(late, 1, LAST + timedelta(seconds=1))
    # Cancelled, and nobody's.
    world.ticket(FIRST, None, status="cancelled", outcome=None)
    return world


def test_a_month_is_vietnams(november: World) -> None:
    found = of_month(november.runtime, "2026-11")
    assert {each.worker.name for each in found} == {"Hoa", EVIL}
    hoa = next(each for each in found if each.worker.name == "Hoa")
    assert (hoa.taken, hoa.closed, hoa.solved, hoa.rating) == (1, 1, 1, 5.0)
    assert (hoa.visits, hoa.visits_untimed, hoa.hours) == (2, 1, 1.5)
    assert of_month(november.runtime, "2025-01") == ()


def test_work_of_a_member_who_left_stays_theirs(world: World) -> None:
    world.member(3, "Cũ", "m-3", removed_at=LAST)
    world.ticket(FIRST, 3)
    assert [each.worker.name for each in of_month(world.runtime, "2026-11")] == ["Cũ"]


def test_times_of_a_month(november: World) -> None:
    (named, name), *rest = times_of_month(november.runtime, "2026-11", By.HAMLET)[::-1]
    assert (name, named.tickets) == ("96.32083.rach-goc", 2)
    assert (named.first_reply.median, named.resolution.p90) == (HOUR, 2 * HOUR)
    assert [each.key for each, _ in rest] == [""]
    by_member = times_of_month(november.runtime, "2026-11", By.MEMBER)
    assert [(each.key, name) for each, name in by_member] == [("1", "Hoa"), ("2", EVIL)]


@SQLITE
def test_a_spreadsheet_runs_nothing_of_it(november: World, tmp_path: Path) -> None:
    """Names come from rosters that others typed."""
    sheet, text = tmp_path / "a.xlsx", tmp_path / "a.csv"
    assert write_contributions(november.runtime, "2026-11", sheet) == 2
    assert write_contributions(november.runtime, "2026-11", text) == 2
    with zipfile.ZipFile(sheet) as parts:
        pages = [name for name in parts.namelist() if "sheet" in name]
        assert pages
        assert not any(b"<f>" in parts.read(name) for name in pages)
        assert any(b"HYPERLINK" in parts.read(name) for name in parts.namelist())
    with text.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert tuple(heading) == HEADINGS
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert [
        "m-1",
        "Hoa",
        "Tổ Rạch Gốc",
        "thôn, ấp, buôn",
        "1",
        "1",
        "1",
        "2",
        "1",
        "1.50",
        "5.00",
    ] in rows
    assert write_times(november.runtime, "2026-11", By.MEMBER, tmp_path / "t.csv") == 2
    assert "'=HYPERLINK" in (tmp_path / "t.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "0000-01", "11/2026", "2026-1", "", "x"])
def test_a_wrong_month_is_said(month: str) -> None:
    with pytest.raises(BadRequest, match="must be a month such as 2026-11"):
        month_span(month)


def test_the_last_month_there_is() -> None:
    with pytest.raises(BadRequest):
        month_span("9999-12")
    assert month_span("2026-12")[1] == datetime(2026, 12, 31, 17, tzinfo=UTC)
