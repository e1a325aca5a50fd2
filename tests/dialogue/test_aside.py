"""A question in the middle of a guide is answered, and the step is not lost."""

from __future__ import annotations

import pytest

from tests.dialogue.helpers import (
    FRONT,
    LEVEL_2,
    LINK,
    QR,
    UNWRITTEN,
    content,
    say,
    step_said,
    walking,
)


def test_the_answer_comes_with_the_way_back() -> None:
    there = walking(QR, 2).text("link lạ bấm được không", LINK)
    guide = content().guides[LINK]
    assert there.said.startswith(f"{guide.title}\n")
    assert there.said.endswith(say("guide_aside", title=content().title(QR), step=3))
    assert there.labels == ["Quay lại bước 3", "Làm theo từng bước", "Gặp người giúp"]
    assert there.step == 2


@pytest.mark.parametrize("text", ["tiếp", "tiếp tục", "có", "rồi", "1", "nhắc lại"])
def test_going_back_shows_the_step_again_and_skips_nothing(text: str) -> None:
    there = walking(QR, 2).text("link lạ", LINK).text(text)
    assert there.said == step_said(QR, 2)
    assert there.step == 2


def test_the_other_guide_can_be_begun() -> None:
    there = walking(QR, 2).text("link lạ", LINK).tap("start_guide")
    assert there.ids[0] == f"next:{LINK}:0"
    assert there.state.suspended is not None
    assert there.state.suspended.guide_id == QR


def test_a_question_on_the_same_guide_offers_no_second_start() -> None:
    there = walking(QR, 2).text("quét qr mất tiền không", QR)
    assert there.ids == [f"back:{QR}", "human"]


def test_a_topic_that_is_not_written_offers_the_step_too() -> None:
    there = walking(QR, 2).text("tin giả", UNWRITTEN)
    assert there.said == say("guide_missing", title=content().title(UNWRITTEN))
    assert there.ids == [f"human:{UNWRITTEN}", f"back:{QR}", "menu"]


@pytest.mark.parametrize(("intent", "key"), [("thanks", "thanks"), ("bot_identity", "identity")])
def test_small_talk_offers_the_step(intent: str, key: str) -> None:
    there = walking(QR, 2).text("cháu tên chi", intent)
    assert there.said == say(key)
    assert there.ids == [f"back:{QR}", *FRONT]


def test_something_out_of_scope_offers_the_step() -> None:
    there = walking(LEVEL_2, 3).text("mai mưa không")
    assert there.said == say("out_of_scope")
    assert there.ids[0] == f"back:{LEVEL_2}"
    assert there.step == 3


def test_the_guess_that_was_right_is_answered_aside() -> None:
    there = walking(QR, 2).press(f"pick:100:{LINK}")
    assert there.ids[0] == f"back:{QR}"
    assert there.step == 2
