"""congdanso check message and congdanso safety train-messages, as an operator types them."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app, safety_messages
from bot.settings import ROOT
from nlu.data_loader import load_training
from nlu.engine import DATA_DIR

OTP = "Em bên ngân hàng, anh đọc giúp em mã OTP vừa gửi về máy"
LINK = "Tai khoan cua ban bi khoa, vao vietcombank-xacminh.top"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, without a database yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(tmp_path / "var"))
    return tmp_path


def run(*words: str, **more: Any) -> Result:
    return CliRunner().invoke(app, list(words), **more)


def lines(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_object_a_line_in_the_same_order(place: Path) -> None:
    file = place / "messages.txt"
    file.write_bytes(f"{OTP}\n\nMẹ ơi con tới trọ rồi nghe\r\n{LINK}\n".encode() + b"\xff\xfe\n")
    found = lines(run("check", "message", "--file", str(file), "--jsonl"))
    verdicts = [each["verdict"] for each in found]
    assert verdicts == ["dangerous", "no_sign", "no_sign", "dangerous", "no_sign"]
    assert found[0]["kind"] == "code"
    for each in found:
        assert set(each) == {"verdict", "score", "kind", "reasons"}
        assert 0 <= each["score"] <= 1
        assert bool(each["reasons"]) or each["verdict"] != "dangerous"


def test_a_dangerous_link_has_its_own_reason() -> None:
    (found,) = lines(run("check", "message", "--jsonl", "vietcombank-xacminh.top"))
    assert found["verdict"] == "dangerous"
    assert "vietcombank" in found["reasons"][0]


def test_standard_input() -> None:
    found = lines(run("check", "message", "--file", "-", "--jsonl", input=f"{OTP}\n"))
    assert [each["verdict"] for each in found] == ["dangerous"]


def test_for_people() -> None:
    done = run("check", "message", OTP)
    assert done.stdout.startswith("dangerous")
    assert "\n  - " in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "give messages"),
        (("một", "--file", "x"), "give messages"),
        (("--file", "none.txt"), "none.txt"),
    ],
)
def test_wrong_arguments(words: tuple[str, ...], told: str) -> None:
    done = run("check", "message", *words)
    assert done.exit_code == 2
    assert told in done.output


@pytest.fixture
def content(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small copy of what messages are learnt from."""
    talk = ["làm căn cước ở đâu", "quên mật khẩu vneid", "tiếp theo làm gì"] * 12
    monkeypatch.setattr(safety_messages, "ordinary_talk", lambda: talk)
    shipped = ROOT / "content" / "safety"
    folder = place / "safety"
    (folder / "messages").mkdir(parents=True)
    shutil.copy(shipped / "messages.yml", folder)
    for writer in ("first", "second"):
        rows = (shipped / "messages" / f"{writer}.tsv").read_text(encoding="utf-8").splitlines()
        text = "\n".join(rows[:30] + rows[-30:])
        (folder / "messages" / f"{writer}.tsv").write_text(text, encoding="utf-8")
    return folder


def test_training_writes_the_model(content: Path) -> None:
    done = run("safety", "train-messages", "--folder", str(content))
    assert done.exit_code == 0, done.output
    assert "dangerous from 0." in done.stdout
    assert json.loads((content / "messages_model.json").read_text(encoding="utf-8"))["made_from"]


def test_training_names_a_wrong_line_and_writes_nothing(content: Path) -> None:
    with (content / "messages" / "second.tsv").open("a", encoding="utf-8") as file:
        file.write("\nlừa\tjob\tnhãn lạ\n")
    done = run("safety", "train-messages", "--folder", str(content))
    assert done.exit_code == 1
    assert "second.tsv:61: must be scam|legit" in str(done.exception or done.output)
    assert not (content / "messages_model.json").exists()


def test_ordinary_talk_is_of_every_writer_and_of_no_swindle() -> None:
    talk = safety_messages.ordinary_talk()
    sentences = load_training(DATA_DIR)
    of_writer = Counter(each.file for each in sentences)
    said = set(talk)
    taken = Counter(each.file for each in sentences if each.text in said)
    assert len(of_writer) == len(list(DATA_DIR.glob("*.yml")))
    for writer, written in of_writer.items():
        # A sentence of two writers is counted for both.
        most = safety_messages.TALK_OF_EACH + 50
        assert min(100, written // 4) <= taken[writer] <= most, writer
    assert not said & {e.text for e in sentences if e.intent == "scam_victim"}
    assert talk == safety_messages.ordinary_talk()
