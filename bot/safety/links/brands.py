"""Whether a label borrows a known name, and how."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA

from bot.safety.links.knowledge import SHORT, Brand, Knowledge
from bot.safety.links.letters import squeeze, unleet
from bot.safety.links.segment import UNKNOWN, Piece

#: From this length a name may differ from the brand's in one letter, and from the next in two.
_NEAR_FROM = 6
_NEARER_FROM = 10
_AFFIX_MOST = 2
_HEAD = re.compile(r"^(?:vn|www|wap|app|\d+)(?=[a-z]{5})")
_TAIL = re.compile(r"(?<=[a-z]{5})(?:vn|vip|online|club|app|web|24h|247|s|\d+)+$")


class How(StrEnum):
    """How a name is used."""

    EXACT = "exact"
    PLUS = "plus"
    SHORT = "short"
    NEAR = "near"
    INSIDE = "inside"
    END = "end"
    SUB = "sub"


@dataclass(frozen=True, slots=True)
class BrandSeen:
    """A brand, the spelling that was met, and how."""

    brand: Brand
    spelling: str
    how: How


class BrandFinder:
    """Looks for the brands of a knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._of = {
            spelling: brand
            for brand in reversed(knowledge.brands)
            if not brand.common
            for spelling in brand.spellings
        }
        self._long = sorted((s for s in self._of if len(s) > SHORT), key=len, reverse=True)
        # "dichvucong" also begins "dịch vụ công nghệ", "icloud" ends "vti cloud".
        self._inside = [s for s in self._long if not self._of[s].strict]
        # By first letter, which readers see: a word that begins otherwise is another word.
        self._starting: dict[tuple[str, int], list[str]] = defaultdict(list)
        for spelling in self._long:
            if len(spelling) >= _NEAR_FROM + spelling.endswith("bank"):
                self._starting[spelling[0], len(spelling)].append(spelling)
        self._squeezed = {squeeze(s): s for s in self._long if len(squeeze(s)) > SHORT - 1}
        self._plain = frozenset(knowledge.words.plain) | frozenset(knowledge.words.places)

    def find(self, label: str, pieces: list[Piece]) -> BrandSeen | None:
        """The brand that a label (skeleton letters) or its words borrow, the clearest first."""
        bare = label.replace("-", "")
        if bare in self._of:
            return self._seen(bare, How.EXACT)
        return self._among(pieces) or self._within(bare) or self._near(label, pieces)

    def _seen(self, spelling: str, how: How) -> BrandSeen:
        return BrandSeen(self._of[spelling], spelling, how)

    def _among(self, pieces: list[Piece]) -> BrandSeen | None:
        met = [piece.text for piece in pieces if piece.text in self._of and piece.kind == "brand"]
        if not met:
            return None
        longest = max(met, key=len)
        others = [piece for piece in pieces if piece.text != longest]
        unknown = [piece.text for piece in others if piece.kind == UNKNOWN]
        strict = self._of[longest].strict
        if len(longest) > SHORT and not (strict and unknown):
            return self._seen(longest, How.PLUS)
        if not unknown and not any(piece.kind == "plain" for piece in others):
            return self._seen(longest, How.PLUS)
        # "zalosldas", "txmomo": a name of everyday letters beside letters that say nothing.
        first = pieces[0].text == longest and len(longest) > SHORT - 2 and not strict
        short = all(len(text) <= _AFFIX_MOST for text in unknown) and not strict
        if first or short:
            return self._seen(longest, How.SHORT)
        at_end = pieces[-1].text == longest and len(longest) > SHORT - 2 and not strict
        return self._seen(longest, How.END) if at_end else None

    def _within(self, bare: str) -> BrandSeen | None:
        inside = next((s for s in self._inside if s in bare), None)
        return None if inside is None else self._seen(inside, How.INSIDE)

    def _near(self, label: str, pieces: list[Piece]) -> BrandSeen | None:
        parts = {part for part in label.split("-") if part}
        parts |= {piece.text for piece in pieces if piece.kind == UNKNOWN}
        parts |= {unleet(part) for part in parts} | {label.replace("-", "")}
        parts |= {_TAIL.sub("", _HEAD.sub("", part)) for part in parts}
        for part in sorted(parts, key=len, reverse=True):
            if part in self._plain or len(part) < _NEAR_FROM - 1:
                continue
            spelling = self._like(part)
            if spelling is not None:
                return self._seen(spelling, How.NEAR)
        return None

    def _like(self, part: str) -> str | None:
        if part in self._of and len(part) > SHORT - 1:
            return part
        same = self._squeezed.get(squeeze(part))
        if same is not None and len(part) <= len(same) + 4:
            return same
        for length in range(len(part) - 2, len(part) + 3):
            for spelling in self._starting.get((part[0], length), ()):
                allowed = 2 if length >= _NEARER_FROM else 1
                if OSA.distance(part, spelling, score_cutoff=allowed) <= allowed:
                    return spelling
        return None
