"""The monthly report: the same figures on the page, in the workbook and from the command."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.effects import Outcome
from bot.errors import BadRequest
from tests.console.test_console_themes import DAT_MUI, TAN_AN, ask, counted
from tests.console.world import World

MONTH = "2025-11"


def on_page(page: str) -> list[list[str]]:
    """The rows of every table, as words."""
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', page, re.S)
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.split(r"</th>|</td>", row)[:-1]]
        for row in rows
    ]


def in_book(body: bytes) -> list[list[str]]:
    book = load_workbook(io.BytesIO(body))
    found = []
    for page in book.worksheets:
        for row in page.iter_rows(min_row=5, values_only=True):
            cells = [
                f"{v:,}".replace(",", ".") if isinstance(v, int) else str(v or "") for v in row
            ]
            found.append(cells)
    return found


def some(world: World) -> None:
    ask(world, 9, area=TAN_AN, step=2)
    ask(world, 2, area=DAT_MUI, topic="scam_link")
    ask(world, 30, area="96.32059", channel="web")
    ask(world, 6, days_ago=30)
    ask(world, 5, outcome=Outcome.NOT_UNDERSTOOD)
    counted(world)


@pytest.mark.parametrize("query", [f"month={MONTH}", f"month={MONTH}&area=96", ""])
def test_the_page_and_the_workbook_say_the_same(world: World, query: str) -> None:
    some(world)
    client = world.logged_in("viewer")
    page, book = client.get(f"/staff/report?{query}"), client.get(f"/staff/report.xlsx?{query}")
    assert book.headers["content-type"].endswith("spreadsheetml.sheet")
    assert "attachment" in book.headers["content-disposition"]
    assert on_page(page.text) == in_book(book.content)
    assert len(on_page(page.text)) >= 9


def test_the_month_before_stands_beside_it(world: World) -> None:
    some(world)
    rows = on_page(world.logged_in("viewer").get(f"/staff/report?month={MONTH}").text)
    assert ["Được hỏi", "46", "6"] in rows


def test_small_counts_are_hidden_in_it(world: World) -> None:
    some(world)
    page = world.logged_in("viewer").get(f"/staff/report?month={MONTH}&area=96").text
    places = {row[0]: row[1] for row in on_page(page) if row[0].startswith("Xã ")}
    assert places["Xã Đất Mũi, Cà Mau"] == "ẩn"
    assert list(places.values()).count("ẩn") == 2
    assert "được ẩn" in page


def test_texts_in_the_workbook_are_never_formulas(world: World) -> None:
    ask(world, 6, topic="=cmd|' /C calc'!A0", channel="@SUM(1)")
    counted(world)
    book = load_workbook(
        io.BytesIO(world.logged_in("viewer").get(f"/staff/report.xlsx?month={MONTH}").content)
    )
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=cmd") for cell in cells)
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}


def test_a_month_that_runs_says_so(world: World) -> None:
    client = world.logged_in("viewer")
    assert "chưa hết" in client.get(f"/staff/report?month={MONTH}").text
    assert "chưa hết" not in client.get("/staff/report?month=2025-10").text
    assert "Tháng này chưa có câu hỏi nào" in client.get("/staff/report?month=2025-10").text


def test_the_command_writes_the_same_and_prints_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some(world)
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(world.runtime.settings.var_dir))
    monkeypatch.setattr("bot.store.data_keys.key_fits", lambda connection, vault: True)
    out = tmp_path / "r.xlsx"
    runner = CliRunner()
    done = runner.invoke(app, ["report", "--month", MONTH, "--area", "96", "--out", str(out)])
    assert done.exit_code == 0, done.output
    served = world.logged_in("viewer").get(f"/staff/report.xlsx?month={MONTH}&area=96").content
    counts = [row[1:] for row in in_book(out.read_bytes())]
    assert counts == [row[1:] for row in in_book(served)]
    printed = runner.invoke(app, ["report", "--month", MONTH])
    assert "Được hỏi" in printed.output
    assert "46" in printed.output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--month", "11/2025"], "--month"),
        (["--month", MONTH, "--area", "zz"], "--area"),
        (["--month", MONTH, "--out", "x.pdf"], "--out"),
    ],
)
def test_what_is_wrong_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch, words: list[str], why: str
) -> None:
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(world.runtime.settings.var_dir))
    monkeypatch.setattr("bot.store.data_keys.key_fits", lambda connection, vault: True)
    done = CliRunner().invoke(app, ["report", *words])
    assert isinstance(done.exception, BadRequest)
    assert why in str(done.exception)
