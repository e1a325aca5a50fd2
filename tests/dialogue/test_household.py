"""Helping ba má in one's own chat: each has their own walks and their own progress."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.effects import DropTimers, SetTimer
from bot.domain.events import TimerDue
from tests.dialogue.helpers import (
    CITIZEN,
    LEVEL_2,
    QR,
    Talk,
    content,
    last_step,
    say,
    talk,
    wait_step,
    walking,
)

ALL = [g for stage in content().path for g in stage.guides]
MOTHER = f"{LEVEL_2}@mother"


def helping(role: str = "mother") -> Talk:
    return talk().press("household").press(f"who:{role}")


def test_whom_to_help_is_a_role_and_never_a_name() -> None:
    there = talk(finished={QR: date(2026, 11, 1)}).text("làm giúp ba má")
    assert say("household_line", who="Anh/chị", done=1, total=len(ALL)) in there.said
    assert there.ids[:3] == ["who:self", "who:father", "who:mother"]


def test_the_path_is_shown_for_whoever_is_helped() -> None:
    there = helping()
    title = say("path_title_for", who="má (mẹ)", done=0, total=len(ALL))
    assert title in there.said
    assert "who:self" in there.ids
    there.press("who:self")
    assert there.said.startswith(say("path_title", done=0, total=len(ALL)))


def test_each_finishes_for_themselves() -> None:
    there = helping().press(f"guide:{QR}")
    assert say("for_person", who="má (mẹ)") in there.said
    for _ in range(last_step(QR) + 1):
        there.text("xong")
    assert there.said.startswith(say("guide_finished", title="Quét QR trả tiền (má (mẹ))"))
    assert there.state.finished == {}
    assert there.state.family == {"mother": {QR: date(2026, 11, 23)}}
    there.press("household")
    assert say("household_line", who="má (mẹ)", done=1, total=len(ALL)) in there.said


def test_the_same_guide_waits_for_two_people_apart() -> None:
    there = walking(LEVEL_2, wait_step()).text("xong")
    there.press("who:mother").press(f"guide:{LEVEL_2}")
    for _ in range(wait_step() + 1):
        there.text("xong")
    keys = {session.key for session in there.state.parked}
    assert keys == {LEVEL_2, MOTHER}
    assert [e.guide_id for e in there.effects if isinstance(e, SetTimer)] == [MOTHER]
    there.event(TimerDue("wait", MOTHER))
    assert "(má (mẹ))" in there.said
    assert there.ids == [f"ready:{MOTHER}", f"notyet:{MOTHER}"]
    there.text("rồi")
    assert there.state.session is not None
    assert there.state.session.key == MOTHER
    assert [e.guide_id for e in there.effects if isinstance(e, DropTimers)] == [MOTHER]
    assert {session.key for session in there.state.parked} == {LEVEL_2}


def test_going_back_to_ones_own_guide_ends_helping() -> None:
    there = walking(QR, 1).press("who:mother").press(f"guide:{LEVEL_2}").press(f"back:{QR}")
    assert there.step == 1
    assert there.state.person == ""
    assert "👤" not in there.said


@pytest.mark.parametrize("choice", ["who:", "who:dog", f"back:{QR}@dog", f"guide:{QR}@mother"])
def test_odd_buttons(choice: str) -> None:
    assert talk().press(choice).said


# The path ---------------------------------------------------------------------------------------


def almost_done(person: str = "") -> Talk:
    rest = dict.fromkeys((g for g in ALL if g != CITIZEN), date(2026, 11, 1))
    there = walking(CITIZEN, last_step(CITIZEN))
    if person:
        there = talk(person=person, family={person: rest}).press(f"guide:{CITIZEN}")
        for _ in range(last_step(CITIZEN)):
            there.text("xong")
    else:
        there.state = type(there.state)(
            greeted=True, session=there.state.session, finished=rest, nudges=1
        )
    return there


@pytest.mark.parametrize("person", ["", "father"])
def test_the_end_of_the_path_is_summed_up(person: str) -> None:
    there = almost_done(person).text("xong")
    assert say("path_all_done") in there.said
    assert there.said.count("✅") == len(ALL)
    assert "(23/11)" in there.said
    assert [e for e in there.effects if isinstance(e, SetTimer) and e.timer == "path"] == []


def test_who_stopped_half_way_is_reminded_twice_and_then_left_alone() -> None:
    there = walking(QR, last_step(QR)).text("xong")
    due = [e.due for e in there.effects if isinstance(e, SetTimer) and e.timer == "path"]
    assert [(moment.month, moment.day) for moment in due] == [(11, 30)]
    there.event(TimerDue("path", ""))
    assert there.said.startswith("Anh/chị đã xong 1/")
    assert there.ids[1:] == ["path", "nofollow"]
    assert [e.timer for e in there.effects if isinstance(e, SetTimer)] == ["path"]
    there.event(TimerDue("path", ""))
    assert there.effects == ()


def test_no_reminder_for_who_wants_none() -> None:
    there = walking(QR, last_step(QR)).text("xong").event(TimerDue("path", "")).text("không")
    assert there.said == say("followup_off")
    assert there.event(TimerDue("path", "")).replies == ()
