"""What is shown of small counts gives none of them away."""

from __future__ import annotations

from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from bot.services.suppression import LEAST, chain, small, suppressed

TABLES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 40), max_size=8
)


@given(TABLES)
def test_no_small_count_is_shown_and_no_total_leaves_only_one(table: dict[str, int]) -> None:
    shown = suppressed(table)
    assert set(shown.cells) == set(table)
    for key, count in shown.cells.items():
        assert count in (None, table[key])
        assert count is None or not small(count)
    if shown.total is not None:
        assert shown.total == sum(table.values())
        assert not small(shown.total)
        gone = [table[key] for key, count in shown.cells.items() if count is None]
        assert len(gone) != 1
        assert 0 not in gone


@given(st.lists(st.integers(0, 9), max_size=4))
def test_whoever_knows_the_total_cannot_tell_that_a_hidden_count_is_small(
    counts: list[int],
) -> None:
    """Every table that looks the same is tried: for each hidden cell one has 5 or more in it."""
    shown = suppressed(dict(enumerate(counts)))
    gone = [key for key, count in shown.cells.items() if count is None]
    if shown.total is None or not gone:
        return
    rest = shown.total - sum(count for count in shown.cells.values() if count is not None)
    possible = [
        guess for guess in product(range(1, rest + 1), repeat=len(gone)) if sum(guess) == rest
    ]
    for place in range(len(gone)):
        assert max(guess[place] for guess in possible) >= LEAST
        assert len({guess[place] for guess in possible}) > 1


def test_one_small_count_hides_the_next_smallest_with_it() -> None:
    shown = suppressed({"a": 3, "b": 30, "c": 12, "d": 0})
    assert shown.cells == {"a": None, "b": 30, "c": None, "d": 0}
    assert shown.total == 45


def test_a_total_that_would_give_them_away_is_hidden_too() -> None:
    assert suppressed({"a": 1, "b": 2}).total is None
    assert suppressed({"a": 3}).total is None
    assert suppressed({"a": 0}).total == 0
    assert suppressed({"a": 5}) == suppressed({"a": 5}, hidden=("b",))
    assert suppressed({"a": 5, "b": 9}, hidden=("a",)).cells == {"a": None, "b": None}


@given(st.lists(st.integers(0, 60), min_size=1, max_size=7))
def test_a_chain_shows_no_small_step(counts: list[int]) -> None:
    ordered = sorted(counts, reverse=True)
    seen = [count for count in chain(ordered) if count is not None]
    assert all(not small(count) for count in seen)
    assert all(not small(a - b) for a, b in pairwise(seen))
