"""Which places a free text may mean.

The text is read as names with the words before them ("xã", "huyện", "tp"). A commune's evidence is
its own name or that of an old commune it has a part of; a district or province named besides speaks
for it or against it. Pure, and without any knowledge but the gazetteer and the rosters' hamlets.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.locality.codes import parents
from bot.locality.gazetteer import Gazetteer
from bot.locality.index import NO_HAMLETS, Hamlets, Level, index_of
from bot.locality.match import Finding, Match
from bot.locality.reading import read
from nlu.text import normalize

#: Candidates this much below the best are left out, and all below the floor.
_MARGIN = 0.1
_FLOOR = 0.45
_BASE, _DISTRICT, _PROVINCE, _COVER = 0.6, 0.14, 0.1, 0.16
_AGAINST_DISTRICT, _AGAINST_PROVINCE, _AGAINST_COMMUNE = 0.6, 0.5, 0.6
#: Below this what was typed is looked at in other ways too.
_SURE = 0.7
_ONLY_DISTRICT, _ONLY_PROVINCE = 0.42, 0.4
_CROSSED = 0.6
_NEAR, _HAMLET = 0.05, 0.06


class Why(StrEnum):
    """What a candidate was found by."""

    COMMUNE = "commune"
    OLD = "old commune"
    HAMLET = "hamlet"
    DISTRICT = "old district"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant. `score` is 0 to 1; `name` is the place in words.

    `was` is the old name it was found by, as in "Xã Tân Ân, Huyện Ngọc Hiển".
    """

    code: str
    name: str
    score: float
    why: Why
    was: str = ""


def find_places(
    text: str,
    gazetteer: Gazetteer,
    hamlets: Hamlets = NO_HAMLETS,
    near: str | None = None,
    limit: int = 5,
) -> tuple[Candidate, ...]:
    """The places a text may mean, the likeliest first, at most `limit`; none when none is likely.

    `near` is the code of a place known otherwise, which decides between equals. A place of which
    only the old district was said is one of all its communes, with `Why.DISTRICT`; of which only
    the province was said, the province.
    """
    found = _find(text, gazetteer, hamlets, near, limit)
    if not found or found[0].score < _SURE:
        # Telex and VNI keys typed where no keyboard program ran: "xax DDaats Muix".
        again = _find(normalize(text).accented, gazetteer, hamlets, near, limit)
        if again and (not found or again[0].score > found[0].score):
            return again
    return found


def _find(
    text: str, gazetteer: Gazetteer, hamlets: Hamlets, near: str | None, limit: int
) -> tuple[Candidate, ...]:
    index = index_of(gazetteer)
    finding = Finding(index, read(text, index.names.has))
    found = _communes(finding)
    if found:
        best = max(each.score for each in found)
        found = [each for each in found if each.score >= best - _MARGIN]
        found = [_with_hamlet(finding, each, hamlets) for each in found]
        found += _also_province(finding, found)
    else:
        found = _hamlets(finding, hamlets, near, limit) or _districts(finding) or _province(finding)
    ranked = sorted(found, key=lambda each: _order(each, near))
    named = (_named(gazetteer, hamlets, each.candidate) for each in ranked)
    return tuple(named)[:limit]


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: Candidate
    score: float
    used: frozenset[int]


def _order(each: _Scored, near: str | None) -> tuple[float, str, str]:
    code = each.candidate.code
    score = each.score
    if near:
        close = (near, *parents(near)[:-1])
        score += _NEAR * sum(code == c or code.startswith(c + ".") for c in close)
    return -round(score, 3), each.candidate.why, code


def _named(gazetteer: Gazetteer, hamlets: Hamlets, candidate: Candidate) -> Candidate:
    hamlet = hamlets.by_code.get(candidate.code)
    name = gazetteer.name(candidate.code, hamlet.name if hamlet else "")
    return Candidate(
        candidate.code, name, round(min(candidate.score, 1.0), 3), candidate.why, candidate.was
    )


# A commune by its name --------------------------------------------------------------------------


def _communes(finding: Finding) -> list[_Scored]:
    best: dict[str, _Scored] = {}
    for match in finding.matches:
        for code in _targets(finding, match):
            scored = _score(finding, match, code)
            if scored.score >= _FLOOR and (code not in best or scored.score > best[code].score):
                best[code] = scored
    return list(best.values())


def _targets(finding: Finding, match: Match) -> tuple[str, ...]:
    if match.name.level is Level.COMMUNE:
        return (match.name.ref,)
    if match.name.level is Level.OLD:
        return finding.index.gazetteer.old[int(match.name.ref)].successors
    return ()


def _score(finding: Finding, match: Match, code: str) -> _Scored:
    """The best reading of the whole text in which this name is this commune's."""
    best = _Scored(Candidate(code, "", 0.0, Why.COMMUNE), 0.0, frozenset())
    districts = [d for d in finding.districts if d.apart(match)]
    for district in (None, *(d for d in districts if code in finding.communes_of(d))):
        taken = [match, *([district] if district else [])]
        provinces = [p for p in finding.provinces if all(p.apart(t) for t in taken)]
        for province in (None, *(p for p in provinces if finding.lies_in(code, p))):
            chosen = [*taken, *([province] if province else [])]
            score = _reading_score(finding, match, code, district, province, chosen)
            if score > best.score:
                best = _scored(finding, match, code, score, chosen)
    return best


