"""Being called instead of typing, and asking for somebody else."""

from __future__ import annotations

import pytest

from bot.domain import events as ev
from bot.domain.effects import CorrectTicket, OpenTicket
from bot.domain.state import Slot
from nlu.text import strip_diacritics
from tests.dialogue.helpers import (
    QR,
    SCAM,
    button,
    content,
    effect_of,
    say,
    talk,
    ticket,
    walking,
)

MOTHER = "má (mẹ)"

# Being called -----------------------------------------------------------------------------------

CALLS = [
    "gọi cho tôi",
    "gọi lại cho tôi với",
    "gọi điện cho tôi",
    "tôi không biết chữ",
    "tôi không gõ được",
    "mắt kém không gõ được",
]


@pytest.mark.parametrize("text", [*CALLS, *map(strip_diacritics, CALLS)])
def test_a_call_takes_a_yes_a_number_and_two_taps(text: str) -> None:
    there = walking(QR, 1).text(text)
    assert there.said == say("hand_consent_call")
    there.tap("yes")
    assert there.said == say("hand_phone")
    there.event(ev.Contact("+84900000001"))
    assert there.said == say("hand_when")
    there.tap("any_time").tap("skip")
    opened = effect_of(there, OpenTicket)
    assert (opened.phone, opened.call_requested, opened.call_when) == ("0900000001", True, "")
    assert (opened.name, opened.step) == ("", 2)


def test_a_wish_to_be_called_is_heard_in_a_longer_sentence() -> None:
    there = talk().text("già rồi không biết gõ, kêu ai gọi giùm", intent="talk_to_human")
    assert there.said == say("hand_consent_call")
    there = talk().text("cho tôi gặp ai đó", intent="talk_to_human")
    assert there.said == say("hand_consent")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("sau 5 giờ chiều", "sau 5 giờ chiều (nói hôm thứ Hai 23/11)"),
        ("chiều mai", "chiều mai (nói hôm thứ Hai 23/11)"),
        ("không", ""),
        ("bỏ qua", ""),
        ("2", button("morning")),
        ("👍", ""),
    ],
)
def test_when_to_call_is_kept_in_their_words(typed: str, kept: str) -> None:
    there = talk().text("gọi cho tôi").tap("yes").text("0900000001").text(typed).tap("skip")
    assert effect_of(there, OpenTicket).call_when == kept


def test_no_consent_asks_for_no_number() -> None:
    there = talk().text("gọi cho tôi").tap("no")
    assert there.said.startswith(say("hand_declined"))
    assert there.state.draft is None


def test_a_call_wished_for_in_the_middle_of_the_form() -> None:
    there = talk().text("gặp người").text("gọi cho tôi")
    assert there.said == say("hand_consent_call")
    there = talk().text("gặp người").tap("yes").text("tôi không gõ được")
    assert there.said == say("hand_phone")
    assert there.text("0900000001").state.slot is Slot.CALL_TIME


def test_a_number_left_without_a_wish_is_not_asked_when() -> None:
    there = talk().text("gặp người").tap("yes").text("0900000001")
    assert there.said == say("hand_commune")
    assert effect_of(there.tap("skip"), OpenTicket).call_requested


def test_giving_up_the_number_gives_up_the_call() -> None:
    there = talk().text("gọi cho tôi").tap("yes").text("12345").text("1234567").text("0")
    assert there.said == f"{say('hand_by_chat')}\n\n{say('hand_commune')}"
    opened = effect_of(there.tap("skip"), OpenTicket)
    assert (opened.phone, opened.call_requested) == ("", False)


def test_on_an_open_request_the_wish_is_passed_on() -> None:
    view = ticket(5, phone="0900000001", team_name="Tổ Tân Ân")
    there = talk().know(tickets=(view,)).text("gọi cho tôi")
    assert there.effects == (CorrectTicket(5, call=True),)
    assert there.said.startswith(say("call_noted", helper="Tổ Tân Ân", phone="…001"))
    assert "0900000001" not in there.said
    there = talk().know(tickets=(ticket(5),)).text("gọi cho tôi")
    assert there.said == say("hand_phone")
    assert there.text("0900000001").effects == (CorrectTicket(5, phone="0900000001", call=True),)


