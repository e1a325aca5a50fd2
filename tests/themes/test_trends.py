"""Rising and falling topics: chance is named as rarely as said, true changes are found."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator

from bot.services.trends import FALSE_SHARE, LEAST, Change, changes, percent

TOPICS, WEEKS = 45, 9


def drawn(dice: Generator, means: np.ndarray, dispersion: float) -> dict[str, list[int]]:
    """Weekly counts around their means: Poisson, or as many times as spread (negative binomial)."""
    if dispersion > 1:
        counts = dice.negative_binomial(means / (dispersion - 1), 1 / dispersion)
    else:
        counts = dice.poisson(means)
    return {f"t{n:02}": [int(count) for count in row] for n, row in enumerate(counts)}


def means(dice: Generator, least: float = 2, most: float = 400) -> np.ndarray:
    usual = np.exp(dice.uniform(np.log(least), np.log(most), TOPICS))
    return np.repeat(usual[:, None], WEEKS, 1)


@pytest.mark.parametrize("dispersion", [1.0, 2.0, 4.0])
def test_weeks_as_usual_raise_no_more_alarms_than_said(dispersion: float) -> None:
    """With nothing changed any name is false: that happens in no more than one week in twenty."""
    dice = np.random.default_rng(7)
    rounds = 200
    alarms = sum(bool(changes(drawn(dice, means(dice), dispersion))) for _ in range(rounds))
    # Three standard errors above the nominal level.
    assert alarms <= rounds * FALSE_SHARE + 3 * (rounds * FALSE_SHARE) ** 0.5


@pytest.mark.parametrize(("dispersion", "found_least"), [(1.0, 0.97), (2.0, 0.85), (4.0, 0.65)])
def test_doubled_topics_are_found_and_few_others_named(
    dispersion: float, found_least: float
) -> None:
    dice = np.random.default_rng(8)
    found = false = 0
    rounds, risen = 60, 5
    for _ in range(rounds):
        usual = means(dice, least=40)
        usual[:risen, -1] *= 2
        names = changes(drawn(dice, usual, dispersion))
        right = [each for each in names if each.topic < f"t{risen:02}" and each.rises]
        found += len(right)
        false += len(names) - len(right)
    assert found >= found_least * rounds * risen
    assert false <= 2 * FALSE_SHARE * (found + false)


def test_halved_topics_fall() -> None:
    weeks = {
        "a": [100, 104, 97, 101, 99, 103, 98, 100, 45],
        "b": [50, 52, 48, 50, 51, 49, 50, 50, 50],
    }
    (change,) = changes(weeks)
    assert (change.topic, change.recent, change.rises) == ("a", 45, False)
    assert percent(change) == -55


def test_what_is_new_has_no_percentage() -> None:
    (change,) = changes({"new": [0] * 8 + [40]})
    assert change.rises
    assert percent(change) is None


@pytest.mark.parametrize(
    "weeks",
    [
        {},
        {"a": [5, 90]},
        {"a": [0] * 9},
        {"few": [0] * 8 + [LEAST - 1]},
        {"steady": [1000] * 8 + [1100]},
    ],
)
def test_little_is_not_named(weeks: dict[str, list[int]]) -> None:
    assert changes(weeks) == []


def test_topics_of_different_length_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="each must have as many"):
        changes({"a": [1] * 9, "b": [1] * 8})


def test_a_change_says_which_way() -> None:
    assert Change("a", 20, 10.0, 0.01).rises
    assert percent(Change("a", 20, 10.0, 0.01)) == 100
