"""Whether an answer was what was meant: asked in doubt and at the end, understood when typed."""

from __future__ import annotations

import pytest

from bot.domain import events as ev
from bot.domain.effects import JudgeQuestion, SetOutcome
from bot.domain.replies import Priority
from tests.dialogue.helpers import QR, Talk, button, last_step, say, talk


def judged(there: Talk) -> list[bool]:
    return [e.right for e in there.effects if isinstance(e, JudgeQuestion)]


def ids(there: Talk) -> list[str]:
    return [choice.id for choice in there.replies[-1].choices]


def asked(confidence: float = 0.9) -> Talk:
    return talk().text("quét mã", QR, confidence=confidence)


def test_a_sure_answer_asks_nothing() -> None:
    assert not [each for each in ids(asked()) if each.startswith("judge")]


def test_an_unsure_answer_can_be_called_wrong() -> None:
    there = asked(0.6)
    (wrong,) = [each for each in ids(there) if each.startswith("judge")]
    assert wrong.startswith("judge:wrong:")
    there.press(wrong)
    assert judged(there) == [False]
    assert there.said == say("feedback_sorry")
    # The guide that was not meant is left.
    assert there.state.session is None


def test_at_the_end_there_are_two_thumbs() -> None:
    there = asked()
    for _ in range(last_step(QR) + 1):
        there.text("xong")
    thumbs = [each for each in ids(there) if each.startswith("judge")]
    assert [each.rsplit(":", 1)[0] for each in thumbs] == ["judge:right", "judge:wrong"]
    assert any(isinstance(e, SetOutcome) for e in there.effects)
    there.press(thumbs[0])
    assert judged(there) == [True]
    assert there.said == say("judged_right")


def test_who_came_by_the_menu_is_not_asked() -> None:
    there = talk().press(f"guide:{QR}")
    for _ in range(last_step(QR) + 1):
        there.text("xong")
    assert not [each for each in ids(there) if each.startswith("judge")]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("đúng ý rồi", True),
        ("dung y toi", True),
        ("👍🏽", True),
        ("không đúng ý", False),
        ("khong dung y tui", False),
        ("👎", False),
    ],
)
def test_typed_words_and_thumbs_are_understood(text: str, right: bool) -> None:
    there = asked().text(text)
    assert judged(there) == [right]


@pytest.mark.parametrize("text", ["👍", "đúng ý rồi", "không đúng ý"])
def test_with_no_answer_before_nothing_is_judged(text: str) -> None:
    assert judged(talk().text(text)) == []


def test_a_complaint_in_other_words_judges_too() -> None:
    there = asked().text("trả lời gì kỳ vậy", "feedback_negative")
    assert judged(there) == [False]


def test_one_answer_is_judged_once() -> None:
    there = asked().text("không đúng ý")
    assert judged(there.text("không đúng ý", "feedback_negative")) == []


@pytest.mark.parametrize(
    "choice", ["judge:right:x", "judge:maybe:5", "judge:", "judge:wrong:" + "9" * 30]
)
def test_odd_buttons_do_nothing(choice: str) -> None:
    assert judged(talk().press(choice)) == []


def test_what_staff_answer_is_said_with_the_guide_by_day() -> None:
    there = talk().event(ev.StaffAnswered("Bác mang {căn cước} ra xã.", QR, "a" * 200))
    assert "Bác mang {căn cước} ra xã." in there.said
    assert "a" * 81 not in there.said
    assert ids(there)[0] == f"guide:{QR}"
    assert there.replies[-1].priority is Priority.REMINDER


def test_a_guide_that_is_gone_is_not_offered() -> None:
    there = talk().event(ev.StaffAnswered("Dạ.", "gone", "hỏi"))
    assert ids(there) == ["menu"]
    assert button("judge_wrong")
