"""Models that could understand messages, all given the same sentences, for `bench.nlu_study`.

Each sentence is learned as written and as typed in a hurry without marks (the model in use learns a
third copy, with slips and marks); words and pieces of words are counted by scikit-learn, apart from
the program's features.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from bot.settings import ROOT
from nlu.data_loader import Example
from nlu.embedded.augment import stripped, with_typos
from nlu.embedded.train import fit
from nlu.intents import GUIDE_INTENTS, OUT_OF_SCOPE
from nlu.text import normalize

Scores = NDArray[np.float32]
#: Scores of texts, a row each, in the order of the intents.
Scorer = Callable[[Sequence[str]], Scores]

_SEED = 20260101
_COPY_SEED, _COPY_RATE = 3, 0.3
_NEIGHBOURS = 5
_CLAUSE_WORDS = 4
_CLAUSE_ENDS = re.compile(
    r"[.,;:!?\n]+|\b(?:nhưng|mà|nên|rồi|xong|giờ|bây giờ|cho hỏi|nhung|ma|nen|roi|gio)\b"
)


@dataclass(frozen=True)
class Lesson:
    """What a model learns from: sentences, their intents as numbers, the intents' names."""

    texts: list[str]
    targets: NDArray[np.int64]
    labels: tuple[str, ...]
    examples: Sequence[Example]


def lesson(examples: Sequence[Example]) -> Lesson:
    """The sentences and a badly typed copy of each."""
    labels = tuple(sorted({example.intent for example in examples}))
    numbers = {label: number for number, label in enumerate(labels)}
    texts = [example.text for example in examples]
    copies = [stripped(with_typos(text, _COPY_SEED, _COPY_RATE)) for text in texts]
    targets = np.array([numbers[example.intent] for example in examples] * 2)
    return Lesson(texts + copies, targets, labels, examples)


class Counts:
    """Weighted counts of words (1-2, both views) and, if wanted, pieces of words (2-5)."""

    def __init__(self, *, pieces: bool) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        words: dict[str, Any] = {
            "ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True, "token_pattern": r"\S+",
        }  # fmt: skip
        self._views = [(_accented, TfidfVectorizer(**words)), (_bare, TfidfVectorizer(**words))]
        if pieces:
            char = TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True
            )
            self._views.append((_bare, char))

    def learn(self, texts: Sequence[str]) -> csr_matrix:
        """Learn what is counted; the rows of these texts."""
        return self._rows(texts, "fit_transform")

    def of(self, texts: Sequence[str]) -> csr_matrix:
        """The rows of other texts."""
        return self._rows(texts, "transform")

    def _rows(self, texts: Sequence[str], how: str) -> csr_matrix:
        found = [getattr(counter, how)([view(t) for t in texts]) for view, counter in self._views]
        return hstack(found, format="csr", dtype=np.float32)


def _accented(text: str) -> str:
    return normalize(text).accented


def _bare(text: str) -> str:
    return normalize(text).stripped


def svm(given: Lesson, *, pieces: bool) -> Scorer:
    """A linear support vector machine, one intent against the rest."""
    from sklearn.svm import LinearSVC

    return _linear(given, Counts(pieces=pieces), LinearSVC(C=1.0, tol=0.1, random_state=_SEED))


def words_svm(given: Lesson) -> Scorer:
    """On words alone."""
    return svm(given, pieces=False)


def pieces_svm(given: Lesson) -> Scorer:
    """On words and pieces of words."""
    return svm(given, pieces=True)


