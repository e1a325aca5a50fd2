"""Sentences that staff labelled, on their way into training: which may, and as what file.

The rules are those of `nlu check`; besides, no sentence that is nearly one of the validation's is
learned, or the figures before and after would say nothing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from math import ceil

from nlu.data_check import CHARS_MOST
from nlu.data_loader import Example
from nlu.near_duplicates import SAME, runs_of
from nlu.text import normalize

_SPACES = re.compile(r"\s+")
#: Neither YAML nor a reader knows what to do with them.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence with its intent; `day` is ISO, as 2026-11-22."""

    id: int
    text: str
    intent: str
    author: str
    day: str


class Withheld(StrEnum):
    """Why a labelled sentence is not trained on."""

    EMPTY = "empty"
    LONG = "long"
    UNKNOWN = "unknown"
    REPEAT = "repeat"
    CONFLICT = "conflict"
    VALIDATION = "validation"


def plain_line(text: str) -> str:
    """A sentence as a line of Rasa's format: no line ends, no signs that mean an entity there."""
    line = _SPACES.sub(" ", _UNPRINTABLE.sub(" ", text)).strip()
    return line.replace("[", "(").replace("]", ")")


def sift(
    labels: Sequence[Labelled],
    shipped: Iterable[Example],
    validation: Iterable[Example],
    intents: Collection[str],
) -> tuple[list[Labelled], dict[int, Withheld]]:
    """The labels to train on, their texts as lines, and why the others are withheld, by id.

    Of two labels for the same sentence with two intents both are withheld: somebody must decide.
    """
    known = {normalize(e.text).accented: e.intent for e in shipped}
    near = _Near([normalize(e.text).stripped for e in validation])
    said: dict[str, set[str]] = defaultdict(set)
    for label in labels:
        said[normalize(label.text).accented].add(label.intent)
    kept: list[Labelled] = []
    withheld: dict[int, Withheld] = {}
    seen: set[str] = set()
    for label in labels:
        message = normalize(label.text)
        why = _form(label, message.accented, intents)
        if why is None:
            why = _against(label, message.accented, said, known, seen)
        if why is None and near.finds(message.stripped):
            why = Withheld.VALIDATION
        if why is None:
            seen.add(message.accented)
            kept.append(Labelled(label.id, plain_line(label.text), *_rest(label)))
        else:
            withheld[label.id] = why
    return kept, withheld


def _rest(label: Labelled) -> tuple[str, str, str]:
    return label.intent, label.author, label.day


def _form(label: Labelled, key: str, intents: Collection[str]) -> Withheld | None:
    if not key:
        return Withheld.EMPTY
    if len(label.text) > CHARS_MOST:
        return Withheld.LONG
    return Withheld.UNKNOWN if label.intent not in intents else None


def _against(
    label: Labelled,
    key: str,
    said: Mapping[str, set[str]],
    known: Mapping[str, str],
    seen: Collection[str],
) -> Withheld | None:
    if len(said[key]) > 1 or known.get(key, label.intent) != label.intent:
        return Withheld.CONFLICT
    return Withheld.REPEAT if key in known or key in seen else None


class _Near:
    """Finds whether a text is nearly one of those given (as `nlu.near_duplicates` has it)."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._sets = [runs for runs in map(runs_of, texts) if runs]
        self._counts = Counter(run for runs in self._sets for run in runs)
        self._holders: dict[str, list[int]] = defaultdict(list)
        for number, runs in enumerate(self._sets):
            for run in self._rarest(runs):
                self._holders[run].append(number)

    def finds(self, text: str) -> bool:
        """Whether more than `SAME` is in common with one of them."""
        runs = runs_of(text)
        candidates = {n for run in self._rarest(runs) for n in self._holders.get(run, ())}
        return any(_share(runs, self._sets[n]) > SAME for n in candidates)

    def _rarest(self, runs: frozenset[str]) -> list[str]:
        """Of two alike sets at least one of these of either is in both: all others together are
        fewer than what they would share."""
        most = len(runs) - ceil(SAME * len(runs)) + 1
        return sorted(runs, key=lambda run: (self._counts[run], run))[:most]


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def as_yaml(labels: Iterable[Labelled], note: str = "") -> str:
    """The labels as a training file in Rasa's format.

    Rasa's own place for metadata would need another form of `examples` than the files here have:
    who labelled and when stands in a comment before each entry.
    """
    lines = [f"# {line}" for line in note.splitlines()]
    lines += ['version: "3.1"', "nlu:"]
    rows = sorted(labels, key=lambda label: (*_rest(label), label.id))
    for (intent, author, day), group in groupby(rows, _rest):
        lines.append(f"# {plain_line(author)}, {day}")
        lines += [f"- intent: {intent}", "  examples: |"]
        lines += _examples(group)
    return "\n".join(lines) + "\n"


def _examples(group: Iterable[Labelled]) -> Iterator[str]:
    for label in group:
        yield f"    - {label.text}"
