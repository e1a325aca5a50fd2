"""Finds a few plain things in a message: links, phone numbers, sums of money, app names.

Rules only, on the text as it came, so that `start` and `end` fit it; bounded for long texts.
"""

import re

from nlu.engine import Entity
from nlu.text import MAX_CHARS

_MAX_ENTITIES = 20
_LINK = (
    r"(?:https?://|www\.)\S{1,300}"
    r"|\b(?:[a-z0-9-]{1,30}\.){1,4}(?:vn|com|net|org|info|top|xyz|cc|vip|site|online|shop|icu)\b"
    r"(?:/\S{0,300})?"
)
_PHONE = r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){8,10}(?!\d)"
_MONEY = (
    r"(?<!\d)\d{1,3}(?:[.,]\d{1,3}){0,4} ?(?:triệu|trieu|tr|nghìn|nghin|ngàn|ngan|k|tỷ|tỉ|ty"
    r"|đồng|dong|đ|vnđ|vnd)\b"
)
_APP = (
    r"\b(?:vneid|vssid|etax mobile|zalo|facebook|messenger|tiktok|youtube|telegram|momo"
    r"|viettel money|mobile money|shopee|lazada|camau-?g|c-?thainguyen)\b"
)
_ANY = re.compile(
    f"(?P<link>{_LINK})|(?P<money>{_MONEY})|(?P<phone>{_PHONE})|(?P<app>{_APP})", re.IGNORECASE
)


def find_entities(text: str) -> tuple[Entity, ...]:
    """What is found in the first `MAX_CHARS` characters, in order of place."""
    found: list[Entity] = []
    for match in _ANY.finditer(text[:MAX_CHARS]):
        kind = match.lastgroup or ""
        found.append(Entity(kind, _plain(kind, match.group()), match.start(), match.end()))
        if len(found) == _MAX_ENTITIES:
            break
    return tuple(found)


def _plain(kind: str, raw: str) -> str:
    if kind == "phone":
        digits = re.sub(r"\D", "", raw)
        return "0" + digits[2:] if digits.startswith("84") else digits
    return raw.lower()
