"""Training the model of messages. Needs scikit-learn, which serving never imports.

The messages are `content/safety/messages/*.tsv`, one file a writer: label (`scam`, `legit`), kind,
text. What people ask the assistant comes from the caller. Thresholds are chosen on what a model
says of writers it was not trained on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.safety.messages.features import Seen, see
from bot.safety.messages.knowledge import FILE, MessagesError, load_messages
from bot.safety.messages.model import Linear, Model, combined

FOLDER = "messages"
SCAM, LEGIT = "scam", "legit"
#: How much cues and terms may say against each other; chosen by leaving out one writer at a time.
_SIGNS_SCALE, _TERMS_SCALE = 0.2, 4.0
#: Of honest messages of writers not trained on, how many may be called dangerous, or doubtful.
_DANGEROUS_MOST = 0.02
_CAUTION_MOST = 0.13


@dataclass(frozen=True, slots=True)
class _Fit:
    """`least`: in how many messages a feature must be, since one that is in fewer tells more of its
    writer; `strength`: how freely weights grow; `other`: what a message counts that is none."""

    least: int
    strength: float
    other: float


_HONEST = _Fit(least=3, strength=1.0, other=1.0)
_TALK = _Fit(least=10, strength=3.0, other=0.3)


@dataclass(frozen=True, slots=True)
class Example:
    """A training message, and who wrote it."""

    label: str
    kind: str
    text: str
    writer: str

    @property
    def scam(self) -> bool:
        """Whether it is a swindle."""
        return self.label == SCAM


def read_examples(path: Path) -> list[Example]:
    """The messages of one file. Raises MessagesError naming file and line."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MessagesError(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        parts = line.split("\t")
        if len(parts) != 3 or parts[0] not in (SCAM, LEGIT) or not parts[2].strip():
            raise MessagesError(f"{path}:{number}: must be scam|legit, a tab, kind, a tab, text")
        found.append(Example(parts[0], parts[1], parts[2], path.stem))
    return found


def load_examples(folder: Path) -> list[Example]:
    """All training messages under `content/safety`. Raises MessagesError naming file and line."""
    paths = sorted((folder / FOLDER).glob("*.tsv"))
    found = [example for path in paths for example in read_examples(path)]
    for label in (SCAM, LEGIT):
        writers = {each.writer for each in found if each.label == label}
        if len(writers) < 2:
            raise MessagesError(f"{folder / FOLDER}: {label} messages of two writers are needed")
    return found


def made_from(folder: Path) -> str:
    """A hash of all that the model is made from. Raises OSError."""
    digest = hashlib.sha256((folder / FILE).read_bytes())
    for path in sorted((folder / FOLDER).glob("*.tsv")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def train(folder: Path, talk: Sequence[str]) -> Model:
    """A model of the messages under `content/safety`; the same files give the same model.

    `talk`: what people ask the assistant. Raises MessagesError.
    """
    messages, examples = load_messages(folder), load_examples(folder)
    seen = [see(each.text, messages) for each in examples]
    asked = [see(each, messages) for each in talk]
    dangerous, caution = _thresholds(examples, unseen_scores(examples, seen, asked))
    bad, good = _split(examples, seen)
    return Model(
        _fit(bad, good, _HONEST), _fit(bad, asked, _TALK), dangerous, caution, made_from(folder)
    )


def unseen_scores(
    examples: Sequence[Example], seen: Sequence[Seen], asked: Sequence[Seen]
) -> list[float]:
    """What each message scores by a model that was trained without its writer."""
    scores = [0.0] * len(examples)
    for writer in sorted({each.writer for each in examples}):
        others = [i for i, each in enumerate(examples) if each.writer != writer]
        bad, good = _split([examples[i] for i in others], [seen[i] for i in others])
        honest, talk = _fit(bad, good, _HONEST), _fit(bad, asked, _TALK)
        for i, each in enumerate(examples):
            if each.writer == writer:
                scores[i] = combined(honest.score(seen[i]), talk.score(seen[i]))
    return scores


def _split(examples: Sequence[Example], seen: Sequence[Seen]) -> tuple[list[Seen], list[Seen]]:
    pairs = list(zip(examples, seen, strict=True))
    return [s for each, s in pairs if each.scam], [s for each, s in pairs if not each.scam]


def _thresholds(examples: Sequence[Example], scores: Sequence[float]) -> tuple[float, float]:
    """(dangerous, caution): the lowest that keep false alarms of either few."""
    pairs = zip(examples, scores, strict=True)
    honest = sorted((score for each, score in pairs if not each.scam), reverse=True)
    dangerous = honest[int(len(honest) * _DANGEROUS_MOST)] + 0.001
    caution = honest[int(len(honest) * _CAUTION_MOST)] + 0.001
    return max(0.5, dangerous), min(caution, dangerous)


def _fit(bad: Sequence[Seen], other: Sequence[Seen], how: _Fit) -> Linear:
    """A logistic regression that tells one from the other."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    seen = [*bad, *other]
    signs, of_signs = _counted([each.signs for each in seen], how.least)
    terms, of_terms = _counted([each.terms for each in seen], how.least)
    rarity = TfidfTransformer().fit(of_terms)
    columns = hstack([of_signs * _SIGNS_SCALE, rarity.transform(of_terms) * _TERMS_SCALE])
    model = LogisticRegression(C=how.strength, max_iter=1000)
    counts = [1.0] * len(bad) + [how.other] * len(other)
    model.fit(columns.tocsr(), [1] * len(bad) + [0] * len(other), counts)
    weights = [float(each) for each in model.coef_[0]]
    of_terms = zip(terms, rarity.idf_, weights[len(signs) :], strict=True)
    return Linear(
        {n: round(w * _SIGNS_SCALE, 3) for n, w in zip(signs, weights, strict=False)},
        {n: (round(float(rare), 3), round(w * _TERMS_SCALE, 3)) for n, rare, w in of_terms},
        float(model.intercept_[0]),
    )


def _counted(features: Sequence[frozenset[str]], least: int) -> tuple[list[str], Any]:
    """The names that are in `least` messages, and which message has which."""
    from sklearn.feature_extraction import DictVectorizer

    seen = Counter(name for each in features for name in each)
    kept = {name for name, count in seen.items() if count >= least}
    vectorizer = DictVectorizer(sort=True)
    matrix = vectorizer.fit_transform([dict.fromkeys(sorted(f & kept), 1.0) for f in features])
    return [str(name) for name in vectorizer.get_feature_names_out()], matrix
