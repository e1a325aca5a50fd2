"""Letters that look like others: what a host name seems to say to a reader."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from confusable_homoglyphs import confusables

_D = str.maketrans({"đ": "d", "Đ": "D", "ı": "i", "ł": "l", "ø": "o"})
_LEET = str.maketrans("0134578", "oleastb")


def plain(text: str) -> str:
    """Vietnamese letters without their marks, in lower case."""
    marked = unicodedata.normalize("NFKD", text.translate(_D))
    return "".join(c for c in marked if not unicodedata.combining(c)).lower()


def skeleton(text: str) -> str:
    """`text` in the ASCII letters it looks like; what looks like none stays as it is."""
    return "".join(c if c.isascii() else _like(c) for c in plain(text))


@lru_cache(maxsize=4096)
def _like(letter: str) -> str:
    for entry in confusables.confusables_data.get(letter, ()):
        like: str = entry["c"]
        if len(like) <= 2 and like.isascii() and like.isalnum():
            return like.lower()
    return letter


def unleet(text: str) -> str:
    """Digits read as the letters they stand in for."""
    return text.translate(_LEET)


def squeeze(text: str) -> str:
    """Each run of a letter once: "shoppee" and "shopee" are the same."""
    return "".join(c for i, c in enumerate(text) if i == 0 or text[i - 1] != c)


def foreign(text: str) -> bool:
    """Whether there is a letter that Vietnamese does not write."""
    return any(c.isalpha() and not c.isascii() for c in plain(text))
