"""What about a link speaks for a swindle or against it: cues with points.

Each rule looks at one thing and names what it saw; `checker` adds them up. The points stand in
`content/safety/scoring.yml`, the words in the other files there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from bot.safety.links.brands import BrandFinder, BrandSeen, How
from bot.safety.links.knowledge import SHORT, Brand, Knowledge
from bot.safety.links.letters import foreign, skeleton, unleet
from bot.safety.links.names import Name, under
from bot.safety.links.segment import DIGITS, UNKNOWN, Piece, Vocabulary
from bot.safety.links.urls import Link

BRAND, FILLER, PLACE, PLAIN = "brand", "filler", "place", "plain"

_FAKE_END = re.compile(r"(?:^|\.)(?:gov|com|edu|org|net)\.vn[.\-]")
_VN_DASH = re.compile(r"vn-[a-z]{0,8}[0-9]{0,2}$")
_NOISE = re.compile(r"[a-z]{1,4}[0-9]{2,}[a-z]{0,2}$|[bcdfghjklmnpqrstvwxz]{5,}[0-9]*$")
_EVERYDAY = ("247", "24h", "365", "360")
_LUCKY = re.compile(r"(?<=[a-z])\d{0,3}(?:(\d)\1|68|79|86|89|789|678)$")
_REPEATED = re.compile(r"(\d)\1|\d{3,}")
_PRIVATE = re.compile(r"10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.")
_USUAL_PORTS = frozenset(("", "80", "443"))
_SUB_LABELS_MOST = 6
_SUB_LETTERS_MOST = 60
_USUAL_SHARE = 0.5
_VIETNAM_SHARE = 0.6
_CHEAP = frozenset(("free", "cheap", "new", "vietnam_cheap"))
_PATH_MOST = 5
_PATH_LETTERS_MOST = 60
_MONEY = ("bank", "wallet", "state", "post")
_CLEAR = (How.EXACT, How.PLUS, How.NEAR)
_OF_A_DAUGHTER = (How.PLUS, How.SHORT, How.INSIDE, How.END)
#: Words this short are everyday letters: they count only where the whole label was read.
_SHORT_WORD = 4


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing that was seen; `fields` fill the sentence of its reason."""

    key: str
    points: float
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """A link with everything the rules look at."""

    link: Link
    name: Name
    label: str
    sub: str
    pieces: list[Piece]

    @cached_property
    def whole(self) -> bool:
        """Whether every letter of the label was read as some word."""
        return all(piece.kind != UNKNOWN for piece in self.pieces)

    @cached_property
    def usual(self) -> bool:
        """Whether the label names a trade, as shops' and offices' names do."""
        return any(piece.kind == PLAIN for piece in self.pieces)


