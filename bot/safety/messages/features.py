"""A message as the features that the model weighs: cues, and pairs of words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from bot.safety.asking import asks_for_secret
from bot.safety.messages.knowledge import CALM, Messages
from bot.safety.messages.patterns import searched
from nlu.remembered import read

#: Longer ones are judged by their head and tail, as `nlu.text` reads them.
_TEXT_MOST = 6_000
#: Hostile texts hold more words than any message; the patterns need not see them all.
_WORDS_MOST = 400
ASKS = "ask_code"
OFFICIAL = "trang chinh thuc"
#: Words this far apart still make a pair.
_APART_MOST = 4
#: With fewer words a question "có phải lừa đảo không" has no message in it.
_PASSED_ON = 14
_COUNT_MOST = {"kinds": 5, "calms": 4}
_PERSON = "<person>"
#: "ck" is a husband to the normaliser when a person follows; in messages it is a transfer.
_TRANSFER = re.compile(r"\bck\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """`cues`: ids of what was found, in the file's order; `calm`: groups of words that speak
    against a swindle; `kinds`: how many cues name a kind of swindle; `terms`: words and pairs of
    them, where words of one group count as one, and words as they are written with marks; `asked`:
    whether somebody asks if this message is a swindle; `words`: how many there are."""

    cues: tuple[str, ...]
    calm: tuple[str, ...]
    kinds: int
    terms: frozenset[str]
    asked: bool = False
    words: int = 0

    @property
    def signs(self) -> frozenset[str]:
        """Names of the features that are no terms: cues, calming groups, how many of each."""
        names = [*(f"cue:{each}" for each in self.cues), *(f"{CALM}{each}" for each in self.calm)]
        for name, count in (("kinds", self.kinds), ("calms", len(self.calm))):
            names += [f"{name}:{n}" for n in range(1, min(count, _COUNT_MOST[name]) + 1)]
        if bool(self.kinds) != bool(self.calm):
            names.append("only:kinds" if self.kinds else "only:calms")
        return frozenset(names)


def see(text: str, messages: Messages) -> Seen:
    """What a message says, as cues and terms."""
    text = text[:_TEXT_MOST]
    whole = read(_TRANSFER.sub("chuyển khoản", text))
    words = whole.stripped.split()[:_WORDS_MOST]
    plain, kinds_of_words = searched(" ".join(words))
    found = messages.found(plain)
    cues = [each for each in found if not each.startswith(CALM)]
    if ASKS not in cues and asks_for_secret(text):
        cues.insert(0, ASKS)
    calm = [each.removeprefix(CALM) for each in found if each.startswith(CALM)]
    kinds = sum(bool(messages.by_id[each].kind) for each in cues)
    marked = zip(whole.accented.split(), words, strict=False)
    terms = frozenset(f"{a}'" for a, b in marked if a != b and not a[0].isdigit())
    asked = len(words) >= _PASSED_ON and any(
        each.found(plain, kinds_of_words) for each in messages.whether_asked
    )
    terms |= _pairs(_grouped(plain, messages))
    return Seen(tuple(cues), tuple(calm), kinds, terms, asked, len(words))


def _grouped(plain: str, messages: Messages) -> list[str]:
    """The words, those of one group as its name, without fillers."""
    words, grouped, index = plain.split(), list[str](), 0
    while index < len(words):
        name, length = messages.group_at(words, index)
        index += length
        if name in messages.persons:
            name = _PERSON
        if name not in messages.fillers:
            grouped.append(_number(name))
    return grouped


def _number(word: str) -> str:
    if not word[0].isdigit():
        return word
    if word.endswith("tien"):
        return "@tien"
    return "@dai" if len(word) >= 8 else "@"


def _pairs(words: list[str]) -> frozenset[str]:
    near = [" ".join(pair) for pair in pairwise(words)]
    told = [word for word in words if word != _PERSON]
    apart = [f"{a}~{b}" for i, a in enumerate(told) for b in told[i + 2 : i + _APART_MOST + 1]]
    return frozenset([*words, *near, *apart])
