"""Steps that take days, and asking some days later whether it worked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.dialogue.calendar import after_days, out_of_quiet, spoken_day
from bot.domain import events as ev
from bot.domain.effects import DropTimers, SetTimer
from bot.domain.replies import Priority
from bot.domain.state import Relay, Slot
from tests.dialogue.helpers import (
    FRONT,
    LEVEL_2,
    NOW,
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

THURSDAY = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


def parked() -> Talk:
    return walking(LEVEL_2, wait_step()).text("xong")


def asked() -> Talk:
    return parked().know(now=THURSDAY).event(ev.TimerDue("wait", LEVEL_2))


def test_a_step_that_takes_days_is_parked_until_then() -> None:
    there = parked()
    assert there.said == say("wait_parked", when="thứ Năm 26/11")
    assert there.ids == [f"ready:{LEVEL_2}", *FRONT]
    assert there.state.session is None
    (waiting,) = there.state.parked
    assert (waiting.guide_id, waiting.step, waiting.waiting_until) == (
        LEVEL_2,
        wait_step(),
        THURSDAY,
    )
    assert effect_of(there, SetTimer) == SetTimer("wait", LEVEL_2, THURSDAY)


def test_when_the_day_has_come_the_bot_asks() -> None:
    there = asked()
    wait = content().guides[LEVEL_2].steps[wait_step()].wait
    assert wait is not None
    assert there.said == say("wait_ask", title=content().title(LEVEL_2), ask=wait.ask)
    assert there.labels == ["Có rồi", "Chưa có"]
    assert there.replies[0].priority is Priority.REMINDER


@pytest.mark.parametrize("text", ["có rồi", "rồi", "roi", "có", "dạ có", "1"])
def test_it_has_come(text: str) -> None:
    there = asked()
    if text == "có rồi":
        there.tap("ready")
    else:
        there.text(text)
    assert there.said == step_said(LEVEL_2, wait_step() + 1)
    assert there.state.parked == ()
    assert effect_of(there, DropTimers) == DropTimers("wait", LEVEL_2)


@pytest.mark.parametrize("text", ["chưa", "chua", "không", "chưa được", "2"])
def test_it_has_not_come(text: str) -> None:
    there = asked().text(text)
    monday = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
    assert effect_of(there, SetTimer) == SetTimer("wait", LEVEL_2, monday)
    assert there.said.startswith(say("wait_again", when=spoken_day(monday)))
    hint = content().guides[LEVEL_2].steps[wait_step()].if_stuck[0]
    assert f"• {hint.problem}: {hint.answer}" in there.said
    assert there.ids == [f"ready:{LEVEL_2}", "human", "menu"]
    assert len(there.state.parked) == 1


def test_it_comes_sooner() -> None:
    assert parked().tap("ready").said == step_said(LEVEL_2, wait_step() + 1)


def test_ready_while_in_another_guide_leaves_that_one_aside() -> None:
    there = parked().press(f"guide:{QR}").text("xong").press(f"ready:{LEVEL_2}")
    assert there.said == step_said(LEVEL_2, wait_step() + 1)
    assert there.state.suspended is not None
    assert (there.state.suspended.guide_id, there.state.suspended.step) == (QR, 1)


def test_the_second_xong_on_the_waiting_step_goes_on() -> None:
    there = parked().press(f"back:{LEVEL_2}")
    assert there.said == step_said(LEVEL_2, wait_step())
    there.text("xong")
    assert there.said == step_said(LEVEL_2, wait_step() + 1)


def test_asking_for_a_parked_guide_again_does_not_begin_it_anew() -> None:
    there = parked().press(f"guide:{LEVEL_2}")
    assert there.said.endswith(say("welcome_back", step=wait_step() + 1))
    assert len(there.state.parked) == 1


def test_a_timer_of_a_guide_that_is_not_parked_is_silent() -> None:
    for there in (
        talk(),
        parked().press(f"back:{LEVEL_2}"),
        parked().know(content=without(LEVEL_2)),
    ):
        assert there.event(ev.TimerDue("wait", LEVEL_2)).replies == ()


def test_an_edited_guide_still_asks() -> None:
    there = parked().know(content=with_guides(vneid_level_2=edited(LEVEL_2, steps=2)))
    there.know(now=THURSDAY).event(ev.TimerDue("wait", LEVEL_2))
    assert there.ids == [f"ready:{LEVEL_2}", f"notyet:{LEVEL_2}"]
    there.text("rồi")
    assert there.state.session is None
    assert LEVEL_2 in there.state.finished


@pytest.mark.parametrize("timer", ["wait", "followup"])
def test_at_night_a_timer_waits_for_the_morning(timer: str) -> None:
    night = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)
    kind = ev.TimerDue("wait" if timer == "wait" else "followup", LEVEL_2)
    there = parked().know(now=night).event(kind)
    assert there.replies == ()
    set_ = effect_of(there, SetTimer)
    assert (set_.timer, set_.guide_id) == (timer, LEVEL_2)
    assert set_.due == datetime(2026, 11, 27, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("busy", ["relay", "slot"])
@pytest.mark.parametrize("timer", ["wait", "followup"])
def test_a_talk_with_a_human_is_not_interrupted(timer: str, busy: str) -> None:
    there = parked()
    if busy == "relay":
        there.state = replace(there.state, relay=Relay(5, "Anh Tư"))
    else:
        there.press("human").press("hand:yes")
        assert there.state.slot is Slot.NAME
    kind = ev.TimerDue("wait" if timer == "wait" else "followup", LEVEL_2)
    there.know(now=THURSDAY).event(kind)
    assert there.replies == ()
    assert effect_of(there, SetTimer).due == datetime(2026, 11, 27, 2, 0, tzinfo=UTC)


# Follow-up --------------------------------------------------------------------------------------


def followed() -> Talk:
    return talk().event(ev.TimerDue("followup", QR))


def test_some_days_later_the_bot_asks_once() -> None:
    there = followed()
    assert there.said == say("followup", title=content().title(QR))
    assert there.labels == ["Làm được rồi", "Chưa được", "Đừng hỏi nữa"]
    assert there.replies[0].priority is Priority.REMINDER
    assert there.effects == ()


@pytest.mark.parametrize("text", ["rồi", "roi", "được rồi", "làm được rồi", "dạ rồi", "có", "1"])
def test_it_worked(text: str) -> None:
    there = followed().text(text)
    assert there.said == say("followup_yes")
    assert there.ids == ["path", "menu"]


@pytest.mark.parametrize("text", ["chưa", "chưa được", "chua lam duoc", "không", "2"])
def test_it_did_not_work(text: str) -> None:
    there = followed().text(text)
    assert there.said == say("stuck_offer_human")
    assert there.ids == [f"guide:{QR}", f"human:{QR}", "menu"]
    assert there.tap("reopen").ids[0] == f"next:{QR}:0"


def test_asking_can_be_turned_off_for_good() -> None:
    there = followed().tap("followup_off")
    assert there.said == say("followup_off")
    assert effect_of(there, DropTimers) == DropTimers("followup")
    assert there.event(ev.TimerDue("followup", QR)).replies == ()
    for number in range(len(content().guides[QR].steps)):
        there.press(f"guide:{QR}" if not number else f"next:{QR}:{number - 1}")
    there.text("xong")
    assert QR in there.state.finished
    assert not [e for e in there.effects if isinstance(e, SetTimer)]


def test_an_answer_meant_for_the_question_does_not_skip_a_step_elsewhere() -> None:
    there = walking(LEVEL_2, 1).event(ev.TimerDue("followup", QR)).text("rồi")
    assert there.said == say("followup_yes")
    assert there.step == 1
    assert there.ids[0] == f"back:{LEVEL_2}"


# Days -------------------------------------------------------------------------------------------


def test_working_days_leave_out_the_weekend() -> None:
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    assert after_days(friday, 1, working=True) == datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
    assert after_days(friday, 1) == datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


def test_days_are_vietnamese_days() -> None:
    # 23:30 UTC on Sunday is Monday morning in Vietnam.
    assert after_days(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), 1) == datetime(
        2026, 11, 24, 2, 0, tzinfo=UTC
    )
    assert spoken_day(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == "thứ Hai 23/11"


@pytest.mark.parametrize(
    ("hour", "minute", "moved"), [(13, 59, False), (14, 0, True), (23, 59, True), (0, 0, False)]
)
def test_quiet_hours(hour: int, minute: int, moved: bool) -> None:
    moment = NOW.replace(hour=hour, minute=minute)
    assert (out_of_quiet(moment) != moment) is moved
