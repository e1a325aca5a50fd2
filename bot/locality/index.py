"""Names found by what was typed: as it stands, as it may be spelt, or with one slip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.locality.codes import hamlet_words
from bot.locality.gazetteer import Gazetteer, Hamlet, OldCommune
from bot.locality.words import folded_key, key_of, plain_tokens, same_marks, tokens_of
from nlu.text import strip_diacritics

T = TypeVar("T")

#: How like a name is to what was typed: letter by letter, spelt otherwise, one slip, more slips.
EXACT, SPELT, SLIP, ROUGH = 1.0, 0.92, 0.8, 0.7
#: Names shorter than this are not guessed from a slip: every second one is a slip away.
_SLIP_FROM = 6
_ROUGH_FROM = 8
_ROUGH_LEAST = 80.0
_WRONG_MARKS = 0.2


class Level(StrEnum):
    """What a name is the name of."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a place. `kind` is its kind without marks ("xa", "thi tran"), `words` the rest.

    `ref` is a province's or commune's code, a district's name with its province, or the number of
    an old commune in the gazetteer. `was` says of a province that this is its name of before.
    """

    level: Level
    kind: str
    words: tuple[str, ...]
    ref: str
    was: bool = False


class Keyed(Generic[T]):
    """Values by a key, found exactly, by the folded key, or by a folded key one slip away."""

    def __init__(self, items: Iterable[tuple[tuple[str, ...], T]]) -> None:
        self._exact: dict[str, list[T]] = {}
        self._folded: dict[str, list[T]] = {}
        self._less: dict[str, set[str]] = {}
        for words, value in items:
            self._exact.setdefault(key_of(words), []).append(value)
            self._folded.setdefault(folded_key(words), []).append(value)
        for key in self._folded:
            if len(key) >= _SLIP_FROM - 1:
                for less in _less(key):
                    self._less.setdefault(less, set()).add(key)
        self._long = [key for key in self._folded if len(key) >= _ROUGH_FROM]

    def find(self, words: tuple[str, ...], told: bool = False) -> tuple[float, list[T]]:
        """The values of the nearest key, and how near it is; 0 and none when none is near.

        `told` says that a name is known to stand here: then a shorter one may have a slip.
        """
        found = self._exact.get(key_of(words))
        if found:
            return EXACT, found
        key = folded_key(words)
        found = self._folded.get(key)
        if found:
            return SPELT, found
        if len(key) < (_SLIP_FROM - 1 if told else _SLIP_FROM):
            return 0.0, []
        near = {each for less in _less(key) for each in self._less.get(less, ())}
        close = [v for each in near if OSA.distance(key, each) <= 1 for v in self._folded[each]]
        return (SLIP, close) if close else (0.0, [])

    def rough(self, words: tuple[str, ...]) -> list[T]:
        """The values of the likest key with more slips than one."""
        key = folded_key(words)
        if len(key) < _ROUGH_FROM:
            return []
        best = process.extractOne(key, self._long, scorer=fuzz.ratio, score_cutoff=_ROUGH_LEAST)
        return self._folded[best[0]] if best else []

    def has(self, word: str) -> bool:
        """Whether one typed word is a whole key."""
        return word in self._exact


def _less(key: str) -> Iterator[str]:
    yield key
    for at in range(len(key)):
        yield key[:at] + key[at + 1 :]


def far(typed: tuple[str, ...], meant: tuple[str, ...]) -> bool:
    """Whether too much differs once the typed marks are looked at: "cho hỏi" is no "Chợ Mới"."""
    if all(word == strip_diacritics(word) for word in typed):
        return False
    return OSA.distance("".join(typed), "".join(meant), score_cutoff=2) > 2


def marks_lost(typed: tuple[str, ...], meant: tuple[str, ...]) -> float:
    """What typed marks take from a likeness: 0 when they agree or none were typed."""
    if len(typed) != len(meant):
        return 0.0
    agree = [same_marks(t, m) for t, m in zip(typed, meant, strict=True)]
    # Whoever marks one word means the unmarked one so: "Văn Lang" is not "Văn Lăng".
    bare = any(a is None and t != m for a, t, m in zip(agree, typed, meant, strict=True))
    wrong = False in agree or (bare and True in agree)
    return _WRONG_MARKS if wrong else 0.0


_KINDS = (
    ("thi", "tran"),
    ("thi", "xa"),
    ("thanh", "pho"),
    ("dac", "khu"),
    ("phuong",),
    ("xa",),
    ("huyen",),
    ("quan",),
    ("tinh",),
)


def split_kind(name: str) -> tuple[str, tuple[str, ...]]:
    """Kind and words: "Thị trấn Rạch Gốc" is "thi tran" and (rạch, gốc)."""
    words, plain = tokens_of(name), plain_tokens(name)
    for kind in _KINDS:
        if plain[: len(kind)] == kind and len(plain) > len(kind):
            return " ".join(kind), words[len(kind) :]
    return "", words


def district_ref(old: OldCommune) -> str:
    """What names an old district: two provinces may have one of the same name."""
    return f"{old.district}|{old.province}"


class Index:
    """The names of a gazetteer, and which communes a district or an old province became."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.districts: dict[str, set[str]] = {}
        self.provinces_of: dict[str, set[str]] = {}
        for old in gazetteer.old:
            if old.district:
                self.districts.setdefault(district_ref(old), set()).update(old.successors)
            for code in old.successors:
                self.provinces_of.setdefault(code, set()).add(old.province)
        names = list(self._names())
        items = [(plain_tokens(" ".join(name.words)), name) for name in names]
        by_key: dict[str, list[Name]] = {}
        for words, name in items:
            by_key.setdefault(key_of(words), []).append(name)
        for alias, meant in gazetteer.aliases:
            for name in by_key.get(key_of(plain_tokens(meant)), ()):
                items.append((plain_tokens(alias), name))
        self.names: Keyed[Name] = Keyed(items)

    def _names(self) -> Iterator[Name]:
        gazetteer = self.gazetteer
        for province in gazetteer.provinces.values():
            for each in {province.name, *province.formed_of}:
                was = each != province.name
                yield Name(Level.PROVINCE, *split_kind(each), province.code, was)
        for commune in gazetteer.communes.values():
            yield Name(Level.COMMUNE, *split_kind(commune.name), commune.code)
        for number, old in enumerate(gazetteer.old):
            yield Name(Level.OLD, *split_kind(old.name), str(number))
        for ref in self.districts:
            yield Name(Level.DISTRICT, *split_kind(ref.partition("|")[0]), ref)


@lru_cache(maxsize=4)
def index_of(gazetteer: Gazetteer) -> Index:
    """The index of a gazetteer, made once."""
    return Index(gazetteer)


class Hamlets:
    """The hamlets of the rosters, by commune and by name."""

    def __init__(self, hamlets: Iterable[Hamlet] = ()) -> None:
        self.by_code = {hamlet.code: hamlet for hamlet in hamlets}
        self._of: dict[str, list[tuple[tuple[str, ...], Hamlet]]] = {}
        for code, hamlet in self.by_code.items():
            entry = (hamlet_words(hamlet.name), hamlet)
            self._of.setdefault(code.rpartition(".")[0], []).append(entry)
        # "Ấp 4" is in every second commune: only with its commune does it say anything.
        named = (e for each in self._of.values() for e in each if not _numbered(e[0]))
        self.names: Keyed[Hamlet] = Keyed(named)

    def of(self, commune: str) -> list[tuple[tuple[str, ...], Hamlet]]:
        """The hamlets of a commune with the plain words of their names."""
        return self._of.get(commune, [])


def _numbered(words: tuple[str, ...]) -> bool:
    return any(word[0].isdigit() for word in words) and len(words) <= 2


NO_HAMLETS = Hamlets()
