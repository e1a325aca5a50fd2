"""Short questions inside a guide are answered from it; outside they are nobody's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.effects import LogQuestion, Outcome
from bot.guides.model import Official
from tests.dialogue.helpers import (
    LEVEL_2,
    QR,
    content,
    effect_of,
    say,
    step_said,
    talk,
    walking,
    with_guides,
)

GUIDE = content().guides[LEVEL_2]
FEE = say("guide_fee", fee=GUIDE.fee)
TIME = say("guide_time", time=GUIDE.time)
ASIDE = say("guide_aside", title=GUIDE.title, step=3)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("phí bao nhiêu", FEE),
        ("phi bao nhieu vay con", FEE),
        ("có mất tiền không?", FEE),
        ("dạ cho hỏi làm cái này tốn nhiu tiền ạ", FEE),
        ("Hết bao nhiêu", FEE),
        ("mất bao lâu", TIME),
        ("mat bao lau the chau", TIME),
        ("rồi chừng nào mới có", TIME),
        ("may ngay thi xong a", TIME),
        ("ở đâu", GUIDE.answer),
        ("o dau vay ta", GUIDE.answer),
        ("làm ở mô rứa", GUIDE.answer),
        ("cần gì", say("guide_prepare")),
        ("vậy đem theo gì hả cô", say("guide_prepare")),
        ("ho so gom nhung gi", say("guide_prepare")),
    ],
)
def test_a_question_without_a_subject_is_about_the_open_guide(text: str, begins: str) -> None:
    there = walking(LEVEL_2, 2).text(text)
    assert there.said.startswith(begins)
    assert there.said.endswith(ASIDE)
    assert there.ids == [f"back:{LEVEL_2}", f"stuck:{LEVEL_2}:2", "human"]
    assert there.step == 2
    assert there.state.misses == 0


def test_what_to_prepare_is_listed() -> None:
    said = walking(LEVEL_2).text("cần những gì").said
    assert all(f"• {item}" in said for item in GUIDE.prepare)


def test_a_guide_that_needs_nothing_says_so() -> None:
    bare = replace(content().guides[LEVEL_2], prepare=(), revision="")
    there = walking(LEVEL_2).know(content=with_guides(vneid_level_2=bare)).text("cần gì")
    assert there.said.endswith(say("guide_aside", title=bare.title, step=1))
    assert say("guide_prepare_nothing") in there.said


def test_where_names_what_is_official() -> None:
    guide = replace(content().guides[QR], official=Official(domain="vi-du.gov.vn"), revision="")
    said = walking(QR).know(content=with_guides(qr_pay=guide)).text("ở đâu").said
    assert guide.answer in said
    assert "vi-du.gov.vn" in said


def test_it_is_logged_as_answered_by_that_guide() -> None:
    logged = effect_of(walking(LEVEL_2, 2).text("phí bao nhiêu"), LogQuestion)
    assert (logged.outcome, logged.guide_id) == (Outcome.ANSWERED, LEVEL_2)


def test_going_back_shows_the_step_again() -> None:
    assert walking(LEVEL_2, 2).text("mất bao lâu").text("tiếp").said == step_said(LEVEL_2, 2)


@pytest.mark.parametrize("text", ["phí bao nhiêu", "mất bao lâu", "ở đâu", "cần gì"])
def test_without_a_guide_there_is_nothing_to_answer_from(text: str) -> None:
    assert talk().text(text).said == say("out_of_scope")


@pytest.mark.parametrize(
    "text",
    [
        "phở bao nhiêu tiền",
        "thầy giáo ở đâu",
        "em ở đâu",
        "bấm ở đâu",
        "cần gì mà nhặng lên",
        "vậy",
        "em ơi",
        "cho hỏi " * 200,
        "ạ " * 900,
    ],
)
def test_a_question_about_something_else_goes_to_the_engine(text: str) -> None:
    assert walking(LEVEL_2, 2).text(text).said.endswith(say("out_of_scope"))


def test_a_form_that_waits_keeps_its_answer() -> None:
    there = walking(LEVEL_2, 2).text("gặp người").text("dạ").text("ở đâu")
    assert not there.said.startswith(GUIDE.answer)
