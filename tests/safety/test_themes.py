"""A rise is told from ordinary variation, and named where it is."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from bot.safety.themes import Asked, Rising, rises, rising

TODAY = date(2026, 11, 22)
LONG_AGO = date(2026, 1, 1)
TAN_AN, DAT_MUI, CA_MAU = "ca-mau.tan-an", "ca-mau.dat-mui", "ca-mau"


def asked(
    count: int, area: str = TAN_AN, days_ago: int = 0, theme: str = "scam_call"
) -> list[Asked]:
    """So many people on a day."""
    day = TODAY - timedelta(days=days_ago)
    return [Asked(day, theme, area, f"{area}{days_ago}-{n}") for n in range(count)]


def found(items: list[Asked], since: date = LONG_AGO) -> list[tuple[str, str, int]]:
    return [(each.theme, each.area, each.recent) for each in rising(items, TODAY, since)]


@pytest.mark.parametrize(
    ("recent", "before", "is_rise"),
    [
        (4, 0, False),  # never below the least count
        (5, 0, True),
        (5, 3, True),
        (5, 10, False),
        (10, 28, False),  # usual 3: happens by chance now and then
        (12, 28, True),
        (20, 93, False),  # sure enough for the test, not twice as many
        (30, 93, True),
        (900, 8_400, False),
    ],
)
def test_a_rise(recent: int, before: int, is_rise: bool) -> None:
    assert rises(recent, before) is is_rise


def test_ordinary_variation_is_hardly_ever_a_rise() -> None:
    """Steady questions at every rate: at most one in a thousand areas, as CHANCE promises."""
    draw = random.Random(20261122)

    def people(mean: float) -> int:
        # A Poisson count as the number of exponential waits that fit into the time.
        count, time = 0, draw.expovariate(1)
        while time < mean:
            count, time = count + 1, time + draw.expovariate(1)
        return count

    rates = [0.1, 0.5, 1, 2, 5]
    false = sum(rises(people(rate * 3), people(rate * 28)) for rate in rates for _ in range(2_000))
    assert false <= 10
    caught = sum(
        rises(people(5 * rate * 3), people(rate * 28)) for rate in (1, 2) for _ in range(200)
    )
    assert caught >= 360


def test_one_person_makes_no_theme() -> None:
    often = [Asked(TODAY, "scam_call", TAN_AN, "one")] * 50
    assert found(often) == []
    assert found([*often, *asked(4)]) == [("scam_call", TAN_AN, 5)]


def test_the_commune_is_named_and_not_its_province_too() -> None:
    assert found(asked(6)) == [("scam_call", TAN_AN, 6)]


def test_a_province_is_named_when_it_rises_without_its_communes() -> None:
    spread = [one for n in range(4) for one in asked(2, f"ca-mau.x{n}")]
    assert found(spread) == [("scam_call", CA_MAU, 8)]
    assert found([*asked(6), *spread]) == [
        ("scam_call", CA_MAU, 8),
        ("scam_call", TAN_AN, 6),
    ]
    assert found([*asked(6), *asked(2, DAT_MUI)]) == [("scam_call", TAN_AN, 6)]


def test_questions_from_nobody_knows_where_count_everywhere() -> None:
    assert found(asked(6, "")) == [("scam_call", "", 6)]


def test_themes_are_apart_and_the_largest_comes_first() -> None:
    both = [*asked(5), *asked(7, theme="scam_link")]
    assert [each[0] for each in found(both)] == ["scam_link", "scam_call"]


def test_what_was_usual_before_is_no_rise() -> None:
    steady = [one for ago in range(31) for one in asked(3, days_ago=ago)]
    assert found(steady) == []


def test_what_is_expected_is_said() -> None:
    before = [one for ago in range(3, 31) for one in asked(1, days_ago=ago)]
    (item,) = rising([*asked(13), *before], TODAY, LONG_AGO)
    assert item == Rising("scam_call", TAN_AN, 13, 3.0)


def test_days_outside_the_window_are_not_looked_at() -> None:
    assert found([*asked(9, days_ago=31), *asked(9, days_ago=-1)]) == []
    assert found(asked(6, days_ago=3)) == []
    assert found(asked(6, days_ago=2)) == [("scam_call", TAN_AN, 6)]


def test_a_young_log_says_nothing_of_what_is_usual() -> None:
    assert found(asked(50), since=TODAY - timedelta(days=8)) == []
    assert found(asked(50), since=TODAY - timedelta(days=9)) == [("scam_call", TAN_AN, 50)]
    # Ten days with two people each are usual, although 28 days would make it a rise.
    short = [one for ago in range(3, 13) for one in asked(2, days_ago=ago)]
    assert found([*short, *asked(11)], since=TODAY - timedelta(days=12)) == []
    assert found([*short, *asked(11)]) == [("scam_call", TAN_AN, 11)]
