"""Serving: loads a trained model's arrays and parses messages. Numpy only, no scikit-learn.

A model is the folder `<key>/` with `meta.json`, `keys.npy` (of the grams), `idf.npy`, `weights.npy`
and `bias.npy`; `meta.json` holds a checksum of each of the others.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.embedded.features import Floats, Vocabulary
from nlu.embedded.thresholds import Thresholds, read_thresholds
from nlu.engine import ModelBroken, ModelMissing, ModelStale, Parse, Ranked
from nlu.entities import find_entities
from nlu.intents import OUT_OF_SCOPE
from nlu.text import Normalized, normalize

FORMAT = 2
META = "meta.json"
ARRAYS = ("keys.npy", "idf.npy", "weights.npy", "bias.npy")


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Probabilities of intents from n-grams; `weights` is (grams, intents), rows by column."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.float16]
    bias: Floats
    temperature: float

    def logits(self, message: Normalized) -> Floats:
        """Scores of all intents before calibration."""
        columns, values = self.vocabulary.vector(message)
        rows = self.weights.take(columns, axis=0).astype(np.float32)
        return np.asarray(values @ rows + self.bias, dtype=np.float32)

    def probabilities(self, message: Normalized) -> Floats:
        """Calibrated probabilities, in the order of `labels`; they sum to one."""
        return softmax(self.logits(message) / self.temperature)


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


class EmbeddedEngine:
    """The engine in the bot's own process; safe to share between threads."""

    name = "embedded"

    def __init__(self, model: LinearModel, model_id: str, thresholds: Thresholds) -> None:
        self.model = model
        self.model_id = model_id
        self.thresholds = thresholds

    def parse(self, text: str) -> Parse:
        """Understand one message; any text at all gives a parse."""
        message = normalize(text)
        ranking = self._rank(message)
        best = ranking[0]
        return Parse(
            text=text,
            intent=best.name,
            confidence=best.confidence,
            ranking=ranking,
            entities=find_entities(text),
            decision=self.thresholds.decide(best),
        )

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        """Understand many messages; thousands take seconds."""
        return [self.parse(text) for text in texts]

    def _rank(self, message: Normalized) -> tuple[Ranked, ...]:
        if not message.accented:
            return (Ranked(OUT_OF_SCOPE, 1.0),)
        chances = self._weighed(self.model.probabilities(message))
        order = np.argsort(-chances, kind="stable")
        return tuple(Ranked(self.model.labels[i], float(chances[i])) for i in order)

    def _weighed(self, chances: Floats) -> Floats:
        """The probabilities with the odds of out of scope as tuned."""
        if OUT_OF_SCOPE in self.model.labels:
            chances[self.model.labels.index(OUT_OF_SCOPE)] *= self.thresholds.out_of_scope_odds
        return np.asarray(chances / chances.sum(), dtype=np.float32)


def load(model_dir: Path, key: str) -> EmbeddedEngine:
    """The engine for the model `key` in `model_dir`.

    Raises ModelMissing when there is no model at all, ModelStale when only others are there, and
    ModelBroken when the files are damaged.
    """
    folder = model_dir / key
    if not folder.is_dir():
        if any(model_dir.glob(f"*/{META}")):
            raise ModelStale(f"{model_dir} has no model {key[:12]}: data or code changed, train")
        raise ModelMissing(f"{model_dir} holds no trained model")
    meta = _read_meta(folder)
    try:
        model = _read_model(folder, meta)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise ModelBroken(f"{folder}: {error}") from error
    return EmbeddedEngine(model, key, read_thresholds())


def _read_meta(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        checksums = dict(meta["sha256"])
        for name in ARRAYS:
            if file_sha256(folder / name) != checksums[name]:
                raise ModelBroken(f"{folder / name}: does not match its checksum, train again")
        if meta["format"] != FORMAT:
            raise ModelBroken(f"{folder / META}: format {meta['format']}, expected {FORMAT}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelBroken(f"{folder}: {type(error).__name__}: {error}") from error
    return dict(meta)


def _read_model(folder: Path, meta: dict[str, Any]) -> LinearModel:
    keys, idf, weights, bias = (np.load(folder / name, allow_pickle=False) for name in ARRAYS)
    labels = tuple(str(label) for label in meta["labels"])
    if weights.shape != (len(keys), len(labels)) or idf.shape != keys.shape:
        raise ValueError(f"weights {weights.shape} for {len(keys)} grams, {len(labels)} intents")
    if bias.shape != (len(labels),):
        raise ValueError(f"bias {bias.shape} for {len(labels)} intents")
    return LinearModel(labels, Vocabulary(keys, idf), weights, bias, float(meta["temperature"]))


def file_sha256(path: Path) -> str:
    """Checksum of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
