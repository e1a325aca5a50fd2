"""The lines that tell guides apart, and the wordings of short questions, as content/ has them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.guides.asks import LEADS, Ask
from bot.guides.errors import ContentError
from bot.guides.phrases import TOPIC_MOST, load_phrases
from nlu.intents import GUIDE_INTENTS
from nlu.text import normalize
from tests.guides.helpers import ROOT

FILE = ROOT / "content" / "phrases.yml"
PHRASES = load_phrases(FILE)


def test_every_guide_has_a_line_of_its_own() -> None:
    assert PHRASES.topics.keys() == GUIDE_INTENTS
    assert len(set(PHRASES.topics.values())) == len(GUIDE_INTENTS)


def test_no_wording_asks_for_two_things() -> None:
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))["asks"]
    bare = [(normalize(p).stripped, ask) for ask, phrases in raw.items() for p in phrases]
    owners = dict(bare)
    assert {(words, owners[words]) for words, _ in bare} == set(bare)
    for ask, phrases in raw.items():
        for phrase in phrases:
            assert PHRASES.asks.asked(phrase) is Ask(ask)
            assert PHRASES.command(phrase) is None


@pytest.mark.parametrize(
    ("section", "value", "where", "what"),
    [
        ("topics", None, "topics", "is missing"),
        ("topics", {"qr_pay": ""}, "topics.qr_pay", "must be one line"),
        ("topics", {"qr_pay": "a" * (TOPIC_MOST + 1)}, "topics.qr_pay", "must be one line"),
        ("asks", {"fee": "phí"}, "asks.fee", "must be a list"),
        ("asks", {}, "asks.where", "is missing"),
        (LEADS, "dạ", LEADS, "must be a list"),
    ],
)
def test_mistakes_are_named(
    section: str, value: object, where: str, what: str, tmp_path: Path
) -> None:
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8")) | {section: value}
    file = tmp_path / "phrases.yml"
    file.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_phrases(file)
    assert (where, what) in [(p.field, what) for p in caught.value.problems if what in p.message]
