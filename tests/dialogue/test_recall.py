"""A guide is withdrawn while somebody is in it."""

from __future__ import annotations

import pytest

from bot.domain import events as ev
from bot.domain.effects import DropTimers
from tests.dialogue.helpers import (
    FRONT,
    LEVEL_2,
    LINK,
    QR,
    Talk,
    content,
    edited,
    effect_of,
    say,
    step_said,
    talk,
    wait_step,
    walking,
    with_guides,
    without,
)

WHY = "phí đã đổi"
OLD = content().guides[QR]
TOLD = say("guide_recalled", title=content().titles[QR], why=WHY)


def recall(there: Talk) -> Talk:
    return there.know(content=without(QR)).event(ev.GuideRecalled(QR, OLD.revision, WHY))


def test_the_person_inside_is_told_and_led_out() -> None:
    there = recall(walking(QR, 2))
    assert there.said == TOLD
    assert there.ids == [f"human:{QR}", "menu"]
    assert there.state.session is None
    assert effect_of(there, DropTimers) == DropTimers("wait", QR)


def test_a_corrected_guide_goes_on_at_the_same_step() -> None:
    new = edited(QR)
    there = walking(QR, 2).know(content=with_guides(qr_pay=new), held={(QR, OLD.revision): OLD})
    there.event(ev.GuideRecalled(QR, OLD.revision, WHY))
    assert there.said == f"{say('guide_updated', title=new.title)}\n\n{step_said(QR, 2)}"
    assert there.state.session is not None
    assert there.state.session.revision == new.revision


def test_whoever_is_not_inside_hears_nothing() -> None:
    assert recall(talk()).replies == ()
    assert recall(walking(LINK, 1)).replies == ()
    there = walking(QR, 2).event(ev.GuideRecalled(QR, "another", WHY))
    assert there.replies == ()
    assert there.step == 2


def test_a_guide_left_aside_is_dropped_and_the_open_one_stays() -> None:
    there = recall(walking(QR, 2).press(f"guide:{LINK}"))
    assert there.said == TOLD
    assert there.ids == [f"human:{QR}", f"back:{LINK}", "menu"]
    assert there.state.suspended is None


def test_a_parked_guide_is_dropped() -> None:
    there = walking(LEVEL_2, wait_step()).text("xong").know(content=without(LEVEL_2))
    revision = content().guides[LEVEL_2].revision
    there.event(ev.GuideRecalled(LEVEL_2, revision, WHY))
    assert there.state.parked == ()
    assert there.event(ev.TimerDue("wait", LEVEL_2)).replies == ()


def test_a_corrected_guide_left_aside_is_corrected_when_it_is_opened() -> None:
    new = edited(QR)
    there = walking(QR, 2).press(f"guide:{LINK}")
    there.know(content=with_guides(qr_pay=new), held={(QR, OLD.revision): OLD})
    assert there.event(ev.GuideRecalled(QR, OLD.revision, WHY)).replies == ()
    there.press(f"back:{QR}")
    assert there.said == f"{say('guide_updated', title=new.title)}\n\n{step_said(QR, 2)}"


# The person acts before the notice has been handled ----------------------------------------------


def unaware(step: int = 2) -> Talk:
    return walking(QR, step).know(content=without(QR), recalled=WHY)


@pytest.mark.parametrize("text", ["tiếp", "có", "1", "chưa được", "quay lại", "nhắc lại"])
def test_an_answer_to_the_step_gets_the_notice_only(text: str) -> None:
    there = unaware().text(text)
    assert there.said == TOLD
    assert there.state.session is None


@pytest.mark.parametrize("action", ["next", "prev", "stuck", "why", "still"])
def test_a_button_of_the_step_gets_the_notice_only(action: str) -> None:
    assert unaware().press(f"{action}:{QR}:2").said == TOLD


def test_something_else_is_answered_after_the_notice() -> None:
    there = unaware().text("link lạ", LINK)
    assert there.replies[0].text == TOLD
    assert there.replies[1].choices[0].id == f"next:{LINK}:0"
    there = unaware().press("menu")
    assert [r.text for r in there.replies] == [TOLD, say("menu")]
    assert there.ids[2:] == FRONT


def test_an_emergency_is_answered_too() -> None:
    there = unaware().text("nó đòi giết tôi")
    assert there.replies[-1].text == say("threat")


def test_the_old_answer_is_not_taken_for_the_corrected_step() -> None:
    new = edited(QR)
    there = walking(QR, 0).know(content=with_guides(qr_pay=new), recalled=WHY).text("xong")
    assert "Bước đầu đã sửa" in there.said
    assert there.step == 0