def _reading_score(
    finding: Finding,
    match: Match,
    code: str,
    district: Match | None,
    province: Match | None,
    chosen: list[Match],
) -> float:
    sure = finding.likeness(match, chosen)
    if match.name.level is Level.OLD:
        old = finding.index.gazetteer.old[int(match.name.ref)]
        named = district is None or district.name.ref.partition("|")[0] == old.district
        sure += (0.05 if finding.reading.was else -0.05) - (0 if named else 0.2)
    elif finding.reading.was:
        sure -= 0.1
    score = _BASE * sure + _COVER * finding.coverage(chosen)
    score += _DISTRICT * finding.likeness(district, chosen) if district else 0.0
    score += _PROVINCE * finding.likeness(province, chosen) if province else 0.0
    if district is None and finding.other_district(chosen, code):
        score *= _AGAINST_DISTRICT
    if province is None and finding.other_province(chosen, code):
        score *= _AGAINST_PROVINCE
    if finding.other_commune(match, chosen):
        score *= _AGAINST_COMMUNE
    return score * (_CROSSED if finding.crosses(match) else 1.0)


def _scored(
    finding: Finding, match: Match, code: str, score: float, chosen: list[Match]
) -> _Scored:
    why, was = Why.COMMUNE, ""
    if match.name.level is Level.OLD:
        old = finding.index.gazetteer.old[int(match.name.ref)]
        why, was = Why.OLD, ", ".join(filter(None, (old.name, old.district)))
    used = frozenset(at for each in chosen for at in range(each.start, each.end))
    return _Scored(Candidate(code, "", score, why, was), score, used)


def _with_hamlet(finding: Finding, each: _Scored, hamlets: Hamlets) -> _Scored:
    """The hamlet the rest of the text names in this commune; the commune when it names none."""
    hamlet = finding.hamlet_in(each.used, hamlets.of(each.candidate.code))
    if hamlet is None:
        return each
    score = each.score + _HAMLET
    return _Scored(
        Candidate(hamlet.code, "", score, Why.HAMLET, each.candidate.was), score, each.used
    )


def _also_province(finding: Finding, found: list[_Scored]) -> list[_Scored]:
    """Somebody who writes no more than "Bạc Liêu" may mean the ward or the province."""
    alone = [p for p in finding.provinces if finding.alone(p)]
    best = max(each.score for each in found)
    return [
        _Scored(Candidate(p.name.ref, "", best - _MARGIN / 2, Why.PROVINCE), best - _MARGIN, p.used)
        for p in alone[:1]
    ]


# Without one ------------------------------------------------------------------------------------


def _hamlets(finding: Finding, hamlets: Hamlets, near: str | None, limit: int) -> list[_Scored]:
    """Hamlets of this name anywhere, or in the district and the province that are named."""
    best: dict[str, _Scored] = {}
    for start, end, likeness, hamlet in finding.hamlets_anywhere(hamlets):
        code = hamlet.code.rpartition(".")[0]
        spans = [m for m in (*finding.districts, *finding.provinces) if not m.overlaps(start, end)]
        district = next((m for m in spans if code in finding.communes_of(m)), None)
        province = next((m for m in spans if finding.lies_in(code, m)), None)
        against = any(m.name.level is Level.DISTRICT and m.sure for m in spans) and not district
        against |= any(m.name.level is Level.PROVINCE and m.sure for m in spans) and not (
            province or district
        )
        if against:
            continue
        chosen = [m for m in (district, province) if m is not None]
        covered = finding.coverage(chosen, range(start, end))
        score = 0.55 * likeness + _COVER * covered
        score += (_DISTRICT if district else 0.0) + (_PROVINCE if province else 0.0)
        if score >= _FLOOR and (hamlet.code not in best or score > best[hamlet.code].score):
            candidate = Candidate(hamlet.code, "", score, Why.HAMLET)
            best[hamlet.code] = _Scored(candidate, score, frozenset(range(start, end)))
    return _few(list(best.values()), near, limit)


def _few(found: list[_Scored], near: str | None, limit: int) -> list[_Scored]:
    """The best of them; none when so many are as good that any choice would be a guess."""
    if not found:
        return []
    top = max(each.score for each in found)
    kept = [each for each in found if each.score >= top - _MARGIN]
    if near:
        close = [e for e in kept if e.candidate.code.startswith(near.split(".")[0] + ".")]
        kept = close or kept
    return kept if len(kept) <= 2 * limit else []


def _districts(finding: Finding) -> list[_Scored]:
    """Only an old district was named: it is one of its communes."""
    found: dict[str, _Scored] = {}
    for match in finding.districts:
        if not match.sure or finding.only_province(match):
            continue
        ref = match.name.ref
        name, _, _ = ref.partition("|")
        for code in finding.communes_of(match):
            if finding.other_province([match], code):
                continue
            same = finding.same_name(code, match)
            score = _ONLY_DISTRICT * match.likeness + (0.02 if same else 0.0)
            candidate = Candidate(code, "", score, Why.DISTRICT, name)
            found.setdefault(code, _Scored(candidate, score, match.used))
    return list(found.values())


def _province(finding: Finding) -> list[_Scored]:
    best: dict[str, _Scored] = {}
    for match in finding.provinces:
        if match.sure:
            score = _ONLY_PROVINCE * match.likeness
            candidate = Candidate(match.name.ref, "", score, Why.PROVINCE)
            best.setdefault(match.name.ref, _Scored(candidate, score, match.used))
    return list(best.values())
