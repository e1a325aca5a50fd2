"""Letters that look like others: what a host name seems to say to a reader."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources

_D = str.maketrans({"đ": "d", "Đ": "D", "ı": "i", "ł": "l", "ø": "o"})
_LEET = str.maketrans("0134578", "oleastb")


def plain(text: str) -> str:
    """Vietnamese letters without their marks, in lower case."""
    marked = unicodedata.normalize("NFKD", text.translate(_D))
    return "".join(c for c in marked if not unicodedata.combining(c)).lower()


def skeleton(text: str) -> str:
    """`text` in the ASCII letters it looks like; what looks like none stays as it is."""
    return "".join(c if c.isascii() else _like(c) for c in plain(text))


def _like(letter: str) -> str:
    return _likes().get(letter, letter)


@cache
def _likes() -> Mapping[str, str]:
    """The ASCII letters that a letter looks like first of all, by letter.

    Unicode's table as `confusable_homoglyphs` ships it. Its module would keep all of it, and
    another of all scripts: 8 MB, for a hundredth of that.
    """
    file = resources.files("confusable_homoglyphs") / "confusables.json"
    found: dict[str, str] = {}
    for letter, entries in json.loads(file.read_text(encoding="utf-8")).items():
        for entry in entries:
            like: str = entry["c"]
            if len(like) <= 2 and like.isascii() and like.isalnum():
                found[letter] = like.lower()
                break
    return found


def unleet(text: str) -> str:
    """Digits read as the letters they stand in for."""
    return text.translate(_LEET)


def squeeze(text: str) -> str:
    """Each run of a letter once: "shoppee" and "shopee" are the same."""
    return "".join(c for i, c in enumerate(text) if i == 0 or text[i - 1] != c)


def foreign(text: str) -> bool:
    """Whether there is a letter that Vietnamese does not write."""
    return any(c.isalpha() and not c.isascii() for c in plain(text))
