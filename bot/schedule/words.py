"""The words people use for days and hours, brought to one plain spelling.

Without diacritics several of them look alike ("tối" and "tới", "mốt" and "một", "sáu" and "sau").
`tokens` keeps both forms of each word, so that what was written with its marks is taken at them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from nlu.text import strip_diacritics

#: A signless word a part of the day is written with -> the part.
PARTS = {
    "sang": "sáng",
    "trua": "trưa",
    "chieu": "chiều",
    "xe": "chiều",
    "toi": "tối",
    "dem": "đêm",
    "khuya": "đêm",
}
_WORD = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
MAX_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign: as typed in lower case, and without marks. `column` counts from 1."""

    typed: str
    plain: str
    column: int

    def means(self, *words: str) -> bool:
        """Whether it is one of `words`, or was typed without any marks and may be."""
        return self.typed in words or (
            self.typed == self.plain and self.plain in map(strip_diacritics, words)
        )


def tokens(text: str) -> list[Token]:
    """The words, numbers and signs of the first `MAX_CHARS` characters."""
    composed = unicodedata.normalize("NFC", text)[:MAX_CHARS]
    # Lower case may be longer than upper case ("İ"); columns must stay those of the text.
    lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in composed)
    return [
        Token(match.group(), strip_diacritics(match.group()), match.start() + 1)
        for match in _WORD.finditer(lowered)
    ]


def whole_hour(hour: int, part: str) -> int | None:
    """An hour said with a part of the day ("" for none) on the 24-hour clock, 24 for midnight at
    the day's end, above 24 for the small hours of the next day ("1 giờ đêm"); None for hours that
    part does not have ("3 giờ tối")."""
    if not 0 <= hour <= 24:
        return None
    match part:
        case "sáng":
            right = hour if hour <= 11 else None
        case "trưa":
            right = hour + 12 if hour <= 2 else hour if 10 <= hour <= 14 else None
        case "chiều":
            right = hour + 12 if 1 <= hour <= 7 else hour if 12 <= hour <= 19 else None
        case "tối":
            right = hour + 12 if 5 <= hour <= 12 else hour if 17 <= hour <= 24 else None
        case "đêm":
            right = _at_night(hour)
        case _:
            right = hour
    return right


def _at_night(hour: int) -> int | None:
    if hour <= 4:
        return hour + 24
    if 8 <= hour <= 12:
        return hour + 12
    return hour if hour >= 20 else None
