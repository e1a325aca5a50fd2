"""Turns a normalised message into weighted n-grams; the same code trains and serves.

Four blocks, each of length one: words (1-2) and characters inside word bounds (2-5), both on the
accented and on the stripped view. The stripped views carry messages typed without marks.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.text import Normalized

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

CHAR_SIZES = (2, 3, 4, 5)
# Prefix of a gram's block and the block's weight in the vector.
BLOCKS: Mapping[str, float] = {"w": 1.0, "v": 1.0, "c": 1.0, "d": 1.0}


def grams(message: Normalized) -> dict[str, Counter[str]]:
    """Counted n-grams by block; every gram carries its block's letter in front."""
    return {
        "w": _word_grams("w", message.accented),
        "v": _word_grams("v", message.stripped),
        "c": _char_grams("c", message.accented),
        "d": _char_grams("d", message.stripped),
    }


def _word_grams(block: str, text: str) -> Counter[str]:
    words = text.split()
    counts = Counter(block + word for word in words)
    counts.update(f"{block}{first} {second}" for first, second in zip(words, words[1:]))
    return counts


def _char_grams(block: str, text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for word, times in Counter(text.split()).items():
        padded = f" {word} "
        for size in CHAR_SIZES:
            for start in range(len(padded) - size + 1):
                counts[block + padded[start : start + size]] += times
    return counts


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The grams a model knows: `index` gives a gram's column, `idf` its rarity weight."""

    index: Mapping[str, int]
    idf: Floats

    def vector(self, message: Normalized) -> tuple[Ints, Floats]:
        """Columns and values of the message's sparse vector, of length one if not empty."""
        columns: list[int] = []
        values: list[float] = []
        for block, counts in grams(message).items():
            self._add_block(counts, BLOCKS[block], columns, values)
        weights = np.array(values, dtype=np.float32)
        norm = float(np.sqrt(np.dot(weights, weights)))
        return np.array(columns, dtype=np.int32), weights / norm if norm else weights

    def _add_block(
        self, counts: Counter[str], weight: float, columns: list[int], values: list[float]
    ) -> None:
        known = [(self.index[gram], count) for gram, count in counts.items() if gram in self.index]
        if not known:
            return
        raw = [(1.0 + math.log(count)) * float(self.idf[column]) for column, count in known]
        scale = weight / math.sqrt(sum(value * value for value in raw))
        columns.extend(column for column, _ in known)
        values.extend(value * scale for value in raw)


def build_vocabulary(messages: Iterable[Normalized], min_count: int) -> Vocabulary:
    """The grams found in at least `min_count` messages, in a fixed order, with smoothed idf."""
    found: Counter[str] = Counter()
    total = 0
    for message in messages:
        total += 1
        for counts in grams(message).values():
            found.update(counts.keys())
    kept = sorted(gram for gram, count in found.items() if count >= min_count)
    idf = np.array(
        [math.log((1 + total) / (1 + found[gram])) + 1.0 for gram in kept], dtype=np.float32
    )
    return Vocabulary({gram: column for column, gram in enumerate(kept)}, idf)


def matrix_parts(
    vocabulary: Vocabulary, messages: Sequence[Normalized]
) -> tuple[Floats, Ints, Ints]:
    """The CSR arrays (data, indices, indptr) of many messages."""
    rows = [vocabulary.vector(message) for message in messages]
    indptr = np.zeros(len(rows) + 1, dtype=np.int32)
    np.cumsum([len(columns) for columns, _ in rows], out=indptr[1:])
    if not rows:
        return np.zeros(0, np.float32), np.zeros(0, np.int32), indptr
    return (
        np.concatenate([values for _, values in rows]),
        np.concatenate([columns for columns, _ in rows]),
        indptr,
    )
