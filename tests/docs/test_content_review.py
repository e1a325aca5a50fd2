"""docs/content-review.md: its table counts what is in the files."""

from __future__ import annotations

import re

import pytest

from bot.guides.content import load_content
from bot.guides.model import Guide
from bot.settings import ROOT
from nlu.intents import INTENTS, Kind

TITLES = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}
PAGE = (ROOT / "docs" / "content-review.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \[(\w+)\]\(\S+\) \| (\d+) \| [^|]+ \| [^|]* \| (\d+) \| (\d+) \|", re.M)


@pytest.fixture(scope="module")
def guides() -> dict[str, Guide]:
    return dict(load_content(ROOT / "content", TITLES).guides)


def test_every_guide_is_in_the_table_as_it_is(guides: dict[str, Guide]) -> None:
    shown = {name: tuple(map(int, numbers)) for name, *numbers in ROW.findall(PAGE)}
    real = {
        guide.id: (
            len(guide.steps),
            sum(len(step.if_stuck) for step in guide.steps),
            len(guide.sources),
        )
        for guide in guides.values()
    }
    assert shown == real


def test_every_guide_says_what_was_left_out() -> None:
    parts = dict(re.findall(r"^### (\w+): [^\n]+\n(.*?)(?=^### |\Z)", PAGE, re.M | re.S))
    assert sorted(parts) == sorted(TITLES)
    for text in parts.values():
        stated, _, left_out = text.partition("Left out, and why:")
        assert "\n- " in stated
        assert "\n- " in left_out
