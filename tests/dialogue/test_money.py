"""Sums as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.money import dong, typed_dong


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("50000", 50_000),
        ("50.000", 50_000),
        ("50,000đ", 50_000),
        ("50 000 đồng", 50_000),
        ("50k", 50_000),
        ("50 nghìn", 50_000),
        ("50 ngàn đồng", 50_000),
        ("1tr2", 1_200_000),
        ("1 triệu 200", 1_200_000),
        ("1 triệu 200 nghìn", 1_200_000),
        ("1,5 triệu", 1_500_000),
        ("2 củ", 2_000_000),
        ("1.250.000 VND", 1_250_000),
        ("10k5", 10_500),
    ],
)
def test_a_sum_is_understood(typed: str, amount: int) -> None:
    assert typed_dong(typed) == amount


@pytest.mark.parametrize(
    "typed",
    ["", "không", "năm chục", "50.00", "1.5", "-5", "50k50k50k", "5 k 5 5", "1e5", "giá 50k"],
)
def test_what_is_no_sum_is_none(typed: str) -> None:
    assert typed_dong(typed) is None


@given(st.integers(0, 10**12))
def test_what_is_written_is_understood(amount: int) -> None:
    assert typed_dong(dong(amount)) == amount


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    amount = typed_dong(text)
    assert amount is None or amount >= 0
