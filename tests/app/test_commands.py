"""The commands, through the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.guides.phrases import load_phrases
from bot.settings import ROOT
from nlu.intents import INTENTS
from tests.app.test_start_and_stop import assert_one_clear_line, run
from tests.process import with_model


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained engine."""
    return with_model(tmp_path_factory.mktemp("commands") / "var")


def test_parse_lines_in_order(var_dir: Path, tmp_path: Path) -> None:
    """One object a line in input order, whatever the lines hold."""
    lines = ["lam dinh danh muc 2 o dau", "", "  ", "😀😀", "x" * 5000, "a\u2028b", "chào"]
    file = tmp_path / "lines.txt"
    file.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe broken\n")
    done = run(["nlu", "parse", "--file", str(file), "--jsonl"], var_dir)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert [f["text"] for f in found[: len(lines)]] == lines
    assert len(found) == len(lines) + 1
    for item in found:
        assert set(item) == {"text", "intent", "confidence", "ranking", "decision"}
        assert item["decision"] in ("answer", "ask", "refuse")
        assert item["intent"] in INTENTS
        assert set(item["ranking"][0]) == {"name", "confidence"}
    assert found[0]["intent"] == "vneid_level_2"


def test_parse_needs_something(var_dir: Path) -> None:
    """Neither a text nor a file."""
    done = run(["nlu", "parse"], var_dir)
    assert done.returncode == 2
    assert "--file" in done.stderr
    assert "Traceback" not in done.stderr


def test_parse_of_a_missing_file(var_dir: Path) -> None:
    """The file is named."""
    done = run(["nlu", "parse", "--file", "/nowhere/x.txt", "--jsonl"], var_dir)
    assert done.returncode == 2
    assert "/nowhere/x.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_train_with_wrong_data(var_dir: Path, tmp_path: Path) -> None:
    """File and line are named before anything is trained."""
    (tmp_path / "bad.yml").write_text('version: "3.1"\nnlu:\n- intent: nothing_known\n')
    done = run(["nlu", "train", "--data", str(tmp_path)], var_dir)
    assert_one_clear_line(done, "bad.yml:3")


def test_ask(var_dir: Path) -> None:
    """The answer with its choices numbered, and the same as JSON."""
    done = run(["ask", "lam sao kich hoat vneid"], var_dir)
    assert done.returncode == 0, done.stderr
    phrases = load_phrases(ROOT / "content" / "phrases.yml")
    assert "Bước 1/" in done.stdout
    assert f"1. {phrases.button('next')}" in done.stdout
    answer = json.loads(run(["ask", "--json", "bị lừa mất tiền rồi"], var_dir).stdout)
    assert answer["replies"][0]["urgent"] is True


def test_ask_says_when_it_does_not_know(var_dir: Path) -> None:
    """Out of scope is said, not guessed."""
    answer = json.loads(run(["ask", "--json", "mai có mưa không để phơi lúa"], var_dir).stdout)
    ids = [c["id"] for c in answer["replies"][0]["choices"]]
    assert "human" in ids
    assert not any(i.startswith("next:") for i in ids)


def test_settings_hide_secrets(tmp_path: Path) -> None:
    """Names and values, secrets masked, also inside addresses."""
    done = run(
        ["settings"],
        tmp_path,
        CONGDANSO_TELEGRAM_TOKEN="123:very-secret",
        CONGDANSO_DATABASE_URL="postgresql://me:hidden-word@127.0.0.1/db",
        COLUMNS="200",
    )
    assert done.returncode == 0
    assert "CONGDANSO_TELEGRAM_TOKEN" in done.stdout
    assert "very-secret" not in done.stdout
    assert "hidden-word" not in done.stdout


def test_staff_and_teams(var_dir: Path) -> None:
    """Logins and teams are made once, and said plainly when they cannot be."""
    good = ["staff", "add", "lan", "--role", "lead", "--password", "mot-cau-dai-de-nho"]
    assert run(good, var_dir).returncode == 0
    assert_one_clear_line(run(good, var_dir), "lan")
    short = ["staff", "add", "minh", "--password", "ngan"]
    assert_one_clear_line(run(short, var_dir))
    assert run(["team", "add", "Tổ A", "--commune", "Tân Ân"], var_dir).returncode == 0
    assert "Tổ A\tTân Ân" in run(["team", "list"], var_dir).stdout
    link = run(["team", "member", "1", "Chị An"], var_dir).stdout
    assert "/desk/" in link
    assert_one_clear_line(run(["team", "member", "99", "Ai"], var_dir), "99")


def test_content_check(tmp_path: Path) -> None:
    """The shipped content is clean; a problem is named and ends with code 1."""
    assert run(["content", "check"], tmp_path).returncode == 0
    wrong = tmp_path / "content"
    (wrong / "guides").mkdir(parents=True)
    done = run(["content", "check", str(wrong)], tmp_path)
    assert done.returncode == 1
    assert "menu.yml" in done.stdout
    assert "Traceback" not in done.stderr


def test_recall_of_nothing(var_dir: Path) -> None:
    """An unknown guide is said to be unknown."""
    assert_one_clear_line(run(["content", "recall", "nothing", "--why", "sai"], var_dir), "nothing")
