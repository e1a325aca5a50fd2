"""Cutting long texts into short bubbles."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.replies import Choice, PaymentPicture, Priority, Reply
from bot.renderers.bubbles import BUBBLE_MOST, bubbles, numbered_bubbles, spans, split
from bot.renderers.text import utf16_length

_LINK_OR_NUMBER = re.compile(
    r"(?:https?://|www\.)\S+|\+?\d+(?:[ \xa0\u202f.,/:-]\d+)*", re.IGNORECASE
)
_PIECES = st.sampled_from(
    [
        "Bác mở ứng dụng VNeID",
        "bấm nút Xác nhận",
        "0900 000 023",
        "1.500.000 đồng",
        "21/11/2026",
        "https://dichvucong.gov.vn/a?b=1&c=2",
        "www.example.vn/x",
        "Đọc kỹ, rồi bấm.",
        "TP. Cà Mau",
        "• Căn cước",
        "1. Tên",
        "👩🏽‍🌾",
        "🇻🇳",
        "e\u0301\u0323",
        "각",
        "क्षि",
        ":",
    ]
)
_GAPS = st.sampled_from([" ", "\n", "\n\n", ". ", "", "\xa0", "\r\n", "  ", "\t"])
_BUILT = st.lists(st.tuples(_PIECES, _GAPS), max_size=60).map(
    lambda pairs: "".join(a + b for a, b in pairs)
)
_TEXTS = _BUILT | st.text(max_size=400)
_MOST = st.integers(2, 90)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(_TEXTS, _MOST)
@example("", 2)
@example(" \n ", 2)
@example("a" * 5000, 600)
def test_nothing_is_lost_the_order_stays_and_every_part_fits(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(utf16_length(part) <= most for part in parts)
    assert squeezed("".join(parts)) == squeezed(text)
    at = 0
    for begin, end in spans(text, most):
        assert text[at:begin].strip() == ""
        at = end
    assert text[at:].strip() == ""
    assert all(parts) or parts == [""]


@given(_TEXTS, _MOST)
def test_a_link_or_number_that_fits_is_in_one_part(text: str, most: int) -> None:
    found = spans(text, most)
    for match in _LINK_OR_NUMBER.finditer(text.strip()):
        if utf16_length(match[0]) > most:
            continue
        shift = len(text) - len(text.lstrip())
        begin, end = match.start() + shift, match.end() + shift
        assert any(b <= begin and end <= e for b, e in found), match[0]


@given(_TEXTS, _MOST)
def test_letters_keep_their_marks(text: str, most: int) -> None:
    for before, after in zip(split(text, most), split(text, most)[1:], strict=False):
        if unicodedata.category(after[0])[0] == "M" or "\u200d" in (before[-1], after[0]):
            # Only where one letter with its marks is longer than the bubble itself.
            letter = re.search(r".(?:[^\x00-\u02ff\u1e00-\u1eff\s])*\Z", before, re.DOTALL)
            assert letter
            assert utf16_length(letter[0]) >= most - 1


@given(st.integers(1, 40), st.integers(4, 80))
def test_flags_and_families_stay_whole(count: int, most: int) -> None:
    flags = split("🇻🇳" * count, most)
    assert all(set(re.findall("..", part)) == {"🇻🇳"} for part in flags)
    family = "👨‍👩‍👧"
    if most >= utf16_length(family):
        parts = split(family * count, most)
        assert all(part.replace(family, "") == "" for part in parts)


@given(_TEXTS, _MOST)
def test_cutting_again_changes_nothing(text: str, most: int) -> None:
    for part in split(text, most):
        assert split(part, most) == [part]


PARAGRAPH = "Bác mở ứng dụng rồi bấm nút xanh. Chờ màn hình hiện chữ Thành công. "


def test_short_text_is_one_bubble() -> None:
    assert split("Chào bác.") == ["Chào bác."]
    assert split("") == [""]


def test_paragraphs_before_lines_before_sentences() -> None:
    paragraphs = "\n\n".join([PARAGRAPH.strip()] * 12)
    assert all(part.endswith("Thành công.") for part in split(paragraphs))
    sentences = PARAGRAPH * 12
    assert all(part.endswith(".") for part in split(sentences))
    lines = "\n".join("• một việc cần nhớ, và một việc nữa cần nhớ" for _ in range(20))
    assert all(part.startswith("•") for part in split(lines))


def test_parts_are_of_like_size() -> None:
    text = "\n\n".join(f"Đoạn này dài đúng như các đoạn kia {n}." for n in range(16))
    assert utf16_length(text) in range(601, 660)
    first, second = split(text)
    assert abs(len(first) - len(second)) < 60


@pytest.mark.parametrize(
    "text",
    [
        "Làm ba việc sau:\n" + "\n".join(["• việc này rất cần cho bác"] * 4),
        "Bác gửi 500 nghìn cho TP. Cà Mau, gọi ThS. Nguyễn Văn Ba nhé bác ơi nhé",
    ],
)
def test_what_belongs_together_is_not_parted_while_there_is_a_better_place(text: str) -> None:
    for part in split(text, 60):
        assert not part.endswith((":", "TP.", "ThS.", "500"))


def test_a_link_next_to_short_words_is_not_cut_for_even_parts() -> None:
    link = "https://example.vn/" + "a" * 581
    assert split(f"Xem: {link}") == ["Xem:", link]


def test_too_small_a_bubble_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        split("ab", 1)


CHOICES = (Choice("a", "Xong, bước tiếp"), Choice("b", "Bước trước"))


def test_choices_come_last_and_the_picture_first() -> None:
    picture = PaymentPicture("x", "h", "b", "c", (), "f", "mã")
    reply = Reply(PARAGRAPH * 20, CHOICES, Priority.URGENT, ticket_id=7, line_id=3, payment=picture)
    cut = bubbles(reply)
    assert len(cut) > 2
    assert [b.choices for b in cut] == [()] * (len(cut) - 1) + [CHOICES]
    assert [b.payment for b in cut] == [picture] + [None] * (len(cut) - 1)
    assert {(b.priority, b.ticket_id, b.line_id) for b in cut} == {(Priority.URGENT, 7, 3)}
    assert [b.text for b in cut] == split(reply.text)
    short = Reply("Chào bác.", CHOICES, payment=picture)
    assert bubbles(short) == [short]


def test_numbered_lines_stay_together() -> None:
    lines = "1. Xong, bước tiếp\n2. Bước trước"
    assert numbered_bubbles(Reply("Bước 1.", CHOICES)) == [f"Bước 1.\n\n{lines}"]
    assert numbered_bubbles(Reply("Bước 1.")) == ["Bước 1."]
    full = "a " * 299 + "b"
    assert numbered_bubbles(Reply(full, CHOICES)) == [full, lines]


@given(_BUILT, st.lists(st.text("abcđ ", min_size=1, max_size=60), max_size=25))
def test_every_number_is_offered_once_in_order(text: str, labels: list[str]) -> None:
    reply = Reply(text, tuple(Choice(str(n), label) for n, label in enumerate(labels)))
    parts = numbered_bubbles(reply)
    assert all(utf16_length(part) <= BUBBLE_MOST for part in parts)
    said = squeezed(text) + "".join(f"{n}.{squeezed(v)}" for n, v in enumerate(labels, 1))
    assert squeezed("".join(parts)) == said