class Rules:
    """All rules over one knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._known = knowledge
        self._points = knowledge.scoring.cues
        self._groups = _groups(knowledge)
        self._vocabulary = vocabulary(knowledge)
        self._brands = BrandFinder(knowledge)
        self._names = knowledge.official | knowledge.owned.keys()

    def see(self, link: Link, name: Name) -> Seen:
        """The link prepared for the rules."""
        label, sub = skeleton(name.label), skeleton(name.sub)
        return Seen(link, name, label, sub, self._vocabulary.read(label))

    def group(self, suffix: str) -> str:
        """The kind of a suffix, as in hosts.yml; "other" for com, net and what is not listed."""
        return self._groups.get(suffix) or self._groups.get(suffix.rpartition(".")[2], "other")

    def cues(self, seen: Seen) -> list[Cue]:
        """Every cue of a link that has a name for a host."""
        group = self.group(seen.name.suffix)
        # Only a suffix of a cheap kind is worth a sentence.
        key = "suffix" if group in _CHEAP else "suffix_usual"
        found = [Cue(key, self._known.scoring.suffix[group], {"suffix": seen.name.suffix})]
        found += self._brand(seen, group)
        found += self._words(seen)
        found += self._shape(seen, group)
        found += self._place(seen)
        found += self.around(seen.link)
        return found

    def numbers(self, link: Link) -> list[Cue]:
        """Every cue of a link whose host is an address in numbers."""
        found = []
        if link.disguised:
            found.append(self._cue("hidden_number"))
        elif not _PRIVATE.match(link.address):
            found.append(self._cue("number"))
        return [*found, *self.around(link)]

    def short(self, link: Link) -> list[Cue]:
        """Every cue of a shortened link."""
        return [self._cue("shortener"), *self.around(link)]

    def _cue(self, key: str, share: float = 1.0, **fields: str) -> Cue:
        return Cue(key, self._points[key] * share, fields)

    # Names that are borrowed ---------------------------------------------------------------------

    def _brand(self, seen: Seen, group: str) -> Iterator[Cue]:
        if self._holds_official(seen) or _FAKE_END.search(f"{seen.sub}.{seen.label}-"):
            yield self._cue("official_inside", host=seen.name.registered)
        elif self._says_gov(seen, group):
            yield self._cue("gov_fake", suffix=seen.name.suffix)
        found = self._brands.find(seen.label, seen.pieces)
        if found is None:
            found = self._in_sub(seen)
        if found is not None:
            yield from self._brand_points(seen, group, found)

    def _holds_official(self, seen: Seen) -> bool:
        """Whether an official domain stands before the one that was registered."""
        labels = seen.sub.split(".")[-_SUB_LABELS_MOST:]
        pairs = (".".join(labels[i : i + n]) for n in (2, 3) for i in range(len(labels) - n + 1))
        return any(name in self._names for name in pairs)

    def _in_sub(self, seen: Seen) -> BrandSeen | None:
        for label in seen.sub.split(".")[-_SUB_LABELS_MOST:]:
            found = self._brands.find(label, self._vocabulary.read(label))
            if found is None or found.how in (How.INSIDE, How.SHORT, How.END):
                continue
            # "dhlen" is no sign of DHL, "dhl" and "vcb-login" are.
            if len(found.spelling) > SHORT or found.how is How.EXACT or "-" in label:
                return BrandSeen(found.brand, found.spelling, How.SUB)
        return None

    def _brand_points(self, seen: Seen, group: str, found: BrandSeen) -> Iterator[Cue]:
        key = f"brand_{found.how.value}"
        if found.how is How.EXACT:
            ours = any(d.endswith(f".{seen.name.suffix}") for d in found.brand.domains)
            same = ours or seen.name.suffix in ("com", "vn", "com.vn", "net")
            key = "brand_same_suffix" if same else "brand_other_suffix"
        if not seen.name.host.isascii():
            key = "homoglyph"
        suffix = seen.name.suffix
        yield self._cue(key, brand=found.brand.name, real=_real(found.brand), suffix=suffix)
        if found.brand.dealers and not self._lures(seen) and group not in ("free", "cheap"):
            yield self._cue("dealer")
        elif group == "vietnam" and found.brand.kind != "game" and found.how in _OF_A_DAUGHTER:
            # Daughter companies have such names, and .vn is given against papers.
            yield self._cue("vietnam_brand")
        if seen.label != unleet(seen.label) and found.how is How.NEAR:
            yield self._cue("digits")
        if found.brand.kind in _MONEY:
            yield self._cue("money_brand")

    def _says_gov(self, seen: Seen, group: str) -> bool:
        if group == "vouched" or seen.name.suffix.split(".")[0] in ("gov", "govt", "gob", "gouv"):
            return False
        text = f"{seen.sub}.{seen.label}"
        if re.search(r"gov[.\-]?vn|vn[.\-]gov", text):
            return True
        parts = re.split(r"[.\-]", text)
        if any(part in ("gov", "govvn", "vngov", "govt") for part in parts):
            return True
        return seen.whole and any(piece.text in ("gov", "govvn") for piece in seen.pieces)

    # Words ---------------------------------------------------------------------------------------

    def _words(self, seen: Seen) -> Iterator[Cue]:
        weights = self._known.scoring.lures
        lures = self._lures(seen)
        if not lures:
            return
        points = sorted((weights[piece.kind] for piece in lures), reverse=True)
        # The second word of a kind says less than the first.
        total = min(
            sum(p / (i + 1) for i, p in enumerate(points)) * 1.2, self._points["lures_most"]
        )
        best = max(lures, key=lambda piece: weights[piece.kind])
        kind = best.kind if weights[best.kind] >= 0.8 else "words"
        # Shops sell gifts, papers write of money, and .vn is given against papers.
        vietnam = self.group(seen.name.suffix) in ("vietnam", "vouched")
        share = (_USUAL_SHARE if seen.usual else 1.0) * (_VIETNAM_SHARE if vietnam else 1.0)
        yield Cue(f"lure_{kind}", total * share, {"word": best.text})

    def _lures(self, seen: Seen) -> list[Piece]:
        pieces = seen.pieces
        if seen.sub:
            sub = seen.sub.replace(".", "-")[-_SUB_LETTERS_MOST:]
            pieces = [*pieces, *self._vocabulary.read(sub)]
        weights = self._known.scoring.lures
        counted = (p for p in pieces if seen.whole or len(p.text) > _SHORT_WORD)
        return [piece for piece in counted if piece.kind in weights]

    # Shapes --------------------------------------------------------------------------------------

    def _shape(self, seen: Seen, group: str) -> Iterator[Cue]:
        label = seen.label
        if _VN_DASH.match(label) and group not in ("vietnam", "vouched"):
            yield self._cue("vn_dash", 1.0 if group in ("cheap", "new", "free") else 0.5)
        if foreign(seen.name.host):
            yield self._cue("mixed_letters")
        digits = [piece.text for piece in seen.pieces if piece.kind == DIGITS]
        if _LUCKY.search(label) and group not in ("vietnam", "vouched"):
            yield self._cue("lucky", _USUAL_SHARE if seen.usual else 1.0)
        elif label.endswith(_EVERYDAY):
            yield self._cue("digits", 0.4)
        elif any(map(_REPEATED.search, digits)):
            yield self._cue("digits", 0.5 if group in ("vietnam", "vouched") else 1.0)
        elif len(digits) > 1:
            yield self._cue("digits", 0.7)
        unread = bool(seen.pieces) and seen.pieces[0].kind == UNKNOWN
        if unread and _NOISE.match(label) and group not in ("vietnam", "vouched"):
            yield self._cue("noise")
        if seen.sub.count(".") >= 3 and group != "vouched":
            yield self._cue("many_labels")

    # Where the page stands -----------------------------------------------------------------------

    def _place(self, seen: Seen) -> Iterator[Cue]:
        if under(seen.name.host, self._known.hosts.dynamic):
            yield self._cue("dynamic")

    def page(self, link: Link) -> Iterator[Cue]:
        """A name that a page borrows where everybody may post: `sites.google.com/view/vcb`."""
        for part in link.path.lower().split("/")[:_PATH_MOST]:
            label = skeleton(part[:_PATH_LETTERS_MOST])
            found = self._brands.find(label, self._vocabulary.read(label)) if part else None
            if found is not None and found.brand.kind in _MONEY and found.how in _CLEAR:
                yield self._cue("brand_path", brand=found.brand.name, real=_real(found.brand))
                return

    def around(self, link: Link) -> Iterator[Cue]:
        """What speaks against a link whatever its host is."""
        if link.user:
            yield self._cue("userinfo", host=link.written)
        if link.port not in _USUAL_PORTS:
            yield self._cue("port")
        ending = link.path.lower().rpartition(".")[2]
        if ending in self._known.hosts.program_endings:
            yield self._cue("program", ending=ending)


def vocabulary(knowledge: Knowledge) -> Vocabulary:
    """Every word that host names are read with, brands first."""
    words = knowledge.words
    pairs = [(s, BRAND) for b in knowledge.brands if not b.common for s in b.spellings]
    pairs += [(word, kind) for kind, lures in words.lures.items() for word in lures]
    pairs += [(s, "authority") for b in knowledge.brands if b.common for s in b.spellings]
    pairs += [(word, FILLER) for word in words.fillers]
    pairs += [(word, PLACE) for word in words.places]
    pairs += [(word, PLAIN) for word in words.plain]
    return Vocabulary(pairs)


def _groups(knowledge: Knowledge) -> dict[str, str]:
    groups: dict[str, str] = {}
    for group, suffixes in knowledge.hosts.suffixes.items():
        groups.update(dict.fromkeys(suffixes, group))
    return groups


def _real(brand: Brand) -> str:
    return brand.domains[0] if brand.domains else ""
