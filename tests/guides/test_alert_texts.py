"""Drafted alerts: what the file may say, and that what is shipped is fit for citizens."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.guides.alert_texts import TEXT_MOST, load_alert_texts
from bot.guides.errors import ContentError
from bot.settings import ROOT
from nlu.intents import INTENTS, Kind

IDS = [intent.id for intent in INTENTS.values() if intent.kind is Kind.GUIDE]


def load(folder: Path, text: str) -> dict[str, str]:
    file = folder / "alert_texts.yml"
    file.write_text(text, encoding="utf-8")
    return dict(load_alert_texts(file, IDS))


def test_every_guide_about_swindles_has_a_shipped_draft() -> None:
    found = load_alert_texts(ROOT / "content" / "alert_texts.yml", IDS)
    assert {name for name in IDS if name.startswith("scam_")} <= found.keys()
    for name, text in found.items():
        assert text == text.strip(), name
        assert 100 < len(text) <= TEXT_MOST, name


def test_read_and_without_a_file_nothing(tmp_path: Path) -> None:
    assert load_alert_texts(tmp_path / "alert_texts.yml", IDS) == {}
    assert load(tmp_path, "texts:\n  scam_call: |\n    Một.\n    Hai.\n") == {
        "scam_call": "Một.\nHai."
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("texts:\n  scam_cal: Một.\n", "is no guide"),
        ("texts:\n  scam_call: " + "a" * 601 + "\n", "600"),
        ("texts:\n  scam_call: [a]\n", "texts.scam_call"),
        ("texts:\n  scam_call: ''\n", "texts.scam_call"),
        ("text: {}\n", "texts"),
        ("[]\n", "mapping"),
        ("texts: {a\n", "alert_texts.yml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ContentError) as caught:
        load(tmp_path, text)
    assert any(words in f"{p.file}:{p.line}: {p.field} {p.message}" for p in caught.value.problems)
