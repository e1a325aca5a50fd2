"""Sums of đồng as people write and type them."""

from __future__ import annotations

import re
import unicodedata

from nlu.text import strip_diacritics

_TYPED_MOST = 40
_THOUSAND, _MILLION = 1_000, 1_000_000
_UNITS = {
    **dict.fromkeys(("k", "ng", "ngan", "nghin", "ngh", "xi"), _THOUSAND),
    **dict.fromkeys(("tr", "trieu", "cu", "m"), _MILLION),
}
_SUM = re.compile(
    r"(?P<number>\d{1,3}(?:[., ]\d{3})+|\d+)(?:[.,](?P<part>\d{1,2}))?"
    r"\s*(?P<unit>k|ngan|nghin|ngh|ng|xi|trieu|tr|cu|m)?\s*(?P<rest>\d{1,3})?"
    r"\s*(?P<rest_unit>k|ngan|nghin|ngh|ng)?\s*(?:d|dong|vnd|vn?d)?",
    re.ASCII,
)


def dong(amount: int) -> str:
    """A sum with its thousands apart: 1.250.000."""
    return f"{amount:,}".replace(",", ".")


def typed_dong(text: str) -> int | None:
    """The sum that a typed text is ("50k", "1tr2", "50.000 đ", "1 triệu 200"), None for any other.

    A bare number is đồng.
    """
    plain = " ".join(strip_diacritics(unicodedata.normalize("NFKC", text[:_TYPED_MOST])).split())
    found = _SUM.fullmatch(plain.lower())
    if found is None:
        return None
    whole: int = int(re.sub(r"\D", "", found["number"]))
    unit: int = _UNITS.get(found["unit"] or "", 1)
    if found["part"] and unit == 1:
        return None
    total: int = whole * unit
    if found["part"]:
        total += int(found["part"]) * unit // 10 ** len(found["part"])
    if found["rest"]:
        rest = _rest(found["rest"], unit, found["rest_unit"] or "")
        if rest is None or found["part"]:
            return None
        total += rest
    return total


def _rest(digits: str, unit: int, own_unit: str) -> int | None:
    """What stands behind the unit: "1tr2" is 1,200,000, "1 triệu 200" too."""
    if unit == 1:
        return None
    if own_unit:
        return int(digits) * _THOUSAND if unit == _MILLION else None
    part: int = int(digits) * unit // 10 ** len(digits)
    return part
