"""Which topics rise or fall, and which only vary as they always do.

The last seven whole days of a topic are compared with the eight weeks before. Counts of questions
vary more than Poisson counts do (a broadcast, market days, a school holiday), so the comparison is
quasi-Poisson: the deviance of "one rate" against "two rates" is divided by the dispersion of the
weeks before, that of the topic drawn towards that of all topics, and its signed root is held
against Student's t (McCullagh and Nelder, Generalized Linear Models, 1989, chapters 4 and 9; the
drawing together: Smyth, 2004, as for gene counts). Many topics are looked at together, so chance is
kept by the false discovery rate (Benjamini and Hochberg, 1995): of the changes named, one in twenty
at most is expected to be chance. What is sure but small is left out.

Pure: counts in, changes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Weeks before the last one; fewer than the least say nothing of what is usual.
WEEKS, WEEKS_LEAST = 8, 4
#: The share of chance among the changes that are named.
FALSE_SHARE = 0.05
#: A change is named from so many questions in the larger of both weeks, and from such a ratio.
LEAST = 10
RATIO = 1.25
#: How strongly a topic's own dispersion is drawn to that of all, in degrees of freedom.
_PRIOR = 8.0
#: Topics with fewer questions a week tell nothing of the dispersion.
_DISPERSED_FROM = 2.0


@dataclass(frozen=True, slots=True)
class Change:
    """A topic whose last week is not as usual: questions in it, in a usual week, and how probable
    as large a difference is by chance (both sides, before the correction for many topics)."""

    topic: str
    recent: int
    usual: float
    chance: float

    @property
    def rises(self) -> bool:
        """Whether it is more than usual."""
        return self.recent > self.usual


def changes(weeks: Mapping[str, Sequence[int]]) -> list[Change]:
    """The topics that rise and fall, the surest first.

    `weeks` has for each topic its questions by week, the last one last; as many weeks for each, or
    it is a ValueError. Fewer than five weeks: nothing is known, nothing is found.
    """
    topics = sorted(topic for topic, counts in weeks.items() if any(counts))
    lengths = {len(weeks[topic]) for topic in topics}
    if len(lengths) > 1:
        raise ValueError(f"topics of {sorted(lengths)} weeks: each must have as many")
    if not topics or lengths.pop() <= WEEKS_LEAST:
        return []
    counts = np.array([weeks[topic] for topic in topics], dtype=float)
    before, recent = counts[:, :-1], counts[:, -1]
    usual = before.mean(axis=1)
    chance = _chance(before, recent)
    named = _discovered(chance)
    found = [
        Change(topic, int(recent[n]), float(usual[n]), float(chance[n]))
        for n, topic in enumerate(topics)
        if named[n] and _matters(recent[n], usual[n])
    ]
    return sorted(found, key=lambda each: (each.chance, each.topic))


def _matters(recent: float, usual: float) -> bool:
    small, large = sorted((recent, usual))
    return large >= LEAST and large >= RATIO * small


def _chance(before: np.ndarray, recent: np.ndarray) -> np.ndarray:
    """How probable as large a difference is when nothing changed, for each topic."""
    from scipy.special import stdtr

    number = before.shape[1]
    dispersion, freedom = _dispersion(before)
    total = before.sum(axis=1)
    one_rate = (total + recent) / (number + 1)
    deviance = 2 * (_term(recent, one_rate) + _term(total, one_rate * number))
    root = np.sqrt(np.maximum(deviance, 0) / dispersion)
    chance: np.ndarray = 2 * stdtr(freedom, -root)
    return chance


def _term(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """y log(y/m), 0 where nothing was seen: with totals equal the rest of the deviance cancels."""
    safe = np.where(seen > 0, seen, 1.0)
    return np.where(seen > 0, seen * np.log(safe / np.maximum(expected, 1e-12)), 0.0)


def _dispersion(before: np.ndarray) -> tuple[np.ndarray, float]:
    """How much more than Poisson's the weeks of each topic vary, never less than once as much; and
    the degrees of freedom this is known with."""
    mean = before.mean(axis=1)
    own = before.shape[1] - 1
    spread = before.var(axis=1, ddof=1) / np.maximum(mean, 1e-12)
    telling = mean >= _DISPERSED_FROM
    # The mean, not the median: of seven degrees of freedom the median lies below it.
    common = max(1.0, float(spread[telling].mean())) if telling.any() else 1.0
    drawn = (own * np.where(telling, spread, common) + _PRIOR * common) / (own + _PRIOR)
    return np.maximum(drawn, 1.0), own + _PRIOR


def _discovered(chance: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg: which of these are named at `FALSE_SHARE`."""
    order = np.argsort(chance)
    number = len(chance)
    allowed = FALSE_SHARE * np.arange(1, number + 1) / number
    below = np.nonzero(chance[order] <= allowed)[0]
    named = np.zeros(number, dtype=bool)
    if below.size:
        named[order[: below[-1] + 1]] = True
    return named


def percent(change: Change) -> int | None:
    """By how many percent a topic changed; None where there was nothing before."""
    if change.usual <= 0:
        return None
    return round(100 * (change.recent / change.usual - 1))


__all__ = ["FALSE_SHARE", "LEAST", "RATIO", "WEEKS", "WEEKS_LEAST", "Change", "changes", "percent"]
