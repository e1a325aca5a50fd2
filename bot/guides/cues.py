"""What a message speaks of, heard inside it: a stranger who claims to be a helper, one's request.

The words stand in phrases.yml, `cues` and `whom`. Each word counts with its marks or with none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nlu.remembered import read
from nlu.text import normalize, strip_diacritics

#: Lists of `cues`. Those of one line mean something only together.
NAMES = (
    *("caller",),
    *("caller_says", "caller_team", "caller_acts", "caller_not"),
    *("status_what", "status_asks"),
    *("call_me",),
    *("whom_lead", "whom_owner"),
)


@dataclass(frozen=True, slots=True)
class Cues:
    """The lists as patterns, and the members of a household as roles."""

    patterns: Mapping[str, re.Pattern[str]]
    whom: Mapping[str, re.Pattern[str]]

    def caller(self, text: str) -> bool:
        """Whether somebody who claims to be a helper has called or come, or may not be one."""
        plain = read(text).accented
        if self._all(plain, "caller"):
            return True
        there = self._all(plain, "caller_says", "caller_team", "caller_acts")
        return there and not self._all(plain, "caller_not")

    def status(self, text: str) -> bool:
        """Whether it asks how far their request for a person has come."""
        return self._all(read(text).accented, "status_what", "status_asks")

    def wants_call(self, text: str) -> bool:
        """Whether, in a request for a person, they want to be called rather than to type."""
        return self._all(read(text).accented, "call_me")

    def role(self, text: str) -> str:
        """The role of the person that help is asked for ("cho mẹ tôi"), "" for oneself."""
        plain = read(text).accented
        return next((role for role, pattern in self.whom.items() if pattern.search(plain)), "")

    def _all(self, plain: str, *names: str) -> bool:
        return all(self.patterns[name].search(plain) for name in names)


def cue_faults(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field, what is wrong) of the sections of phrases.yml."""
    cues, whom = raw.get("cues"), raw.get("whom")
    if not isinstance(cues, dict):
        yield "cues", "is missing; must be a mapping of lists"
    else:
        for name in NAMES:
            if not _is_list(cues.get(name)):
                yield f"cues.{name}", "must be a list of phrases"
        for name in sorted(map(str, cues.keys() - set(NAMES))):
            yield f"cues.{name}", "is not a known key"
    if not isinstance(whom, dict) or not all(_is_list(words) for words in whom.values()):
        yield "whom", "must be a mapping of lists: the roles of people.yml with their words"


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)


def build_cues(raw: Mapping[str, Any]) -> Cues:
    """The cues of a checked phrases.yml."""
    cues = raw["cues"]
    lead, owner = _choice(cues["whom_lead"]), _choice(cues["whom_owner"])
    return Cues(
        {name: any_of(cues[name]) for name in NAMES},
        {role: _for_whom(lead, owner, words) for role, words in raw["whom"].items()},
    )


def _for_whom(lead: str, owner: str, words: Iterable[str]) -> re.Pattern[str]:
    """ "cho mẹ tôi"; without "tôi" only where nobody calls themselves so: "cho bà" may be the
    asker, "cho bà nội" is not."""
    kin = list(words)
    clear = [word for word in kin if " " in word]
    found = [rf"{lead} {_choice(kin)} {owner}"]
    if clear:
        found.append(rf"{lead} {_choice(clear)}")
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)")


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Any of these phrases, on whole words."""
    return re.compile(rf"(?<!\w){_choice(phrases)}(?!\w)")


def _choice(phrases: Iterable[str]) -> str:
    plain = sorted({normalize(phrase).accented for phrase in phrases}, key=len, reverse=True)
    return f"(?:{'|'.join(_loose(phrase) for phrase in plain)})"


def _loose(phrase: str) -> str:
    """Each word with its marks or with none."""
    pairs = ((re.escape(word), re.escape(strip_diacritics(word))) for word in phrase.split())
    return " ".join(word if word == bare else f"(?:{word}|{bare})" for word, bare in pairs)
