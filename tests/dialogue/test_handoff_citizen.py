"""The citizen's side of meeting a person."""

from __future__ import annotations

import pytest

from bot.domain import events as ev
from bot.domain.effects import (
    CancelTicket,
    EraseMe,
    OpenTicket,
    Outcome,
    RateTicket,
    RelayToHelper,
    SetLocality,
    SetOutcome,
)
from bot.domain.phones import plain_phone
from bot.domain.replies import Priority
from bot.domain.state import Relay, Slot
from bot.domain.tickets import TeamView
from bot.locality.teams import pick_team
from tests.dialogue.helpers import (
    FRONT,
    MENU,
    QR,
    TEAM,
    Talk,
    content,
    effect_of,
    say,
    step_said,
    talk,
    ticket,
    walking,
)


def named() -> Talk:
    """At a step, after consent and name."""
    return walking(QR, 1).tap("help").tap("yes").text("cô Ba")


def in_relay() -> Talk:
    return (
        walking(QR, 1)
        .know(tickets=(ticket(5, helper="Anh Tư"),))
        .event(ev.TicketClaimed(5, "Anh Tư"))
    )


# Asking for a person ----------------------------------------------------------------------------


def test_the_whole_way_by_phone() -> None:
    there = walking(QR, 1).press(f"why:{QR}:1:0").tap("help")
    assert there.said == say("hand_consent")
    assert there.labels == ["Đồng ý", "Không", "Hỏi giùm người khác"]
    there.tap("yes")
    assert (there.said, there.labels) == (say("hand_name"), ["Bỏ qua"])
    there.text("cô Ba")
    assert (there.said, there.ids) == (say("hand_how"), ["hand:phone", "hand:chat"])
    there.tap("by_phone")
    assert (there.said, there.labels) == (say("hand_phone"), ["Trả lời tại đây"])
    there.text("0912 345 678")
    assert there.said == say("hand_when")
    assert there.labels == ["Lúc nào cũng được", "Buổi sáng", "Buổi chiều", "Buổi tối"]
    there.tap("evening")
    assert (there.said, there.labels) == (say("hand_commune"), ["Bỏ qua"])
    there.text("xa Tan An, Ca Mau")
    failed = content().guides[QR].steps[1].if_stuck[0].problem
    title = content().title(QR)
    assert effect_of(there, OpenTicket) == OpenTicket(
        urgent=False,
        topic=title,
        guide_title=title,
        step=2,
        failed=failed,
        name="cô Ba",
        phone="0912345678",
        commune="xa Tan An, Ca Mau",
        team_id=TEAM.id,
        question_id=50,
        call_requested=True,
        call_when="Buổi tối",
    )
    assert effect_of(there, SetLocality) == SetLocality("xa Tan An, Ca Mau")
    assert effect_of(there, SetOutcome) == SetOutcome(50, Outcome.HANDED_OVER, 2)
    number = there.facts.event_id - 1
    assert there.said.startswith(say("hand_opened", ticket=number, team=TEAM.name))
    assert there.said.endswith(say("status_safety"))
    assert there.ids == [f"back:{QR}", *(c for c in FRONT if c != "human")]
    assert there.step == 1
    assert there.state.draft is None


def test_the_short_way_by_numbers() -> None:
    there = talk().text("gặp người").text("1").text("1").text("2").text("1")
    opened = effect_of(there, OpenTicket)
    assert (opened.name, opened.phone, opened.commune) == ("", "", "")
    assert opened.topic == say("topic_general")
    assert opened.guide_title == ""
    assert opened.step is None


def test_the_short_way_in_words() -> None:
    there = talk().text("gap nguoi").text("dong y").text("không").text("không").text("bỏ qua")
    opened = effect_of(there, OpenTicket)
    assert (opened.name, opened.phone, opened.commune) == ("", "", "")


def test_no_team_is_told_the_truth() -> None:
    there = named().know(teams=()).tap("by_chat").text("xã Xa")
    number = there.facts.event_id - 1
    assert there.said.startswith(say("hand_opened_no_team", ticket=number))
    assert effect_of(there, OpenTicket).team_id is None


def test_on_a_web_page_without_a_phone_the_page_must_be_kept() -> None:
    there = named().know(stays_on_page=True).tap("by_chat").text("Tân Ân")
    assert say("hand_keep_page") in there.said
    there = named().know(stays_on_page=True).text("0912345678").text("Tân Ân")
    assert say("hand_keep_page") not in there.said


