"""The cues of swindles, their kinds and their wording: `content/safety/messages.yml` as a value.

Facts behind them: warnings of the police and of banks, with their sources in the guides that
each kind opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import CongdansoError
from bot.safety.messages.patterns import Pattern, compile_pattern, head_of

FILE = "messages.yml"
#: libyaml's loader, where the wheel has it, is ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Before the name of a group of calming patterns.
CALM = "calm:"


class MessagesError(CongdansoError):
    """The file is missing or wrong; the text names file, field and what is right."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cue(_Strict):
    """One thing that swindlers say. `reason` is empty when it tells a citizen nothing by itself.

    `unless_not`: words that forbid it just before make it none. `alone`: it is enough to call a
    message dangerous, unless that warns of it.
    """

    id: str = Field(pattern=r"^[a-z_]+$")
    kind: str = ""
    reason: str
    unless_not: bool = False
    alone: bool = False
    patterns: tuple[str, ...] = Field(min_length=1)


class Kind(_Strict):
    """A kind of swindle: its name in a sentence, the guide about it, a fact to hold on to."""

    name: str = Field(min_length=3)
    guide: str
    fact: str = Field(min_length=10)


class Wording(_Strict):
    """What citizens read."""

    dangerous: str
    dangerous_plain: str
    caution: str
    no_sign: str
    advice: str
    advice_no_sign: str
    number: str
    number_official: str
    account_number: str


class Numbers(_Strict):
    """Patterns of questions about a phone number or an account; `account`: which of the two."""

    asked: tuple[str, ...] = Field(min_length=1)
    account: tuple[str, ...] = Field(min_length=1)


class Messages(_Strict):
    """All of the file. `words` are groups of words that patterns name, `calming` groups of
    patterns that speak against a swindle, `overruling` those that outweigh a cue `alone`."""

    words: dict[str, tuple[str, ...]]
    persons: frozenset[str]
    fillers: frozenset[str]
    cues: tuple[Cue, ...]
    calming: dict[str, tuple[str, ...]]
    overruling: frozenset[str]
    asked: tuple[str, ...]
    numbers: Numbers
    kinds: dict[str, Kind]
    wording: Wording

    @cached_property
    def by_id(self) -> dict[str, Cue]:
        """Each cue by its id."""
        return {cue.id: cue for cue in self.cues}

    @cached_property
    def compiled(self) -> dict[str, tuple[Pattern, ...]]:
        """The patterns of each cue, and of each calming group as `calm:…`."""
        named = {cue.id: cue.patterns for cue in self.cues}
        named |= {f"{CALM}{name}": patterns for name, patterns in self.calming.items()}
        return {name: self._patterns(patterns) for name, patterns in named.items()}

    @cached_property
    def whether_asked(self) -> tuple[Pattern, ...]:
        """Questions whether the message passed on with them is a swindle."""
        return self._patterns(self.asked)

    @cached_property
    def number_asked(self) -> tuple[Pattern, ...]:
        """Questions about a number."""
        return self._patterns(self.numbers.asked)

    @cached_property
    def number_is_account(self) -> tuple[Pattern, ...]:
        """What tells that the number is an account's."""
        return self._patterns(self.numbers.account)

    def found(self, text: str) -> list[str]:
        """The cues and calming groups in a searched text, in the file's order."""
        places, patterns = self._by_first_word, self._numbered
        starts: dict[int, list[int]] = {}
        at = 0
        for word in text.split(" "):
            for number in places.get(head_of(word), ()) if word else ():
                starts.setdefault(number, []).append(at)
            at += len(word) + 1
        names: set[str] = set()
        for number, found in starts.items():
            name, pattern, bound = patterns[number]
            if name not in names and pattern.found_at(text, found, unless_not=bound):
                names.add(name)
        return [name for name in self.compiled if name in names] if names else []

    @cached_property
    def _numbered(self) -> list[tuple[str, Pattern, bool]]:
        """Every pattern of a cue or group, with whose it is and whether it may not be forbidden."""
        return [
            (name, each, self._bound(name))
            for name, patterns in self.compiled.items()
            for each in patterns
        ]

    @cached_property
    def _by_first_word(self) -> dict[str, tuple[int, ...]]:
        """Patterns by a word they may begin with: a message has few of these words."""
        places: dict[str, list[int]] = {}
        for number, (_, pattern, _) in enumerate(self._numbered):
            for word in pattern.first:
                places.setdefault(word, []).append(number)
        return {word: tuple(numbers) for word, numbers in places.items()}

    def group_at(self, words: Sequence[str], index: int) -> tuple[str, int]:
        """(name of the group that begins at this word, words it takes); the word itself and 1."""
        for phrase, name in self._groups.get(words[index], ()):
            if tuple(words[index : index + len(phrase)]) == phrase:
                return name, len(phrase)
        return words[index], 1

    @cached_property
    def _groups(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """Phrases by their first word, the longest first, with their group's name."""
        named: dict[tuple[str, ...], str] = {}
        for name, phrases in self.words.items():
            for phrase in phrases:
                named.setdefault(tuple(phrase.split()), f"<{name}>")
        found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for words in sorted(named, key=len, reverse=True):
            found.setdefault(words[0], []).append((words, named[words]))
        return found

    def _patterns(self, written: tuple[str, ...]) -> tuple[Pattern, ...]:
        return tuple(compile_pattern(each, self.words) for each in written)

    def _bound(self, name: str) -> bool:
        cue = self.by_id.get(name)
        return cue is not None and cue.unless_not

    @model_validator(mode="after")
    def _whole(self) -> Messages:
        _ = self.compiled, self.whether_asked, self.number_asked, self.number_is_account
        if len(self.by_id) != len(self.cues):
            raise ValueError("two cues have one id")
        for cue in self.cues:
            if cue.kind and cue.kind not in self.kinds:
                raise ValueError(f"cue {cue.id}: kind {cue.kind} is none of {sorted(self.kinds)}")
        if strange := self.overruling - set(self.calming):
            raise ValueError(f"overruling: {sorted(strange)} are no calming groups")
        return self


def load_messages(folder: Path) -> Messages:
    """`messages.yml` of `content/safety`. Raises MessagesError."""
    path = folder / FILE
    try:
        read = yaml.load(path.read_text(encoding="utf-8"), _Loader)
        return Messages.model_validate(read)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise MessagesError(f"{path}: {where}: {first['msg']}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MessagesError(f"{path} cannot be read: {error}") from None
