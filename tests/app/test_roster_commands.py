"""roster import, export and join links, through the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.errors import CongdansoError
from tests.rosters.files import HEADINGS, write_csv, write_xlsx

Run = Callable[..., Result]
TEAM = ("Tổ ấp Rạch Gốc", "Cà Mau", "Xã Tân Ân", "Ấp Rạch Gốc")
ROWS = (
    (*TEAM, "Nguyễn Văn An", "0900000001", "tổ trưởng"),
    (*TEAM, "Trần Thị Bé", 900000002, ""),
)


@pytest.fixture
def run(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a database of its own."""
    var = tmp_path / "var"
    var.mkdir()
    (var / "congdanso.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(var))
    monkeypatch.setenv("CONGDANSO_TELEGRAM_NAME", "congdanso_bot")

    def running(*words: object) -> Result:
        return CliRunner().invoke(app, ["roster", *map(str, words)])

    return running


def refusal(result: Result) -> str:
    """What `congdanso` prints for an error that ended a command."""
    assert isinstance(result.exception, CongdansoError)
    assert "\n" not in str(result.exception)
    return str(result.exception)


def test_import_export_and_again(run: Run, tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "in.xlsx", ROWS)
    dry = run("import", file, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "new\tmember\tTrần Thị Bé (Tổ ấp Rạch Gốc)" in dry.output
    assert "dry run: nothing was changed" in dry.output
    done = run("import", file)
    assert done.exit_code == 0, done.output
    assert "teams: 1 new, 0 changed, 0 missing, 0 removed" in done.output
    assert "members: 2 new, 0 changed, 0 missing, 0 removed" in done.output
    assert "done: 4 changes" in done.output
    out = tmp_path / "out.csv"
    assert "1 teams, 2 members" in run("export", out).output
    assert "nothing to change" in run("import", out).output
    assert "0900000002" in out.read_text(encoding="utf-8-sig")


def test_missing_ones_are_removed_when_asked(run: Run, tmp_path: Path) -> None:
    run("import", write_csv(tmp_path / "a.csv", ROWS))
    less = write_csv(tmp_path / "b.csv", ROWS[:1])
    listed = run("import", less)
    assert "missing\tmember\tTrần Thị Bé (Tổ ấp Rạch Gốc)" in listed.output
    assert "--remove-missing removes them" in listed.output
    assert "removed\tmember\tTrần Thị Bé" in run("import", less, "--remove-missing").output
    assert "0 missing" in run("import", less).output.splitlines()[-2]


def test_problems_by_row_and_column(run: Run, tmp_path: Path) -> None:
    wrong = (*TEAM[:2], "Tân Ấn Độ", *ROWS[0][3:5], "9E+08", "vua")
    result = run("import", write_csv(tmp_path / "a.csv", [ROWS[0], wrong]))
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith(f'{tmp_path}/a.csv: row 3, column C "Xã/phường": ')
    assert lines[-1] == f"{tmp_path}/a.csv: 3 problem(s); nothing was changed"
    assert "0 teams, 0 members" in run("export", tmp_path / "out.csv").output


def test_what_cannot_be_read_is_one_clear_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("no workbook")
    assert "is no Excel file" in refusal(run("import", tmp_path / "a.xlsx"))
    assert "cannot be read" in refusal(run("import", tmp_path / "none.csv"))
    assert "must end with .xlsx or .csv" in refusal(run("export", tmp_path / "a.txt"))
    assert "must end with .xlsx or .csv" in refusal(run("join-links", "--out", "a.txt"))
    no_headings = write_csv(tmp_path / "b.csv", ROWS, [str(n) for n in range(len(HEADINGS))])
    assert "has no row of headings" in refusal(run("import", no_headings))


def test_links(run: Run, tmp_path: Path) -> None:
    run("import", write_csv(tmp_path / "a.csv", ROWS))
    out = tmp_path / "links.xlsx"
    assert "2 link(s)" in run("join-links", "--out", out).output
    assert out.exists()
    telegram, web = run("join-link", "1").output.splitlines()
    assert telegram.startswith("https://t.me/congdanso_bot?start=join_")
    assert "/desk/join/" in web
    assert "member 99: there is none" in refusal(run("join-link", "99"))
