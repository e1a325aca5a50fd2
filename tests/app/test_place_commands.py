"""locality find, locality load and poster, through the command line in this process."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.errors import CongdansoError
from bot.locality.files import load_gazetteer
from tests.locality.test_files import CHANGES, LEGACY, NEW, wheel

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a database of its own."""
    var = tmp_path / "var"
    var.mkdir()
    (var / "congdanso.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(var))
    return lambda *words: CliRunner().invoke(app, [*map(str, words)])


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where people reach this server."""
    monkeypatch.setenv("CONGDANSO_PUBLIC_URL", "https://tro-ly.example.vn/")


def refusal(result: Result) -> str:
    assert isinstance(result.exception, CongdansoError), result.output
    return str(result.exception)


def held(pdf: Path) -> set[str]:
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=1.5).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def test_a_place_is_found(run: Run) -> None:
    done = run("locality", "find", "tan an tay ngoc hien")
    assert done.exit_code == 0
    first = done.output.splitlines()[0].split("\t")
    assert (first[0], first[2], first[3]) == (
        "96.32236", "xã Tân Ân, tỉnh Cà Mau", "old commune",
    )  # fmt: skip
    assert run("locality", "find", "không biết").exit_code == 1


def test_a_province_is_loaded(run: Run, tmp_path: Path) -> None:
    file = wheel(tmp_path, parser_from_2025=NEW, parser_legacy=LEGACY, converter_2025=CHANGES)
    into = tmp_path / "places"
    done = run("locality", "load", file, "--province", "ca mau", "--into", into)
    assert "ca-mau.csv: 2 communes out of 3 old ones, 1 divided" in done.output
    (into / "aliases.csv").write_text("alias,name\n")
    assert len(load_gazetteer(into).communes) == 2
    before = (into / "ca-mau.csv").read_bytes()
    assert run("locality", "load", file, "--province", "all", "--into", into).exit_code == 0
    assert (into / "ca-mau.csv").read_bytes() == before


def test_a_province_there_is_not_is_named_and_nothing_written(run: Run, tmp_path: Path) -> None:
    file = wheel(tmp_path, parser_from_2025=NEW, parser_legacy=LEGACY, converter_2025=CHANGES)
    into = tmp_path / "places"
    said = refusal(run("locality", "load", file, "--province", "Sài Gòn", "--into", into))
    assert "'Sài Gòn': is no province; must be one of Tỉnh Cà Mau" in said
    assert not into.exists()


@pytest.mark.usefixtures("web")
def test_a_poster_opens_the_place(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONGDANSO_TELEGRAM_NAME", "@tro_ly_so_bot")
    monkeypatch.setenv("CONGDANSO_ZALO_URL", "https://zalo.me/1234567890")
    out = tmp_path / "poster.pdf"
    done = run("poster", "96.32236", "--out", out, "--team", "Tổ Rạch Gốc")
    assert done.exit_code == 0, done.output
    assert held(out) == {
        "https://tro-ly.example.vn/?loc=96_32236",
        "https://t.me/tro_ly_so_bot?start=loc_96_32236",
        "https://zalo.me/1234567890",
    }
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.usefixtures("web")
def test_a_poster_by_name(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "poster.pdf"
    assert run("poster", "xã Đất Mũi, Cà Mau", "--out", out).exit_code == 0
    assert held(out) == {"https://tro-ly.example.vn/?loc=96_32248"}


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("96.00001", "there is no such place"),
        ("96.32236.ap-4", "there is no such place; hamlets come with a roster"),
        ("asdfgh", "no places are called so"),
        ("xã Tân Ân Ngọc Hiển", "3 places are called so; give one of these codes:\n  96.32236"),
    ],
)
def test_a_place_that_is_not_clear(run: Run, tmp_path: Path, place: str, why: str) -> None:
    out = tmp_path / "poster.pdf"
    assert why in refusal(run("poster", place, "--out", out))
    assert not out.exists()


def test_a_poster_that_leads_nowhere_is_not_made(run: Run, tmp_path: Path) -> None:
    said = refusal(run("poster", "96.32236", "--out", tmp_path / "poster.pdf"))
    assert "CONGDANSO_PUBLIC_URL" in said


@pytest.mark.usefixtures("web")
def test_a_file_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "none" / "poster.pdf"
    assert f"{out}: cannot be written" in refusal(run("poster", "96.32236", "--out", out))


def test_the_wheel_must_be_one(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.whl"
    with zipfile.ZipFile(file, "w") as out:
        out.writestr("x", json.dumps({}))
    assert "pip download" in refusal(run("locality", "load", file, "--province", "96"))
