"""Danger to life and people who are being robbed: before everything else, whatever the state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.effects import LogQuestion, OpenTicket, RelayToHelper
from bot.domain.replies import Priority
from bot.domain.state import Relay, Slot
from nlu.engine import Decision
from tests.dialogue.helpers import (
    QR,
    SCAM,
    Talk,
    content,
    effect_of,
    say,
    step_said,
    talk,
    ticket,
    walking,
    without,
)

WORDS = "tôi chuyển tiền cho kẻ lừa đảo rồi"


def states() -> dict[str, Talk]:
    return {
        "fresh": Talk(replace(talk().state, greeted=False)),
        "menu": talk().text("menu"),
        "guide": walking(QR, 2),
        "stuck": walking(QR, 2).text("chưa được"),
        "consent": talk().press("human"),
        "name": talk().press("human").press("hand:yes"),
        "commune": talk().press("human").press("hand:yes").text("cô Ba").press("hand:chat"),
        "relay": talk(relay=Relay(5, "Anh Tư")).know(tickets=(ticket(5, helper="Anh Tư"),)),
        "guess": talk().text("cái mã", QR, 0.4, Decision.ASK),
    }


@pytest.mark.parametrize("where", states())
def test_a_scam_comes_first_everywhere(where: str) -> None:
    there = states()[where].text(WORDS, SCAM)
    guide = content().guides[SCAM]
    lines = "\n".join(f"{n}. {line}" for n, line in enumerate(guide.emergency, 1))
    after = say("emergency_after")
    assert there.said == f"‼ {say('emergency_first')}\n{lines}\n\n{after}"
    assert there.replies[0].priority is Priority.URGENT
    assert there.ids[:2] == [f"urgent:{SCAM}", f"guide:{SCAM}"]
    assert there.state.slot is None
    assert there.state.draft is None
    assert effect_of(there, LogQuestion).guide_id == SCAM


@pytest.mark.parametrize("where", states())
def test_a_threat_to_life_comes_first_everywhere(where: str) -> None:
    there = states()[where].text("chồng tôi đánh tôi", SCAM)
    assert there.said == say("threat")
    assert there.replies[0].priority is Priority.URGENT
    assert there.ids == ["urgent:life", "menu"]
    assert "113" in there.said
    assert "115" in there.said


def test_the_first_minutes_fit_one_screen() -> None:
    there = talk().text(WORDS, SCAM)
    assert len(there.said) < 700
    assert "Gọi ngay ngân hàng" in there.said
    assert "113" in there.said


def test_in_a_guide_the_step_is_not_lost() -> None:
    there = walking(QR, 2).text(WORDS, SCAM)
    assert there.ids[2] == f"back:{QR}"
    assert there.tap("back_to_step", step=3).said == step_said(QR, 2)


def test_without_the_guide_the_first_words_are_there() -> None:
    there = talk().know(content=without(SCAM)).text(WORDS, SCAM)
    assert say("emergency_plain") in there.said
    assert there.said.startswith("‼")


@pytest.mark.parametrize("verdict", [Decision.ASK, Decision.REFUSE])
def test_an_unsure_guess_is_no_emergency(verdict: Decision) -> None:
    assert not talk().text("lừa", SCAM, 0.4, verdict).said.startswith("‼")


def test_step_by_step_is_a_guide_and_words_in_it_are_questions() -> None:
    there = talk().text(WORDS, SCAM).tap("step_by_step")
    assert there.ids[0] == f"next:{SCAM}:0"
    there.text("họ bảo tôi chuyển thêm", SCAM)
    assert there.ids == [f"back:{SCAM}", "human"]
    assert there.text("tiếp").said == step_said(SCAM, 0)


def test_the_offer_of_a_person_is_urgent_to_the_end() -> None:
    there = talk().text(WORDS, SCAM).tap("human_now").text("đồng ý").text("cô Ba")
    there.text("0912345678").text("xã Tân Ân")
    opened = effect_of(there, OpenTicket)
    assert opened.urgent
    assert opened.topic == content().title(SCAM)
    assert there.replies[0].priority is Priority.URGENT
    assert there.ids[0] == f"guide:{SCAM}"


def test_a_person_for_a_threat_is_not_called_for_a_scam() -> None:
    there = talk().text("nó đòi giết tôi").text("có").text("có").text("cô Ba").text("2")
    there.text("bỏ qua")
    opened = effect_of(there, OpenTicket)
    assert opened.urgent
    assert opened.topic == say("topic_life")
    assert f"guide:{SCAM}" not in there.ids


def test_an_ordinary_ticket_does_not_stand_in_the_way_of_an_urgent_one() -> None:
    there = talk().know(tickets=(ticket(5),)).text(WORDS, SCAM).tap("human_now")
    assert there.said == say("hand_consent")
    there = talk().know(tickets=(ticket(5, urgent=True),)).press(f"urgent:{SCAM}")
    assert there.said.startswith(say("status_head", ticket=5, topic="Quét QR trả tiền"))
    assert there.said.endswith(say("meanwhile_life"))


def test_in_a_talk_the_words_reach_the_helper_and_the_list_comes_once() -> None:
    there = states()["relay"].text(WORDS, SCAM)
    assert effect_of(there, RelayToHelper) == RelayToHelper(5, WORDS)
    there.text(WORDS, SCAM)
    assert there.replies == ()
    assert effect_of(there, RelayToHelper) == RelayToHelper(5, WORDS)


def test_a_threat_in_a_talk_is_answered_every_time() -> None:
    there = states()["relay"].text("nó đòi giết tôi").text("nó đòi giết tôi")
    assert there.said == say("threat")
    assert effect_of(there, RelayToHelper) == RelayToHelper(5, "nó đòi giết tôi")


def test_an_emergency_leaves_the_form_so_that_the_next_words_are_no_name() -> None:
    there = talk().press("human").press("hand:yes")
    assert there.state.slot is Slot.NAME
    there.text(WORDS, SCAM).text("giờ tôi phải làm gì")
    assert there.said == say("out_of_scope")


def test_a_bare_code_is_no_cry_for_help() -> None:
    there = talk().text("0912345678", SCAM)
    assert there.said.startswith(say("masked"))
    assert not there.said.startswith("‼")
