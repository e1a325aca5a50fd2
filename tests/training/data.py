"""A few of the shipped sentences of every intent, as training files of their own."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

from nlu.data_loader import Example, load_training
from nlu.engine import DATA_DIR
from nlu.label_check import Labelled, as_yaml, plain_line

EACH = 6


@cache
def shipped() -> tuple[Example, ...]:
    """Every shipped training sentence."""
    return tuple(load_training(DATA_DIR))


def little_data(folder: Path) -> Path:
    """Writes the files; returns their folder."""
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in shipped():
        if len(by_intent[example.intent]) < EACH:
            by_intent[example.intent].append(example)
    folder.mkdir(parents=True)
    for part in range(3):
        rows = [
            Labelled(n, plain_line(e.text), e.intent, "x", "2026-11-22")
            for held in by_intent.values()
            for n, e in enumerate(held)
            if n % 3 == part
        ]
        (folder / f"part{part}.yml").write_text(as_yaml(rows), encoding="utf-8")
    return folder
