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

    A team that serves everywhere is one with an empty commune. A team's commune may be followed by
    its province ("Tân Ân, Cà Mau"), which decides between communes of one name.
    """
    everywhere: TeamView | None = None
    best: tuple[float, TeamView] | None = None
    for team in teams:
        if not plain_place(team.commune):
            everywhere = everywhere or team
            continue
        score = _score(team.commune, commune)
        if score >= _ENOUGH and (best is None or score > best[0]):
            best = (score, team)
    return best[1] if best else everywhere


def _score(of_team: str, said: str) -> float:
    own, *wider = of_team.split(",")
    name, wanted = plain_place(own), plain_place(said)
    if not name or not wanted:
        return 0.0
    bonus = 0.5 if any(_names(plain_place(part), wanted) for part in wider) else 0.0
    if name.isdigit():
        # "Phường 1" is not meant by "ấp 1": the word before the number counts.
        return 100.0 + bonus if _names(f"phuong {name}", normalize(said).stripped) else 0.0
    if _names(name, wanted):
        # The whole name stands in the text; longer names are surer ("tan an tay" over "tan an").
        return 100.0 + len(name) + bonus
    spoken = (wanted, *map(plain_place, said.split(",")))
    return max(fuzz.ratio(name, each) for each in spoken) + bonus


def _names(name: str, text: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
