"""Turns a normalised message into weighted n-grams; the same code trains and serves.

Blocks, each of a fixed length: words (1-2) of the accented view; words (1-2), characters (3-6,
across words), pairs of near words, the edges, the signs of harm and words but for a letter of the
stripped view, which carries the messages typed without marks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlu.embedded.cues import find_cues
from nlu.embedded.hashing import (
    Keys,
    blocks_of,
    hash_runs,
    hash_words,
    in_block,
    join,
    word_hash,
)
from nlu.text import Normalized

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

CHAR_SIZES = range(3, 7)
PAIR_REACH = 4
_LENGTH_STEP, _LENGTH_STEPS = 4, 6
# A shorter word leaves too little behind, a longer one is no Vietnamese word.
_SLIP_LEAST, _SLIP_MOST = 3, 12
# Letter in front of a block's grams, and the block's weight in the vector.
BLOCKS = {"w": 1.0, "v": 1.0, "d": 1.0, "p": 1.0, "e": 0.3, "x": 0.6, "s": 0.7}
_WEIGHTS = np.array(list(BLOCKS.values()), dtype=np.float32)


def gram_keys(message: Normalized) -> Keys:
    """The keys of all grams of a message, repeats too, block by block."""
    words, bare = message.accented.split(), message.stripped.split()
    hashes = hash_words(words)
    # Without marks in the message both views are the same words.
    stripped = hashes if words == bare else hash_words(bare)
    found = (
        _word_hashes(hashes),
        _word_hashes(stripped),
        hash_runs(f" {message.stripped} ", CHAR_SIZES),
        _pair_hashes(stripped),
        hash_words(_edges(bare)),
        hash_words(find_cues(message.stripped)),
        np.array([key for word in bare for key in _slip_hashes(word)], dtype=np.uint64),
    )
    return np.concatenate([in_block(block, keys) for block, keys in enumerate(found)])


def gram_names(message: Normalized) -> list[str]:
    """The grams of `gram_keys` for people, in the same order: the block's letter, then the gram."""
    words, bare = message.accented.split(), message.stripped.split()
    body = f" {message.stripped} "
    runs = [body[at : at + n] for n in CHAR_SIZES for at in range(len(body) - n + 1)]
    pairs = [
        "&".join(sorted((bare[at], bare[at + gap])))
        for gap in range(1, PAIR_REACH + 1)
        for at in range(len(bare) - gap)
    ]
    found = (
        words + [" ".join(pair) for pair in pairwise(words)],
        bare + [" ".join(pair) for pair in pairwise(bare)],
        runs,
        pairs,
        _edges(bare),
        find_cues(message.stripped),
        [slip for word in bare for slip in _slips(word)],
    )
    return [letter + gram for letter, grams in zip(BLOCKS, found, strict=True) for gram in grams]


def _word_hashes(hashes: Keys) -> Keys:
    return np.concatenate([hashes, join(hashes[:-1], hashes[1:])])


def _pair_hashes(hashes: Keys) -> Keys:
    """Two words near each other in either order: 'mất' and 'tiền' with anything between."""
    gaps = range(1, min(PAIR_REACH + 1, len(hashes)))
    if not gaps:
        return hashes[:0]
    first = np.concatenate([hashes[:-gap] for gap in gaps])
    second = np.concatenate([hashes[gap:] for gap in gaps])
    return join(np.minimum(first, second), np.maximum(first, second))


def _edges(words: list[str]) -> list[str]:
    """How the message begins and ends, and roughly how long it is: moves are short."""
    length = min(len(words) // _LENGTH_STEP, _LENGTH_STEPS)
    first = [f"<{word}" for word in words[:2]]
    return [*first, *[f">{word}" for word in words[-2:]], f"={length}"]


def _slips(word: str) -> list[str]:
    """The word and what is left of it without one of its letters.

    A word with a letter dropped, doubled, swapped or wrong has one of these in common with the
    word that was meant.
    """
    if len(word) < _SLIP_LEAST:
        return []
    word = word[:_SLIP_MOST]
    return list(dict.fromkeys([word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]))


@lru_cache(maxsize=20_000)
def _slip_hashes(word: str) -> tuple[int, ...]:
    return tuple(word_hash(slip) for slip in _slips(word))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The grams a model knows: their keys in rising order, a column each, and their rarity."""

    keys: Keys
    idf: Floats

    def columns(self, keys: Keys) -> Ints:
        """The column of each key, -1 for a gram that is not known."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int32)
        places = np.searchsorted(self.keys, keys)
        places[places == len(self.keys)] = 0
        return np.where(self.keys[places] == keys, places, -1).astype(np.int32)

    def vector(self, message: Normalized) -> tuple[Ints, Floats]:
        """Columns and values of the message's sparse vector, of length one if not empty."""
        keys, counts = np.unique(gram_keys(message), return_counts=True)
        columns = self.columns(keys)
        known = columns >= 0
        columns = columns[known]
        values = (1.0 + np.log(counts[known].astype(np.float32))) * self.idf[columns]
        blocks = blocks_of(keys[known])
        lengths = np.bincount(blocks, values * values, len(_WEIGHTS))
        scales = _WEIGHTS / np.sqrt(np.maximum(lengths, 1e-12))
        norm = float(np.sqrt(np.square(_WEIGHTS[lengths > 0]).sum()))
        return columns, np.asarray(values * (scales[blocks] / norm), dtype=np.float32)


def build_vocabulary(messages: Iterable[Normalized], min_count: int) -> Vocabulary:
    """The grams found in at least `min_count` messages, with smoothed idf."""
    each = [np.unique(gram_keys(message)) for message in messages]
    keys, found = np.unique(np.concatenate(each or [np.zeros(0, np.uint64)]), return_counts=True)
    keys, found = keys[found >= min_count], found[found >= min_count]
    idf = np.log((1 + len(each)) / (1 + found)) + 1.0
    return Vocabulary(keys, idf.astype(np.float32))


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
