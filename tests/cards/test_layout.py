"""Where things stand: nothing leaves the card, nothing overlaps, letters as large as can be."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import ImageColor

from bot.cards.card import StepCard
from bot.cards.errors import CardError
from bot.cards.layout import Layout, Line, lay_out
from bot.cards.letters import font
from bot.cards.style import HEIGHT, PLAIN, TEXT_LEAST, WIDTH

#: The limits of content/guides (docs/content-guide.md).
TITLE, TEXT = 60, 280
#: Real words of guides, the long ones among them.
WORDS = re.findall(
    r"\S+",
    """
    Ra Công an xã, phường. Nói xin làm định danh mức 2, đọc số điện thoại chậm từng số cho cán bộ
    nhập, nhìn màn hình hoặc nhờ cán bộ đọc lại. Không nghiêng ngả, người nhà trưởng thôn phường
    dichvucong.gov.vn chuyển khoản thường trú nguyên quán khuôn mặt chứng thực Trung tâm Phục vụ
    hành chính công OTP VNeID CCCD ỂỄỆ
    """,
)


@st.composite
def sentences(draw: st.DrawFn, most: int) -> str:
    """Words of guides, as many as the limit allows."""
    text = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=most)))
    return text[:most].strip()


def box(line: Line) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is drawn of a line."""
    anchor = "rs" if line.right else "ls"
    left, top, right, bottom = font(line.weight, line.size).getbbox(line.text, anchor=anchor)
    return line.x + left, line.y + top, line.x + right, line.y + bottom


def check(layout: Layout) -> None:
    """What must hold for any card."""
    boxes = [box(line) for line in layout.lines if line.text]
    # A mark may lean out of its letter's width; the margin is there for that.
    slack = PLAIN.margin // 4
    for left, top, right, bottom in boxes:
        assert left >= PLAIN.margin - slack
        assert right <= WIDTH - PLAIN.margin + slack
        assert top >= 0
        assert bottom <= HEIGHT
    for first, second in itertools.combinations(layout.lines, 2):
        if first.y != second.y and first.text and second.text:
            above, below = sorted((first, second), key=lambda line: line.y)
            # Marks of one line may reach between those of the next, but the letters never meet.
            assert above.y < below.y - 0.7 * below.size
    assert 0 < layout.band < layout.bar_y < layout.panel_y
    assert layout.panel_height >= PLAIN.panel_least
    assert layout.top < HEIGHT


def test_an_ordinary_step_has_large_letters_and_a_large_icon(card: StepCard) -> None:
    layout = lay_out(card)
    check(layout)
    assert layout.text_size > TEXT_LEAST
    assert layout.panel_height >= PLAIN.panel_wanted
    drawn = " ".join(line.text for line in layout.lines)
    for text in (card.guide, card.label, card.title, card.text, card.name, card.checked):
        assert text in drawn


@given(sentences(TITLE), sentences(TITLE), sentences(TEXT))
def test_whatever_a_guide_may_say_fits_in_letters_an_elder_can_read(
    guide: str, title: str, text: str
) -> None:
    layout = lay_out(
        StepCard(guide, "Bước 9/9", 9, 9, "eye", title, text, "Trợ lý", "Kiểm tra 21/11/2026")
    )
    check(layout)
    assert layout.readable


@given(st.text(max_size=TITLE), st.text(max_size=TITLE), st.text(max_size=TEXT))
@example("0\n0\u20280", "", "")
def test_any_text_at_all_stays_on_the_card(guide: str, title: str, text: str) -> None:
    check(lay_out(StepCard(guide, "Bước 1/3", 1, 3, "eye", title, text, "Trợ lý", "Kiểm tra")))


def test_a_word_without_end_is_broken_rather_than_cut(card: StepCard) -> None:
    layout = lay_out(replace(card, text="W" * TEXT))
    check(layout)
    assert not layout.readable
    assert sum(line.text.count("W") for line in layout.lines) == TEXT


def test_lines_without_end_are_joined(card: StepCard) -> None:
    check(lay_out(replace(card, text="\n".join("a" * 140))))


def test_less_text_has_larger_letters(card: StepCard) -> None:
    sizes = [lay_out(replace(card, text="Bấm vào nút. " * n)).text_size for n in (1, 8, 14, 20)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("text", "too long"),
        ("title", "too long"),
        ("guide", "title"),
        ("label", "number of the step"),
        ("name", "foot"),
    ],
)
def test_what_cannot_fit_has_no_card(card: StepCard, field: str, what: str) -> None:
    long: dict[str, Any] = {field: "chữ dài quá " * 300}
    with pytest.raises(CardError, match=what):
        lay_out(replace(card, **long))


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [value / 255 for value in ImageColor.getrgb(colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("front", "back"),
    [
        (PLAIN.ink, PLAIN.paper),
        (PLAIN.main, PLAIN.paper),
        (PLAIN.quiet, PLAIN.paper),
        (PLAIN.on_main, PLAIN.main),
        (PLAIN.main, PLAIN.soft),
    ],
)
def test_colours_are_told_apart(front: str, back: str) -> None:
    dark, light = sorted((luminance(front), luminance(back)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
