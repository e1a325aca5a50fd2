"""Phone numbers of Vietnam."""

from __future__ import annotations

import re
import unicodedata

#: A mobile number has nine digits after the zero, a landline (02…) ten.
_PHONE = re.compile(r"(?:\+?84|0084|0)([1-9]\d{8}|2\d{9})")


def plain_phone(raw: str) -> str | None:
    """A Vietnamese number as 0xxxxxxxxx, or None when it is not one."""
    digits = re.sub(r"[^\d+]", "", unicodedata.normalize("NFKC", raw))
    match = _PHONE.fullmatch(digits)
    return "0" + match.group(1) if match else None
