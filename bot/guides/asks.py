"""Short questions about the guide that is open: "phí bao nhiêu vậy", "mất bao lâu", "cần gì".

Outside a guide they have no subject and mean nothing; in one, their whole wording is known, so no
engine is needed to tell them. The wordings are those of phrases.yml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nlu.text import normalize, strip_diacritics

Words = tuple[str, ...]
#: Sections of phrases.yml with what may stand around such a question.
LEADS, TAILS = "ask_leads", "ask_tails"
#: With more than this it says more than such a question; and it bounds the work.
_WORDS_MOST = 14


class Ask(StrEnum):
    """What of a guide is asked for."""

    FEE = "fee"
    TIME = "time"
    WHERE = "where"
    PREPARE = "prepare"


@dataclass(frozen=True, slots=True)
class Asks:
    """The wordings, and the words of courtesy that may stand before and after them."""

    wordings: Mapping[Words, Ask]
    leads: tuple[Words, ...]
    tails: tuple[Words, ...]

    def asked(self, text: str) -> Ask | None:
        """What this whole message asks for, or None. Words may be typed without their marks."""
        words = tuple(normalize(text).accented.split())
        if len(words) > _WORDS_MOST:
            return None
        for rest in _peeled(words, self.leads, self.tails):
            for wording, ask in self.wordings.items():
                if _same(rest, wording):
                    return ask
        return None


def read_asks(raw: Mapping[str, Any]) -> Asks:
    """The wordings of a checked phrases.yml."""
    wordings = {
        words: Ask(name) for name, phrases in raw["asks"].items() for words in _split(phrases)
    }
    return Asks(wordings, tuple(_split(raw[LEADS])), tuple(_split(raw[TAILS])))


def _split(phrases: Iterable[str]) -> Iterator[Words]:
    for phrase in phrases:
        yield tuple(normalize(phrase).accented.split())


def _peeled(words: Words, leads: Iterable[Words], tails: Iterable[Words]) -> Iterator[Words]:
    """The message, and what is left of it as courtesy is taken off at either end."""
    waiting, seen = [words], {words}
    while waiting:
        rest = waiting.pop()
        yield rest
        shorter = [rest[len(lead) :] for lead in leads if _same(rest[: len(lead)], lead)]
        shorter += [rest[: -len(tail)] for tail in tails if _same(rest[-len(tail) :], tail)]
        for left in shorter:
            if left and left not in seen:
                seen.add(left)
                waiting.append(left)


def _same(typed: Words, meant: Words) -> bool:
    """Word by word as meant or without marks."""
    return len(typed) == len(meant) and all(
        word in (right, strip_diacritics(right)) for word, right in zip(typed, meant, strict=True)
    )
