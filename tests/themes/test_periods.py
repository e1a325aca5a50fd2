"""Spans of days and their pieces."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.periods import Piece, month, months_back, parse_day, parse_month, period

TODAY = date(2026, 3, 5)


@given(
    st.sampled_from(("7d", "30d", "90d", "3m", "12m", "2026-02", "2024-02", "x", "2099-01", "")),
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.booleans(),
)
def test_pieces_cover_a_period_without_gap_or_overlap(key: str, today: date, months: bool) -> None:
    span = period(key, today, months_only=months)
    begins = span.begins()
    assert begins[0] == span.begin
    for begin, following in zip(begins, [*begins[1:], span.end], strict=True):
        assert span.end_of(begin) == following
    day = span.begin
    while day < span.end:
        piece = span.piece_of(day)
        assert piece <= day < span.end_of(piece)
        assert piece in begins
        day += timedelta(days=1)
    if months:
        assert span.whole_months
    assert len(begins) <= 31


def test_the_usual_ones() -> None:
    assert period("7d", TODAY).begin == date(2026, 2, 27)
    assert period("", TODAY).key == "30d"
    assert period("90d", TODAY).piece is Piece.WEEK
    assert (period("12m", TODAY).begin, period("12m", TODAY).end) == (
        date(2025, 4, 1),
        date(2026, 4, 1),
    )
    assert period("2026-02", TODAY) == month(date(2026, 2, 1))
    assert period("2026-04", TODAY).key == "30d", "a month to come has no figures"
    assert period("30d", TODAY, months_only=True).key == "2026-03"


@pytest.mark.parametrize(
    "text", ["", "x", "2026", "2026-13", "2026-00", "2026-1", "1999-01", "２０２６-01"]
)
def test_no_month(text: str) -> None:
    assert parse_month(text) is None


@pytest.mark.parametrize("text", ["", "2026-02-30", "20260201", "2026-2-1", "x"])
def test_no_day(text: str) -> None:
    assert parse_day(text) is None


def test_back_over_a_new_year() -> None:
    assert months_back(TODAY, 3) == date(2025, 12, 1)
    assert months_back(TODAY, 0) == date(2026, 3, 1)
