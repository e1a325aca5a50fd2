"""Through a guide, by buttons and by typing."""

from __future__ import annotations

import pytest

from bot.domain.effects import LogQuestion, Outcome, SetOutcome, SetTimer
from bot.domain.state import Session
from tests.dialogue.helpers import (
    FRONT,
    LEVEL_2,
    LINK,
    QR,
    UNWRITTEN,
    button,
    content,
    edited,
    effect_of,
    last_step,
    say,
    step_said,
    talk,
    walking,
    with_guides,
    without,
)


def test_a_question_gets_the_answer_what_is_needed_and_step_one() -> None:
    there = talk().text("cach quet ma qr", QR)
    guide, fill = content().guides[QR], content().phrases.fill
    assert there.said.startswith(f"{guide.title}\n{fill(guide.answer)}")
    assert say("guide_prepare") in there.said
    assert f"• {fill(guide.prepare[0])}" in there.said
    assert say("guide_fee", fee=fill(guide.fee)) in there.said
    assert say("guide_time", time=fill(guide.time)) in there.said
    assert there.said.endswith(step_said(QR, 0))
    assert there.labels[:2] == ["Xong, bước tiếp", "Chưa làm được"]
    assert there.labels[2:] == ["Xem hình", "Gặp người giúp"]
    assert there.state.session == Session(QR, guide.revision, 0, 100)
    logged = effect_of(there, LogQuestion)
    assert (logged.intent, logged.outcome, logged.guide_id) == (QR, Outcome.ANSWERED, QR)


def test_steps_after_the_first_can_go_back() -> None:
    there = walking(QR).tap("next")
    assert there.said == step_said(QR, 1)
    assert there.labels[:3] == ["Xong, bước tiếp", "Chưa làm được", "Bước trước"]
    assert there.labels[3:] == ["Xem hình", "Gặp người giúp"]
    there.tap("previous")
    assert there.said == step_said(QR, 0)


@pytest.mark.parametrize(
    "text", ["tiếp", "tiep", "xong", "Xong rồi.", "rồi", "làm rồi", "ok", "có", "1"]
)
def test_typing_goes_forward(text: str) -> None:
    there = walking(QR, 1).text(text)
    assert there.said == step_said(QR, 2)
    assert there.step == 2


@pytest.mark.parametrize("text", ["quay lại", "quay lai", "bước trước", "lùi", "3"])
def test_typing_goes_back(text: str) -> None:
    there = walking(QR, 2).text(text)
    assert there.said == step_said(QR, 1)


def test_back_at_the_first_step_says_so() -> None:
    there = walking(QR).text("quay lại")
    assert there.said == f"{say('guide_first')}\n\n{step_said(QR, 0)}"


@pytest.mark.parametrize("text", ["nhắc lại", "nhac lai", "đọc lại"])
def test_typing_repeats(text: str) -> None:
    there = walking(QR, 2).text(text)
    assert there.said == step_said(QR, 2)


def test_engine_intents_move_too() -> None:
    there = walking(QR, 1).text("qua cái kế đi con", "next_step")
    assert there.step == 2
    there.text("cái hồi nãy", "previous_step")
    assert there.step == 1
    there.text("nói lại coi", "repeat_step")
    assert there.said == step_said(QR, 1)
    there.text("rồi nha", "affirm")
    assert there.step == 2


@pytest.mark.parametrize("text", ["thôi", "thoi", "dừng lại", "dung lai", "hủy"])
def test_stopping_keeps_nothing_open(text: str) -> None:
    there = walking(QR, 2).text(text)
    assert there.said == say("guide_stopped", title=content().title(QR))
    assert there.ids == FRONT
    assert there.state.session is None
    assert effect_of(there, SetOutcome) == SetOutcome(50, Outcome.STOPPED, 3)


def test_the_last_step_finishes() -> None:
    there = walking(QR, last_step(QR))
    assert there.labels[0] == "Xong rồi"
    there.tap("finish")
    assert there.said.startswith(say("guide_finished", title=content().title(QR)))
    assert there.state.session is None
    assert there.state.finished == {QR: there.facts.now.date()}
    assert effect_of(there, SetOutcome).outcome is Outcome.FINISHED
    assert [e.timer for e in there.effects if isinstance(e, SetTimer)] == ["followup", "path"]
    assert there.ids[-2:] == ["path", "menu"]


def test_only_written_guides_are_suggested_at_the_end() -> None:
    there = walking(LEVEL_2, last_step(LEVEL_2)).tap("finish")
    written = [g for g in content().guides[LEVEL_2].related if g in content().guides]
    assert written
    assert there.ids == [*(f"guide:{g}" for g in written), "path", "menu"]
    assert say("guide_related") in there.said


