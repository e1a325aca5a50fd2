"""Which team a commune, typed freely, belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from bot.domain.tickets import TeamView
from nlu.text import normalize

_LEVEL = re.compile(r"\b(xa|phuong|thi tran|huyen|thanh pho|tp|tinh|ap|khom|thon|buon|xom)\b")
#: Below this the names are different places ("tan an" / "tan thanh" score 71).
_ENOUGH = 88.0


def plain_place(text: str) -> str:
    """A place name without level words, diacritics and punctuation: "Xã Tân Ân" -> "tan an"."""
    return " ".join(_LEVEL.sub(" ", normalize(text).stripped).split())


def pick_team(teams: Iterable[TeamView], commune: str) -> TeamView | None:
    """The team whose commune is named in `commune`; else the one that serves everywhere; else None.

    A team that serves everywhere is one with an empty commune.
    """
    everywhere: TeamView | None = None
    best: tuple[float, TeamView] | None = None
    wanted = plain_place(commune)
    for team in teams:
        name = plain_place(team.commune)
        if not name:
            everywhere = everywhere or team
            continue
        score = _score(name, wanted)
        if score >= _ENOUGH and (best is None or score > best[0]):
            best = (score, team)
    return best[1] if best else everywhere


def _score(name: str, wanted: str) -> float:
    if not wanted:
        return 0.0
    if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", wanted):
        # The whole name stands in the text; longer names are surer ("tan an tay" over "tan an").
        return 100.0 + len(name)
    return fuzz.ratio(name, wanted)
