"""Long texts as several short bubbles, cut where somebody reading aloud would pause.

On a weak network and a small screen a short bubble comes sooner and is read more easily than a long
one. Pure: text in, texts out; which channel cuts, and when, is the channel's.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate, islice, takewhile

from bot.domain.replies import Reply
from bot.renderers.text import choice_lines, utf16_length

#: UTF-16 units in a bubble, at most.
BUBBLE_MOST = 600

#: A link, or a number with its dots and gaps as in "0900 000 023", "1.500.000", "21/11/2026".
_WHOLE = re.compile(r"(?:https?://|www\.)\S+|\+?\d+(?:[ \xa0\u202f.,/:-]\d+)*", re.IGNORECASE)
#: White space that may be broken at: a no-break space is meant to hold together.
_SPACE = re.compile(r"[^\S\xa0\u202f]+")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]»]*\Z")
#: A full stop that ends no sentence: "1." before an item, "TP." and "ThS." before a name.
_NO_END = re.compile(r"(?:^|[\s(])(?:\d+|[A-ZĐ][A-Za-zđĐ]{0,2})\.\Z")
_CLAUSE_END = re.compile(r"[;:,)–—-]\Z")
_TAIL = 12


class _Rank(IntEnum):
    """How good a place is to cut; smaller is better."""

    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    CLAUSE = 3
    WORD = 4
    #: Between a number and its unit, between a heading and its list.
    TIGHT = 5


@dataclass(frozen=True, slots=True)
class _Break:
    """A part may end before `end`; the next begins at `begin`. White space between is dropped."""

    end: int
    begin: int
    rank: _Rank


def bubbles(reply: Reply, most: int = BUBBLE_MOST) -> list[Reply]:
    """The reply as bubbles of at most `most` UTF-16 units, for platforms with buttons.

    A picture goes with the first bubble, the choices with the last; all the rest is on every one.
    """
    parts = split(reply.text, most)
    if len(parts) == 1:
        return [reply]
    bare = replace(reply, choices=(), picture=None, payment=None, photo=None)
    middle = [replace(bare, text=part) for part in parts[1:-1]]
    return [
        replace(reply, text=parts[0], choices=()),
        *middle,
        replace(bare, text=parts[-1], choices=reply.choices),
    ]


def numbered_bubbles(reply: Reply, most: int = BUBBLE_MOST) -> list[str]:
    """The reply as texts for platforms without buttons, the choices as numbered lines at the end.

    The lines stay together: below the last of the text where they fit, else in a bubble of theirs.
    """
    parts = split(reply.text, most)
    if not reply.choices:
        return parts
    lines = choice_lines(reply)
    last = f"{parts[-1]}\n\n{lines}"
    if utf16_length(last) <= most:
        return [*parts[:-1], last]
    return [*parts, *split(lines, most)]


def split(text: str, most: int = BUBBLE_MOST) -> list[str]:
    """Parts of at most `most` UTF-16 units (2 or more), in order; only white space is dropped.

    No link, number or letter with its marks is cut unless it alone is longer than `most`.
    """
    return [text[begin:end] for begin, end in spans(text, most)]


def spans(text: str, most: int = BUBBLE_MOST) -> list[tuple[int, int]]:
    """Where `split`'s parts begin and end in `text`, in code points. One at least, maybe empty."""
    if most < 2:
        raise ValueError(f"a bubble of {most} units cannot hold every letter")
    return list(_spans(text, most))


@lru_cache(maxsize=256)
def _spans(text: str, most: int) -> tuple[tuple[int, int], ...]:
    """Remembered: much of what is said is said to many, and looking for places takes long."""
    start, stop = len(text) - len(text.lstrip()), len(text.rstrip())
    if start >= stop:
        return ((0, 0),)
    found: list[tuple[int, int]] = []
    # Most of what is said is short: no place to cut it need be looked for.
    whole = _Text(text, most) if utf16_length(text[start:stop]) > most else None
    while whole is not None and whole.length(start, stop) > most:
        end, begin = whole.cut(start, stop)
        found.append((start, end))
        start = begin
    found.append((start, stop))
    return tuple(trimmed for span in found if (trimmed := _trimmed(text, *span)))


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """Without the no-break spaces at its ends; None when there is nothing else."""
    part = text[begin:end]
    if not part.strip():
        return None
    return end - len(part.lstrip()), begin + len(part.rstrip())


