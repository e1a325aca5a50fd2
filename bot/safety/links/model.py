"""A small linear model over the characters of a host name, served with numpy alone.

Features are hashed n-grams of `^label$` and of its shape (letters a, digits 0), so the model needs
no vocabulary; the weights are one array in an `.npz` file, read without pickle.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.safety.links.knowledge import KnowledgeError

BUCKETS = 1 << 16
VERSION = 1
_TEXT_MOST = 80
_SIZES = (2, 3, 4, 5)
_SHAPES = (2, 3, 4)
_SHAPE = str.maketrans("abcdefghijklmnopqrstuvwxyz0123456789", "a" * 26 + "0" * 10)


def features(label: str, sub: str) -> NDArray[np.int64]:
    """Buckets of a host's label and of what stands before it, each once, in order."""
    text = f"^{label[:_TEXT_MOST]}$"
    grams = [text[i : i + n] for n in _SIZES for i in range(len(text) - n + 1)]
    shape = text.translate(_SHAPE)
    grams += [f"s:{shape[i : i + n]}" for n in _SHAPES for i in range(len(shape) - n + 1)]
    grams.append(f"length:{min(len(label), 30) // 3}")
    grams.append(f"digits:{min(sum(c.isdigit() for c in label), 6)}")
    grams.append(f"hyphens:{min(label.count('-'), 4)}")
    grams += [f"sub:{part}" for part in sub.split(".")[-3:] if part]
    hashed = {zlib.crc32(gram.encode()) % BUCKETS for gram in grams}
    return np.fromiter(sorted(hashed), dtype=np.int64, count=len(hashed))


@dataclass(frozen=True)
class HostModel:
    """Weights by bucket, and the bias; `score` is a log-odds."""

    weights: NDArray[np.float32]
    bias: float

    def score(self, label: str, sub: str) -> float:
        """How much the letters look like a swindler's host; above 0 is more likely than not."""
        found = features(label, sub)
        # The mean of a row of unit length, as it was trained.
        return float(self.weights[found].sum() / np.sqrt(len(found))) + self.bias

    def save(self, path: Path) -> None:
        """Write the file; a half-written one never takes its place."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part.npz")
        parts = {"version": VERSION, "bias": self.bias, "weights": self.weights.astype(np.float16)}
        np.savez_compressed(half, **parts)  # type: ignore[arg-type]
        half.replace(path)


@lru_cache(maxsize=4)
def load_model(path: Path, _version: int = 0) -> HostModel:
    """The model in a file; another `_version` of it is read anew. Raises KnowledgeError."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            version, bias, weights = int(stored["version"]), stored["bias"], stored["weights"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise KnowledgeError(
            f"{path}: is not a model of links; make it with `congdanso safety train`"
        ) from error
    if version != VERSION or weights.shape != (BUCKETS,):
        raise KnowledgeError(
            f"{path}: is of another version; make it with `congdanso safety train`"
        )
    return HostModel(weights.astype(np.float32), float(bias))
