"""Plain words for what a model looks at and for what was decided, for people who do not program."""

from collections.abc import Iterable
from dataclasses import dataclass

from nlu.embedded.thresholds import Thresholds
from nlu.engine import Decision, Parse
from nlu.intents import OUT_OF_SCOPE
from nlu.text import Normalized, strip_diacritics

_LETTERS = "letters"
_EDGES = {"<": "begins with", ">": "ends with", "=": "length"}


@dataclass(frozen=True, slots=True)
class Feature:
    """A piece of the message and what it added to (or, below 0, took from) an intent's score."""

    kind: str
    text: str
    weight: float


def worded(shares: Iterable[tuple[str, float]]) -> list[Feature]:
    """Features of (gram, share of the score), the heaviest first.

    A word counts once, with and without its marks together. Of letters that lie inside one
    another or inside a word only the heaviest is named.
    """
    merged: dict[tuple[str, str], Feature] = {}
    for gram, share in shares:
        kind, text = _plain(gram)
        key = (kind, strip_diacritics(text))
        before = merged.get(key)
        # The view with marks comes first and gives the spelling.
        merged[key] = (
            Feature(kind, before.text, before.weight + share)
            if before
            else Feature(kind, text, share)
        )
    chosen: list[Feature] = []
    for feature in sorted(merged.values(), key=lambda f: (-abs(f.weight), f.kind, f.text)):
        if feature.kind != _LETTERS or not any(_overlap(feature, other) for other in chosen):
            chosen.append(feature)
    return chosen


def _plain(gram: str) -> tuple[str, str]:
    """What kind of feature a gram is, and its text; the blocks are those of `features.BLOCKS`."""
    block, text = gram[0], gram[1:]
    if block in "wv":
        return ("words in a row" if " " in text else "word"), text
    if block == "d":
        return _LETTERS, text
    if block == "p":
        return "words near each other", text.replace("&", " … ")
    if block == "s":
        return "word but for a letter", text
    if block == "x":
        return "sign of harm", text
    if block == "e" and text[:1] in _EDGES:
        return _EDGES[text[:1]], text[1:] if text[0] != "=" else "as many words as this"
    return "other", gram


def _overlap(letters: Feature, other: Feature) -> bool:
    if (letters.weight > 0) != (other.weight > 0):
        return False
    one, two = letters.text.strip(), strip_diacritics(other.text).strip()
    return one in two or (other.kind == _LETTERS and two in one)


def reason(parse: Parse, message: Normalized, thresholds: Thresholds) -> str:
    """Why the message is answered, asked back about or refused, with the figures compared."""
    if not message.accented:
        return "nothing readable is left of the message, so it is out of scope"
    chance = f"{parse.intent} is first with {parse.confidence:.2f}"
    if parse.intent == OUT_OF_SCOPE:
        least = f"{thresholds.out_of_scope:.2f}"
        if parse.decision is Decision.REFUSE:
            return f"{chance}; {least} is enough to refuse"
        return f"{chance}; below {least} it is not refused but asked back"
    if parse.decision is Decision.ANSWER:
        return f"{chance}; {thresholds.answer:.2f} is enough to answer"
    if parse.decision is Decision.REFUSE:
        return f"{chance}; below {thresholds.refuse:.2f} it is refused"
    return f"{chance}; below {thresholds.answer:.2f} it asks, below {thresholds.refuse:.2f} refuses"
