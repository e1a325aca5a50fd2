"""What of a text may be which name, and what that says of a commune."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from bot.locality.gazetteer import Hamlet
from bot.locality.index import (
    EXACT,
    ROUGH,
    SLIP,
    SPELT,
    Hamlets,
    Index,
    Level,
    Name,
    far,
    marks_lost,
    split_kind,
)
from bot.locality.reading import Marker, Reading, Said
from bot.locality.words import folded_key, key_of, plain_tokens

#: A name's words at most ("Cư Dliê M'nông" with its apostrophe typed as a space).
_WORDS_MOST = 5
#: How much a name counts behind a word that tells another level.
_BEHIND: dict[tuple[Said, Level], float] = {
    (Said.COMMUNE, Level.DISTRICT): 0.75,
    (Said.COMMUNE, Level.PROVINCE): 0.4,
    (Said.DISTRICT, Level.COMMUNE): 0.4,
    (Said.DISTRICT, Level.OLD): 0.4,
    (Said.DISTRICT, Level.PROVINCE): 0.5,
    (Said.CITY, Level.COMMUNE): 0.4,
    (Said.CITY, Level.OLD): 0.4,
    (Said.PROVINCE, Level.COMMUNE): 0.3,
    (Said.PROVINCE, Level.OLD): 0.3,
    (Said.PROVINCE, Level.DISTRICT): 0.7,
}
_HAMLETS_NAME = 0.35
_OTHER_KIND, _SAME_KIND = 0.2, 0.03
_SURE = 0.75
_INSIDE = 0.3

_Find = Callable[[tuple[str, ...], bool], tuple[float, list[Name]]]


@dataclass(frozen=True, slots=True)
class Match:
    """Tokens [start, end) that may be a name. `near` is how like it they are."""

    start: int
    end: int
    name: Name
    near: float
    marker: Marker | None
    likeness: float

    @property
    def sure(self) -> bool:
        """Whether it is hardly something else."""
        return self.likeness >= _SURE

    @property
    def used(self) -> frozenset[int]:
        """Its tokens."""
        return frozenset(range(self.start, self.end))

    def overlaps(self, start: int, end: int) -> bool:
        """Whether it shares a token with [start, end)."""
        return self.start < end and start < self.end

    def apart(self, other: Match) -> bool:
        """Whether both can be meant."""
        return not self.overlaps(other.start, other.end)


class Finding:
    """Every match of a text, and the questions asked of them together."""

    def __init__(self, index: Index, reading: Reading) -> None:
        self.index = index
        self.reading = reading
        #: The tokens of "xã", "huyện", "tp": no name with a slip has them.
        self._telling = frozenset(
            at
            for marker in reading.markers
            if marker.said is not Said.HAMLET
            for at in range(marker.start, marker.end)
        )
        self.matches = list(self._matches())
        self.districts = [m for m in self.matches if m.name.level is Level.DISTRICT]
        self.provinces = [m for m in self.matches if m.name.level is Level.PROVINCE]
        self._hamlet_parts = reading.hamlet_parts() - {
            at for m in self.matches if m.near == EXACT for at in m.used if not _of_hamlet(m)
        }

    def _matches(self) -> Iterator[Match]:
        found = list(self._spans(self.index.names.find))
        if not any(m.name.level in (Level.COMMUNE, Level.OLD) for m in found):
            taken = {at for m in found for at in m.used}
            rough = self._spans(lambda words, _: (ROUGH, self.index.names.rough(words)), told=True)
            found += [m for m in rough if not m.used & taken]
        exact = [m for m in found if m.near >= SPELT]
        for match in found:
            around = [e for e in exact if match.used <= e.used and e.likeness >= _SURE]
            if any(match.used < e.used for e in around):
                # "Khánh Bình" in "Khánh Bình Tây", "Lắk" in "Đắk Lắk".
                yield replace(match, likeness=match.likeness - _INSIDE)
            elif match.near >= SPELT or not around:
                yield match

    def _spans(self, find: _Find, *, told: bool = False) -> Iterator[Match]:
        """What `find` makes of every run of words; with `told` only of those behind "xã"…"""
        reading = self.reading
        count = len(reading.plain)
        for start in range(count):
            if told and reading.marker_before(start) is None:
                continue
            for end in range(start + 1, min(start + _WORDS_MOST, count) + 1):
                if end - 1 > start and end - 1 in reading.breaks:
                    break
                words = reading.plain[start:end]
                if all(word[0].isdigit() for word in words) and not self._numbered(start):
                    continue
                near, names = find(words, self._told(start))
                if near < EXACT and all(map(reading.stop, range(start, end))):
                    continue
                if near < SPELT and self._telling.intersection(range(start, end)):
                    continue
                for name in names:
                    if near >= SPELT or not far(reading.typed[start:end], name.words):
                        yield self._match(start, end, name, near)

    def _told(self, start: int) -> bool:
        """Whether "xã", "huyện", … stands before: then a short name may have a slip."""
        marker = self.reading.marker_before(start)
        return marker is not None and marker.said is not Said.HAMLET

    def _numbered(self, start: int) -> bool:
        """A bare number is a name after "phường" only."""
        marker = self.reading.marker_before(start)
        return marker is not None and marker.said is Said.COMMUNE

    def _match(self, start: int, end: int, name: Name, near: float) -> Match:
        marker = self.reading.marker_before(start)
        typed = self.reading.typed[start:end]
        likeness = near - (marks_lost(typed, name.words) if near == EXACT else 0.0)
        return Match(start, end, name, near, marker, _behind(likeness, marker, name))

    # Asked of matches -------------------------------------------------------------------------

    def likeness(self, match: Match, chosen: Sequence[Match]) -> float:
        """How surely this is meant, when its marker is not a part of another name that is."""
        marker = match.marker
        if marker is not None and any(
            other is not match and other.overlaps(marker.start, marker.end) for other in chosen
        ):
            return match.near
        return match.likeness

    def communes_of(self, match: Match) -> set[str]:
        """The communes an old district became."""
        if match.name.level is not Level.DISTRICT:
            return set()
        return self.index.districts[match.name.ref]

    def lies_in(self, code: str, match: Match) -> bool:
        """Whether a commune is of the province named, by its name of before if it is that."""
        name = match.name
        if name.level is not Level.PROVINCE or name.ref != code[:2]:
            return False
        if not name.was:
            return True
        wanted = key_of(plain_tokens(" ".join(name.words)))
        names = self.index.provinces_of.get(code, ())
        return any(key_of(_last(each)) == wanted for each in names)

    def other_district(self, chosen: Sequence[Match], code: str) -> bool:
        """Whether a district is named that this commune has no part of."""
        return any(
            m.sure and m.near >= SPELT and self._free(m, chosen) and code not in self.communes_of(m)
            for m in self.districts
        )

    def other_province(self, chosen: Sequence[Match], code: str) -> bool:
        """Whether a province is named that this commune is not of."""
        named = [m for m in self.provinces if m.sure and m.near >= SPELT and self._free(m, chosen)]
        return bool(named) and not any(self.lies_in(code, m) for m in named)

    def other_commune(self, match: Match, chosen: Sequence[Match]) -> bool:
        """Whether "xã" stands before something else, and nothing before this."""
        used = {at for m in chosen for at in m.used}
        return any(
            m.said is Said.COMMUNE and m != match.marker and m.end not in used
            for m in self.reading.markers
            if not used & set(range(m.start, m.end)) and m.end < len(self.reading.plain)
        )

    def _free(self, match: Match, chosen: Sequence[Match]) -> bool:
        return all(match.apart(other) for other in chosen) and not _of_hamlet(match)

    def crosses(self, match: Match) -> bool:
        """Whether it takes a part of a name behind "huyện" or "tỉnh", and more: "an phu" in
        "huyen tuy an phu yen" is none."""
        return any(
            m.near == EXACT
            and m.sure
            and m.marker
            and not m.apart(match)
            and not (match.used <= m.used or m.used <= match.used)
            for m in (*self.districts, *self.provinces)
        )

    def alone(self, match: Match) -> bool:
        """Whether nothing else is said."""
        return match.sure and self.coverage([match]) == 1.0 and match.marker is None

    def only_province(self, match: Match) -> bool:
        """Whether a district's name without "tp" is rather its province's."""
        if match.marker is not None:
            return False
        return any(p.start == match.start and p.end == match.end for p in self.provinces)

    def same_name(self, code: str, match: Match) -> bool:
        """Whether a commune is called like the district."""
        name = self.index.gazetteer.communes[code].name
        return key_of(_last(name)) == key_of(_last(match.name.ref.partition("|")[0]))

    def coverage(self, chosen: Sequence[Match], more: Iterable[int] = ()) -> float:
        """The share of the words that might be names and are explained."""
        used = {at for m in chosen for at in m.used} | set(more)
        ignored = {
            at
            for m in self.reading.markers
            if not used & set(range(m.start, m.end))
            for at in range(m.start, m.end)
        }
        count = len(self.reading.plain)
        named = [
            at
            for at in range(count)
            if at in used
            or not (at in ignored or at in self._hamlet_parts or self.reading.stop(at))
        ]
        return len([at for at in named if at in used]) / len(named) if named else 0.0

    # Hamlets ----------------------------------------------------------------------------------

    def hamlet_in(
        self, used: frozenset[int], hamlets: Sequence[tuple[tuple[str, ...], Hamlet]]
    ) -> Hamlet | None:
        """The one hamlet of a commune that the words beside its name are the name of."""
        if not hamlets:
            return None
        said = list(self._rest(used))
        best: list[tuple[float, Hamlet]] = []
        for words, hamlet in hamlets:
            near = max((_like(each, words) for each in said), default=0.0)
            if near:
                best.append((near, hamlet))
        top = max((near for near, _ in best), default=0.0)
        found = [hamlet for near, hamlet in best if near == top]
        # "Tổ 12" is "Tổ dân phố 12" where there is only one with that number.
        numbers = {words[1] for words in said if len(words) == 2 and words[1][0].isdigit()}
        found = found or [h for words, h in hamlets if len(words) == 2 and words[1] in numbers]
        return found[0] if len(found) == 1 else None

    def _rest(self, used: frozenset[int]) -> Iterator[tuple[str, ...]]:
        """Every run of words outside the used ones; a number with the word before it."""
        reading = self.reading
        for start in range(len(reading.plain)):
            for end in range(start + 1, min(start + _WORDS_MOST, len(reading.plain)) + 1):
                if end - 1 in used or (end - 1 > start and end - 1 in reading.breaks):
                    break
                words = reading.plain[start:end]
                if words[0][0].isdigit():
                    marker = reading.marker_before(start)
                    if marker is None or marker.said is not Said.HAMLET:
                        continue
                    of = reading.plain[marker.start : marker.end]
                    words = (of[0] if len(of) == 1 else "".join(w[0] for w in of), *words)
                yield words

    def hamlets_anywhere(self, hamlets: Hamlets) -> Iterator[tuple[int, int, float, Hamlet]]:
        """(start, end, likeness, hamlet) of every run of words that is a hamlet's name."""
        reading = self.reading
        for start in range(len(reading.plain)):
            marker = reading.marker_before(start)
            if marker is not None and marker.said is not Said.HAMLET:
                continue
            for end in range(start + 1, min(start + _WORDS_MOST, len(reading.plain)) + 1):
                if end - 1 > start and end - 1 in reading.breaks:
                    break
                near, found = hamlets.names.find(reading.plain[start:end])
                if near and all(reading.stop(at) for at in range(start, end)):
                    continue
                sure = any(m.near == EXACT and m.overlaps(start, end) for m in self.matches)
                if near < SPELT and sure:
                    continue
                for hamlet in found:
                    yield start, end, near if marker else near - 0.1, hamlet


