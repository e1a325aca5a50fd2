"""The record: nobody changes it, filters, pages, the file, who may."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, text, update
from sqlalchemy.exc import DatabaseError

from bot.console.audit_words import ACTIONS
from bot.models.schema import audit_log
from bot.services.sheets import csv_file, safe_cell, workbook_cell
from bot.store import audit
from bot.store.audit import Filter
from bot.store.db import Database
from tests.console.world import START, World
from tests.support import START as EARLY

BOT = Path(__file__).resolve().parents[2] / "bot"
RUN = re.compile(r"\s*[=+\-@|%＝＋－＠]")


def put(connection: Connection, count: int) -> None:
    for n in range(count):
        who = ("hoa", "lan")[n % 2]
        action = ("guide.publish", "ticket.view", "guide.draft")[n % 3]
        audit.record(connection, who, action, f"ticket {n}", EARLY + timedelta(hours=n))


# In the database, both kinds --------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        update(audit_log).values(who="ai đó"),
        update(audit_log).values(subject=""),
        delete(audit_log),
        text("DELETE FROM audit_log WHERE id = 1"),
    ],
)
def test_no_line_is_changed_or_taken_away(database: Database, change: object) -> None:
    database.write_now(lambda c: put(c, 3))
    with pytest.raises(DatabaseError, match="append-only"):
        database.write_now(lambda c: c.execute(change).rowcount)  # type: ignore[call-overload]
    assert len(database.read_now(lambda c: audit.chunk(c, Filter(), 0))) == 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_record_is_not_emptied(database: Database) -> None:
    """SQLite has no TRUNCATE."""
    database.write_now(lambda c: put(c, 3))
    with pytest.raises(DatabaseError, match="append-only"):
        database.write_now(lambda c: c.execute(text("TRUNCATE audit_log")).rowcount)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), set(range(12))),
        (Filter(who="lan"), {1, 3, 5, 7, 9, 11}),
        (Filter(action="ticket.view"), {1, 4, 7, 10}),
        (Filter(who="lan", action="ticket.view"), {1, 7}),
        (Filter(since=EARLY + timedelta(hours=9)), {9, 10, 11}),
        (Filter(before=EARLY + timedelta(hours=2)), {0, 1}),
        (Filter("hoa", "", EARLY + timedelta(hours=3), EARLY + timedelta(hours=7)), {4, 6}),
        (Filter(who="ai"), set()),
        (Filter(since=EARLY + timedelta(days=3)), set()),
        (Filter(before=EARLY), set()),
    ],
)
def test_filters(database: Database, wanted: Filter, expected: set[int]) -> None:
    database.write_now(lambda c: put(c, 12))
    newest = database.read_now(lambda c: audit.latest(c, wanted, 100))
    oldest = database.read_now(lambda c: audit.chunk(c, wanted, 0))
    assert newest == oldest[::-1]
    assert {int(line.subject.removeprefix("ticket ")) for line in newest} == expected


def test_what_can_be_filtered_by(database: Database) -> None:
    assert database.read_now(audit.names) == []
    database.write_now(lambda c: put(c, 7))
    assert database.read_now(audit.names) == ["hoa", "lan"]
    assert database.read_now(audit.actions) == ["guide.draft", "guide.publish", "ticket.view"]


def test_a_line_goes_with_what_was_done(database: Database) -> None:
    def work(connection: Connection) -> None:
        put(connection, 1)
        raise LookupError("what was done failed")

    with pytest.raises(LookupError):
        database.write_now(work)
    assert database.read_now(lambda c: audit.chunk(c, Filter(), 0)) == []


# The page ---------------------------------------------------------------------------------------


def test_pages_follow_each_other(world: World) -> None:
    admin = world.logged_in("admin", "minh")
    world.db.write_now(lambda c: put(c, 250))
    seen: list[str] = []
    address = "/staff/audit?who=hoa"
    for _ in range(3):
        page = admin.get(address).text
        seen += re.findall(r">Phiếu (\d+)</a>", page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        if not found:
            break
        address = found.group(1).replace("&amp;", "&")
    assert [int(n) for n in seen] == list(range(248, -1, -2))


@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=-1",
        "before=" + "9" * 18,
        "before=" + "9" * 40,
        "since=2026-13-45&until=x",
        "since=0001-01-01&until=9999-12-31",
        "who=%00&action=" + "a" * 5000,
        "who=<script>alert(1)</script>",
        "since=<script>alert(1)</script>",
    ],
)
def test_a_strange_filter_is_a_page(world: World, query: str) -> None:
    admin = world.logged_in("admin")
    for path in ("/staff/audit", "/staff/audit.csv"):
        page = admin.get(f"{path}?{query}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_a_day_is_a_day_in_vietnam(world: World) -> None:
    admin = world.logged_in("admin", "minh")  # 09:30 on 22 November in Vietnam
    assert START.day == 22
    query = "since=2025-11-22&until=2025-11-22&action=login"
    assert admin.get(f"/staff/audit?{query}").text.count(">minh</td>") == 1
    assert "Không có việc nào" in admin.get("/staff/audit?until=2025-11-21&action=login").text


def test_the_file_runs_nothing(world: World) -> None:
    admin = world.logged_in("admin", "minh")
    evil = ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(1)", "\t=1", " =1", '"=1', "＝1"]
    for each in evil:
        world.db.write_now(
            lambda c, each=each: audit.record(c, "lan", "guide.draft", each, world.clock)  # type: ignore[misc]
        )
    answer = admin.get("/staff/audit.csv?who=lan")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[5].removeprefix("'") for row in rows[1:]] == evil
    assert not [cell for row in rows for cell in row if RUN.match(cell)]
    assert ("minh", "audit.export", "") in world.record()


def test_the_file_holds_every_line(world: World) -> None:
    admin = world.logged_in("admin", "minh")
    world.db.write_now(lambda c: put(c, 2500))
    lines = admin.get("/staff/audit.csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 2500 + len(("login", "audit.export"))


def test_every_action_has_a_word() -> None:
    """What is recorded anywhere in the program is said in Vietnamese on the page."""
    used: set[str] = set()
    for path in BOT.rglob("*.py"):
        source = path.read_text("utf-8")
        if "audit.record(" in source:
            used |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', source))
    used -= {word for word in used if word.endswith((".html", ".csv", ".xlsx", ".jsonl", ".yml"))}
    assert len(used) > 20
    assert used <= set(ACTIONS), f"give them a word: {sorted(used - set(ACTIONS))}"


# Cells ------------------------------------------------------------------------------------------


@given(st.text())
def test_no_text_is_run_and_none_is_lost(value: str) -> None:
    guarded = safe_cell(value)
    assert isinstance(guarded, str)
    assert not RUN.match(guarded)
    assert seen(guarded) in (seen(value), f"'{seen(value)}")


def seen(value: str) -> str:
    """What of a text can be seen."""
    return "".join(c for c in value if c >= " " and c not in "\ufffe\uffff")


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_a_file_has_its_rows(rows: list[list[str]]) -> None:
    made = csv_file(("a", "b"), rows).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(made, newline="")))) == len(rows) + 1


def test_numbers_stay_numbers() -> None:
    from openpyxl import Workbook

    page = Workbook(write_only=True).create_sheet("a")
    assert safe_cell(-5) == -5
    assert workbook_cell(page, -5).data_type == "n"
    evil = workbook_cell(page, "=1+1")
    assert (evil.data_type, evil.value, evil.quotePrefix) == ("s", "=1+1", True)
    assert workbook_cell(page, "Lan").quotePrefix is False
