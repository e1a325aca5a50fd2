"""Numbers cut over several lines of a text, or over several messages joined line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.safety import shapes
from bot.safety.context import Context
from bot.safety.numbers import DIGIT_WORDS
from bot.safety.view import SecretKind, Span, View

_GAP = r"[^\w\n]{0,7}"
#: At the end of one line and at the beginning of the next: what people add to a bare number.
_BETWEEN = (
    r"(?:(?:roi|va|con|tiep|nua|la|so|nha|nhe|nghe|nghen|a|ne|day|do|oi|voi)(?![a-z])[^\w\n]{0,3})"
)
_PIECE = rf"\d(?:{_GAP}\d){{0,18}}"
_CUT = re.compile(
    rf"(?<!\d)\+?{_PIECE}"
    rf"(?:[^\w\n]{{0,7}}{_BETWEEN}{{0,3}}\n[^\w\n]{{0,3}}{_BETWEEN}{{0,3}}"
    rf"{_PIECE}(?!{_GAP}\d)){{1,12}}"
)
_WORD = re.compile(rf"(?<!\w)(?:{'|'.join(DIGIT_WORDS)})(?!\w)")
_RUN = re.compile(_PIECE)
_CODE_MOST = 8
#: How far before it a word that names a number stands, and the longest mark after it.
_NEAR = 80
#: Past this many places to look at, a text was not typed by a person.
_LOOKED_MOST = 200


def line_spans(view: View) -> Iterator[Span]:
    """One span for each line's part of a number that only together is one."""
    if "\n" not in view.plain:
        return
    yield from _spans(view.plain)
    # Read a second time with words as digits: "làm" is also how "lăm" (five) looks without marks.
    worded = _WORD.sub(_as_digit, view.plain)
    if worded != view.plain:
        yield from _spans(worded)


def _spans(plain: str) -> Iterator[Span]:
    for count, found in enumerate(_CUT.finditer(plain)):
        if count >= _LOOKED_MOST:
            return
        begin = max(0, found.start() - _NEAR)
        near, at = plain[begin : found.end() + 1], found.start() - begin
        pieces = [piece.span() for piece in _RUN.finditer(near, at, found.end() - begin)]
        kind = _kind(near, Context(near), pieces)
        if kind is not None:
            yield from (Span(begin + start, begin + end, kind) for start, end in pieces)


def _kind(plain: str, context: Context, pieces: list[tuple[int, int]]) -> SecretKind | None:
    """What the pieces are together; None when each is something of its own."""
    parts = [shapes.NOT_DIGIT.sub("", plain[start:end]) for start, end in pieces]
    digits, first = "".join(parts), pieces[0][0]
    if len(parts) < 2 or any(shapes.is_whole(part) for part in parts):
        return None
    if shapes.is_phone(digits) or shapes.is_citizen_id(digits):
        return shapes.kind_of(digits)
    if all(_is_harmless(plain, *piece) for piece in pieces):
        # A list of years, or of prices.
        return None
    if len(digits) in (9, 12) and context.near(first, "identity"):
        return SecretKind.ID_NUMBER
    if shapes.is_card(digits) and (max(map(len, parts)) < 9 or context.near(first, "card")):
        return SecretKind.CARD
    if 4 <= len(digits) <= _CODE_MOST and context.near(first, "otp", 30):
        return SecretKind.OTP
    if len(digits) >= 6 and context.near(first, "account", 30):
        return SecretKind.ACCOUNT
    return None


def _as_digit(found: re.Match[str]) -> str:
    """A word for a digit as that digit, as long as the word was."""
    return DIGIT_WORDS[found[0]].ljust(len(found[0]))


def _is_harmless(plain: str, start: int, end: int) -> bool:
    found = shapes.HARMLESS.match(plain, start)
    return found is not None and found.end() >= end
