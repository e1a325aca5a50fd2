"""Turns a normalised message into weighted n-grams; the same code trains and serves.

Six blocks, each of a fixed length: words (1-2) of the accented view; words (1-2), characters
(3-6, across words), pairs of near words, the edges and the signs of harm of the stripped view,
which carries the messages typed without marks.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlu.embedded.cues import find_cues
from nlu.text import Normalized

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

CHAR_SIZES = (3, 4, 5, 6)
PAIR_REACH = 8
_LENGTH_STEP, _LENGTH_STEPS = 4, 6
# Letter in front of a block's grams, and the block's weight in the vector.
BLOCKS: Mapping[str, float] = {"w": 1.0, "v": 1.0, "d": 1.0, "p": 1.0, "e": 0.3, "x": 0.6}


def grams(message: Normalized) -> dict[str, Counter[str]]:
    """Counted n-grams by block; every gram carries its block's letter in front."""
    bare = message.stripped.split()
    return {
        "w": _word_grams("w", message.accented.split()),
        "v": _word_grams("v", bare),
        "d": _char_grams(message.stripped),
        "p": _pairs(bare),
        "e": _edges(bare),
        "x": Counter([f"x{cue}" for cue in find_cues(message.stripped)]),
    }


def _word_grams(block: str, words: list[str]) -> Counter[str]:
    counts = Counter([block + word for word in words])
    counts.update([f"{block}{first} {second}" for first, second in pairwise(words)])
    return counts


def _char_grams(text: str) -> Counter[str]:
    body = f" {text} "
    return Counter(
        [
            "d" + body[start : start + size]
            for size in CHAR_SIZES
            for start in range(len(body) - size + 1)
        ]
    )


def _pairs(words: list[str]) -> Counter[str]:
    """Two words near each other in either order: 'mất' and 'tiền' with anything between."""
    return Counter(
        [
            f"p{first}&{second}" if first < second else f"p{second}&{first}"
            for index, first in enumerate(words)
            for second in words[index + 1 : index + 1 + PAIR_REACH]
        ]
    )


def _edges(words: list[str]) -> Counter[str]:
    """How the message begins and ends, and roughly how long it is: moves are short."""
    length = min(len(words) // _LENGTH_STEP, _LENGTH_STEPS)
    first = [f"e<{word}" for word in words[:2]]
    return Counter([*first, *[f"e>{word}" for word in words[-2:]], f"e={length}"])


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
