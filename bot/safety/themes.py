"""A theme that rises: many more people of an area ask about one swindle than did before.

The last days are compared with the weeks before by the exact test of two Poisson counts (given
their sum, the recent one is binomial: Przyborowski and Wilenski, 1940). That tells a rise from
ordinary variation also where there are few questions; a least count and a least ratio keep out what
is sure but small. Each person counts once a day and theme, so that nobody makes a theme alone.

Pure: nothing is read here and nothing is sent by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.areas import around, covers

RECENT_DAYS = 3
BEFORE_DAYS = 28
#: Fewer people than this are never a theme.
LEAST = 5
#: The recent days must have at least so many times what the days before had.
RATIO = 2.0
#: How improbable the count must be without any rise: at some 500 areas and themes looked at each
#: day, that is one false proposal in two days of chance alone, and a person decides each.
CHANCE = 0.001
#: A log younger than this says nothing about what is usual.
HISTORY_LEAST = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked about a theme on a day; `area` is a key, "" where it is not known."""

    day: date
    theme: str
    area: str
    person: str


@dataclass(frozen=True, slots=True)
class Rising:
    """A theme that rises in an area ("" for everywhere): people in the recent days, and how many
    the days before would make one expect."""

    theme: str
    area: str
    recent: int
    expected: float


def rises(
    recent: int, before: int, recent_days: int = RECENT_DAYS, before_days: int = BEFORE_DAYS
) -> bool:
    """Whether `recent` people in `recent_days` are a rise over `before` in `before_days`."""
    if recent < LEAST or recent < RATIO * before * recent_days / before_days:
        return False
    # P(X >= recent) of a binomial, by the regularised incomplete beta function.
    from scipy.special import bdtrc

    share = recent_days / (recent_days + before_days)
    return bool(bdtrc(recent - 1, recent + before, share) < CHANCE)


def rising(asked: Iterable[Asked], today: date, since: date) -> list[Rising]:
    """The themes that rise, the largest first; `since` is the day of the log's first question.

    `today` is the last of the recent days. A wider area is named only when it rises without those
    of its parts that do.
    """
    first = today - timedelta(days=RECENT_DAYS - 1)
    before_days = min(BEFORE_DAYS, (first - since).days)
    if before_days < HISTORY_LEAST:
        return []
    start = first - timedelta(days=before_days)
    recent: Counter[tuple[str, str]] = Counter()
    before: Counter[tuple[str, str]] = Counter()
    for each in set(asked):
        if start <= each.day <= today:
            (recent if each.day >= first else before)[each.theme, each.area] += 1
    found: list[Rising] = []
    for theme in sorted({theme for theme, _ in recent}):
        now = {area: count for (name, area), count in recent.items() if name == theme}
        past = {area: count for (name, area), count in before.items() if name == theme}
        found += _of_theme(theme, now, past, before_days)
    return sorted(found, key=lambda item: (-item.recent, item.theme, item.area))


def _of_theme(
    theme: str, now: dict[str, int], past: dict[str, int], before_days: int
) -> list[Rising]:
    """From the narrowest areas to everywhere; what rises is counted there and not further out."""
    found: list[Rising] = []
    taken: set[str] = set()
    for area in _narrow_first(now):
        left = _within(area, now, taken)
        usual = _within(area, past, taken)
        if rises(left, usual, RECENT_DAYS, before_days):
            expected = usual * RECENT_DAYS / before_days
            found.append(Rising(theme, area, left, expected))
            taken.add(area)
    return found


def _narrow_first(areas: Collection[str]) -> list[str]:
    every = {wide for area in areas for wide in (*around(area), area, "")}
    return sorted(every, key=lambda area: (-len(area.split(".")) if area else 0, area))


def _within(area: str, counts: dict[str, int], taken: set[str]) -> int:
    """The people of an area and all in it, without those of the areas already named."""
    return sum(
        count
        for place, count in counts.items()
        if covers(area, place) and not any(covers(other, place) for other in taken)
    )
