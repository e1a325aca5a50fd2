"""From a place as people write it to its key (bot.domain.areas): province first, then commune.

A code ("96", "96.32083", with a hamlet "96.32083.rach-goc") is such a key already.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.locality.codes import is_code
from bot.locality.teams import plain_place
from nlu.text import normalize

_PARTS = re.compile(r"[,\n]| [-–] ")
_COMMUNE = re.compile(r"(?:xa|phuong|thi tran|dac khu)\b")
#: "ấp Rạch Gốc xã Tân Ân": what comes after the hamlet in one breath.
_INSIDE = re.compile(r"(?<=\s)(?:xa|phuong|thi tran|dac khu)\s+\w.*")
_PROVINCE = re.compile(r"(?:tinh|thanh pho|tp)\b")
_LEVEL_LAST = re.compile(r"(?:^|\s)(?:tinh|thanh pho|tp)$")
#: Below the commune, and the districts there are no more since 1/7/2025 (Luật 72/2025/QH15).
_OTHER = re.compile(r"(?:ap|khom|thon|buon|xom|to|khu pho|duong|so|huyen|quan|thi xa)\b")
_KEY_MOST = 200


def area_key(text: str, provinces: Collection[str] = ()) -> str:
    """The key of a place as people write it; "" when it does not say the province.

    "xã Tân Ân, huyện Ngọc Hiển, Cà Mau" -> "ca-mau.tan-an", "tỉnh Cà Mau" -> "ca-mau".
    `provinces` are names without marks; they are recognised without a comma or the word "tỉnh".
    """
    if is_code(text.strip()):
        return text.strip()
    parts = [plain for part in _PARTS.split(text) if (plain := normalize(part).stripped)]
    if not parts:
        return ""
    *before, last = parts
    split = _ends_with(last, provinces)
    if split is not None:
        head, province = split
        before = [*before, head] if head else before
    elif _COMMUNE.match(last) or _OTHER.match(last) or not (before or _PROVINCE.match(last)):
        return ""
    else:
        province = plain_place(last)
    commune = _commune(before)
    return ".".join(map(_slug, filter(None, (province, commune))))[:_KEY_MOST]


def _ends_with(text: str, provinces: Collection[str]) -> tuple[str, str] | None:
    """What stands before a known province at the end, and the province."""
    for name in sorted(provinces, key=len, reverse=True):
        if text == name or text.endswith(f" {name}"):
            return _LEVEL_LAST.sub("", text[: -len(name)].strip()), name
    return None


def _commune(parts: list[str]) -> str:
    """The commune among the parts before the province."""
    inside = [match.group() for part in parts if (match := _INSIDE.search(part))]
    named = [*(part for part in parts if _COMMUNE.match(part)), *inside]
    plain = [part for part in parts if not _OTHER.match(part) and not _PROVINCE.match(part)]
    found = (named or plain or [""])[0]
    return plain_place(found)


def _slug(plain: str) -> str:
    return re.sub(r"[^\w]+", "-", plain).strip("-")
