"""Places as people write them, as keys; and which key lies in which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.areas import around, concerns, covers
from bot.locality.areas import area_key

PROVINCES = ("ca mau", "dak lak", "thai nguyen")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("xã Tân Ân, huyện Ngọc Hiển, tỉnh Cà Mau", "ca-mau.tan-an"),
        ("Tân Ân, Cà Mau", "ca-mau.tan-an"),
        ("Tân Ân - Cà Mau", "ca-mau.tan-an"),
        ("xa tan an ca mau", "ca-mau.tan-an"),
        ("ấp Rạch Gốc xã Tân Ân, Cà Mau", "ca-mau.tan-an"),
        ("ấp 4, xã Tân Ân, Cà Mau", "ca-mau.tan-an"),
        ("phường 1, tp Cà Mau, tỉnh Cà Mau", "ca-mau.1"),
        ("huyện Ngọc Hiển, Cà Mau", "ca-mau"),
        ("Cà Mau", "ca-mau"),
        ("tỉnh Cà Mau", "ca-mau"),
        ("tỉnh Bến Tre", "ben-tre"),
        ("phường Bến Thành, TP Hồ Chí Minh", "ho-chi-minh.ben-thanh"),
        ("96", "96"),
        (" 96.32083 ", "96.32083"),
        ("96.32083.rach-goc", "96.32083.rach-goc"),
        # Without a province it could be anywhere.
        ("xã Tân Ân", ""),
        ("Tân Ân", ""),
        ("không biết", ""),
        ("", ""),
        (" , \n, ", ""),
    ],
)
def test_key(text: str, key: str) -> None:
    assert area_key(text, PROVINCES) == key


@given(st.text(max_size=300))
def test_any_text_gives_a_key_that_can_be_kept(text: str) -> None:
    key = area_key(text, PROVINCES)
    assert len(key) <= 200
    assert "\n" not in key
    assert area_key(key, PROVINCES) in (key, "") or not key.isascii() or "-" in key


def test_a_part_of_a_name_is_no_part_of_the_place() -> None:
    assert covers("96", "96.32083")
    assert covers("", "96")
    assert not covers("9", "96")
    assert not covers("ca-mau.tan-an", "ca-mau.tan-an-tay")
    assert not covers("96.32083", "96")


def test_around() -> None:
    assert around("96.32083.rach-goc") == ["96", "96.32083"]
    assert around("96") == around("") == []


def test_whom_an_alert_concerns() -> None:
    assert concerns([], "")
    assert concerns([], "96")
    assert concerns(["10", "96"], "96.32083")
    assert concerns(["96.32083"], "96")
    assert not concerns(["96.32083"], "96.32084")
    assert not concerns(["96"], "")
