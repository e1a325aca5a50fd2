"""Which guides come back to their owners, and what staff are told in words."""

from __future__ import annotations

from datetime import date

import pytest

from bot.console.field_words import field_words, problem_words, section_of
from bot.guides.errors import Problem
from bot.services.guide_figures import _of
from bot.store.guide_figures import LastStep

ASKED = "câu hỏi đầu bài, câu trả lời để chọn 1"
DAY = date(2026, 11, 20)


def rows(stopped: int, others: int, day: date = DAY) -> list[LastStep]:
    return [
        LastStep("qr_pay", day, 2, stopped, 0, stopped),
        LastStep("qr_pay", day, 3, others, others, 0),
    ]


@pytest.mark.parametrize(
    ("stopped", "others", "failing"),
    [(10, 40, True), (9, 1, False), (10, 41, False), (40, 0, True), (0, 0, False)],
)
def test_ten_people_and_a_fifth_reopen_a_guide(stopped: int, others: int, failing: bool) -> None:
    found = _of(stopped + others, rows(stopped, others), date.min)
    assert [step.step for step in found.failing] == ([2] if failing else [])
    assert found.stopped == stopped
    assert found.finished == others


def test_whoever_went_on_came_to_the_step_too() -> None:
    first, second, third = _of(0, rows(10, 40), date.min).steps
    assert (first.reached, second.reached, third.reached) == (50, 50, 40)


def test_what_was_before_the_text_counts_no_more() -> None:
    assert _of(0, rows(30, 0), DAY).failing == ()
    assert _of(0, rows(30, 0, date(2026, 11, 21)), DAY).failing != ()


@pytest.mark.parametrize(
    ("path", "words", "section"),
    [
        ("steps[2].text", "bước 2, nội dung", "step-2"),
        ("steps[2].if_stuck[1].answer", "bước 2, chỗ hay vướng 1, câu trả lời ngắn", "step-2"),
        (
            "question.choices[1].label",
            f"{ASKED}, chữ trên nút",
            "question",
        ),
        ("provinces.ca_mau.fee", "tỉnh, Cà Mau, phí", "provinces"),
        ("fee", "phí", "main"),
        ("-", "cả bài", "text"),
        ("nonsense", "nonsense", "text"),
    ],
)
def test_fields_in_words(path: str, words: str, section: str) -> None:
    assert field_words(path) == words
    assert section_of(path) == section


def test_what_no_rule_knows_is_said_as_it_is() -> None:
    assert problem_words(Problem("x.yml", 3, "fee", "is odd; mend it")).what == "is odd; mend it"
