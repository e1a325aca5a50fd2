"""Figures about an engine on labelled sentences: how often right, how often sure, how often wrong.

Pure functions on lists of outcomes; shared by the commands that evaluate, tune and compare.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nlu.data_loader import Example
from nlu.engine import Decision, Engine, Parse
from nlu.intents import OUT_OF_SCOPE

#: Whoever writes these is being robbed, or needs a person: their recall is looked at by itself.
URGENT = ("scam_victim", "account_hacked", "talk_to_human")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled sentence and what the engine made of it."""

    intent: str
    parse: Parse

    @property
    def right(self) -> bool:
        """Whether the first intent is the labelled one."""
        return self.parse.intent == self.intent

    @property
    def in_scope(self) -> bool:
        """Whether the sentence is labelled as anything but out of scope."""
        return self.intent != OUT_OF_SCOPE

    def within(self, places: int) -> bool:
        """Whether the labelled intent is among the first `places`."""
        return any(ranked.name == self.intent for ranked in self.parse.ranking[:places])


def outcomes(
    engine: Engine, examples: Sequence[Example], change: Callable[[str], str] = str
) -> list[Outcome]:
    """Parse all sentences, each first passed through `change`."""
    parses = engine.parse_many([change(example.text) for example in examples])
    return [Outcome(e.intent, parse) for e, parse in zip(examples, parses, strict=True)]


def times_ms(engine: Engine, texts: Iterable[str]) -> list[float]:
    """How long each message takes, one after another."""
    times = []
    for text in texts:
        started = time.perf_counter()
        engine.parse(text)
        times.append(1000 * (time.perf_counter() - started))
    return times


def share(flags: Iterable[bool]) -> float:
    """Share of true ones, 0 to 1; of none at all, 0."""
    values = list(flags)
    return sum(values) / len(values) if values else 0.0


def top(found: Iterable[Outcome], places: int) -> float:
    """Share with the labelled intent among the first `places`."""
    return share(outcome.within(places) for outcome in found)


def recall(found: Iterable[Outcome], intent: str, places: int = 1) -> float:
    """Share of the intent's sentences that find it among the first `places`."""
    return top((o for o in found if o.intent == intent), places)


def precision(found: Iterable[Outcome], intent: str) -> float:
    """Share of the sentences given this intent that are labelled so."""
    return share(o.right for o in found if o.parse.intent == intent)


def decided(found: Iterable[Outcome], decision: Decision) -> float:
    """Share with this decision."""
    return share(outcome.parse.decision is decision for outcome in found)


def wrong_answers(found: Iterable[Outcome]) -> float:
    """Share of the answered messages that get the wrong answer."""
    return share(not o.right for o in found if o.parse.decision is Decision.ANSWER)


def confusions(found: Iterable[Outcome]) -> list[tuple[tuple[str, str], int]]:
    """(labelled, given) pairs of the mistakes, most frequent first."""
    pairs = Counter((o.intent, o.parse.intent) for o in found if not o.right)
    return sorted(pairs.items(), key=lambda item: (-item[1], item[0]))


def f1(found: Iterable[Outcome], intent: str) -> float:
    """Harmonic mean of the intent's precision and recall, 0 to 1; of nothing found, 0."""
    held = list(found)
    exact, whole = precision(held, intent), recall(held, intent)
    return 2 * exact * whole / (exact + whole) if exact + whole else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Outcomes of like confidence: how many, how sure on average, and what share is right."""

    count: int
    confidence: float
    accuracy: float


def reliability(found: Iterable[Outcome], bins: int = 10) -> list[Bin]:
    """Bins of equal width of the confidence, from unsure to sure; empty ones are left out."""
    by_bin: dict[int, list[Outcome]] = {}
    for outcome in found:
        number = max(0, math.ceil(outcome.parse.confidence * bins) - 1)
        by_bin.setdefault(min(number, bins - 1), []).append(outcome)
    return [
        Bin(
            len(held),
            sum(o.parse.confidence for o in held) / len(held),
            share(o.right for o in held),
        )
        for _, held in sorted(by_bin.items())
    ]


def calibration_error(found: Sequence[Outcome], bins: int = 10) -> float:
    """Expected calibration error: mean distance of confidence and accuracy, over equal bins."""
    gaps = [b.count * abs(b.confidence - b.accuracy) for b in reliability(found, bins)]
    return sum(gaps) / len(found) if found else 0.0


def percentile(values: Iterable[float], part: float) -> float:
    """The value that `part` (0 to 1) of all are at most; of none, 0."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
