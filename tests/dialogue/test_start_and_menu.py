"""What a person sees first, and how they find their way around."""

from __future__ import annotations

import pytest

from bot.domain import events as ev
from bot.domain.state import State
from tests.dialogue.helpers import (
    FRONT,
    LEVEL_2,
    MENU,
    QR,
    Talk,
    button,
    content,
    say,
    talk,
    walking,
)


def test_start_says_that_it_is_a_machine_and_offers_six_things() -> None:
    there = Talk(State()).event(ev.Start())
    assert there.said == say("greeting")
    assert "máy trả lời tự động, không phải cán bộ" in there.said
    assert there.labels == [
        "Lộ trình công dân số",
        "Định danh mức 2",
        "Trả tiền bằng mã QR",
        "Nghi bị lừa",
        "Gặp tổ công nghệ số",
        "Xem tất cả",
    ]
    assert there.ids == FRONT
    assert there.state.greeted


def test_a_page_opened_twice_greets_once() -> None:
    there = Talk(State()).event(ev.Hello())
    assert there.said == say("greeting")
    there.event(ev.Hello())
    assert there.replies == ()


def test_start_leaves_a_form_but_not_a_guide() -> None:
    there = walking(QR, 1).press("human").press("hand:yes")
    there.event(ev.Start())
    assert there.state.slot is None
    assert there.state.draft is None
    assert there.ids == [f"back:{QR}", *FRONT]


@pytest.mark.parametrize(("text", "intent"), [("xin chao", "greet"), ("bắt đầu", "")])
def test_a_greeting_does_not_introduce_twice(text: str, intent: str) -> None:
    assert Talk(State()).text(text, intent).said == say("greeting")


def test_whoever_asks_before_any_greeting_is_told_it_is_a_machine() -> None:
    there = Talk(State()).text("trả tiền bằng mã qr sao", QR)
    assert there.said.startswith(say("introduce") + "\n\n")
    assert there.ids[0] == f"next:{QR}:0"
    there.text("thời tiết mai sao")
    assert say("introduce") not in there.said


def test_an_emergency_is_not_delayed_by_the_introduction() -> None:
    there = Talk(State()).text("tôi bị lừa mất tiền rồi", "scam_victim")
    assert there.said.startswith("‼")
    there.text("cảm ơn", "thanks")
    assert there.said.startswith(say("introduce"))


def test_all_topics_lead_to_groups_and_groups_to_guides() -> None:
    there = talk().press("all")
    groups = [f"group:{g.id}" for g in content().menu]
    assert there.ids == [*groups, "menu"]
    there.press("group:money")
    assert there.said == say("group", title="Tiền")
    assert there.ids[0] == f"guide:{QR}"
    assert there.ids[-1] == "all"


def test_an_unknown_group_shows_all_groups() -> None:
    assert talk().press("group:nowhere").said == say("all_topics")


def test_in_a_guide_the_menu_starts_with_the_way_back() -> None:
    there = walking(LEVEL_2, 2).text("menu")
    assert there.said == say("menu")
    assert there.ids == [f"back:{LEVEL_2}", *MENU]
    assert there.labels[0] == button("back_to_step", step=3)


@pytest.mark.parametrize(
    ("intent", "key"),
    [("thanks", "thanks"), ("goodbye", "goodbye"), ("bot_identity", "identity")],
)
def test_small_talk_is_answered_and_leads_on(intent: str, key: str) -> None:
    there = talk().text("dạ thưa", intent)
    assert there.said == say(key)
    assert there.ids == FRONT


def test_yes_and_no_to_nothing_are_friendly() -> None:
    assert talk().text("ừm ừm", "affirm").said == say("affirm")
    assert talk().text("thôi khỏi", "deny").said == say("deny")


def test_scam_button_asks_whether_it_has_happened() -> None:
    there = talk().press("scam")
    assert there.said == say("scam_which")
    assert there.ids == ["victim", "guide:scam_link"]
    assert there.text("rồi em").replies[0].text == say("out_of_scope")


def test_typed_yes_after_the_scam_button_is_the_emergency() -> None:
    assert talk().press("scam").text("có").said.startswith("‼")


def test_typed_not_yet_after_the_scam_button_is_the_guide_on_links() -> None:
    there = talk().press("scam").text("chua")
    assert there.ids[0] == "next:scam_link:0"
