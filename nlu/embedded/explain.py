"""Why the engine understood a message as it did: what spoke for each candidate, what it is like.

The served model holds all that is needed; the names of the features are made again from the
message, so serving keeps nothing for this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nlu.changes import Change, find_changes
from nlu.data_loader import Example
from nlu.embedded.augment import stripped
from nlu.embedded.features import Vocabulary, gram_keys, gram_names
from nlu.embedded.model import EmbeddedEngine, LinearModel
from nlu.embedded.thresholds import Thresholds
from nlu.embedded.wording import Feature, reason, worded
from nlu.engine import Decision, Parse, Ranked
from nlu.text import MAX_CHARS, Normalized, normalize

CANDIDATES = 3
FOR_MOST, AGAINST_MOST = 6, 3
EXAMPLES_MOST = 3
# Less than this is noise: a word such as 'b' or the length alone.
WEIGHT_LEAST = 0.005
SIMILARITY_LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training sentence and how like the message it is: the cosine of their features, 0 to 1."""

    example: Example
    similarity: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An intent that may be meant, what spoke for and against it, and its nearest sentences."""

    name: str
    confidence: float
    features: tuple[Feature, ...]
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One message as the engine saw it; `cut` when only its head and tail were read."""

    parse: Parse
    normalized: Normalized
    cut: bool
    changes: tuple[Change, ...]
    thresholds: Thresholds
    reason: str
    candidates: tuple[Candidate, ...]

    @property
    def decision(self) -> Decision:
        """What the bot does with the message."""
        return self.parse.decision

    def as_dict(self) -> dict[str, Any]:
        """For machines: plain values with the names used here."""
        whole = self.parse.as_dict()
        return {
            "text": whole["text"],
            "accented": self.normalized.accented,
            "stripped": self.normalized.stripped,
            "cut": self.cut,
            "changes": [asdict(change) for change in self.changes],
            "entities": whole["entities"],
            "decision": self.decision.value,
            "reason": self.reason,
            "thresholds": asdict(self.thresholds),
            "candidates": [asdict(candidate) for candidate in self.candidates],
        }


def explain(
    engine: EmbeddedEngine, text: str, examples: Sequence[Example], most: int = CANDIDATES
) -> Explanation:
    """Explain the first `most` candidates by `examples`, the sentences of the training files.

    Takes tenths of a second: the sentences of these candidates are compared one by one.
    """
    parse = engine.parse(text)
    message = normalize(text)
    look = _Look(engine.model, message)
    return Explanation(
        parse=parse,
        normalized=message,
        cut=len(text) > MAX_CHARS,
        changes=tuple(find_changes(text)),
        thresholds=engine.thresholds,
        reason=reason(parse, message, engine.thresholds),
        candidates=tuple(look.at(ranked, examples) for ranked in parse.ranking[:most]),
    )


class _Look:
    """One message beside the model: its features by name and as a dense vector."""

    def __init__(self, model: LinearModel, message: Normalized) -> None:
        self.model = model
        self.message = message
        self.columns, self.values = model.vocabulary.vector(message)
        self.names = _names(model.vocabulary, message)
        self.dense = np.zeros(len(model.vocabulary.idf), dtype=np.float32)
        self.dense[self.columns] = self.values

    def at(self, ranked: Ranked, examples: Sequence[Example]) -> Candidate:
        own = [example for example in examples if example.intent == ranked.name]
        return Candidate(
            ranked.name, ranked.confidence, self._features(ranked.name), self._nearest(own)
        )

    def _features(self, intent: str) -> tuple[Feature, ...]:
        if not len(self.columns):
            return ()
        weights = self.model.weights[self.columns, self.model.labels.index(intent)]
        shares = self.values * weights.astype(np.float32)
        found = worded(
            zip((self.names[c] for c in self.columns.tolist()), shares.tolist(), strict=True)
        )
        spoke = [f for f in found if f.weight >= WEIGHT_LEAST][:FOR_MOST]
        against = [f for f in found if f.weight <= -WEIGHT_LEAST][:AGAINST_MOST]
        return (*spoke, *against)

    def _nearest(self, own: Iterable[Example]) -> tuple[Neighbour, ...]:
        best: dict[str, Neighbour] = {}
        for example in own:
            # Trained on without marks too: the message may be like either.
            like = max(self._cosine(example.text), self._cosine(stripped(example.text)))
            key = normalize(example.text).stripped
            if key not in best or best[key].similarity < like:
                best[key] = Neighbour(example, like)
        order = sorted(best.values(), key=lambda n: (-n.similarity, n.example.file, n.example.line))
        return tuple(n for n in order[:EXAMPLES_MOST] if n.similarity >= SIMILARITY_LEAST)

    def _cosine(self, text: str) -> float:
        columns, values = self.model.vocabulary.vector(normalize(text))
        return min(1.0, float(np.dot(values, self.dense[columns])))


def _names(vocabulary: Vocabulary, message: Normalized) -> dict[int, str]:
    columns = vocabulary.columns(gram_keys(message)).tolist()
    named = zip(columns, gram_names(message), strict=True)
    return {column: name for column, name in named if column >= 0}
