"""content build, through the real command line."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from bot.settings import ROOT
from tests.app.test_start_and_stop import assert_one_clear_line, run

GUIDE = "qr_pay"


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that keeps the cards from one test to the next."""
    return tmp_path_factory.mktemp("build") / "var"


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Callable[[str], str]], Path]:
    """A copy of the content in which the guide was edited."""

    def edit(change: Callable[[str], str]) -> Path:
        content = tmp_path / "content"
        shutil.copytree(ROOT / "content", content)
        guide = content / "guides" / f"{GUIDE}.yml"
        guide.write_text(change(guide.read_text(encoding="utf-8")), encoding="utf-8")
        return content

    return edit


def test_every_card_of_a_guide_is_drawn_and_the_next_time_none(
    var_dir: Path, tmp_path: Path
) -> None:
    out, sheet = tmp_path / "cards", tmp_path / "sheet.png"
    done = run(
        ["content", "build", "--guide", GUIDE, "--out", str(out), "--sheet", str(sheet)], var_dir
    )
    assert done.returncode == 0, done.stdout + done.stderr
    names = sorted(file.name for file in out.iterdir())
    assert names[0] == f"{GUIDE}-01.png"
    assert f"{len(names)} step cards, {len(names)} of them drawn now" in done.stdout
    assert len(list((var_dir / "cards").iterdir())) == len(names)
    for file in out.iterdir():
        assert Image.open(io.BytesIO(file.read_bytes())).size == (1080, 1350)
    assert sheet.stat().st_size <= 600_000
    assert Image.open(sheet).width > 1080
    again = run(["content", "build", "--guide", GUIDE], var_dir)
    assert f"{len(names)} step cards, 0 of them drawn now" in again.stdout


def test_a_step_that_has_no_room_is_named(
    var_dir: Path, edited: Callable[[Callable[[str], str]], Path]
) -> None:
    """No editor can write one so long within the limits, unless it is all wide letters."""

    wide = f"    text: {' '.join(['W' * 16] * 16)}\n"
    content = edited(lambda text: re.sub(r"    text: >-\n(      .*\n)+", wide, text, count=1))
    done = run(["content", "build", str(content), "--guide", GUIDE], var_dir)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{GUIDE}-01: fits only with letters of" in done.stdout
    assert "Traceback" not in done.stderr


def test_what_cannot_be_built_is_named(
    var_dir: Path, edited: Callable[[Callable[[str], str]], Path]
) -> None:
    assert_one_clear_line(run(["content", "build", "--guide", "nothing"], var_dir), "nothing")
    content = edited(lambda text: text)
    (content / "cards.yml").write_text("name: x\n", encoding="utf-8")
    done = run(["content", "build", str(content), "--guide", GUIDE], var_dir)
    assert done.returncode == 2
    assert "cards.yml:1: step" in done.stderr
    assert "Traceback" not in done.stderr


def test_content_check_looks_at_the_cards_too(
    var_dir: Path, edited: Callable[[Callable[[str], str]], Path]
) -> None:
    content = edited(lambda text: text)
    cards = content / "cards.yml"
    text = cards.read_text(encoding="utf-8")
    cards.write_text(text.replace("icon: list-checks", "icon: no-such-icon"), encoding="utf-8")
    done = run(["content", "check", str(content)], var_dir)
    assert done.returncode == 1
    assert "cards.yml" in done.stdout
    assert "no-such-icon" in done.stdout
