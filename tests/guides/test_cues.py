"""What is heard inside a message, and files that say it wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guides.cues import cue_faults
from bot.guides.errors import ContentError
from bot.guides.phrases import Command, Phrases, load_phrases
from tests.dialogue.helpers import ROOT, content

FILE = ROOT / "content" / "phrases.yml"


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return content().phrases


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bổ sung: máy cũ", (Command.ADD, ": máy cũ")),
        ("bo sung may cu", (Command.ADD, " may cu")),
        ("sửa số điện thoại 0900000001", (Command.FIX_PHONE, " 0900000001")),
        ("Sửa  tên :  cô   Tư", (Command.FIX_NAME, ": cô Tư")),
        ("hủy phiếu số 5", (Command.CANCEL_TICKET, " số 5")),
        ("bổ sung", None),
        ("tôi muốn bổ sung: máy cũ", None),
        ("", None),
        (": : :", None),
    ],
)
def test_a_command_with_words_behind_it(
    phrases: Phrases, text: str, found: tuple[Command, str] | None
) -> None:
    assert phrases.begun(text) == found


@given(st.text(max_size=200))
def test_nothing_typed_breaks_it(text: str) -> None:
    phrases = content().phrases
    cues = phrases.cues
    assert cues.caller(text) in (True, False)
    assert cues.status(text) in (True, False)
    assert cues.role(text) in ("", *cues.whom)
    found = phrases.begun(text)
    assert found is None or phrases.command(text.split()[0]) is None or found[1]


def test_every_role_of_the_household_is_known(phrases: Phrases) -> None:
    assert set(phrases.cues.whom) == set(content().people.roles)


def test_bad_lists_are_named() -> None:
    faults = dict(cue_faults({"cues": {"caller": "ai gọi", "else": []}, "whom": {"mother": []}}))
    assert faults["cues.caller"] == "must be a list of phrases"
    assert faults["cues.else"] == "is not a known key"
    assert "cues.status_what" in faults
    assert "whom" in faults
    assert dict(cue_faults({}))["cues"].startswith("is missing")


def test_a_file_without_them_is_refused(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8").replace("\ncues:\n", "\ncue:\n")
    file = tmp_path / "phrases.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match="cues: is missing"):
        load_phrases(file)
