"""Names of places as people type them: plain words, keys to compare by, words that tell a level.

A key is a name without marks and spaces ("M'Đrắk" and "m drak" are `mdrak`). A folded key also
forgets what is spelt or heard in several ways: i/y, c/k, d/gi/r, s/x, tr/ch, endings n/ng and c/t.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from nlu.text import strip_diacritics

_APOSTROPHES = re.compile("['`´ʼ‘’ˈ]+")
#: Look-alikes of đ, and the b with a bar of Ê Đê names.
_LETTERS = str.maketrans({"ð": "đ", "ƀ": "b"})
_WORD = re.compile(r"\d+[a-h](?![^\W_])|[^\W\d_]+|\d+")

#: Words before a hamlet's name, longest first.
HAMLET_WORDS: tuple[tuple[str, ...], ...] = (
    ("to", "dan", "pho"),
    ("khu", "dan", "cu"),
    ("khu", "pho"),
    ("to", "nhan", "dan"),
    ("ap",),
    ("khom",),
    ("thon",),
    ("buon",),
    ("xom",),
    ("ban",),
    ("lang",),
    ("bon",),
    ("plei",),
    ("tdp",),
    ("kp",),
    ("khu",),
    ("to",),
)


def composed(text: str) -> str:
    """Lower case, composed letters, no apostrophes inside words."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_LETTERS)
    return _APOSTROPHES.sub("", unicodedata.normalize("NFC", text))


def tokens_of(text: str) -> tuple[str, ...]:
    """The words as written in lower case, numbers apart: "Khóm 5A" is khóm, 5a."""
    return tuple(_WORD.findall(composed(text)))


def plain(word: str) -> str:
    """A word without any marks, also those that Vietnamese has not ("Čư" is cu)."""
    bare = strip_diacritics(word)
    if bare.isascii():
        return bare
    letters = unicodedata.normalize("NFD", bare)
    return "".join(char for char in letters if not unicodedata.combining(char))


def plain_tokens(text: str) -> tuple[str, ...]:
    """The words without marks."""
    return tuple(plain(word) for word in tokens_of(text))


def key_of(words: Iterable[str]) -> str:
    """What names are compared by: plain words without the spaces between them."""
    return "".join(words)


_FOLDS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        ("ngh", "ng"),
        ("gh", "g"),
        ("ph", "f"),
        ("dh|gi(?=[aeou])|z|j", "d"),
        ("^r", "d"),
        ("tr", "c"),
        ("ch", "c"),
        ("ck|k|q", "c"),
        ("s", "x"),
        ("y", "i"),
        ("w", "u"),
        ("ng$|nh$", "n"),
        ("t$", "c"),
        ("uoi", "ui"),
    )
)


@lru_cache(maxsize=20_000)
def folded_word(word: str) -> str:
    """A plain word as it may also be spelt."""
    for pattern, instead in _FOLDS:
        word = pattern.sub(instead, word)
    return word


def folded_key(words: Iterable[str]) -> str:
    """The key of words that are spelt in several ways."""
    return "".join(map(folded_word, words))


def keys_of(words: tuple[str, ...]) -> tuple[str, str]:
    """Key and folded key."""
    return key_of(words), folded_key(words)


@lru_cache(maxsize=20_000)
def marks_of(word: str) -> str:
    """The marks of a word without where its tone stands: "hòa" and "hoà" have the same."""
    quality, tone = [], ""
    for char in unicodedata.normalize("NFD", word.replace("y", "i")):
        if char in "\u0300\u0301\u0303\u0309\u0323":
            tone = char
        else:
            quality.append(char)
    return unicodedata.normalize("NFC", "".join(quality)) + tone


def same_marks(typed: str, meant: str) -> bool | None:
    """Whether a typed word has a name's marks; None when it was typed without any."""
    if typed == strip_diacritics(typed):
        return None
    return marks_of(typed) == marks_of(meant)