def logistic(given: Lesson) -> Scorer:
    """Multinomial logistic regression, whose probabilities need no calibration."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=20.0, tol=0.0003, max_iter=80)
    return _linear(given, Counts(pieces=True), model)


def bayes(given: Lesson) -> Scorer:
    """Complement naive Bayes."""
    from sklearn.naive_bayes import ComplementNB

    counts = Counts(pieces=True)
    model = ComplementNB(alpha=0.1).fit(counts.learn(given.texts), given.targets)
    return lambda texts: np.asarray(model.predict_joint_log_proba(counts.of(texts)), np.float32)


def nearest(given: Lesson) -> Scorer:
    """The sum of the likeness to the nearest few sentences of each intent."""
    counts = Counts(pieces=True)
    known = _unit(counts.learn(given.texts))

    def score(texts: Sequence[str]) -> Scores:
        like = (_unit(counts.of(texts)) @ known.T).toarray()
        columns = []
        for number in range(len(given.labels)):
            own = like[:, given.targets == number]
            columns.append(np.sort(own, axis=1)[:, -_NEIGHBOURS:].sum(axis=1))
        return np.asarray(np.stack(columns, axis=1), np.float32)

    return score


def in_use(given: Lesson) -> Scorer:
    """The model of the program, as it is now."""
    model = fit(given.examples)
    return lambda texts: np.stack([model.probabilities(normalize(text)) for text in texts])


def ensemble(*members: Scorer) -> Scorer:
    """The mean of several models' scores, each brought to the same spread."""

    def score(texts: Sequence[str]) -> Scores:
        return np.asarray(sum(_even(member(texts)) for member in members), np.float32)

    return score


def hierarchy(given: Lesson) -> Scorer:
    """First the family of the intent, then the intent within it; chances are multiplied."""
    from sklearn.svm import LinearSVC

    families = family_of(given.labels)
    names = sorted(set(families.values()))
    kin = np.array([names.index(families[label]) for label in given.labels])
    counts = Counts(pieces=True)
    rows = counts.learn(given.texts)
    options = {"C": 1.0, "tol": 0.1, "random_state": _SEED}
    first = LinearSVC(**options).fit(rows, kin[given.targets])
    within = {}
    for number in range(len(names)):
        chosen = np.flatnonzero(kin[given.targets] == number)
        if np.count_nonzero(kin == number) > 1:
            within[number] = LinearSVC(**options).fit(rows[chosen], given.targets[chosen])

    def score(texts: Sequence[str]) -> Scores:
        found = counts.of(texts)
        chances = _chances(first.decision_function(found))[:, kin]
        for model in within.values():
            decided = model.decision_function(found)
            if decided.ndim == 1:
                decided = np.stack([-decided, decided], axis=1)
            chances[:, model.classes_] *= _chances(decided)
        return np.asarray(chances, np.float32)

    return score


def by_clause(whole: Scorer) -> Scorer:
    """The message and each of its longer clauses are scored, and the best of all counts."""

    def score(texts: Sequence[str]) -> Scores:
        pieces = [[text, *clauses(text)] for text in texts]
        scores = whole([piece for held in pieces for piece in held])
        starts = np.cumsum([0, *map(len, pieces)])[:-1]
        return np.maximum.reduceat(scores, starts, axis=0)

    return score


def clauses(text: str) -> list[str]:
    """The parts of a message between signs and joining words, if it has several."""
    parts = [part.strip() for part in _CLAUSE_ENDS.split(text.lower())]
    kept = [part for part in parts if len(part.split()) >= _CLAUSE_WORDS]
    return kept if len(kept) > 1 else []


def family_of(labels: Sequence[str]) -> Mapping[str, str]:
    """The group of the menu a guide stands in; moves are one family, out of scope another."""
    menu = yaml.safe_load((ROOT / "content" / "menu.yml").read_text(encoding="utf-8"))
    groups = {name: group["id"] for group in menu["groups"] for name in group["guides"]}
    other = {label: "guide" if label in GUIDE_INTENTS else "move" for label in labels}
    found = {label: str(groups.get(label, other[label])) for label in labels}
    return found | ({OUT_OF_SCOPE: OUT_OF_SCOPE} if OUT_OF_SCOPE in labels else {})


def _linear(given: Lesson, counts: Counts, model: Any) -> Scorer:
    model.fit(counts.learn(given.texts), given.targets)
    return lambda texts: np.asarray(model.decision_function(counts.of(texts)), np.float32)


def _unit(rows: csr_matrix) -> csr_matrix:
    from sklearn.preprocessing import normalize as to_unit

    return to_unit(rows)


def _even(scores: Scores) -> Scores:
    centred = scores - scores.mean(axis=1, keepdims=True)
    return np.asarray(centred / (scores.std(axis=1, keepdims=True) + 1e-9), np.float32)


def _chances(decided: Scores) -> Scores:
    raised = np.exp(4 * (decided - decided.max(axis=1, keepdims=True)))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
