"""Letters: all of Vietnamese, nothing as a box, no line too wide, nothing lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.letters import (
    Weight,
    clean,
    drawable,
    evened,
    font,
    font_file,
    width,
    wrap,
    wrap_anywhere,
)

_MARKS = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
VIETNAMESE = sorted(
    letter
    for base in (*"aăâeêioôơuưy", "đ")
    for mark in (_MARKS if base != "đ" else ("",))
    for composed in [unicodedata.normalize("NFC", base + mark)]
    for letter in (composed, composed.upper())
)
PUNCTUATION = ".,;:!?()[]{}/\\|+-*=%&@#'\"“”‘’…–—°₫•«»<>"

sizes = st.sampled_from([28, 52, 76, 112])
words = st.text(st.sampled_from([*VIETNAMESE, *"bcdghklmnpqrstvxwfzj0123456789.,:"]), min_size=1)


def shape(char: str, weight: Weight) -> tuple[tuple[int, int], bytes]:
    """What is drawn for a character."""
    mask = font(weight, 60).getmask(char)
    return mask.size, bytes(mask)


@pytest.mark.parametrize("weight", list(Weight))
def test_the_font_has_every_vietnamese_letter(weight: Weight) -> None:
    assert len(VIETNAMESE) == 146
    box = shape("\uffff", weight)
    assert [c for c in VIETNAMESE if shape(c, weight) == box] == []
    # Each letter has a shape of its own: a mark that is lost would make two of them equal.
    assert len({shape(c, weight) for c in VIETNAMESE}) == len(VIETNAMESE)


def test_digits_and_punctuation_are_drawn() -> None:
    assert [c for c in PUNCTUATION + "0123456789" if not drawable(c)] == []


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Bấm 👍 rồi chờ", "Bấm rồi chờ"),
        ("👨‍👩‍👧 cả nhà", "cả nhà"),
        ("Mở Cài đặt → Mạng", "Mở Cài đặt › Mạng"),
        ("‼ Gấp", "!! Gấp"),
        ("漢字 chữ", "chữ"),
        ("Tie\u0302\u0301ng Vie\u0323\u0302t", "Tiếng Việt"),
        ("một\u200b\u00adhai", "mộthai"),
        ("a\u0336b", "ab"),
        ("dòng một \n\n  dòng hai ", "dòng một\ndòng hai"),
        ("gọi 1800 1096 nhé", "gọi 1800\u00a01096 nhé"),
        ("\x00\x07\ud800 \ue000\uffff", ""),
        ("a\tb\r\nc", "a b\nc"),
    ],
)
def test_what_the_font_lacks_is_said_otherwise_or_left_out(text: str, drawn: str) -> None:
    assert clean(text) == drawn


@given(st.text())
def test_nothing_is_ever_drawn_as_a_box(text: str) -> None:
    box = shape("\uffff", Weight.TEXT)
    for char in set(clean(text)) - {"\n", " ", "\u00a0"}:
        assert shape(char, Weight.TEXT) != box, f"U+{ord(char):04X}"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.lists(words).map(" ".join), st.sampled_from(list(Weight)), sizes)
def test_no_line_is_wider_than_it_may_be_and_no_word_is_lost(
    text: str, weight: Weight, size: int
) -> None:
    text = clean(text)
    lines = wrap(text, weight, size, 900)
    if lines is None:
        assert max(width(word, weight, size) for word in text.split(" ")) > 900
        return
    # Measured as it is drawn: the whole line at once.
    assert all(font(weight, size).getlength(line) <= 900 for line in lines)
    assert " ".join(lines).split() == text.split()


@given(st.lists(words, min_size=1).map(" ".join), sizes, st.integers(200, 900))
def test_a_word_too_wide_is_broken_and_no_letter_lost(text: str, size: int, most: int) -> None:
    text = clean(text)
    lines = wrap_anywhere(text, Weight.TEXT, size, most)
    assert lines is not None
    assert all(font(Weight.TEXT, size).getlength(line) <= most for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.lists(words).map(" ".join), sizes)
def test_evened_lines_are_as_many_and_say_the_same(text: str, size: int) -> None:
    text = clean(text)
    plain, even = wrap(text, Weight.TEXT, size, 900), evened(text, Weight.TEXT, size, 900, 450)
    assert (plain is None) == (even is None)
    if plain is not None and even is not None:
        assert len(even) == len(plain)
        assert " ".join(even) == " ".join(plain)


def test_a_single_word_does_not_end_a_text_alone() -> None:
    text = "Xong thì xem lại thông tin và nói đồng ý."
    before = wrap(text, Weight.TEXT, 70, 1000)
    assert before is not None
    lines = evened(text, Weight.TEXT, 70, 1000, 600)
    assert lines is not None
    assert len(lines) == len(before)
    assert min(map(len, lines)) > min(map(len, before)) or len(before) == 1


def test_the_font_comes_from_its_package() -> None:
    assert "site-packages" in font_file(Weight.TEXT)