# For somebody else ------------------------------------------------------------------------------


def test_that_person_must_have_agreed() -> None:
    there = talk().text("gặp người").tap("for_other")
    assert there.said == say("hand_whom")
    assert there.ids[:2] == ["hand:for:father", "hand:for:mother"]
    there.press("hand:for:mother")
    assert there.said == say("hand_consent_other", who=MOTHER, Who="Má (mẹ)")
    assert there.labels == [button("agreed"), button("not_agreed")]
    there.tap("agreed").text("cô Ba").tap("by_chat")
    assert there.said == say("hand_commune_other", who=MOTHER)
    there.tap("skip")
    opened = effect_of(there, OpenTicket)
    assert (opened.for_other, opened.whom) == (True, MOTHER)


@pytest.mark.parametrize("answer", ["không", "chưa", "2"])
def test_without_their_consent_nothing_is_passed_on(answer: str) -> None:
    there = talk().text("gặp người").press("hand:for:mother").text(answer)
    assert there.said.startswith(say("hand_declined_other", who=MOTHER))
    assert there.effects == ()
    assert there.state.draft is None


WHOM = [
    ("cho mẹ tôi", "mother"),
    ("hỏi giùm má tui", "mother"),
    ("tôi hỏi giúp cho bà nội", "grandmother"),
    ("cho ba tôi", "father"),
    ("làm giùm ông ngoại cháu", "grandfather"),
    ("giúp chồng em với", "husband"),
    ("cho bà xã", "wife"),
    ("cho con gái tôi", "child"),
    ("hộ hàng xóm", "other"),
]


@pytest.mark.parametrize(
    ("text", "role"), [*WHOM, *((strip_diacritics(text), role) for text, role in WHOM)]
)
def test_for_whom_is_heard_while_consent_is_asked(text: str, role: str) -> None:
    there = talk().text("gặp người").text(text)
    assert there.state.draft is not None
    assert there.state.draft.whom == role
    there = talk().text(f"gặp người giúp {text}", intent="talk_to_human")
    assert there.state.draft is not None
    assert there.state.draft.whom == role


@pytest.mark.parametrize("text", ["cho bà hỏi", "giúp ông với", "cho con hỏi", "chỉ giùm bác với"])
def test_speaking_of_oneself_is_not_for_somebody_else(text: str) -> None:
    there = talk().text(text, intent="talk_to_human")
    assert there.state.draft is not None
    assert there.state.draft.whom == ""


def test_a_guide_done_for_somebody_asks_for_their_consent() -> None:
    there = walking(QR, 1).press("who:mother").press(f"guide:{QR}").press("human")
    assert there.said == say("hand_consent_other", who=MOTHER, Who="Má (mẹ)")


def test_whom_can_be_given_up() -> None:
    there = talk().text("gặp người").tap("for_other").tap("leave_request")
    assert there.said.startswith(say("hand_declined"))
    assert talk().text("gặp người").press("hand:for:nobody").said == say("hand_whom")


# Urgent -----------------------------------------------------------------------------------------


def test_an_urgent_request_shows_at_once_what_to_do_meanwhile() -> None:
    there = talk().press(f"urgent:{SCAM}").tap("yes").tap("skip").tap("by_chat").tap("skip")
    assert effect_of(there, OpenTicket).urgent
    text = "\n".join(reply.text for reply in there.replies)
    first = content().phrases.fill(content().guides[SCAM].emergency[0])
    assert first in text
    assert f"guide:{SCAM}" in there.ids
    assert all(len(reply.text) <= 600 for reply in there.replies)
    assert talk().press("urgent:life").labels == [button("yes"), button("no")]
