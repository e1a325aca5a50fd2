"""Whatever comes in, the answer makes sense and the conversation goes on."""

from __future__ import annotations

import pytest

from bot.dialogue.turn import Turn
from bot.domain import events as ev
from bot.domain.state import Draft, Session, Slot, State
from tests.dialogue.helpers import (
    FRONT,
    MENU,
    QR,
    Talk,
    button,
    content,
    numbered_length,
    say,
    step_said,
    talk,
    ticket,
    walking,
)

INVISIBLE = [
    "",
    " ",
    "\n\t",
    "\u200b\u200d",
    "\u202e\u202c",
    "👍🙏",
    "…!?",
    "\u0000\u0007",
    "\u0301",
]
STRANGE = ["مرحبا كيف حالك", "\u202egnad ob", "a\u0000b\u0007c", "t\u200bi\u200bế\u200bp", "{you}"]
GARBAGE = [
    "",
    ":",
    "::::",
    "next",
    "next:",
    "next::",
    "next:qr_pay",
    "next:qr_pay:x",
    "next:nowhere:0",
    "why:qr_pay:1:x",
    "why:qr_pay",
    "why:qr_pay:1:" + "9" * 40,
    "pick:",
    "pick:x:y",
    "pick:" + "9" * 50 + ":qr_pay",
    "guide:nowhere",
    "guide:",
    "back:nowhere",
    "again:nowhere",
    "ready:nowhere",
    "ready:qr_pay",
    "notyet:nowhere",
    "notyet:qr_pay",
    "did:nowhere",
    "didnot:nowhere",
    "drop:x",
    "drop:" + "9" * 50,
    "rate:x:y",
    "rate:5:9",
    "rate:" + "9" * 50 + ":5",
    "rate:0:5",
    "erase:maybe",
    "hand:what",
    "human:nowhere",
    "urgent:nowhere",
    "claim:5",
    "done:5",
    "to:5",
    "which:qr_pay:0",
    "⟨không phải nút⟩",
    "guide:\u202e" + "ă" * 20,
]


@pytest.mark.parametrize("text", INVISIBLE)
def test_nothing_to_read(text: str) -> None:
    there = talk().text(text)
    assert there.said == say("empty")
    assert there.ids == FRONT
    assert there.state.misses == 0
    there = walking(QR, 2).text(text)
    assert there.ids == [f"back:{QR}", *FRONT]


@pytest.mark.parametrize("text", STRANGE)
def test_strange_letters(text: str) -> None:
    there = talk().text(text)
    assert there.said == say("out_of_scope")


def test_zero_width_characters_do_not_hide_a_command() -> None:
    assert walking(QR, 1).text("ti\u200bếp").said == step_said(QR, 2)


@pytest.mark.parametrize("length", [4096, 20_000])
@pytest.mark.parametrize("letter", ["x", "👍", "ế ", "1 "])
def test_very_long_texts(letter: str, length: int) -> None:
    text = (letter * length)[:length]
    for there in (talk(), walking(QR, 1), talk().press("human").press("hand:yes")):
        there.text(text)
        assert there.said
        assert numbered_length(there.replies[0]) <= 4096
        assert there.text("menu").ids[-7:] == MENU


@pytest.mark.parametrize(
    "what", ["sticker", "photo", "video", "voice", "poll", "location", "hologram"]
)
def test_what_is_not_text(what: str) -> None:
    there = talk().event(ev.Attachment(what))
    name = content().phrases.attachment(what)
    assert there.said == f"{say('attachment', what=name)}\n\n{say('attachment_ask')}"
    assert there.ids == FRONT
    if what == "hologram":
        assert name == "tin này"


def test_a_sticker_in_a_form_asks_the_same_again() -> None:
    there = talk().press("human").press("hand:yes").event(ev.Attachment("sticker"))
    assert there.said == f"{say('attachment', what='hình dán')}\n\n{say('hand_name')}"
    assert there.state.slot is Slot.NAME
    assert there.text("cô Ba").said == say("hand_how")


def test_a_contact_nobody_asked_for() -> None:
    assert talk().event(ev.Contact("0912345678")).said == f"{say('masked')}\n\n{say('menu')}"
    there = walking(QR, 1).event(ev.Contact("0912345678"))
    assert there.said == f"{say('masked')}\n\n{step_said(QR, 1)}"
    there = talk().press("human").press("hand:yes").event(ev.Contact("0912345678"))
    assert there.said == f"{say('masked')}\n\n{say('hand_name')}"


