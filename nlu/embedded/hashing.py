"""Grams as numbers: a 64-bit key for each word, pair and run of letters, made for whole arrays.

Python would take longer to name the thousand grams of a message than all the rest of understanding
it. A gram's key depends on nothing but the gram: not on the process, the machine or the message.
"""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

#: Bits of a key that tell grams apart; the ones above name the block.
KEY_BITS = 61
_MASK = np.uint64((1 << KEY_BITS) - 1)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
# The finaliser of splitmix64 (Steele, Lea, Flood 2014).
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)


@lru_cache(maxsize=50_000)
def word_hash(word: str) -> int:
    """64 bits of a word's BLAKE2b hash."""
    raw = word.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")


def hash_words(words: list[str]) -> Keys:
    """The hashes of words, in their order."""
    return np.array([word_hash(word) for word in words], dtype=np.uint64)


def join(first: Keys, second: Keys) -> Keys:
    """The hashes of ordered pairs."""
    return first * _FACTOR + second


def hash_runs(text: str, sizes: range) -> Keys:
    """The hashes of every run of letters of these sizes, the shortest runs first."""
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = letters.astype(np.uint64)
    found: list[Keys] = []
    runs = codes
    for size in range(2, sizes.stop):
        runs = join(runs[:-1], codes[size - 1 :])
        if size in sizes:
            found.append(runs)
    return np.concatenate(found)


def in_block(block: int, hashes: Keys) -> Keys:
    """The keys of grams of a block (0 to 7), spread evenly."""
    mixed = hashes ^ (hashes >> _SHIFT_1)
    mixed *= _MIX_1
    mixed ^= mixed >> _SHIFT_2
    mixed *= _MIX_2
    mixed ^= mixed >> _SHIFT_3
    mixed &= _MASK
    mixed |= np.uint64(block << KEY_BITS)
    return mixed


def blocks_of(keys: Keys) -> NDArray[np.intp]:
    """The block of each key."""
    return (keys >> np.uint64(KEY_BITS)).astype(np.intp)