def _like(said: tuple[str, ...], name: tuple[str, ...]) -> float:
    if key_of(said) == key_of(name):
        return EXACT
    one, other = folded_key(said), folded_key(name)
    if one == other:
        return SPELT
    numbers = any(word[0].isdigit() for word in (*said, *name))
    close = not numbers and len(other) >= 5 and OSA.distance(one, other, score_cutoff=1) <= 1
    return SLIP if close else 0.0


def _behind(likeness: float, marker: Marker | None, name: Name) -> float:
    """What the word before a name makes of its likeness."""
    if marker is None:
        return likeness
    if marker.said is Said.HAMLET:
        return likeness * _HAMLETS_NAME
    factor = _BEHIND.get((marker.said, name.level), 1.0)
    if marker.said is Said.CITY and name.level is Level.PROVINCE and name.kind != marker.kind:
        factor = 0.5
    if factor == 1.0 and marker.kind and name.level in (Level.COMMUNE, Level.OLD):
        likeness += _SAME_KIND if marker.kind == name.kind else -_OTHER_KIND
    return likeness * factor


def _of_hamlet(match: Match) -> bool:
    return match.marker is not None and match.marker.said is Said.HAMLET


def _last(name: str) -> tuple[str, ...]:
    """The plain words of a name without its kind."""
    return plain_tokens(" ".join(split_kind(name)[1]))
