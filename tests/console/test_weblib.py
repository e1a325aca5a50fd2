"""Small shared pieces of the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.weblib.forms import clean_text, new_nonce, nonce_of, text_problem
from bot.weblib.words import age, digits, iso_time, local_time, short_time
from tests.console.world import START


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "vừa xong"),
        (timedelta(seconds=59), "vừa xong"),
        (timedelta(minutes=1), "1 phút"),
        (timedelta(minutes=59, seconds=59), "59 phút"),
        (timedelta(hours=1), "1 giờ"),
        (timedelta(hours=23, minutes=59), "23 giờ"),
        (timedelta(days=2, hours=5), "2 ngày"),
    ],
)
def test_age(passed: timedelta, words: str) -> None:
    assert age(START, START + passed) == words


def test_times_are_vietnam_s() -> None:
    late = START + timedelta(hours=16)
    assert local_time(late) == "01:30 23/11/2025"
    assert short_time(late) == "01:30 23/11"
    assert iso_time(late) == "2025-11-23T01:30:00+07:00"


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("0912 345 678", "0912345678"),
        ("+84 (912) 345-678", "+84912345678"),
        ("0912.345.678", "0912345678"),
        ('0912"><script>', "0912"),
        ("٠٩١٢", ""),
    ],
)
def test_a_phone_for_a_link(phone: str, number: str) -> None:
    assert digits(phone) == number


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  một\r\nhai\rba \n", "một\nhai\nba"),
        ("a\x00b\x1bc\x85d\te", "abcd e"),
        ("ba\u0301c", "bác"),
    ],
)
def test_a_typed_text_is_cleaned(typed: str, clean: str) -> None:
    assert clean_text(typed) == clean


def test_length_counts_letters_not_bytes() -> None:
    assert text_problem("ệ" * 2000) == ""
    assert text_problem("ệ" * 2001) == "long"
    assert text_problem("") == "empty"


def test_nonces_differ_and_come_back() -> None:
    one, two = new_nonce(), new_nonce()
    assert one != two
    assert nonce_of({"nonce": one}) == one
