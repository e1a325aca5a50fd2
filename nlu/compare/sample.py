"""A smaller training folder, taken evenly from all writers, for engines that train slowly."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from nlu.data_loader import Example

_SEED = 5


def some(examples: Iterable[Example], per_intent: int) -> list[Example]:
    """At most `per_intent` sentences of each intent, as many from one writer as from another.

    A file is a writer. Always the same for the same sentences, fewer are a part of more, and the
    order given is kept.
    """
    everything = list(examples)
    by_intent: dict[str, dict[str, list[Example]]] = defaultdict(lambda: defaultdict(list))
    for example in everything:
        by_intent[example.intent][example.file].append(example)
    chosen = {
        (example.file, example.line)
        for intent, writers in by_intent.items()
        for example in _in_turns(intent, list(writers.values()))[:per_intent]
    }
    return [example for example in everything if (example.file, example.line) in chosen]


def write(examples: Iterable[Example], folder: Path) -> None:
    """Training files in `folder`, one for each writer, as `nlu.data_loader` reads them."""
    by_writer: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for example in examples:
        by_writer[Path(example.file).name][example.intent].append(example.text)
    folder.mkdir(parents=True, exist_ok=True)
    for name, intents in by_writer.items():
        lines = ['version: "3.1"', "nlu:"]
        for intent, texts in intents.items():
            lines += [f"- intent: {intent}", "  examples: |"]
            lines += [f"    - {text}" for text in texts]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _in_turns(intent: str, writers: Sequence[Sequence[Example]]) -> list[Example]:
    """One sentence of each writer, then another of each; shuffled, since neighbours are alike."""
    mixed = [random.Random(f"{_SEED} {intent}").sample(held, len(held)) for held in writers]
    longest = max(map(len, mixed), default=0)
    return [held[place] for place in range(longest) for held in mixed if place < len(held)]
