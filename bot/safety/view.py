"""A plain view of a message: one small letter or ASCII digit a character, with the way back.

People write the same number with full-width digits, zero-width characters, accents or none. All
rules look at this view, and the spans they find are cut out of the message as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class SecretKind(StrEnum):
    """What was hidden."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    CARD = "card"
    ACCOUNT = "account"
    OTP = "otp"
    PASSWORD = "password"


LABELS: dict[SecretKind, str] = {
    SecretKind.ID_NUMBER: "⟨số giấy tờ⟩",
    SecretKind.PHONE: "⟨số điện thoại⟩",
    SecretKind.CARD: "⟨số thẻ⟩",
    SecretKind.ACCOUNT: "⟨số tài khoản⟩",
    SecretKind.OTP: "⟨mã OTP⟩",
    SecretKind.PASSWORD: "⟨mật khẩu⟩",
}

# Stands for a label already put in: a letter to every pattern (so nothing joins across it), and
# one that no folded text contains, so that context never reaches over a hidden secret.
BARRIER = "\u01c0"

_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_FILLERS = "\u115f\u1160\u3164\uffa0"
_FIXED = {"đ": "d", "Đ": "d", "₫": "d", "_": "-", BARRIER: "|"}
# All letters and digits there are outside the three blocks below: some megabytes at the very most.
_CACHE_MOST = 24_000
# Ideographs and syllables, none of them a digit or a sign with a simpler form, and private use.
_LETTERS_ONLY = re.compile("[\u3400-\ua48c\uac00-\ud7a3\ue000-\uf8ff]")
# Past here are only rare ideographs, and in one block marks that nobody sees.
_RARE, _TAGS, _PAST_TAGS = "\U00020000", "\U000e0000", "\U000e1000"

# "má" (mother) and "mà" (but) lose their accents in the view and would read as "mã" (code).
_NOT_CODE = re.compile(
    r"\b([mM])(?:[áàạÁÀẠ](?!\w)|[aA](?=[\u0300\u0301\u0323](?![\w\u0300-\u036f])))"
)
_LABELLED = re.compile(
    "⟨(?:so giay to|so dien thoai|so the|so tai khoan|ma otp|mat khau)⟩",
)


class Span(NamedTuple):
    """A secret at [start, end) of the plain view."""

    start: int
    end: int
    kind: SecretKind


@dataclass(frozen=True, slots=True)
class View:
    """`plain` is what the rules read; `offsets` leads back, and is None when lengths agree."""

    raw: str
    plain: str
    offsets: list[int] | None = field(repr=False)

    def origin(self, span: Span) -> tuple[int, int]:
        """Where the span lies in the message as written."""
        if self.offsets is None:
            return span.start, span.end
        return self.offsets[span.start], self.offsets[span.end - 1] + 1


class _Folding(dict[int, str]):
    """A `str.translate` table that fills itself, up to a bound that hostile text cannot move."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if 0x3400 <= code <= 0xF8FF and _LETTERS_ONLY.match(char):
            return char
        folded = _folded(char)
        if len(self) < _CACHE_MOST:
            self[code] = folded
        return folded


def _folded(char: str) -> str:
    if char >= _RARE:
        return "" if _TAGS <= char < _PAST_TAGS else char
    if char in _FIXED:
        return _FIXED[char]
    if char in _BREAKS:
        return "\n"
    if char in _FILLERS or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return ""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    base = unicodedata.normalize("NFKD", char)[0].lower()[0]
    return char if base.isdigit() else base


_TABLE = _Folding()


def view_of(text: str) -> View:
    """Fold the text, and blank the labels an earlier masking left in it."""
    plain = _NOT_CODE.sub(r"\1z", text).translate(_TABLE)
    if "⟨" in plain:
        plain = _LABELLED.sub(lambda found: BARRIER * len(found[0]), plain)
    if len(plain) == len(text):
        return View(text, plain, None)
    unseen = {char for char in set(text) if not _TABLE[ord(char)]}
    return View(text, plain, [at for at, char in enumerate(text) if char not in unseen])


def words(line: str) -> frozenset[str]:
    """A set of words, written as a line."""
    return frozenset(line.split())


# --- the quick look -------------------------------------------------------------------------------

_ODD = re.compile(
    "[\\d²³¹⁰-₉①-⓿❶-➓\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\uff21-\uff5a]"
)
_KEYS = ("khau", "khẩu", "khảu", "khẫu", "khấu", "khâu", "mk", "m.k", "pas", "pin", "pw")
_MARKS = ",.-;:/_*|+!?()"
_COUNTED = words(
    "không khong ko hông hổng hong zero một mốt mot hai ba bốn bon tư tu năm nam lăm lam nhăm nham"
    " sáu sau bảy bẩy bay tám tam chín chin lẻ le linh"
)
_COUNTED_LEAST = 4


def suspicious(text: str) -> bool:
    """Whether the text can hold a secret at all. Most messages stop here."""
    if _ODD.search(text):
        return True
    low = text.lower()
    if any(key in low for key in _KEYS):
        return True
    for mark in _MARKS:
        low = low.replace(mark, " ")
    return sum(map(_COUNTED.__contains__, low.split())) >= _COUNTED_LEAST
