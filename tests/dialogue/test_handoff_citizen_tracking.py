"""The citizen follows a request that is open: asks for it, adds to it, corrects it, gives it up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bench.places import places
from bot.domain import events as ev
from bot.domain.effects import CancelTicket, CorrectTicket, RelayToHelper
from bot.domain.state import Draft, Relay, Slot
from bot.domain.tickets import Deadline, DueKind, Rung, TicketStatus, TicketView
from bot.locality.atlas import Atlas
from nlu.text import strip_diacritics
from tests.dialogue.helpers import (
    NOW,
    QR,
    Talk,
    button,
    effect_of,
    say,
    step_said,
    talk,
    ticket,
    walking,
)

TEAM = "Tổ công nghệ số Tân Ân"
BUBBLE_MOST = 600


def waiting(number: int = 5, **more: Any) -> TicketView:
    due = Deadline(DueKind.CLAIM, NOW + timedelta(hours=4))
    return ticket(number, **{"team_name": TEAM, "due": due, **more})


def held(number: int = 5, **more: Any) -> TicketView:
    due = Deadline(DueKind.FIRST_REPLY, NOW + timedelta(hours=2))
    base: dict[str, Any] = {"helper": "Anh Tư", "team_name": TEAM, "due": due, "claimed_at": NOW}
    return ticket(number, **{**base, **more})


def with_(*tickets: TicketView) -> Talk:
    return talk().know(tickets=tickets)


def in_relay(**more: Any) -> Talk:
    there = walking(QR, 1).know(tickets=(held(**more),))
    return there.event(ev.TicketClaimed(5, "Anh Tư"))


def plain(text: str) -> str:
    return strip_diacritics(text)


# Asking where it stands -------------------------------------------------------------------------

ASKS = [
    "phiếu của tôi",
    "phiếu của tôi tới đâu rồi",
    "phiếu của tôi sao rồi",
    "xem phiếu",
    "yêu cầu của tôi tới đâu",
    "yêu cầu của tôi đến đâu rồi",
    "Yêu cầu của tôi tới đâu rồi?",
    "yêu cầu tới đâu rồi",
    "có ai nhận chưa",
    "có ai nhận phiếu chưa?",
    "ai đang giúp tôi",
    "bao giờ có người giúp",
    "khi nào tổ gọi lại",
    "sao chưa ai gọi cho tôi",
    "cháu ơi yêu cầu của bác tới đâu rồi",
    "cho hỏi phiếu số 5 có ai nhận chưa",
    "người của tổ chừng nào tới vậy",
    "tổ công nghệ khi nào gọi cho tui",
    "yêu cầu của tui sao lâu quá",
    "phiếu tôi gửi hôm qua ra sao",
]


@pytest.mark.parametrize("text", [*ASKS, *map(plain, ASKS)])
def test_many_wordings_ask_where_it_stands(text: str) -> None:
    there = with_(waiting()).text(text)
    assert there.said.startswith(say("status_head", ticket=5, topic="Quét QR trả tiền"))


@pytest.mark.parametrize(
    "text",
    [
        "phiếu lý lịch tư pháp bao giờ có",
        "hồ sơ của tôi tới đâu rồi",
        "bao giờ có tiền",
        "khi nào có căn cước",
        "đổi số điện thoại thế nào",
    ],
)
def test_other_papers_are_not_ones_request(text: str) -> None:
    assert with_(waiting()).text(text).said == say("out_of_scope")


def test_who_has_it_since_when_and_what_comes_next() -> None:
    said = with_(waiting()).text("phiếu của tôi").said
    assert f"Đang chờ {TEAM} ({say('rung_hamlet')}) nhận, từ 9 giờ hôm nay." in said
    above = say("rung_commune")
    assert say("next_claim", when="13 giờ hôm nay", above=above) in said
    assert "ba từ" not in said

    said = with_(held(words="con mèo, cái nón, hạt lúa")).text("phiếu của tôi").said
    assert "Anh Tư, " in said
    assert say("next_first_reply", helper="Anh Tư", when="11 giờ hôm nay") in said
    assert "con mèo, cái nón, hạt lúa" in said


@pytest.mark.parametrize(
    ("view", "key", "values"),
    [
        (waiting(rung=Rung.PROVINCE), "next_claim_last", {"when": "13 giờ hôm nay"}),
        (waiting(due=Deadline(DueKind.CLAIM, NOW)), "next_overdue", {}),
        (
            held(due=Deadline(DueKind.REPLY, NOW + timedelta(days=1))),
            "next_reply",
            {"helper": "Anh Tư", "when": "9 giờ ngày mai"},
        ),
        (
            held(due=Deadline(DueKind.RESOLVE, NOW + timedelta(days=2, minutes=30))),
            "next_resolve",
            {"helper": "Anh Tư", "when": "9 giờ 30 thứ Tư 25/11"},
        ),
        (
            held(visit_at=NOW + timedelta(hours=6)),
            "next_visit",
            {"helper": "Anh Tư", "when": "15 giờ hôm nay"},
        ),
    ],
)
def test_what_comes_next(view: TicketView, key: str, values: dict[str, str]) -> None:
    assert say(key, **values) in with_(view).text("phiếu của tôi").said


def test_without_a_team_it_is_the_provinces_staff() -> None:
    said = with_(waiting(team_name="", rung=Rung.PROVINCE)).text("phiếu của tôi").said
    assert say("moved_staff") in said


def test_several_requests_are_listed_to_choose_from() -> None:
    there = with_(waiting(5), held(6)).text("phiếu của tôi")
    assert there.said.splitlines()[0] == say("status_list", count=2)
    assert "Số 5" in there.said
    assert "Anh Tư đang giúp" in there.said
    assert there.ids == ["ticket:5", "ticket:6", "menu"]
    assert there.text("2").said.startswith(say("status_head", ticket=6, topic="Quét QR trả tiền"))


def test_none_open_and_none_closed_lately() -> None:
    there = walking(QR, 1).text("phiếu của tôi")
    assert there.said == say("status_none")
    assert there.ids == ["human", f"back:{QR}", "menu"]


def test_none_open_but_one_closed_lately_can_be_opened_again() -> None:
    ended = ticket(4, status=TicketStatus.CLOSED, closed_at=NOW - timedelta(days=1))
    there = talk().know(ended=(ended,)).text("phiếu của tôi")
    when = "9 giờ hôm qua"
    assert there.said == say("status_ended", ticket=4, topic="Quét QR trả tiền", when=when)
    assert there.ids == ["reopen:4", "human", "menu"]


def test_an_urgent_one_shows_what_can_be_done_alone() -> None:
    there = with_(waiting(urgent=True)).text("phiếu của tôi")
    assert say("meanwhile_life") in there.said


def test_an_old_button_of_a_request_shows_what_is_open() -> None:
    there = with_(waiting(5)).press("ticket:4")
    assert there.said.startswith(say("status_head", ticket=5, topic="Quét QR trả tiền"))
    assert talk().press("talk:4").said == say("status_none")


@pytest.mark.parametrize("view", [waiting(), held(words="con mèo, cái nón, hạt lúa")])
def test_every_status_is_short(view: TicketView) -> None:
    long = replace(view, topic="Nộp hồ sơ trên Cổng dịch vụ công quốc gia", failed="x" * 300)
    for each in with_(long).text("phiếu của tôi").replies:
        assert len(each.text) <= BUBBLE_MOST


# Writing to whoever helps -----------------------------------------------------------------------


def test_the_line_to_the_helper_is_opened_again() -> None:
    there = with_(held()).text("phiếu của tôi").tap("talk_to", helper="Anh Tư")
    assert there.said == say("relay_open", helper="Anh Tư")
    assert there.state.relay == Relay(5, "Anh Tư")
    assert with_(waiting()).press("talk:5").state.relay is None


def test_a_line_to_a_request_that_has_ended_leads_to_nobody() -> None:
    there = talk(relay=Relay(5, "Anh Tư")).text("alo")
    assert there.state.relay is None
    assert there.effects == () or not any(isinstance(e, RelayToHelper) for e in there.effects)


# Adding -----------------------------------------------------------------------------------------


def test_what_is_added_waits_with_the_request() -> None:
    there = with_(waiting()).text("phiếu của tôi").tap("add_to_ticket")
    assert there.said == say("add_ask", ticket=5)
    there.text("máy tôi là Nokia, mã otp 123456")
    assert effect_of(there, RelayToHelper).text.startswith("máy tôi là Nokia")
    assert "123456" not in effect_of(there, RelayToHelper).text
    assert there.said.startswith(say("added_waiting", ticket=5))
    assert (there.state.slot, there.state.draft) == (None, None)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("bổ sung: máy tôi là Nokia", "máy tôi là Nokia"),
        ("bo sung: may toi la Nokia", "may toi la Nokia"),
        ("Bổ sung : tôi ở nhà buổi tối", "tôi ở nhà buổi tối"),
        ("nhắn cho tổ: mai tôi bận", "mai tôi bận"),
        ("ghi them vao phieu: nha o cuoi xom", "nha o cuoi xom"),
    ],
)
def test_adding_in_one_message(text: str, kept: str) -> None:
    there = with_(held()).text(text)
    assert there.effects == (RelayToHelper(5, kept),)
    assert there.said.startswith(say("added", ticket=5, helper="Anh Tư"))


def test_bo_sung_with_a_question_behind_it_is_a_question() -> None:
    assert with_(waiting()).text("bổ sung giấy tờ hồ sơ thế nào").said == say("out_of_scope")
    assert talk().text("bổ sung: máy tôi là Nokia").said == say("out_of_scope")


def test_which_of_several_is_asked_and_what_was_typed_is_not_lost() -> None:
    there = with_(waiting(5), held(6)).text("bổ sung: mai tôi bận")
    assert there.said == say("which_ticket")
    assert there.ids == ["hand:add:5", "hand:add:6"]
    assert there.text("1").effects == (RelayToHelper(5, "mai tôi bận"),)
    there = with_(waiting(5), held(6)).text("bổ sung").tap("see_ticket", ticket=6)
    assert there.said == say("add_ask", ticket=6)


@pytest.mark.parametrize("text", ["không", "thôi", "bỏ qua"])
def test_adding_can_be_left(text: str) -> None:
    there = with_(waiting()).press("hand:add:5").text(text)
    assert there.said.startswith(say("left_as_is"))
    assert there.effects == ()
    assert there.state.draft is None


def test_nothing_readable_is_asked_again() -> None:
    there = with_(waiting()).press("hand:add:5").text("👍")
    assert there.said == say("add_ask", ticket=5)
    assert there.event(ev.Attachment("photo")).said.endswith(say("add_ask", ticket=5))


def test_a_request_that_ended_meanwhile_takes_no_more() -> None:
    there = with_(waiting()).press("hand:add:5").know(tickets=()).text("máy tôi là Nokia")
    assert there.said == say("status_none")
    assert there.effects == ()
    assert there.state.draft is None


# Correcting -------------------------------------------------------------------------------------


def test_what_stands_there_is_shown_without_the_number() -> None:
    view = waiting(phone="0900000001")
    there = with_(view).text("sửa thông tin")
    said = say("fix_ask", ticket=5, name="cô Ba", phone="…001", place="xã Tân Ân")
    assert there.said == said
    labels = ["fix_name", "fix_phone", "fix_place", "add_to_ticket", "leave"]
    assert there.labels == [button(each) for each in labels]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("sửa số điện thoại 0900 000 002", CorrectTicket(5, phone="0900000002")),
        ("sua so dien thoai: 0900000002", CorrectTicket(5, phone="0900000002")),
        ("số đúng là 0900.000.002", CorrectTicket(5, phone="0900000002")),
        ("ghi sai số, 0900000002 mới đúng", CorrectTicket(5, phone="0900000002")),
        ("sửa tên: cô Tư", CorrectTicket(5, name="cô Tư")),
        ("sửa tên thành cô Tư", CorrectTicket(5, name="cô Tư")),
        ("sua ten thanh co Tu", CorrectTicket(5, name="co Tu")),
    ],
)
def test_correcting_in_one_message(text: str, change: CorrectTicket) -> None:
    there = with_(waiting()).text(text)
    assert there.effects == (change,)
    assert (there.state.slot, there.state.draft) == (None, None)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("sửa số điện thoại", "fix_phone_ask"),
        ("sua so dien thoai", "fix_phone_ask"),
        ("số điện thoại sai", "fix_phone_ask"),
        ("sửa tên", "fix_name_ask"),
        ("ghi sai tên", "fix_name_ask"),
        ("sửa nơi ở", "hand_commune"),
        ("sai dia chi", "hand_commune"),
    ],
)
def test_correcting_by_question(text: str, asked: str) -> None:
    assert with_(waiting()).text(text).said == say(asked)
    # With nothing open it is a question about a SIM card or a paper.
    assert talk().text(text).said == say("out_of_scope")


def test_a_number_is_asked_again_but_not_for_ever() -> None:
    there = with_(waiting()).text("sửa số điện thoại").text("12345")
    assert there.said == say("fix_phone_again")
    assert there.text("123456").text("0").said.startswith(say("left_as_is"))
    there = with_(waiting()).text("sửa số điện thoại").event(ev.Contact("+84900000002"))
    assert there.effects == (CorrectTicket(5, phone="0900000002"),)


def test_a_name_that_is_none_is_asked_again() -> None:
    there = with_(waiting()).text("sửa tên").text("có mất tiền không?")
    assert there.said == say("hand_name_again")
    assert there.text("cô Tư").effects == (CorrectTicket(5, name="cô Tư"),)


def test_a_place_is_found_and_confirmed() -> None:
    there = with_(waiting()).know(places=Atlas(*places()))
    there.text("sửa nơi ở").text("ap 4 xa khanh an u minh")
    assert there.effects == ()
    there.tap("place_yes")
    change = effect_of(there, CorrectTicket)
    assert change.locality == "96.32059.ap-4"
    assert say("fixed_place", place=change.commune) in there.said
    there = with_(waiting()).know(places=Atlas()).text("sửa nơi ở: xã Tân Ân")
    assert there.effects == (CorrectTicket(5, commune="xã Tân Ân"),)


def test_a_place_can_be_left_as_it_is() -> None:
    there = with_(waiting()).text("sửa nơi ở").tap("skip")
    assert there.effects == ()
    assert there.said.startswith(say("left_as_is"))


def test_in_a_talk_nothing_more_is_said() -> None:
    there = in_relay().text("sửa số điện thoại 0900000002")
    assert there.effects == (CorrectTicket(5, phone="0900000002"),)
    assert there.said == say("fixed_phone")


def test_a_bare_number_in_a_talk_is_offered_for_the_request() -> None:
    there = in_relay().text("0900000002")
    assert there.said == say("phone_for_ticket", ticket=5, helper="Anh Tư")
    there.tap("use_phone")
    assert there.effects == (CorrectTicket(5, phone="0900000002"),)


def test_a_bare_number_in_a_talk_is_forgotten_with_the_next_line() -> None:
    there = in_relay().text("0900000002").text("khi nào anh gọi")
    assert there.effects == (RelayToHelper(5, "khi nào anh gọi"),)
    assert there.state.draft is None


def test_a_bare_number_without_a_request_is_covered() -> None:
    assert talk().text("0900000002").said.startswith(say("masked"))
    there = with_(waiting()).text("0900000002").tap("no")
    assert there.effects == ()
    assert there.state.draft is None


@pytest.mark.parametrize("old", ["fix", "fixname", "fixphone", "fixplace", "add", "call"])
def test_old_buttons_of_a_request_that_is_gone(old: str) -> None:
    there = talk().press(f"hand:{old}:5")
    assert there.said == say("status_none")
    assert there.effects == ()
    assert talk().press(f"hand:{old}:x").effects == ()
    assert talk().press(f"hand:{old}:{'9' * 40}").effects == ()


# Giving up --------------------------------------------------------------------------------------

GIVES_UP = ["hủy yêu cầu", "hủy phiếu", "hủy phiếu số 5", "rút yêu cầu", "không cần giúp nữa"]


@pytest.mark.parametrize("text", [*GIVES_UP, *map(plain, GIVES_UP)])
def test_giving_up_is_asked_first(text: str) -> None:
    there = with_(waiting()).text(text)
    assert there.said == say("drop_ask", ticket=5, topic="Quét QR trả tiền")
    assert there.effects == ()
    assert there.text("không").effects == ()
    there = with_(waiting()).text(text).text("có")
    assert there.effects == (CancelTicket(5),)
    assert there.said.startswith(say("ticket_cancelled", ticket=5))


def test_giving_up_in_a_talk_says_who_will_be_told() -> None:
    there = in_relay().text("hủy yêu cầu")
    assert there.said == say(
        "drop_ask_claimed", ticket=5, topic="Quét QR trả tiền", helper="Anh Tư"
    )
    assert there.tap("cancel_ticket_yes").effects == (CancelTicket(5),)
    assert there.state.relay is None


def test_an_old_yes_does_not_give_up() -> None:
    there = with_(waiting()).press("dropped:5")
    assert there.effects == ()
    assert there.said == say("drop_ask", ticket=5, topic="Quét QR trả tiền")


def test_which_of_several_to_give_up() -> None:
    there = with_(waiting(5), held(6)).text("hủy phiếu")
    assert there.ids == ["hand:drop:5", "hand:drop:6"]
    there.text("2")
    assert there.said == say(
        "drop_ask_claimed", ticket=6, topic="Quét QR trả tiền", helper="Anh Tư"
    )
    assert with_(waiting(5), held(6)).text("hủy phiếu 7").said.startswith("Anh/chị có 2 phiếu")


def test_with_nothing_open_there_is_nothing_to_give_up() -> None:
    assert talk().text("hủy yêu cầu").said == say("status_none")
    there = walking(QR, 1).tap("help").text("hủy yêu cầu")
    assert there.said == f"{say('hand_declined')}\n\n{step_said(QR, 1)}"


def test_a_form_about_a_request_holds_only_its_number() -> None:
    there = with_(waiting()).text("sửa số điện thoại")
    assert (there.state.slot, there.state.draft) == (Slot.PHONE, Draft(ticket_id=5))
    assert there.text("menu").state.draft is None
