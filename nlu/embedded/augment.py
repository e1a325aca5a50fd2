"""Copies of a sentence as other people would type it. Deterministic for the same seed.

Training adds such copies; evaluation uses them to measure robustness.
"""

import random

from nlu.text import strip_diacritics

_KEYS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad",
    "t": "ry", "u": "yi", "v": "cb", "x": "zc", "y": "tu",
}  # fmt: skip


def stripped(text: str) -> str:
    """As typed without any marks."""
    return strip_diacritics(text)


def with_typos(text: str, seed: int, rate: float = 0.15) -> str:
    """With a slip in about `rate` of the words (at least one), as a hurried thumb makes them."""
    words = text.split()
    # The text is part of the seed, so that a new sentence does not change the others' copies.
    rng = random.Random(f"{seed} {text}")
    long_words = [index for index, word in enumerate(words) if len(word) >= 3]
    if not long_words:
        return text
    count = min(len(long_words), max(1, round(rate * len(words))))
    for index in rng.sample(long_words, count):
        words[index] = _slip(words[index], rng)
    return " ".join(words)


def _slip(word: str, rng: random.Random) -> str:
    spot = rng.randrange(1, len(word))
    kind = rng.randrange(4)
    if kind == 0:
        return word[:spot] + word[spot + 1 :]
    if kind == 1:
        return word[: spot - 1] + word[spot] + word[spot - 1] + word[spot + 1 :]
    if kind == 2:
        near = _KEYS.get(strip_diacritics(word[spot]).lower())
        return word[:spot] + (rng.choice(near) if near else "") + word[spot + 1 :]
    return word[:spot] + word[spot] + word[spot:]


def half_stripped(text: str, seed: int) -> str:
    """With the marks of about half of the words left out."""
    rng = random.Random(f"{seed} {text}")
    return " ".join(strip_diacritics(word) if rng.random() < 0.5 else word for word in text.split())
