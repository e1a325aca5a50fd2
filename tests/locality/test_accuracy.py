"""Written addresses find their places. `python -m bench.places` prints the table by kind."""

from __future__ import annotations

import pytest

from bench.places import Address, Tally, addresses, measure, total

#: What must hold; what was measured stands in docs/localities.md.
FIRST, THREE, ALL = 0.97, 0.98, 0.96
KINDS = sorted({address.kind for address in addresses()})


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    """Every address, looked up once."""
    return measure(addresses())[0]


def test_there_are_enough_addresses() -> None:
    assert len(addresses()) >= 330
    assert len({address.text for address in addresses()}) == len(addresses())


def test_most_are_found(tallies: dict[str, Tally]) -> None:
    whole = total(tallies.values())
    assert whole.first >= FIRST * whole.count
    assert whole.three >= THREE * whole.count
    assert whole.every >= ALL * whole.count


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_writing_is_left_behind(tallies: dict[str, Tally], kind: str) -> None:
    assert tallies[kind].first >= 0.9 * tallies[kind].count


@pytest.mark.parametrize("kind", ["none", "divided"])
def test_nothing_is_made_up_and_no_successor_forgotten(
    tallies: dict[str, Tally], kind: str
) -> None:
    assert tallies[kind].every == tallies[kind].count


def test_the_count_would_notice_a_miss() -> None:
    found, wrong = measure([Address("official", "Xã Tân Ân, Cà Mau", ("96.00000",))])
    assert (found["official"].first, len(wrong)) == (0, 1)
