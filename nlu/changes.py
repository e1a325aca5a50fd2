"""What the normaliser made of a message's words, one by one, and why: for people who look into it.

Worked out from the outside, by comparing what was typed with what came out; never on the way of a
message to its answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from nlu.lexicon import PHRASES, TOKENS, UNITS
from nlu.syllable import canonical, undo_telex, undo_vni
from nlu.text import normalize, plain_words

# Comparing takes time that grows with the square of the words; the rest is shown as it came out.
_WORDS_MOST = 300


class Why(StrEnum):
    """How a word came to be typed another way."""

    SHORTHAND = "shorthand, dialect or a usual misspelling"
    PIECES = "a name as it is said, or in pieces"
    TELEX = "Telex keys"
    VNI = "VNI keys"
    TONE = "the tone mark's place"
    NUMBER = "a number and its unit"
    LETTERS = "letters that were repeated"
    OTHER = "the words around it"


@dataclass(frozen=True, slots=True)
class Change:
    """Words as typed (lower case, without signs) and what was read instead."""

    typed: str
    meant: str
    why: Why


def find_changes(text: str) -> list[Change]:
    """The words that were not left as typed, in order; of a very long text, the first ones."""
    typed = plain_words(text)[:_WORDS_MOST]
    meant = normalize(" ".join(typed)).accented.split()
    steps = SequenceMatcher(None, typed, meant, autojunk=False).get_opcodes()
    return [
        change
        for kind, start, end, to_start, to_end in steps
        if kind != "equal"
        for change in _split(typed[start:end], meant[to_start:to_end])
    ]


def _split(typed: list[str], meant: list[str]) -> Iterator[Change]:
    """One change for each word or group of words that has its own meaning."""
    while typed:
        length, words = _first(typed, meant)
        here, said = " ".join(typed[:length]), " ".join(words)
        if here != said:
            yield Change(here, said, _why(here, said))
        typed, meant = typed[length:], meant[len(words) :]


def _first(typed: list[str], meant: list[str]) -> tuple[int, list[str]]:
    """How many words belong together, and what they mean; all of them when no fewer will do."""
    # A known group first: 'phây' alone may mean the same as 'phây búc'.
    known = [n for n in range(len(typed), 1, -1) if " ".join(typed[:n]) in PHRASES]
    for length in (*known, *range(1, len(typed))):
        piece = " ".join(typed[:length])
        for reading in (normalize(piece).accented, undo_vni(piece), UNITS.get(piece)):
            words = reading.split() if reading else []
            if words and meant[: len(words)] == words:
                return length, words
    return len(typed), meant


def _why(typed: str, meant: str) -> Why:
    if TOKENS.get(typed) == meant:
        return Why.SHORTHAND
    if " " in typed or typed in PHRASES:
        return Why.PIECES
    if UNITS.get(typed) == meant:
        return Why.NUMBER
    if not typed.isalpha():
        return Why.VNI if undo_vni(typed) == meant else Why.NUMBER
    if canonical(typed) == meant:
        return Why.TONE
    if undo_telex(typed) == meant:
        return Why.TELEX
    repeated = any(one == other for one, other in pairwise(typed))
    return Why.LETTERS if repeated else Why.OTHER