@pytest.mark.parametrize("text", ["không", "thôi", "2", "không cần", "bỏ qua"])
def test_no_consent_passes_nothing_on(text: str) -> None:
    there = walking(QR, 1).tap("help").text(text)
    assert there.said == f"{say('hand_declined')}\n\n{step_said(QR, 1)}"
    assert there.effects == ()
    assert there.state.draft is None


@pytest.mark.parametrize("at", [Slot.NAME, Slot.PHONE, Slot.COMMUNE])
def test_thoi_leaves_the_form_anywhere(at: Slot) -> None:
    there = walking(QR, 1).tap("help").tap("yes")
    if at is not Slot.NAME:
        there.text("cô Ba")
    if at is Slot.COMMUNE:
        there.tap("by_chat")
    assert there.state.slot is at
    there.text("thôi")
    assert there.said == f"{say('hand_declined')}\n\n{step_said(QR, 1)}"
    assert there.state.slot is None


@pytest.mark.parametrize("text", ["menu", "lộ trình", "xem tất cả", "bắt đầu", "xóa dữ liệu"])
def test_another_command_leaves_the_form(text: str) -> None:
    there = talk().press("human").press("hand:yes").text(text)
    assert there.state.slot is None
    assert there.state.draft is None
    assert there.text("cô Ba").said == say("out_of_scope")


def test_another_button_leaves_the_form() -> None:
    there = talk().press("human").press("hand:yes").press("path")
    assert (there.state.slot, there.state.draft) == (None, None)


def test_a_consent_that_was_passed_over_is_forgotten() -> None:
    there = walking(QR, 1).tap("help").text("nhắc lại")
    assert there.state.draft is None
    assert there.text("thôi").said == say("guide_stopped", title=content().title(QR))


@pytest.mark.parametrize("old", ["noname", "phone", "chat", "nocommune", "what"])
def test_an_old_button_cannot_stand_in_for_consent(old: str) -> None:
    there = talk().press("human").press(f"hand:{old}")
    assert there.said == say("hand_consent")
    assert there.effects == ()
    assert there.state.slot is None
    assert talk().press(f"hand:{old}").said == say("hand_consent")


def test_an_old_no_asks_nothing() -> None:
    assert talk().press("hand:no").said == f"{say('hand_declined')}\n\n{say('menu')}"


@pytest.mark.parametrize("name", ["Dung", "Huy", "huy", "Bo", "Ba", "bà Sáu", "Thơi", "cô Có"])
def test_peoples_names_are_names(name: str) -> None:
    there = talk().press("human").press("hand:yes").text(name)
    assert there.state.draft is not None
    assert there.state.draft.name == name
    assert there.said == say("hand_how")


@pytest.mark.parametrize(
    "text", ["", "   ", "👍", "\u200b\u200b", "có mất tiền không?", "a" * 61, "…"]
)
def test_what_is_no_name_is_asked_again(text: str) -> None:
    there = talk().press("human").press("hand:yes").text(text)
    assert there.said == say("hand_name_again")
    assert there.ids == ["hand:noname"]


def test_a_name_keeps_no_secret_and_no_invisible_character() -> None:
    there = talk().press("human").press("hand:yes").text("Ba\u202e\n otp 123456")
    assert there.state.draft is not None
    assert "123456" not in there.state.draft.name
    assert there.state.draft.name.startswith("Ba otp")


def test_a_phone_instead_of_a_name_is_taken() -> None:
    there = talk().press("human").press("hand:yes").text("0912.345.678")
    assert there.said == say("hand_commune")
    assert there.state.draft is not None
    assert (there.state.draft.name, there.state.draft.phone) == ("", "0912345678")


def test_a_phone_typed_or_shared_right_away() -> None:
    assert named().text("+84 912 345 678").said == say("hand_commune")
    assert named().event(ev.Contact("+84912345678")).said == say("hand_commune")


def test_words_where_a_number_is_wanted_ask_for_the_number() -> None:
    assert named().text("gọi cho tôi").said == say("hand_phone")
    assert named().text("12345").said == say("hand_phone_again")


def test_the_phone_is_not_asked_for_ever() -> None:
    there = named().text("12345").text("123456").text("0")
    assert there.said == f"{say('hand_by_chat')}\n\n{say('hand_commune')}"