def test_a_topic_without_a_guide_is_honest_and_offers_a_person() -> None:
    there = talk().text("tin giả là gì", UNWRITTEN)
    assert there.said == say("guide_missing", title=content().title(UNWRITTEN))
    assert there.ids == [f"human:{UNWRITTEN}", "menu"]
    there.text("có")
    assert there.said == say("hand_consent")
    assert there.state.draft is not None
    assert there.state.draft.topic == UNWRITTEN


def test_an_edited_guide_goes_on_in_the_revision_it_began_with() -> None:
    old = content().guides[QR]
    there = walking(QR, 1).know(
        content=with_guides(qr_pay=edited(QR)), held={(QR, old.revision): old}
    )
    there.text("quay lại")
    assert there.said == step_said(QR, 0)
    assert there.state.session is not None
    assert there.state.session.revision == old.revision


def test_an_edited_guide_whose_old_revision_is_gone_goes_on_in_the_new_one() -> None:
    new = edited(QR)
    there = walking(QR, 1).know(content=with_guides(qr_pay=new)).text("nhắc lại")
    assert there.said == f"{say('guide_updated', title=new.title)}\n\n{step_said(QR, 1)}"
    there.text("nhắc lại")
    assert there.said == step_said(QR, 1)


def test_a_guide_that_got_shorter_keeps_the_person_inside() -> None:
    new = edited(QR, steps=2)
    there = walking(QR, 4).know(content=with_guides(qr_pay=new)).text("nhắc lại")
    assert there.step == 1
    assert "Bước 2/2" in there.said
    there.text("xong")
    assert there.state.session is None
    assert QR in there.state.finished


@pytest.mark.parametrize("text", ["tiếp", "quay lại", "nhắc lại", "chưa được"])
def test_a_guide_that_vanished_is_told_once_and_left(text: str) -> None:
    there = walking(QR, 1).know(content=without(QR)).text(text)
    assert there.said == say("guide_missing", title=content().titles[QR])
    assert there.state.session is None
    assert there.ids == [f"human:{QR}", "menu"]


def test_asking_again_for_the_open_guide_shows_the_step() -> None:
    assert walking(QR, 2).press(f"guide:{QR}").said == step_said(QR, 2)


def test_another_guide_leaves_the_first_aside_and_comes_back_to_it() -> None:
    there = walking(QR, 2).press(f"guide:{LINK}")
    assert there.ids[0] == f"next:{LINK}:0"
    for _ in range(last_step(LINK)):
        there.text("xong")
    there.text("xong")
    assert say("guide_aside", title=content().title(QR), step=3) in there.said
    assert there.ids[0] == f"back:{QR}"
    there.text("có")
    assert there.said == step_said(QR, 2)
    assert there.state.suspended is None


def test_two_guides_left_aside_are_both_remembered() -> None:
    there = walking(QR, 2).press(f"guide:{LINK}").text("xong")
    there.press(f"guide:{LEVEL_2}")
    assert there.state.session is not None
    assert there.state.suspended is not None
    assert there.state.suspended.guide_id == LINK
    assert [p.guide_id for p in there.state.parked] == [QR]
    there.press(f"back:{QR}")
    assert there.said == step_said(QR, 2)
    assert there.state.suspended.guide_id == LEVEL_2
    assert [p.guide_id for p in there.state.parked] == [LINK]


def test_stopping_one_guide_keeps_the_other_within_reach() -> None:
    there = walking(QR, 2).press(f"guide:{LINK}").text("thôi")
    assert there.said == say("guide_stopped", title=content().title(LINK))
    assert there.ids == [f"back:{QR}", *FRONT]
    assert there.tap("back_to_step", step=3).said == step_said(QR, 2)


def test_a_half_done_guide_asked_for_again_offers_to_go_on_or_to_begin() -> None:
    there = walking(QR, 2).press(f"guide:{LINK}").text("thôi").text("trả tiền qr sao", QR)
    assert there.said.endswith(say("welcome_back", step=3))
    assert there.ids == [f"back:{QR}", f"again:{QR}", "menu"]
    assert there.tap("restart").said.endswith(step_said(QR, 0))
    assert there.state.suspended is None


def test_going_on_with_a_half_done_guide() -> None:
    there = walking(QR, 2).press(f"guide:{LINK}").text("thôi").press(f"guide:{QR}").text("có")
    assert there.said == step_said(QR, 2)


@pytest.mark.parametrize("intent", ["next_step", "previous_step", "repeat_step"])
def test_step_words_outside_a_guide_say_so(intent: str) -> None:
    there = talk().text("tiếp nữa", intent)
    assert there.said == say("no_session")
    assert there.ids == FRONT


def test_a_step_button_label_reads_the_step_it_leads_to() -> None:
    there = walking(QR, 3).text("menu")
    assert there.labels[0] == button("back_to_step", step=4)
