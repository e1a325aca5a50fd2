"""A guide, or one step of it, is withdrawn: whoever read it is told, once, and never at night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.dialogue.recall import SAFETY_GROUP
from bot.domain import events as ev
from bot.domain.effects import DropTimers, EraseMe, SetTimer, ShowedGuide
from bot.domain.recalls import Recall, StepRecall, recall_name
from bot.domain.replies import Priority
from bot.domain.state import Relay, Session
from bot.guides.content import Content
from bot.guides.model import Guide, Question, Situation
from tests.dialogue.helpers import (
    LEVEL_2,
    LINK,
    MENU,
    QR,
    SCAM,
    Talk,
    content,
    edited,
    effect_of,
    parse,
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
TITLE = content().titles[QR]
TOLD = say("guide_recalled", title=TITLE, why=WHY)
SEEN = say("guide_recalled_seen", title=TITLE, why=WHY)
EVENT = ev.GuideRecalled(QR, OLD.revision, WHY)
#: Ten in the evening in Vietnam.
NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
GONE = {(QR, OLD.revision): Recall(WHY)}


def recall(there: Talk) -> Talk:
    return there.know(content=without(QR), recalled=GONE).event(EVENT)


def test_the_person_inside_is_told_and_led_out() -> None:
    there = recall(walking(QR, 2))
    assert there.said == TOLD
    assert there.ids == [f"human:{QR}", "menu"]
    assert there.state.session is None
    assert effect_of(there, DropTimers) == DropTimers("wait", QR)


def test_a_corrected_guide_goes_on_at_the_same_step() -> None:
    new = edited(QR)
    there = walking(QR, 2).know(content=with_guides(qr_pay=new), recalled=GONE).event(EVENT)
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


def test_a_corrected_guide_left_aside_is_told_of_and_goes_on_with_the_new_text() -> None:
    new = edited(QR)
    there = walking(QR, 2).press(f"guide:{LINK}")
    there.know(content=with_guides(qr_pay=new), recalled=GONE).event(EVENT)
    assert there.said == SEEN.replace(TITLE, new.title)
    assert there.ids == [f"human:{QR}", f"back:{QR}", f"back:{LINK}", "menu"]
    there.press(f"back:{QR}")
    assert there.said == f"{say('guide_updated', title=new.title)}\n\n{step_said(QR, 2)}"


def test_every_text_of_the_guide_is_meant_whichever_the_walk_began_with() -> None:
    newer = edited(QR)
    known = {**GONE, (QR, newer.revision): Recall(WHY)}
    there = walking(QR, 2).know(content=without(QR), recalled=known)
    there.event(ev.GuideRecalled(QR, newer.revision, WHY, seen=True))
    assert there.said == TOLD
    assert there.state.session is None


# The person acts before the notice has been handled ----------------------------------------------


def unaware(step: int = 2) -> Talk:
    return walking(QR, step).know(content=without(QR), recalled=GONE)


@pytest.mark.parametrize("text", ["tiếp", "có", "1", "chưa được", "quay lại", "nhắc lại"])
def test_an_answer_to_the_step_gets_the_notice_only(text: str) -> None:
    there = unaware().text(text)
    assert there.said == TOLD
    assert there.state.session is None


@pytest.mark.parametrize("action", ["next", "prev", "stuck", "why", "still", "card"])
def test_a_button_of_the_step_gets_the_notice_only(action: str) -> None:
    assert unaware().press(f"{action}:{QR}:2").said == TOLD


def test_something_else_is_answered_after_the_notice() -> None:
    there = unaware().text("link lạ", LINK)
    assert there.replies[0].text == TOLD
    assert there.replies[1].choices[0].id == f"next:{LINK}:0"
    there = unaware().press("menu")
    assert [r.text for r in there.replies] == [TOLD, say("menu")]
    assert there.ids[2:] == MENU


def test_an_emergency_is_answered_too() -> None:
    there = unaware().text("nó đòi giết tôi")
    assert there.replies[-1].text == say("threat")


def test_the_old_answer_is_not_taken_for_the_corrected_step() -> None:
    new = edited(QR)
    there = walking(QR, 0).know(content=with_guides(qr_pay=new), recalled=GONE).text("xong")
    assert "Bước đầu đã sửa" in there.said
    assert there.step == 0


def test_a_walk_left_aside_hears_of_it_with_the_very_next_message() -> None:
    there = walking(QR, 2).press(f"guide:{LINK}").know(content=without(QR), recalled=GONE)
    there.text("tiếp")
    assert [reply.text for reply in there.replies] == [TOLD, step_said(LINK, 1)]
    assert there.state.suspended is None


def test_the_button_of_a_lost_walk_gets_the_notice_only() -> None:
    there = walking(QR, 2).press(f"guide:{LINK}").know(content=without(QR), recalled=GONE)
    assert there.press(f"back:{QR}").said == TOLD


def test_a_parked_walk_hears_of_it_instead_of_being_asked() -> None:
    there = walking(LEVEL_2, wait_step()).text("xong")
    gone = {(LEVEL_2, content().guides[LEVEL_2].revision): Recall(WHY)}
    there.know(content=without(LEVEL_2), recalled=gone).event(ev.TimerDue("wait", LEVEL_2))
    assert there.said == say("guide_recalled", title=content().titles[LEVEL_2], why=WHY)
    assert there.state.parked == ()


@pytest.mark.parametrize("seen", [False, True])
def test_whoever_was_told_so_is_not_told_again(seen: bool) -> None:
    there = unaware().text("tiếp")
    assert there.event(replace(EVENT, seen=seen)).replies == ()


# People who only saw it --------------------------------------------------------------------------


def test_whoever_only_saw_it_gets_a_correction_once() -> None:
    there = talk().know(content=without(QR), recalled=GONE).event(replace(EVENT, seen=True))
    assert there.said == SEEN
    assert there.ids == [f"human:{QR}", "menu"]
    assert there.replies[0].priority is Priority.REMINDER
    assert there.event(replace(EVENT, seen=True)).replies == ()


def test_a_corrected_guide_can_be_opened_again_from_the_correction() -> None:
    new = edited(QR)
    there = talk().know(content=with_guides(qr_pay=new), recalled=GONE)
    there.event(replace(EVENT, seen=True))
    assert there.ids == [f"human:{QR}", f"guide:{QR}", "menu"]
    assert "Bước đầu đã sửa" in there.press(f"guide:{QR}").said


def test_the_open_walk_stays_where_it_is() -> None:
    there = walking(LINK, 1).know(content=without(QR), recalled=GONE)
    there.event(replace(EVENT, seen=True))
    assert there.said == SEEN
    assert there.ids == [f"human:{QR}", f"back:{LINK}", "menu"]
    assert there.text("xong").said == step_said(LINK, 2)


def test_the_night_is_slept_through() -> None:
    there = talk().know(now=NIGHT, content=without(QR), recalled=GONE)
    there.event(replace(EVENT, seen=True))
    assert there.replies == ()
    name = recall_name(QR, OLD.revision)
    assert effect_of(there, SetTimer) == SetTimer("recall", name, MORNING)
    assert there.know(now=MORNING).event(ev.TimerDue("recall", name)).said == SEEN
    assert there.event(ev.TimerDue("recall", name)).replies == ()


def test_whoever_is_inside_is_told_at_night_too() -> None:
    assert recall(walking(QR, 2).know(now=NIGHT)).said == TOLD


@pytest.mark.parametrize("guide", [LINK, SCAM])
def test_what_is_about_safety_does_not_wait(guide: str) -> None:
    there = talk().know(now=NIGHT).event(ev.GuideRecalled(guide, "r1", WHY, seen=True))
    assert there.replies[0].priority is Priority.REPLY


def test_what_is_urgent_does_not_wait() -> None:
    there = talk().know(now=NIGHT).event(replace(EVENT, seen=True, urgent=True))
    assert there.replies[0].priority is Priority.REPLY


def test_there_is_a_group_of_safety() -> None:
    assert SAFETY_GROUP in [group.id for group in content().menu]


def test_a_talk_with_a_human_is_not_broken_into() -> None:
    there = talk(relay=Relay(5, "Anh Tư")).know(content=without(QR), recalled=GONE)
    there.event(replace(EVENT, seen=True))
    assert there.replies == ()
    assert effect_of(there, SetTimer).timer == "recall"


@pytest.mark.parametrize("name", ["", "x", "x:y", f"{QR}:r9", f"{QR}:{OLD.revision}:9", "::"])
def test_a_timer_for_nothing_says_nothing(name: str) -> None:
    there = talk().know(recalled=GONE)
    assert there.event(ev.TimerDue("recall", name)).replies == ()


# One step ----------------------------------------------------------------------------------------

STEP = 2
STEP_WHY = "nút quét đã dời chỗ"
STEP_TITLE = content().phrases.fill(OLD.steps[STEP - 1].title)
STEP_GONE = {(QR, OLD.revision): Recall("", {STEP: StepRecall(STEP_TITLE, STEP_WHY)})}
STEP_EVENT = ev.GuideRecalled(QR, OLD.revision, STEP_WHY, STEP, STEP_TITLE)
STEP_TEXT = say("step_recalled", why=STEP_WHY)
STEP_SEEN = say("step_recalled_seen", title=OLD.title, step=STEP_TITLE, why=STEP_WHY)


def one_step_gone(guide: Guide = OLD) -> Content:
    return with_guides(**{QR: guide.without_step(STEP, STEP_TEXT)})


def step_recalled(there: Talk) -> Talk:
    return there.know(content=one_step_gone(), recalled=STEP_GONE)


def test_the_guide_is_served_without_the_step() -> None:
    there = step_recalled(walking(QR, STEP - 2)).text("xong")
    assert there.said == say(
        "guide_step", step=STEP, total=len(OLD.steps), title=STEP_TITLE, text=STEP_TEXT
    )
    assert there.ids == ["human", f"next:{QR}:{STEP - 1}", f"prev:{QR}:{STEP - 1}"]
    assert there.state.yes == "human"
    assert there.text("xong").said == step_said(QR, STEP)


def test_there_is_no_advice_on_a_withdrawn_step() -> None:
    there = step_recalled(walking(QR, STEP - 1)).text("chưa được")
    assert there.said == say("stuck_offer_human")
    assert there.ids[0] == "human"


def test_the_person_inside_is_told_and_sees_where_they_are() -> None:
    there = step_recalled(walking(QR, STEP)).event(STEP_EVENT)
    assert there.said == f"{STEP_SEEN}\n\n{step_said(QR, STEP)}"
    assert there.step == STEP
    assert there.event(replace(STEP_EVENT, seen=True)).replies == ()


def test_at_the_withdrawn_step_it_is_shown_anew() -> None:
    there = step_recalled(walking(QR, STEP - 1)).event(STEP_EVENT)
    assert there.said.startswith(STEP_SEEN)
    assert STEP_TEXT in there.said
    assert OLD.steps[STEP - 1].text not in there.said


def test_a_walk_left_aside_is_told_of_its_step() -> None:
    there = step_recalled(walking(QR, STEP).press(f"guide:{LINK}")).event(STEP_EVENT)
    assert there.said == STEP_SEEN
    assert there.ids == [f"human:{QR}", f"back:{QR}", f"back:{LINK}", "menu"]
    assert there.state.suspended is not None


def test_whoever_saw_the_step_is_told_of_it_in_daytime() -> None:
    there = step_recalled(talk()).know(now=NIGHT).event(replace(STEP_EVENT, seen=True))
    assert there.replies == ()
    name = recall_name(QR, OLD.revision, STEP)
    assert effect_of(there, SetTimer) == SetTimer("recall", name, MORNING)
    there.know(now=MORNING).event(ev.TimerDue("recall", name))
    assert there.said == STEP_SEEN
    assert there.ids == [f"human:{QR}", f"guide:{QR}", "menu"]


def test_a_step_of_another_situation_concerns_nobody_here() -> None:
    choices = (Situation(id="mine", label="Tôi"), Situation(id="other", label="Khác"))
    asked = Question("case", "Ai?", choices)
    steps = (replace(OLD.steps[0], situations=("other",)), *OLD.steps[1:])
    guide = replace(OLD, question=asked, steps=steps, revision="")
    event = ev.GuideRecalled(QR, guide.revision, STEP_WHY, 1, STEP_TITLE)
    for choice, told in (("mine", 0), ("other", 1)):
        session = Session(QR, guide.revision, 1, 50, choice=choice)
        there = talk(session=session).know(content=with_guides(qr_pay=guide))
        assert len(there.event(event).replies) == told


def test_the_same_step_is_gone_from_older_texts_too() -> None:
    newer = edited(QR)
    event = ev.GuideRecalled(QR, newer.revision, STEP_WHY, STEP, STEP_TITLE, seen=True)
    held = {(QR, OLD.revision): OLD.without_step(STEP, STEP_TEXT)}
    known = {**STEP_GONE, (QR, newer.revision): STEP_GONE[QR, OLD.revision]}
    there = walking(QR, STEP - 1).know(content=one_step_gone(newer), held=held, recalled=known)
    assert there.event(event).said.startswith(STEP_SEEN)


def test_after_the_step_the_whole_guide_can_go() -> None:
    there = step_recalled(walking(QR, STEP)).event(STEP_EVENT)
    assert recall(there).said == TOLD


# Who was shown what ------------------------------------------------------------------------------


def shown(there: Talk) -> list[ShowedGuide]:
    return [effect for effect in there.effects if isinstance(effect, ShowedGuide)]


QR_SHOWN = [ShowedGuide(QR, OLD.revision)]


def test_a_guide_that_is_shown_is_recorded_once_a_day() -> None:
    there = talk().press(f"guide:{QR}")
    assert shown(there) == QR_SHOWN
    assert shown(there.text("xong")) == []
    assert shown(there.press(f"stuck:{QR}:1")) == []
    assert shown(there.later(days=1).text("nhắc lại")) == QR_SHOWN
    assert shown(there.press(f"guide:{LINK}")) == [
        ShowedGuide(LINK, content().guides[LINK].revision)
    ]
    assert len(there.state.shown) == 2
    there.later(days=1).text("nhắc lại")
    assert len(there.state.shown) == 1


def test_a_question_on_the_way_is_recorded_with_its_own_guide() -> None:
    there = walking(LINK, 1).text("quét mã sao", QR)
    assert shown(there) == QR_SHOWN


def test_an_edited_guide_is_recorded_anew() -> None:
    there = talk().press(f"guide:{QR}").press("menu")
    new = edited(QR)
    there.know(content=with_guides(qr_pay=new)).press(f"again:{QR}")
    assert shown(there) == [ShowedGuide(QR, new.revision)]


def test_the_first_minutes_of_an_emergency_are_recorded() -> None:
    there = talk().text("bị lừa mất tiền rồi", SCAM)
    assert shown(there) == [ShowedGuide(SCAM, content().guides[SCAM].revision)]


def test_what_shows_no_guide_records_nothing() -> None:
    there = talk()
    for choice in ("menu", "all", "path", "human"):
        assert shown(there.press(choice)) == []
    assert shown(there.event(ev.Text("chào"), parse=parse("chào", "greet"))) == []


def test_an_erasure_forgets_what_was_shown() -> None:
    there = talk().press(f"guide:{QR}").text("xóa dữ liệu").press("erase:yes")
    assert isinstance(there.effects[0], EraseMe)
    assert there.state.shown == {}
    assert shown(there.press(f"guide:{QR}")) == QR_SHOWN