class _Text:
    """A text with the places where it may be cut."""

    def __init__(self, text: str, most: int) -> None:
        self._text = text
        self._most = most
        # Nearly always one a letter.
        wide = utf16_length(text) > len(text)
        units = (1 + (ch > "\uffff") for ch in text)
        self._units = list(accumulate(units, initial=0)) if wide else range(len(text) + 1)
        self._whole = [match.span() for match in _WHOLE.finditer(text)]
        self._breaks = list(self._soft())

    def length(self, begin: int, end: int) -> int:
        """UTF-16 units between two places."""
        return self._units[end] - self._units[begin]

    def cut(self, start: int, stop: int) -> tuple[int, int]:
        """Where the part from `start` ends and the next begins; `start` to `stop` is too long."""
        left = self.length(start, stop)
        # Parts of like size: 610 letters are read better as two halves than as 600 and 10.
        even = left / -(-left // self._most)
        first = bisect_right(self._breaks, start, key=lambda b: b.end)
        rest = islice(self._breaks, first, None)
        near = list(takewhile(lambda b: self.length(start, b.end) <= self._most, rest))
        good = [b for b in near if self.length(start, b.end) >= even / 2]
        for rank in _Rank:
            ranked = [b for b in good if b.rank is rank]
            if ranked:
                best = min(ranked, key=lambda b: abs(self.length(start, b.end) - even))
                return best.end, best.begin
        if near:
            return near[-1].end, near[-1].begin
        hard = self._hard(start)
        return hard, hard

    def _hard(self, start: int) -> int:
        """The last place before which all fits, between letters that stand alone if possible."""
        last = bisect_right(self._units, self._units[start] + self._most) - 1
        for place in range(last, start, -1):
            if not self._inside(place, place) and _stands_alone(self._text, place):
                return place
        return last

    def _inside(self, end: int, begin: int) -> bool:
        """Whether what is from `end` to `begin` is inside a link or number."""
        at = bisect_left(self._whole, end, key=lambda span: span[0]) - 1
        return at >= 0 and begin < self._whole[at][1]

    def _soft(self) -> Iterator[_Break]:
        for space in _SPACE.finditer(self._text):
            end, begin = space.span()
            if not end or begin == len(self._text):  # around the whole text
                continue
            # A mark behind a space is one letter with it.
            if not _stands_alone(self._text, begin) or self._inside(end, begin):
                continue
            yield _Break(end, begin, self._rank(end, begin))

    def _rank(self, end: int, begin: int) -> _Rank:
        before = self._text[max(0, end - _TAIL) : end]
        lines = self._text.count("\n", end, begin)
        if before[-1] == ":" and lines:
            return _Rank.TIGHT
        if lines:
            return _Rank.PARAGRAPH if lines > 1 else _Rank.LINE
        if before[-1].isalpha():
            return _Rank.TIGHT if self._text[begin].isdigit() else _Rank.WORD
        if _SENTENCE_END.search(before):
            return _Rank.TIGHT if _NO_END.search(before) else _Rank.SENTENCE
        if _CLAUSE_END.search(before):
            return _Rank.CLAUSE
        tight = before[-1].isdigit() or self._text[begin].isdigit()
        return _Rank.TIGHT if tight else _Rank.WORD


def _stands_alone(text: str, place: int) -> bool:
    """Whether a new letter begins at `place`, or still belongs to the one before.

    The rules of https://unicode.org/reports/tr29/#Grapheme_Cluster_Boundary_Rules that matter in
    messages: marks, joiners, skin tones, flags, Korean syllables; at worst a letter more is kept
    together than must be.
    """
    before, after = text[place - 1], text[place]
    if after != "\n" and after.isascii() and before.isascii():
        return True
    if before == "\r" and after == "\n":
        return False
    if unicodedata.category(after)[0] == "M" or after in "\u200c\u200d" or before == "\u200d":
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False
    if _flag(after) and _flag(before):
        flags = place
        while flags and _flag(text[flags - 1]):
            flags -= 1
        return (place - flags) % 2 == 0
    # Indian scripts join two letters by the mark between them.
    if unicodedata.combining(before) == 9 and unicodedata.category(after) == "Lo":
        return False
    return not (_korean(before) and _korean(after))


def _flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _korean(letter: str) -> bool:
    return "\u1100" <= letter <= "\u11ff" or "\uac00" <= letter <= "\ud7fb"
