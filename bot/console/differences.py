"""Two texts side by side: which lines went, which came, and the words that make the difference."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WORDS = re.compile(r"\s+|\S+")
#: Lines that stay the same, shown around what changed.
_AROUND = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words; `changed` when it is not in the other text."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line: "same", "old" (it went), "new" (it came), or "gap" for lines left out."""

    kind: str
    pieces: tuple[Piece, ...] = ()


def differences(old: str, new: str) -> list[Line]:
    """What changed from one text to the other, with a little around it; empty when nothing did."""
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return []
    lines: list[Line] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(_AROUND)):
        if number or group[0][1] or group[0][3]:
            lines.append(Line("gap"))
        for what, low, high, new_low, new_high in group:
            if what == "equal":
                lines += [Line("same", (Piece(line, False),)) for line in before[low:high]]
            else:
                lines += _changed(before[low:high], after[new_low:new_high])
    return lines


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    one, other = _words(old), _words(new)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    went: list[Piece] = []
    came: list[Piece] = []
    for what, low, high, new_low, new_high in matcher.get_opcodes():
        changed = what != "equal"
        went.append(Piece("".join(one[low:high]), changed))
        came.append(Piece("".join(other[new_low:new_high]), changed))
    yield from _lines("old", went)
    yield from _lines("new", came)


def _words(lines: Sequence[str]) -> list[str]:
    return [word for line in lines for word in (*_WORDS.findall(line), "\n")]


def _lines(kind: str, pieces: Sequence[Piece]) -> Iterator[Line]:
    """Runs of words cut into lines again."""
    row: list[Piece] = []
    for piece in pieces:
        *whole, rest = piece.text.split("\n")
        for part in whole:
            yield Line(kind, (*row, Piece(part, piece.changed and bool(part.strip()))))
            row = []
        if rest:
            row.append(Piece(rest, piece.changed and bool(rest.strip())))
    if row:
        yield Line(kind, tuple(row))
