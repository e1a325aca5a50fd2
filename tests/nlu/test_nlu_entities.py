"""Links, phone numbers, sums of money and app names are found where they stand."""

import time

import pytest

from nlu.entities import find_entities

CASES = [
    ("bấm https://bit.ly/a rồi", ("link", "https://bit.ly/a")),
    ("vào vneid-gov.top/nap nha", ("link", "vneid-gov.top/nap")),
    ("gọi 0912 345 678 giùm", ("phone", "0912345678")),
    ("số +84912345678", ("phone", "0912345678")),
    ("mất 5 triệu", ("money", "5 triệu")),
    ("chuyển 12.000.000đ", ("money", "12.000.000đ")),
    ("500k thôi", ("money", "500k")),
    ("cài VNeID", ("app", "vneid")),
    ("CaMau-G là gì", ("app", "camau-g")),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_finds(text: str, expected: tuple[str, str]) -> None:
    (entity,) = find_entities(text)
    assert (entity.kind, entity.value) == expected
    assert text[entity.start : entity.end].strip() != ""


@pytest.mark.parametrize("text", ["", "chào bác", "mức 2", "ấp 3, xóm 5", "năm 2026", "1800.1096"])
def test_finds_nothing(text: str) -> None:
    assert find_entities(text) == ()


@pytest.mark.parametrize("unit", ["0", "0 ", "1.", "a.", "www.", "http://", "a-"])
def test_long_text_takes_bounded_time(unit: str) -> None:
    started = time.process_time()
    assert len(find_entities(unit * 50_000)) <= 20
    assert time.process_time() - started < 0.1
