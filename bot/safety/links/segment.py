"""A run-together label read as words: "cltxmomo247" is cltx, momo, 247.

The reading with the fewest letters left over wins, then the one with the fewest words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

UNKNOWN = ""
DIGITS = "digits"
_LONGEST = 24
_CHUNK = re.compile(r"[a-z]+|[0-9]+|[^a-z0-9\-]+")
_LETTER_COST = 1.0
#: What a word costs by its length: short ones hardly less than their letters, or they would be
#: found in everything.
_WORD_COSTS = (0.0, 1.0, 1.8, 1.6)
_WORD_COST = 0.7


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of a label; `kind` is one of the vocabulary's, `DIGITS`, or `UNKNOWN`."""

    text: str
    kind: str


class Vocabulary:
    """Words and their kinds; where a word has two, the first one given counts."""

    def __init__(self, words: Iterable[tuple[str, str]]) -> None:
        self._kinds: dict[str, str] = {}
        for word, kind in words:
            self._kinds.setdefault(word, kind)
        # Words with digits ("8xbet", "24h") are looked for before letters and digits are parted.
        mixed = sorted((w for w in self._kinds if not w.isalpha() and not w.isdigit()), key=len)
        self._mixed = re.compile("|".join(map(re.escape, reversed(mixed)))) if mixed else None

    @property
    def kinds(self) -> Mapping[str, str]:
        """The kind of each word."""
        return self._kinds

    def read(self, label: str) -> list[Piece]:
        """The pieces of a label in ASCII lower case; hyphens are left out."""
        pieces: list[Piece] = []
        for part in label.split("-"):
            pieces += self._whole(part) if part else []
        return pieces

    def _whole(self, part: str) -> list[Piece]:
        if part in self._kinds:
            return [Piece(part, self._kinds[part])]
        found = self._mixed.search(part) if self._mixed else None
        if found is None:
            return self._chunks(part)
        word = found.group()
        before, after = part[: found.start()], part[found.end() :]
        return [*self._chunks(before), Piece(word, self._kinds[word]), *self._chunks(after)]

    def _chunks(self, part: str) -> list[Piece]:
        pieces: list[Piece] = []
        for chunk in _CHUNK.findall(part):
            if chunk.isdigit():
                pieces.append(Piece(chunk, DIGITS))
            elif chunk.isascii():
                pieces += self._letters(chunk)
            else:
                pieces.append(Piece(chunk, UNKNOWN))
        return pieces

    def _letters(self, chunk: str) -> list[Piece]:
        # best[i]: (cost of the first i letters, start of the last piece, whether it is a word)
        best: list[tuple[float, int, bool]] = [(0.0, 0, False)]
        for end in range(1, len(chunk) + 1):
            cost, _, _ = best[end - 1]
            choice = (cost + _LETTER_COST, end - 1, False)
            for start in range(max(0, end - _LONGEST), end - 1):
                if chunk[start:end] in self._kinds:
                    worded = best[start][0] + _cost(end - start)
                    if worded < choice[0]:
                        choice = (worded, start, True)
            best.append(choice)
        return _joined(chunk, best, self._kinds)


def _cost(length: int) -> float:
    return _WORD_COSTS[length] if length < len(_WORD_COSTS) else _WORD_COST


def _joined(
    chunk: str, best: list[tuple[float, int, bool]], kinds: Mapping[str, str]
) -> list[Piece]:
    pieces: list[Piece] = []
    end = len(chunk)
    while end:
        _, start, word = best[end]
        text = chunk[start:end]
        if not word and pieces and pieces[-1].kind == UNKNOWN:
            pieces[-1] = Piece(text + pieces[-1].text, UNKNOWN)
        else:
            pieces.append(Piece(text, kinds[text] if word else UNKNOWN))
        end = start
    pieces.reverse()
    return pieces
