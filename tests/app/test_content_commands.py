"""`content preview` and `content export`, through the real command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.channels.telegram.photos import CAPTION_MOST
from bot.channels.telegram.sender import DATA_MOST, TEXT_MOST
from bot.domain.replies import Choice, Reply
from bot.guides.loader import dump_guide, load_guides, load_snippets, parse_guide
from bot.services import channel_views
from bot.services.channel_views import Channel, notes
from bot.settings import ROOT
from tests.app.test_start_and_stop import assert_one_clear_line, run
from tests.services.support import TITLES

GUIDES = ROOT / "content" / "guides"


# Preview ----------------------------------------------------------------------------------------


def test_every_channel_is_shown(tmp_path: Path) -> None:
    done = run(["content", "preview", "chip_id_card"], tmp_path)
    assert done.returncode == 0, done.stderr
    for channel in Channel:
        assert f"===== {channel}: " in done.stdout
    telegram, zalo = (
        done.stdout.split(f"===== {name}: ")[1].split("=====")[0] for name in ("telegram", "zalo")
    )
    assert "\n[ Xong, bước tiếp ]\n[ Chưa làm được ]\n" in telegram
    assert "\n1. Xong, bước tiếp\n2. Chưa làm được\n" in zalo
    assert "characters)" in telegram
    assert "--choice child" in done.stdout


def test_one_channel_one_reader(tmp_path: Path) -> None:
    arguments = ["--channel", "terminal", "--choice", "child", "--province", "ca_mau", "--stuck"]
    done = run(["content", "preview", "chip_id_card", *arguments], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "===== telegram" not in done.stdout
    assert "stuck: " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["qr_pya"], ["qr_pya", "qr_pay"]),
        (["chip_id_card", "--choice", "x"], ["--choice x", "child"]),
        (["chip_id_card", "--province", "x"], ["--province x", "ca_mau"]),
    ],
)
def test_what_there_is_not(arguments: list[str], words: list[str], tmp_path: Path) -> None:
    assert_one_clear_line(run(["content", "preview", *arguments], tmp_path), *words)


def test_a_channel_there_is_not(tmp_path: Path) -> None:
    done = run(["content", "preview", "qr_pay", "--channel", "fax"], tmp_path)
    assert done.returncode == 2
    assert "telegram" in done.stderr


def test_the_limits_are_those_of_the_sender() -> None:
    here = channel_views
    limits = (here.TELEGRAM_TEXT, here.TELEGRAM_CAPTION, here.TELEGRAM_DATA)
    assert limits == (TEXT_MOST, CAPTION_MOST, DATA_MOST)


def test_what_does_not_fit_is_noted() -> None:
    long_label = Reply("x", (Choice("a", "n" * 31), Choice("b", "n" * 30)))
    assert len(notes(Channel.TELEGRAM, long_label)) == 1
    assert "31 characters" in notes(Channel.WEB, long_label)[0]
    assert notes(Channel.ZALO, long_label) == []
    (note,) = notes(Channel.TELEGRAM, Reply("x " * 600))
    assert "caption" in note
    (note,) = notes(Channel.TELEGRAM, Reply("x " * 2100))
    assert "sent as 2 messages" in note
    (note,) = notes(Channel.ZALO, Reply("x " * 990, (Choice("a", "n" * 30),)))
    assert "sent as 2 messages" in note
    (note,) = notes(Channel.TELEGRAM, Reply("x", (Choice("a" * 65, "n"),)))
    assert "cannot be sent" in note
    assert notes(Channel.TERMINAL, Reply("x " * 5000)) == []


# Export -----------------------------------------------------------------------------------------


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(["content", "export", "--all", "--out", str(out)], tmp_path / "var")
    assert done.returncode == 0, done.stderr
    shared = ROOT / "content" / "snippets.yml"
    if shared.exists():
        shutil.copy(shared, tmp_path / "snippets.yml")
    assert load_guides(out, TITLES) == load_guides(GUIDES, TITLES)
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    assert run(["content", "export", "--all", "--out", str(out)], tmp_path / "var").returncode == 0
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    # And what is written of what was read back is the same to the byte.
    snippets = load_snippets(shared)
    text = before["qr_pay.yml"].decode()
    guide = parse_guide(text, "qr_pay", TITLES, snippets=snippets)
    assert dump_guide(guide) == text


def test_a_file_that_says_something_else_is_not_written_over(tmp_path: Path) -> None:
    out, var = tmp_path / "out", tmp_path / "var"
    export = ["content", "export", "qr_pay", "--out", str(out)]
    assert run(export, var).returncode == 0
    assert [file.name for file in out.iterdir()] == ["qr_pay.yml"]
    file = out / "qr_pay.yml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good + "# mine\n", encoding="utf-8")
    assert_one_clear_line(run(export, var), str(file), "--force")
    every = ["content", "export", "--all", "--out", str(out)]
    assert_one_clear_line(run(every, var), str(file))
    # Nothing is written when one is refused.
    assert [file.name for file in out.iterdir()] == ["qr_pay.yml"]
    assert file.read_text(encoding="utf-8").endswith("# mine\n")
    assert run([*export, "--force"], var).returncode == 0
    assert file.read_text(encoding="utf-8") == good


def test_a_guide_there_is_not(tmp_path: Path) -> None:
    export = ["content", "export", "nothing", "--out", str(tmp_path / "out")]
    assert_one_clear_line(run(export, tmp_path / "var"), "nothing")
    assert not (tmp_path / "out").exists()


# Recall -----------------------------------------------------------------------------------------


def test_a_recall_before_anything_was_published(tmp_path: Path) -> None:
    recall = ["content", "recall", "qr_pay", "--why", "sai"]
    assert_one_clear_line(run(recall, tmp_path), "qr_pay", "nobody was shown")
    assert run(["content", "recalls"], tmp_path).stdout == "nothing is recalled\n"
    both = [*recall, "--step", "1", "--old"]
    assert_one_clear_line(run(both, tmp_path), "--step", "--old")
