"""A question about a phone number or an account: which one, and whether it is a known official one.

Numbers are never looked up anywhere. The official ones come from the caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.safety.messages.knowledge import Messages
from bot.safety.messages.patterns import searched
from nlu.remembered import read

#: A question is short; a forwarded message with a number in it is longer.
_WORDS_MOST = 16
_NUMBER = re.compile(r"(?<![\w.])\+?\d(?:[ .\-]?\d){2,18}(?![\w])", re.ASCII)


@dataclass(frozen=True, slots=True)
class AskedNumber:
    """`account`: a bank account, not a phone. `number` and `whose` of an official phone number,
    as it is written for citizens; both "" for any other."""

    account: bool
    number: str = ""
    whose: str = ""


def asked_number(
    text: str, messages: Messages, official: Mapping[str, tuple[str, str]]
) -> AskedNumber | None:
    """The number a text asks about, or None. `official`: (as written, whose) by its digits."""
    if len(text) > 400 or _NUMBER.search(text) is None:
        return None
    stripped = read(text).stripped
    if len(stripped.split()) > _WORDS_MOST:
        return None
    plain, words = searched(stripped)
    if not any(each.found(plain, words) for each in messages.number_asked):
        return None
    for found in _NUMBER.finditer(text):
        known = official.get(re.sub(r"\D", "", found[0]))
        if known is not None:
            return AskedNumber(False, *known)
    return AskedNumber(any(each.found(plain, words) for each in messages.number_is_account))