@pytest.mark.parametrize("text", ["/xyz", "/", "/start_now", "/XONG"])
def test_unknown_commands(text: str) -> None:
    there = talk().text(text)
    assert there.said == say("unknown_command")
    assert there.ids == FRONT
    there = talk().press("human").press("hand:yes").text(text)
    assert there.said == f"{say('unknown_command')}\n\n{say('hand_name')}"


@pytest.mark.parametrize("choice", GARBAGE)
def test_garbage_buttons(choice: str) -> None:
    for there in (talk(), walking(QR, 1), talk().know(tickets=(ticket(5),))):
        there.press(choice)
        assert there.said
        assert "nowhere" not in there.said
        assert "nowhere" not in "".join(there.ids)
        assert "9" * 19 not in repr(there.effects)
        assert there.text("menu").ids[-7:] == MENU


@pytest.mark.parametrize("choice", ["", "::::", "nothing:1", "guide:nowhere", "back:nowhere"])
def test_buttons_that_mean_nothing_say_so(choice: str) -> None:
    there = talk().press(choice)
    assert there.said == say("stale")
    assert there.ids == FRONT


def test_a_button_of_another_step_shows_the_step_one_is_at() -> None:
    there = walking(QR, 3).press(f"next:{QR}:1")
    assert there.said == f"{say('stale_step')}\n\n{step_said(QR, 3)}"
    assert there.step == 3


def test_a_button_of_a_finished_guide_offers_to_open_it() -> None:
    there = talk().press(f"next:{QR}:1")
    assert there.said == say("stale")
    assert there.labels == [button("reopen"), button("menu")]


def test_a_button_of_a_guide_left_aside_goes_back_there() -> None:
    there = walking(QR, 2).press("guide:scam_link").press(f"next:{QR}:2")
    assert there.said == step_said(QR, 2)


def test_a_button_pressed_twice_is_answered_once() -> None:
    there = walking(QR, 1).press(f"next:{QR}:1").press(f"next:{QR}:1")
    assert there.replies == ()
    assert there.step == 2
    there.press(f"next:{QR}:1")
    assert there.said == f"{say('stale_step')}\n\n{step_said(QR, 2)}"


def test_a_button_pressed_again_after_something_else_is_answered() -> None:
    there = talk().press("menu").text("mai mưa không").press("menu")
    assert there.said == say("menu")


def test_a_choice_still_offered_can_be_pressed_again() -> None:
    there = talk().text("menu").press("scam").press("menu").press("scam").press("scam")
    assert there.replies == ()
    assert talk().press("all").press("menu").press("all").said == say("all_topics")


@pytest.mark.parametrize(("text", "number"), [("8", 8), ("99", 99), ("0", 0), ("số 9", 9)])
def test_a_number_that_is_not_offered(text: str, number: int) -> None:
    there = talk().text("menu").text(text)
    assert there.said == say("bad_number", number=number, most=7)
    assert there.text("1").said.startswith("Lộ trình")


@pytest.mark.parametrize("text", ["3", " 3. ", "số 3", "so 3", "chọn 3", "chon so 3", "3)", "３"])
def test_ways_to_type_a_number(text: str) -> None:
    assert talk().text("menu").text(text).ids[0] == f"next:{QR}:0"


def test_a_state_that_waits_for_nothing_it_knows_is_not_stuck() -> None:
    for slot in Slot:
        there = Talk(State(greeted=True, slot=slot)).text("mã qr", QR)
        assert there.ids[0] == f"next:{QR}:0"
        assert there.state.slot is None
    there = talk(slot=Slot.RATING_NOTE, draft=Draft()).text("cảm ơn")
    assert there.said == say("menu")
    assert there.state.slot is None


def test_a_session_beyond_the_last_step_is_brought_back() -> None:
    there = talk(session=Session(QR, content().guides[QR].revision, 99, 1)).text("nhắc lại")
    assert f"Bước {len(content().guides[QR].steps)}/" in there.said


def test_sentences_that_wait_for_a_reply_come_in_order_even_without_one() -> None:
    turn = Turn(State(), ev.Start(), talk().facts)
    turn.note("rated")
    turn.note("guide_first")
    (reply,) = turn.done().replies
    assert reply.text == f"{say('rated')}\n\n{say('guide_first')}"
