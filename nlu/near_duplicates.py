"""Sentences that are nearly the same: templates with a word changed teach a model nothing.

Two sentences are compared by the runs of four characters of their plain form without marks: the
share of the runs of both that is in both (Jaccard). Exact, not sampled; thousands take seconds.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil

from nlu.data_loader import Example
from nlu.text import normalize

RUN = 4
#: More than this in common, and one sentence is the other with a word changed.
SAME = 0.7
_PROOF = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences of one or of two intents, and the share (0 to 1) they have in common."""

    first: Example
    second: Example
    share: float

    @property
    def one_intent(self) -> bool:
        """Whether both belong to the same intent."""
        return self.first.intent == self.second.intent

    @property
    def repeat(self) -> bool:
        """Whether they are the same once normalised."""
        return normalize(self.first.text) == normalize(self.second.text)


def find_pairs(examples: Sequence[Example]) -> list[Pair]:
    """All pairs above `SAME`, whatever their intents, the most alike first."""
    runs = [runs_of(normalize(example.text).stripped) for example in examples]
    pairs = [Pair(examples[i], examples[j], share) for i, j, share in _alike(runs)]
    return sorted(pairs, key=lambda pair: (-pair.share, _place(pair.first), _place(pair.second)))


def near_rate(pairs: Collection[Pair], total: int) -> float:
    """Share of `total` sentences that have another of their own intent among the pairs."""
    near = {_place(e) for pair in pairs if pair.one_intent for e in (pair.first, pair.second)}
    return len(near) / total if total else 0.0


def runs_of(text: str) -> frozenset[str]:
    """The runs of four characters; a shorter text is its own only run, an empty one has none."""
    if not text:
        return frozenset()
    return frozenset(text[start : start + RUN] for start in range(max(1, len(text) - RUN + 1)))


def _place(example: Example) -> tuple[str, int]:
    return example.file, example.line


def _alike(sets: Sequence[frozenset[str]]) -> Iterator[tuple[int, int, float]]:
    """(first, later, share) of every pair of sets above the limit.

    Two sets that alike have at least `SAME` of the larger one in common, so the rarest `_PROOF` of
    what they share stand among the rarest runs of either: of n runs, those that remain when
    `SAME` of them are taken away, and `_PROOF` more. Only these are indexed and counted.
    """
    counts = Counter(run for runs in sets for run in runs)
    holders: dict[str, list[int]] = defaultdict(list)
    # Smaller sets first, so that the later of a pair is the larger and decides the bounds.
    for later in sorted(range(len(sets)), key=lambda number: (len(sets[number]), number)):
        runs = sets[later]
        least = ceil(SAME * len(runs))
        proof = min(_PROOF, least)
        rarest = sorted(runs, key=lambda run: (counts[run], run))[: len(runs) - least + proof]
        found = Counter(chain.from_iterable(holders[run] for run in rarest))
        for first, common in found.items():
            if common >= proof and len(sets[first]) >= least:
                shared = len(runs & sets[first])
                share = shared / (len(runs) + len(sets[first]) - shared)
                if share > SAME:
                    yield min(first, later), max(first, later), share
        for run in rarest:
            holders[run].append(later)
