"""What is said of wrong files of cues, messages and weights; and that training repeats itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bot.safety.messages.knowledge import MessagesError, load_messages
from bot.safety.messages.model import load_model, save_model
from bot.safety.messages.training import load_examples, train

SAFETY = Path(__file__).resolve().parents[2] / "content" / "safety"
TALK = ["làm căn cước ở đâu", "quên mật khẩu vneid", "tiếp theo làm gì"] * 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped cues with a few messages of two writers."""
    shutil.copy(SAFETY / "messages.yml", tmp_path)
    (tmp_path / "messages").mkdir()
    for writer in ("first", "second"):
        rows = (SAFETY / "messages" / f"{writer}.tsv").read_text(encoding="utf-8").splitlines()
        text = "\n".join(rows[:30] + rows[-30:])
        (tmp_path / "messages" / f"{writer}.tsv").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    first = save_model(folder, train(folder, TALK)).read_bytes()
    assert save_model(folder, train(folder, TALK)).read_bytes() == first
    model = load_model(folder)
    assert 0 < model.caution <= model.dangerous < 1
    save_model(folder, model)
    assert load_model(folder) == model
    assert [each.name for each in folder.glob("*.new")] == []


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("scam police không có tab", 3),
        ("spam\tjob\tnhãn lạ", 3),
        ("scam\tjob\t ", 3),
        ("", 3),
        ("scam\tjob\tthừa\tmột ô", 3),
    ],
)
def test_a_wrong_message_is_named_by_line(folder: Path, line: str, number: int) -> None:
    path = folder / "messages" / "first.tsv"
    path.write_text(f"scam\tjob\tmột\nlegit\tfamily\thai\n{line}\nlegit\tfamily\tba\n")
    with pytest.raises(MessagesError, match=rf"first\.tsv:{number}: must be scam\|legit"):
        load_examples(folder)


def test_one_writer_is_not_enough(folder: Path) -> None:
    (folder / "messages" / "second.tsv").unlink()
    with pytest.raises(MessagesError, match="two writers"):
        train(folder, TALK)


def test_messages_that_are_no_text(folder: Path) -> None:
    (folder / "messages" / "first.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MessagesError, match="cannot be read"):
        train(folder, TALK)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: police", "kind: polize", "polize is none of"),
        ("- id: ask_card", "- id: ask_code", "two cues have one id"),
        ("overruling: [warning", "overruling: [warming", "are no calming groups"),
        ("- (lenh|quyet dinh|giay)", "- (lệnh|quyết định)", "small letters without marks"),
        ("- <pay> ", "- <pey> ", "<pey> is none of"),
        ("unless_not: true", "unless: true", "unless"),
        ("cues:", "cues: [", "cannot be read"),
    ],
)
def test_a_wrong_file_of_cues_says_what_is_wrong(
    folder: Path, old: str, new: str, told: str
) -> None:
    path = folder / "messages.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(MessagesError) as raised:
        load_messages(folder)
    assert "messages.yml" in str(raised.value)
    assert told in str(raised.value)


def test_a_missing_file_of_cues(tmp_path: Path) -> None:
    with pytest.raises(MessagesError, match=r"messages\.yml cannot be read"):
        load_messages(tmp_path)


@pytest.mark.parametrize(
    "written",
    ["", "{", "[]", "{}", json.dumps({"honest": 1}), '{"honest": {"signs": {"a": "x"}}}'],
)
def test_a_wrong_model_says_how_to_make_one(tmp_path: Path, written: str) -> None:
    (tmp_path / "messages_model.json").write_text(written)
    with pytest.raises(MessagesError, match="safety train-messages"):
        load_model(tmp_path)
