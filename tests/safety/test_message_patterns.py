"""Patterns of words in forwarded messages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.messages.patterns import compile_pattern, head_of, searched

GROUPS = {"pay": ["chuyen khoan", "chuyen"]}


def found(pattern: str, text: str) -> bool:
    return compile_pattern(pattern, GROUPS).found(*searched(text))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("chuyen tien", "anh chuyen tien di"),
        ("chuyen ~2 tien", "chuyen tien"),
        ("chuyen ~2 tien", "chuyen cho em tien"),
        ("(gui|doc ma) ~3 otp", "doc ma cho em otp"),
        ("(de )?huy ngay", "huy ngay"),
        ("(de )?huy ngay", "muon de huy ngay"),
        ("@tien", "nop 5 trieu nhe"),
        ("@tien", "nop 2tr5"),
        ("@tien", "con 1 250 000 dong"),
        ("@dai", "goi 0900 000 111"),
        ("@dai", "stk 9999000011112"),
        ("<pay> ~1 @tien", "chuyen khoan em 500 nghin"),
        ("ai <pay>", "ai chuyen"),
        ("(em|toi) @", "em 12"),
    ],
)
def test_found(pattern: str, text: str) -> None:
    assert found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("chuyen tien", "chuyen tiengiup"),
        ("chuyen tien", "xchuyen tien"),
        ("chuyen ~2 tien", "chuyen mot hai ba tien"),
        ("(gui|doc ma) ~3 otp", "doc cho em otp"),
        ("@tien", "ngay 27 11"),
        ("@dai", "ngay 22 11 2026 8 gio"),
        ("@", "nop tien"),
        ("ma", ""),
    ],
)
def test_not_found(pattern: str, text: str) -> None:
    assert not found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("Chuyển", "small letters without marks"),
        ("a.*b", "small letters without marks"),
        ("a ~0 b", "a gap is"),
        ("a ~99 b", "a gap is"),
        ("a ~ b", "how many words"),
        ("(a|b", "is not a pattern"),
        ("((a)|b) c", "another"),
        ("(a)?", "found in everything"),
        ("<strange> a", "is none of"),
        ("a <pay", "stand around"),
    ],
)
def test_what_is_wrong_is_said(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        compile_pattern(pattern, GROUPS)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("bam link", True),
        ("dung bam link", False),
        ("khong bao gio gui tin co bam link", False),
        ("co ai o nha khong chieu em qua bam link", True),
        ("dung bam link ma bam link kia", True),
    ],
)
def test_what_is_forbidden_just_before_is_not_there(text: str, there: bool) -> None:
    assert compile_pattern("bam link").found(*searched(text), unless_not=True) is there


_WORDS = st.lists(st.sampled_from(["gui", "ma", "otp", "em", "12", "chuyen"]), max_size=12)


@given(_WORDS)
def test_the_first_words_lose_no_match(words: list[str]) -> None:
    """The shortcut by first words finds what the search alone finds."""
    for written in ("(gui|chuyen ma) ~2 (otp|@)", "(em )?ma ~1 otp", "@ ma", "otp"):
        pattern = compile_pattern(written)
        text, kinds = searched(" ".join(words))
        assert pattern.found(text, kinds) == (pattern.regex.search(text) is not None)


_FORBIDDING = st.lists(
    st.sampled_from(["khong", "dung", "bam", "link", "gui", "12", "em"]), max_size=16
)


@given(_FORBIDDING, st.booleans())
def test_matching_at_places_finds_what_searching_finds(words: list[str], unless_not: bool) -> None:
    text, kinds = searched(" ".join(words))
    starts = [(m.start(), head_of(m[0])) for m in re.finditer(r"\S+", text)]
    for written in ("bam ~2 link", "(bam|gui @) ~1 (link|em)", "(dung )?bam", "@", "bam link"):
        pattern = compile_pattern(written)
        at = [start for start, head in starts if head in pattern.first]
        whole = pattern.found(text, kinds, unless_not=unless_not)
        assert pattern.found_at(text, at, unless_not=unless_not) == whole
