"""roster contributions and roster times, through the real command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.errors import BadRequest
from bot.rosters.sheets import SheetError


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"CONGDANSO_VAR_DIR": str(tmp_path / "var"), "COLUMNS": "200"}


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(app, ["roster", *arguments], env=environment)


def test_a_month_of_nothing_is_an_empty_table(environment: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "thang.csv"
    done = run(environment, "contributions", "--month", "2026-11", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert f"{out}: 0 members" in done.output
    assert out.read_text("utf-8-sig").startswith("Mã,Họ tên,Tổ,")
    shown = run(environment, "times", "--month", "2026-11", "--by", "hamlet")
    assert shown.exit_code == 0
    assert "Số phiếu" in shown.output
    kept = run(environment, "times", "--month", "2026-11", "--out", str(tmp_path / "g.csv"))
    assert "0 rows" in kept.output


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("contributions", "--month", "11/2026", "--out", "a.csv"), BadRequest, "such as 2026-11"),
        (("contributions", "--month", "2026-11", "--out", "a.pdf"), SheetError, "must end with"),
        (("times", "--month", "2026-11", "--by", "xã"), BadRequest, "hamlet, commune or member"),
    ],
)
def test_a_mistake_is_one_clear_line(
    environment: dict[str, str], arguments: tuple[str, ...], error: type[Exception], says: str
) -> None:
    done = run(environment, *arguments)
    assert isinstance(done.exception, error)
    assert says in str(done.exception)