def test_a_commune_is_cut_and_clean() -> None:
    there = named().tap("by_chat").text("xã\u0000 Tân Ân " + "x" * 500)
    commune = effect_of(there, OpenTicket).commune
    assert len(commune) <= 120
    assert commune.startswith("xã Tân Ân")
    assert named().tap("by_chat").text("👍").said == say("hand_commune")


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("0912345678", "0912345678"),
        ("0912.345.678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("số tôi là 0912345678", "0912345678"),
        ("０９１２３４５６７８", "0912345678"),
        ("02903831234", "02903831234"),
        ("912345678", None),
        ("09123456789", None),
        ("0012345678", None),
        ("123", None),
        ("", None),
    ],
)
def test_phone_numbers(raw: str, phone: str | None) -> None:
    assert plain_phone(raw) == phone


# The ticket -------------------------------------------------------------------------------------


def test_a_second_request_shows_the_first() -> None:
    there = talk().know(tickets=(ticket(5),)).text("gặp người")
    assert there.said.startswith(say("status_head", ticket=5, topic="Quét QR trả tiền"))
    assert there.said.endswith(say("status_safety"))
    assert there.ids == ["hand:add:5", "hand:fix:5", "drop:5", "menu"]


@pytest.mark.parametrize("text", ["phiếu của tôi", "phieu cua toi", "/phieucuatoi", "phiếu"])
def test_where_the_ticket_stands(text: str) -> None:
    there = talk().know(tickets=(ticket(5, helper="Anh Tư"),)).text(text)
    assert "Anh Tư, " in there.said
    there = talk().text(text)
    assert there.said == say("status_none")
    assert there.ids == ["human", "menu"]


def test_a_ticket_can_be_cancelled_by_its_owner_only() -> None:
    there = in_relay().press("drop:5")
    assert there.effects == ()
    there.tap("cancel_ticket_yes")
    assert effect_of(there, CancelTicket) == CancelTicket(5)
    assert there.state.relay is None
    assert there.said == f"{say('ticket_cancelled', ticket=5)}\n\n{step_said(QR, 1)}"
    assert talk().press("drop:5").effects == ()
    assert talk().press("dropped:5").effects == ()


def test_a_claim_opens_the_line() -> None:
    there = in_relay()
    assert there.said == say("ticket_claimed", ticket=5, helper="Anh Tư")
    assert there.replies[0].priority is Priority.RELAY
    assert there.state.relay == Relay(5, "Anh Tư")


def test_a_claim_with_a_phone_says_that_they_will_call() -> None:
    there = talk().know(tickets=(ticket(5, helper="Anh Tư", phone="0912345678"),))
    there.event(ev.TicketClaimed(5, "Anh Tư"))
    assert there.said == say("ticket_claimed_call", ticket=5, helper="Anh Tư")


def test_a_claim_ends_a_form_that_is_open() -> None:
    there = talk().press("human").press("hand:yes").know(tickets=(ticket(5, helper="Anh Tư"),))
    there.event(ev.TicketClaimed(5, "Anh Tư"))
    assert (there.state.slot, there.state.draft) == (None, None)


def test_claims_of_tickets_that_are_gone_say_nothing() -> None:
    assert talk().event(ev.TicketClaimed(9, "Anh Tư")).replies == ()
    assert talk().event(ev.HelperSaid(9, "Anh Tư", "alo")).replies == ()


# The talk ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["dạ tôi đây", "xong rồi", "tiếp", "có", "2", "gặp người", "thôi"])
def test_what_is_typed_goes_to_the_helper(text: str) -> None:
    there = in_relay().text(text)
    assert there.replies == ()
    assert there.effects == (RelayToHelper(5, text),)
    assert there.step == 1


def test_secrets_do_not_reach_the_helper() -> None:
    there = in_relay().text("mật khẩu của tôi là abc12345")
    assert there.said == say("masked")
    assert "abc12345" not in effect_of(there, RelayToHelper).text


def test_the_helper_is_heard() -> None:
    there = in_relay().event(ev.HelperSaid(5, "Anh Tư", "Bác mở máy chưa?"))
    assert there.said == "Anh Tư: Bác mở máy chưa?"
    assert there.replies[0].ticket_id == 5


def test_back_to_the_machine_and_the_helper_opens_the_line_again() -> None:
    there = in_relay().text("kết thúc")
    assert there.said == say("relay_ended", ticket=5, helper="Anh Tư")
    assert there.state.relay is None
    there.event(ev.HelperSaid(5, "Anh Tư", "Còn đó không bác?"))
    assert there.said.endswith(say("relay_open", helper="Anh Tư"))
    assert there.text("còn").effects == (RelayToHelper(5, "còn"),)


