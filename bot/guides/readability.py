"""Whether people who read little can read a text: short sentences, words that are known.

The measures are those of Vietnamese, where a sentence is as long as its syllables and a word that
is no Vietnamese syllable is foreign, an abbreviation, a name or a slip of the keyboard.

Errors: none.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.guides.glossary import Glossary
from nlu.syllable import canonical

# The limits come from what stood here when they were set: 46 guides with 8,900 sentences, written
# for old people and read aloud. Half of the sentences have 9 syllables, 99 in 100 at most 22.

#: A longer sentence must be cut.
SENTENCE_MOST = 30
#: Syllables a sentence in a guide's running texts. Those guides have 9.6 to 12.3; what needs a
#: fifth more is noticed, and with half as much again it reads like a newspaper.
AVERAGE_WARNS = 14.0
AVERAGE_MOST = 16.0
#: The share of a guide's words that need an explanation. Those guides have 1 to 6 in 100.
EXPLAINED_WARNS = 0.08

# A stop ends a sentence when nothing follows it directly: not in 1900.0368 or gov.vn.
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n")
_SPOKEN = re.compile(r"[^\s/]+")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_WORD = re.compile(r"[^\W_]+")
#: An address, or the end of one (.gov.vn), or the end of a false one (gov-vn).
_ADDRESS = re.compile(
    r"(?<!\w)(?:(?:https?://)?\.?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?"
    r"|(?:[a-z0-9]+-)*gov-vn(?:-[a-z0-9]+)*)(?!\w)"
)
#: What is spelled, not read: the name of a form (CT01, 01/TKN-CNKD), and what one is told to type.
_SPELLED = re.compile(
    r"(?<![\w-])(?=[\w/-]*\d)(?=[\w/-]*[A-ZĐ])(?!\d?[A-Z]\b)[\dA-ZĐ]+(?:[/-][\dA-ZĐ]+)*(?!\w)"
    r"|(?<=[Gg]õ )[\"“]?\w+|(?<=[Gg]õ: )[\"“]?\w+|(?<=[Ss]oạn )[\"“]?[A-Z]+(?!\w)"
)
_AMOUNT = re.compile(r"\d+(\D*)")
#: Titles, buttons and yes/no questions are no running text; names of `official` are no words.
_SHORT_FIELD = re.compile(r"title|official\..*|.*\.(?:title|problem|check|label)")


@dataclass(frozen=True, slots=True)
class Measures:
    """How a guide reads as a whole."""

    average: float
    explained: float


def sentence_lengths(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence with its number of syllables; an address or a number counts as one."""
    for part in _SENTENCE_END.split(text):
        length = sum(any(map(str.isalnum, word)) for word in _SPOKEN.findall(part))
        if length:
            yield length, part.strip()


def reading_faults(field: str, text: str, glossary: Glossary) -> Iterator[str]:
    """What makes one text hard to read, each as "what; what would be right"."""
    if field.startswith("official."):
        return
    for length, sentence in sentence_lengths(text):
        if length > SENTENCE_MOST:
            start = " ".join(sentence.split()[:6])
            yield (
                f"the sentence {start + '…'!r} has {length} syllables; "
                f"must have at most {SENTENCE_MOST}: make two of it"
            )
    for word in dict.fromkeys(unknown_words(text, glossary)):
        yield f"{word!r} is no Vietnamese word and not explained; {_advice(word, glossary)}"


def unknown_words(text: str, glossary: Glossary) -> Iterator[str]:
    """The words of a text that are neither Vietnamese nor in the glossary."""
    rest, _found = glossary.take_out(_readable(text))
    for word in _WORD.findall(_SPELLED.sub(" ", rest)):
        if not _known(word):
            yield word


def measure(texts: Iterable[tuple[str, str]], glossary: Glossary) -> Measures:
    """The measures of a guide's (field, text) pairs."""
    lengths: list[int] = []
    words = explained = 0
    for field, text in texts:
        if _SHORT_FIELD.fullmatch(field):
            continue
        lengths += [length for length, _sentence in sentence_lengths(text)]
        rest, found = glossary.take_out(_readable(text))
        explained += found
        words += found + len(_WORD.findall(rest))
    return Measures(sum(lengths) / max(1, len(lengths)), explained / max(1, words))


def _readable(text: str) -> str:
    return _ADDRESS.sub(" ", _PLACEHOLDER.sub(" ", text))


@lru_cache(maxsize=20_000)
def _known(word: str) -> bool:
    amount = _AMOUNT.fullmatch(word)
    if amount:
        # 15, 10h, 500k, 2g: one letter after a number is a unit; 4G is written large and asked for.
        return len(amount[1]) <= 1 and not amount[1].isupper()
    return len(word) == 1 or canonical(word.casefold()) is not None


def _advice(word: str, glossary: Glossary) -> str:
    meant = glossary.meant(word)
    if meant:
        return f"write {meant!r}"
    return "say it in Vietnamese, or explain it in content/glossary.yml"