def test_the_menu_in_a_talk_says_who_reads_along() -> None:
    there = in_relay().text("menu")
    assert there.said == f"{say('menu')}\n\n{say('relay_open', helper='Anh Tư')}"
    assert there.ids == [f"back:{QR}", "endtalk", *MENU]
    assert there.tap("end_talk").said == say("relay_ended", ticket=5, helper="Anh Tư")


@pytest.mark.parametrize("text", ["/lotrinh", "/nope", "/phieucuatoi"])
def test_slash_commands_are_never_sent_to_a_human(text: str) -> None:
    there = in_relay().text(text)
    assert there.effects == ()
    assert there.replies


def test_pictures_cannot_be_passed_on() -> None:
    assert in_relay().event(ev.Attachment("photo")).said == say("relay_unseen", helper="Anh Tư")


def test_the_end_asks_how_it_was_and_leads_back_to_the_step() -> None:
    there = in_relay().know(tickets=()).event(ev.TicketClosed(5, "Anh Tư"))
    assert there.said == say("ticket_closed", ticket=5, helper="Anh Tư")
    assert there.labels == ["Rất tốt", "Tạm được", "Chưa giúp được", "Quay lại bước 2"]
    assert there.state.relay is None
    there.tap("rate_5")
    assert effect_of(there, RateTicket) == RateTicket(5, 5)
    assert there.said == f"{say('rated')}\n\n{step_said(QR, 1)}"


def test_a_bad_rating_offers_another_person() -> None:
    there = in_relay().know(tickets=()).event(ev.TicketClosed(5, "Anh Tư")).text("3")
    assert effect_of(there, RateTicket) == RateTicket(5, 1)
    assert there.said == say("rated_low")
    assert there.ids == ["human", "hand:note:5", f"back:{QR}", "menu"]


def test_closing_one_ticket_leaves_the_talk_on_another() -> None:
    there = in_relay().event(ev.TicketClosed(4, "Chị Năm"))
    assert there.state.relay == Relay(5, "Anh Tư")


def test_the_person_is_told_when_the_helper_cannot_be_reached() -> None:
    there = in_relay().event(ev.PeerUnreachable(5))
    assert there.said == say("helper_unreachable", ticket=5, helper="Anh Tư")


# Erasing ----------------------------------------------------------------------------------------


def test_erasing_asks_first() -> None:
    there = walking(QR, 1).text("xóa dữ liệu của tôi")
    assert there.said == say("erase_ask")
    assert there.tap("keep").said == f"{say('erase_kept')}\n\n{step_said(QR, 1)}"
    there = walking(QR, 1).text("xóa dữ liệu của tôi").tap("erase")
    assert there.said == say("erase_done")
    assert there.effects == (EraseMe(),)
    assert there.state.session is None


@pytest.mark.parametrize("text", ["tiếp", "rồi", "xong"])
def test_going_on_is_no_consent_to_erasing(text: str) -> None:
    assert EraseMe() not in walking(QR, 1).text("xóa dữ liệu").text(text).effects


def test_an_old_erase_button_asks_again() -> None:
    there = walking(QR, 1).press("erase:yes")
    assert there.said == say("erase_ask")
    assert there.effects == ()


# Teams ------------------------------------------------------------------------------------------

TEAMS = [
    TeamView(1, "Tân Ân", "xã Tân Ân, Cà Mau"),
    TeamView(2, "Tân Ân Tây", "Tân Ân Tây"),
    TeamView(3, "Phường 1", "Phường 1"),
    TeamView(4, "Tân Ân khác", "xã Tân Ân, Đắk Lắk"),
    TeamView(9, "Tỉnh", ""),
]


@pytest.mark.parametrize(
    ("said", "team"),
    [
        ("xã Tân Ân, Cà Mau", 1),
        ("tan an ca mau", 1),
        ("ấp 1 xã Tân Ân", 1),
        ("xa tan an, dak lak", 4),
        ("xã Tân Ân Tây", 2),
        ("Tân Ânn, Cà Mau", 1),
        ("phường 1", 3),
        ("phuong 1, ca mau", 3),
        ("ấp 1, xã Khánh An", 9),
        ("Hà Nội", 9),
        ("", 9),
        ("👍", 9),
    ],
)
def test_which_team(said: str, team: int) -> None:
    found = pick_team(TEAMS, said)
    assert found is not None
    assert found.id == team


def test_no_team_at_all() -> None:
    assert pick_team([TEAMS[0]], "xã Khánh An") is None
    assert pick_team([], "xã Tân Ân") is None
