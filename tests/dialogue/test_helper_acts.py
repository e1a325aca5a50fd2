"""A helper's work in their own chat: every act by button and by typed words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import events as ev
from bot.domain.effects import (
    ClaimTicket,
    ClimbTicket,
    CloseTicket,
    GiveBackTicket,
    NoteCall,
    PassTicket,
    RelayToCitizen,
    ResendLines,
    SendStep,
    SetVisit,
    VisitDone,
)
from bot.domain.events import Sender
from bot.domain.tickets import (
    Colleague,
    Deadline,
    DueKind,
    MemberView,
    OwnWork,
    Rung,
    TicketOutcome,
    TicketStatus,
    TicketView,
)
from tests.dialogue.helpers import MENU, NOW, QR, Talk, content, member, say, talk, ticket

PHONE = "0900000012"
MINE = ticket(5, helper="Anh Tư", phone=PHONE, words="Lúa, Ghe, Sao")
OTHER = ticket(6, helper="Anh Tư", topic="Định danh mức 2", name="")
WAITING = ticket(9, due=Deadline(DueKind.CLAIM, NOW + timedelta(hours=2)))
PEOPLE = (
    Colleague(1, "Anh Tư", True),
    Colleague(2, "Nguyễn Thị Lan", True),
    Colleague(3, "Lan Anh", True),
    Colleague(4, "Hoa", False),
)
#: 15:00 the next day, Tuesday, in Vietnam.
TOMORROW_AT_3 = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def own(*claimed: TicketView, subject: TicketView | None = None) -> Talk:
    """The helper's own chat, with these tickets in hand."""
    held = claimed or (MINE,)
    return talk().know(
        member=member(*held),
        named={t.id: t for t in (*held, WAITING)},
        colleagues=PEOPLE,
        subject=subject,
        sender=Sender("501", "Tư"),
    )


def pressed(choice: str, about: TicketView = MINE) -> Talk:
    return own(subject=about).press(choice)


# Taking and looking -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["nhận 9", "nhan 9", "/nhan 9"])
def test_a_ticket_is_taken_by_its_number(text: str) -> None:
    there = own().text(text)
    assert there.effects == (ClaimTicket(9, "501", "Anh Tư", 1),)
    assert there.replies == (), "the briefing comes with the confirmation"


def test_a_card_in_the_own_chat_is_taken_by_its_button() -> None:
    there = own(subject=WAITING).press("claim:9")
    assert there.effects == (ClaimTicket(9, "501", "Anh Tư", 1),)


def test_what_cannot_be_taken() -> None:
    gone = ticket(9, TicketStatus.CLOSED)
    there = own().know(named={9: gone}).text("nhận 9")
    assert (there.said, there.effects) == (say("claim_gone", ticket=9), ())
    taken = ticket(9, TicketStatus.CLAIMED, helper="Chị Năm", claimed_by=8)
    there = own().know(named={9: taken}).text("nhận 9")
    assert there.said == say("claim_taken", ticket=9, helper="Chị Năm", name="Anh Tư")
    assert own().text("nhận 77").said == say("helper_not_mine", ticket=77)


def test_a_ticket_is_looked_at_and_lines_go_there_from_then_on() -> None:
    there = own(MINE, OTHER).text("/phieu 6")
    assert "Định danh mức 2" in there.said
    there.text("Chào cô")
    assert there.effects == (RelayToCitizen(6, "Anh Tư", "Chào cô"),)
    assert there.said == say("helper_sent_to", ticket=6, name=say("no_name"))
    there.event(ev.TicketGone(6)).know(member=member(MINE, ticket(7, helper="Anh Tư")))
    there.text("còn đó không")
    assert not there.effects
    assert there.said == say("helper_which")


def test_a_waiting_ticket_is_looked_at_without_its_contact() -> None:
    there = own().know(named={9: replace(WAITING, phone=PHONE)}).text("phiếu 9")
    assert there.ids == ["claim:9"]
    assert PHONE not in there.said
    assert "cô Ba" not in there.said


def test_a_line_with_the_number_of_its_ticket() -> None:
    there = own(MINE, OTHER).text("6: Chào cô")
    assert there.effects == (RelayToCitizen(6, "Anh Tư", "Chào cô"),)


def test_the_list_has_what_waits_with_its_deadline() -> None:
    there = talk().know(member=member(), waiting=(WAITING,)).text("phiếu")
    assert "Phiếu 9: Quét QR trả tiền (hạn 11 giờ thứ Hai 23/11)" in there.said
    assert there.ids == ["claim:9"]
    there.know(named={9: WAITING}).text("1")
    assert isinstance(there.effects[0], ClaimTicket)


def test_numbers_mean_something_only_right_after_a_question() -> None:
    there = own().text("phiếu")
    there.text("cô làm tới đâu rồi")
    there.text("1")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", "1"),)


# Closing ----------------------------------------------------------------------------------------


def test_the_button_asks_for_the_outcome_and_at_home_for_the_minutes() -> None:
    there = pressed("done:5")
    assert [i.rpartition(":")[2] for i in there.ids] == list(TicketOutcome)
    there.text("2")
    assert there.said == say("helper_minutes_ask", ticket=5)
    there.text("1 tiếng rưỡi")
    assert there.effects == (CloseTicket(5, TicketOutcome.SOLVED_AT_HOME, 90),)
    assert there.said == say("helper_closed", ticket=5)


@pytest.mark.parametrize(
    ("choice", "effect"),
    [
        ("fin:5:not_reachable", CloseTicket(5, TicketOutcome.NOT_REACHABLE)),
        ("fin:5:solved_at_home:45", CloseTicket(5, TicketOutcome.SOLVED_AT_HOME, 45)),
        ("fin:5:solved_at_home:x", CloseTicket(5, TicketOutcome.SOLVED_AT_HOME)),
        ("fin:5:solved_at_home:99999", CloseTicket(5, TicketOutcome.SOLVED_AT_HOME)),
    ],
)
def test_outcomes_by_button(choice: str, effect: CloseTicket) -> None:
    assert pressed(choice).effects == (effect,)


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("xong 5", CloseTicket(5)),
        ("xong 5 khong gap duoc", CloseTicket(5, TicketOutcome.NOT_REACHABLE)),
        ("xong 5 tại nhà 45 phút", CloseTicket(5, TicketOutcome.SOLVED_AT_HOME, 45)),
        ("xong 5 30 phút", CloseTicket(5, TicketOutcome.SOLVED_AT_HOME, 30)),
    ],
)
def test_outcomes_typed(text: str, effect: CloseTicket) -> None:
    assert own(MINE, OTHER).text(text).effects == (effect,)


def test_several_are_closed_at_once_and_the_rest_is_named() -> None:
    there = own(MINE, OTHER).text("xong 5 6 88")
    assert there.effects == (CloseTicket(5), CloseTicket(6))
    assert say("helper_closed_many", tickets="5, 6") in there.said
    assert say("helper_not_closed", tickets="88") in there.said


def test_an_agreed_visit_is_asked_about_before_closing() -> None:
    visit = replace(MINE, visit_at=TOMORROW_AT_3)
    there = own(visit).text("xong 5")
    assert there.said == say("helper_outcome_ask", ticket=5)
    assert there.effects == ()


def test_a_button_pressed_twice_does_nothing_twice() -> None:
    closed = ticket(5, TicketStatus.CLOSED, claimed_by=1)
    for choice in ("done:5", "fin:5:solved", "fin:5:solved_at_home:30"):
        there = own(OTHER).know(subject=closed).press(choice)
        assert (there.said, there.effects) == (say("claim_gone", ticket=5), ())
    back = ticket(5, TicketStatus.WAITING)
    for choice in ("giveback:5", "passto:5:2", "why:5:hard", "visitat:5:1795507200"):
        there = own(OTHER).know(subject=back).press(choice)
        assert (there.said, there.effects) == (say("helper_ticket_gone", ticket=5), ())


# Calls ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["call:5", "gọi 5", "goi lai 5"])
def test_the_number_is_shown_with_the_words_to_say(by: str) -> None:
    there = pressed(by) if ":" in by else own().text(by)
    assert PHONE in there.said
    assert "Lúa, Ghe, Sao" in there.said
    assert there.effects == (NoteCall(5, "tried"),)
    there.know(missed_calls=2).text("2")
    assert there.effects == (NoteCall(5, "no_answer"),)
    assert "lần thứ 3" in there.said
    assert there.ids == ["fin:5:not_reachable"]


def test_without_a_number_there_is_nothing_to_call() -> None:
    there = own(OTHER).text("gọi 6")
    assert (there.said, there.effects) == (say("helper_call_none", ticket=6), ())


@pytest.mark.parametrize(
    ("text", "result"),
    [("không nghe máy 5", "no_answer"), ("5 khong nghe may", "no_answer"), ("đã gọi 5", "spoke")],
)
def test_how_the_call_went(text: str, result: str) -> None:
    assert own().text(text).effects == (NoteCall(5, result),)  # type: ignore[arg-type]


# Visits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("yes", ["1", "đúng", "dung roi", "có"])
def test_a_visit_is_typed_and_confirmed(yes: str) -> None:
    there = own().text("hẹn 5 chiều mai 3 giờ")
    assert "15 giờ thứ Ba 24/11" in there.said
    assert not there.effects
    there.text(yes)
    assert there.effects == (SetVisit(5, TOMORROW_AT_3),)


def test_a_visit_by_button_waits_for_the_time() -> None:
    there = pressed("visit:5").know(subject=None)
    assert there.said == say("helper_visit_ask", ticket=5)
    there.text("chiều mai 3 giờ")
    there.press(f"visitat:5:{int(TOMORROW_AT_3.timestamp())}")
    assert there.said == say("claim_gone", ticket=5), "without its ticket a button does nothing"
    there.know(subject=MINE).press(f"visitat:5:{int(TOMORROW_AT_3.timestamp())}")
    assert there.effects == (SetVisit(5, TOMORROW_AT_3),)


def test_a_time_that_may_mean_several_is_asked_back() -> None:
    there = own().text("hẹn 5 thứ bảy")
    assert there.said == say("helper_visit_which", ticket=5)
    assert len(there.ids) > 1
    first = int(there.ids[0].rpartition(":")[2])
    there.text("1")
    assert there.effects == (SetVisit(5, datetime.fromtimestamp(first, UTC)),)


@pytest.mark.parametrize(
    ("time", "problem"), [("hôm qua 3 giờ", "past"), ("khi nào rảnh", "unclear")]
)
def test_a_time_that_cannot_be_is_asked_again(time: str, problem: str) -> None:
    there = own().text(f"hẹn 5 {time}")
    assert there.said == say(f"visit_time_{problem}", ticket=5)
    there.text("chiều mai 3 giờ")
    assert "15 giờ thứ Ba 24/11" in there.said
    there.text("thôi")
    assert there.said == say("helper_asked_no_more", ticket=5)
    there.text("3")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", "3"),)


def test_what_was_no_time_can_still_go_to_the_citizen() -> None:
    there = pressed("visit:5").know(subject=None).text("dạ cô chờ con hỏi lại")
    there.press("to:5")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", "dạ cô chờ con hỏi lại"),)


def test_the_same_time_again_tells_nobody_again() -> None:
    agreed = replace(MINE, visit_at=TOMORROW_AT_3)
    there = own(agreed).know(subject=agreed).press(f"visitat:5:{int(TOMORROW_AT_3.timestamp())}")
    assert there.effects == ()
    assert "15 giờ thứ Ba" in there.said


def test_a_visit_is_called_off_or_has_taken_place() -> None:
    agreed = replace(MINE, visit_at=TOMORROW_AT_3)
    assert own(agreed).text("bỏ hẹn 5").effects == (SetVisit(5, None),)
    assert own().text("bỏ hẹn 5").said == say("helper_visit_none", ticket=5)
    assert own().text("đã tới 5 45 phút").effects == (VisitDone(5, 45),)


# Handing on -------------------------------------------------------------------------------------


def test_handing_on_offers_who_is_there_the_next_rung_and_giving_back() -> None:
    there = pressed("pass:5")
    assert there.ids == ["passto:5:2", "passto:5:3", "climb:5", "giveback:5"]
    there.text("1")
    assert there.effects == (PassTicket(5, 2),)


@pytest.mark.parametrize("name", ["Lan", "lan", "nguyen thi lan", "Thị Lan"])
def test_a_colleague_is_named_by_the_given_name(name: str) -> None:
    there = own().text(f"chuyển 5 cho {name}")
    assert there.effects == (PassTicket(5, 2),)
    assert there.said == say("helper_passed", ticket=5, helper="Nguyễn Thị Lan")


def test_a_colleague_who_is_away_or_unknown_gets_nothing() -> None:
    there = own().text("chuyển 5 cho Hoa")
    assert (there.said, there.effects) == (say("helper_pass_away", helper="Hoa"), ())
    there = own().text("chuyển 5 cho Út")
    assert (there.said, there.effects) == (say("helper_pass_nobody", name="Út"), ())
    assert "passto:5:2" in there.ids


def test_two_of_one_name_are_asked_about() -> None:
    two = (Colleague(2, "Trần Lan", True), Colleague(3, "Lê Lan", True))
    there = own().know(colleagues=two).text("chuyển 5 cho Lan")
    assert there.said == say("helper_pass_which", name="Lan")
    assert there.ids[:2] == ["passto:5:2", "passto:5:3"]


def test_up_the_ladder_with_a_reason() -> None:
    there = own().text("chuyển 5 lên xã vì cần giấy tờ, gọi 0912 345 678")
    (effect,) = there.effects
    assert isinstance(effect, ClimbTicket)
    assert effect.note.startswith("vì cần giấy tờ")
    assert "0912" not in effect.note
    there = own().text("chuyển 5 lên xã")
    assert there.said == say("helper_climb_why", ticket=5)
    there.text("máy cô cũ quá, xã có máy mới")
    assert there.effects == (ClimbTicket(5, "máy cô cũ quá, xã có máy mới"),)
    assert pressed("why:5:papers").effects == (ClimbTicket(5, "Cần giấy tờ ở xã"),)
    assert pressed("why:5:x").effects == (ClimbTicket(5),)


def test_above_the_last_rung_is_nothing() -> None:
    top = replace(MINE, rung=Rung.PROVINCE)
    there = own(top).text("chuyển 5 lên trên")
    assert (there.said, there.effects) == (say("helper_no_rung", ticket=5), ())


@pytest.mark.parametrize("text", ["trả lại 5", "tra lai 5", "/tralai"])
def test_giving_back(text: str) -> None:
    there = own().text(text)
    assert there.effects == (GiveBackTicket(5),)
    assert there.said == say("helper_given_back", ticket=5)


@pytest.mark.parametrize(
    ("text", "choice"),
    [("trả lại", "giveback:5"), ("gọi lại", "call:5"), ("không nghe máy", "noans:5")],
)
def test_bare_words_are_asked_about(text: str, choice: str) -> None:
    there = own().text(text)
    assert there.ids == [choice, "to:5"]
    there.text("2")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", text),)


# Steps and canned replies -----------------------------------------------------------------------


def test_a_step_of_the_tickets_own_guide() -> None:
    there = own().text("gửi 5 bước 2")
    (effect,) = there.effects
    assert isinstance(effect, SendStep)
    assert (effect.guide_id, effect.step) == (QR, 1)
    assert effect.title.startswith("[Bước 2")
    there = own().text("gửi 5 bước 88")
    assert there.effects == ()
    assert "88" not in there.said


def test_a_step_of_another_guide_by_its_name() -> None:
    there = own().text("gui 5 buoc 1 cua dinh danh muc 2")
    (effect,) = there.effects
    assert isinstance(effect, SendStep)
    assert effect.guide_id == "vneid_level_2"
    there = own().text("gửi 5 bước 1 của trồng lúa")
    assert (there.said, there.effects) == (say("helper_step_unknown", title="trồng lúa"), ())


def test_a_ticket_of_no_guide_needs_the_name() -> None:
    bare = replace(MINE, guide_title="", step=None)
    there = own(bare).text("gửi 5 bước 1")
    assert (there.said, there.effects) == (say("helper_step_no_guide", ticket=5), ())


def test_canned_replies_by_number_and_from_the_list() -> None:
    replies = content().canned
    assert 8 <= len(replies) <= 12
    there = own().text("gửi 5 mẫu 2")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", replies[1].text, ours=True),)
    there = own().text("mẫu")
    assert len(there.ids) == len(replies)
    there.text("3")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", replies[2].text, ours=True),)
    assert pressed("mau:5:hello").effects == (
        RelayToCitizen(5, "Anh Tư", replies[0].text, ours=True),
    )


# Secrets and delivery ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["cô đọc mã OTP cho con", "co doc ma otp cho con"])
def test_a_line_that_asks_for_a_secret_goes_with_a_warning(text: str) -> None:
    there = own().text(text)
    assert there.effects == (RelayToCitizen(5, "Anh Tư", text, asks=True),)
    assert there.said == say("helper_asked_secret")


def test_the_lead_is_told() -> None:
    there = talk().event(ev.SecretAsked(5, "Anh Tư"))
    assert there.said == say("lead_secret_asked", ticket=5, helper="Anh Tư")


@pytest.mark.parametrize("why", ["page", "blocked", "refused", "slow"])
def test_a_late_line_says_why_and_what_to_do(why: str) -> None:
    there = own().event(ev.LineLate(5, "chào cô", why), subject=MINE)  # type: ignore[arg-type]
    assert there.said == say(f"line_late_{why}", ticket=5, text="chào cô")
    assert "gọi" in there.said
    assert ("resend:5" in there.ids) is (why == "refused")
    assert "call:5" in there.ids
    assert own().text("gửi lại 5").effects == (ResendLines(5),)
    assert own().event(ev.LineArrived(5, "chào cô")).said == say(
        "line_arrived", ticket=5, text="chào cô"
    )


# Everybody's own --------------------------------------------------------------------------------


def test_help_and_summary() -> None:
    there = talk().know(member=member()).text("trợ giúp")
    assert there.said == say("helper_help")
    work = OwnWork(1, 4, 3, 2, 95, 4.5, timedelta(minutes=12))
    there.know(work=work).text("/cuatoi")
    for part in ("nhận 4 phiếu", "xong 3", "1 giờ 35 phút", "12 phút", "4,5/5"):
        assert part in there.said


def test_a_citizen_who_is_no_member_knows_no_orders() -> None:
    assert talk().text("trợ giúp").ids == MENU
    there = talk().text("nhận 9")
    assert not any(isinstance(effect, ClaimTicket) for effect in there.effects)


def test_a_member_without_tickets_is_a_citizen_in_everything_else() -> None:
    there = talk().know(member=member())
    assert not any(isinstance(e, RelayToCitizen) for e in there.text("hẹn mai nhé").effects)
    assert there.event(ev.Attachment("photo")).said != say("helper_text_only")


def test_a_person_of_two_teams_holds_the_tickets_of_both() -> None:
    theirs = ticket(8, helper="Anh Tư", claimed_by=31, team_id=70)
    both = MemberView(1, 7, "Anh Tư", (MINE, theirs), ((31, 70),))
    there = talk().know(member=both, named={8: theirs})
    assert there.text("xong 8").effects == (CloseTicket(8),)
    waiting = replace(WAITING, team_id=70)
    there.know(named={9: waiting}, sender=Sender("501", "Tư")).text("nhận 9")
    assert there.effects == (ClaimTicket(9, "501", "Anh Tư", 31),)


# The group --------------------------------------------------------------------------------------


def in_group(text: str, **facts: object) -> Talk:
    there = talk().know(group=True, sender=Sender("501", "Tư"), member=member(MINE), **facts)
    return there.text(text, reply_to="9")


def test_orders_in_the_group() -> None:
    assert in_group("nhận 9", named={9: WAITING}).effects == (ClaimTicket(9, "501", "Tư"),)
    assert in_group("xong 5", named={5: MINE}).effects == (CloseTicket(5),)
    assert in_group("trả lại 5", named={5: MINE}).effects == (GiveBackTicket(5),)


def test_what_is_private_is_not_done_in_the_group() -> None:
    there = in_group("gọi 5", named={5: MINE})
    assert (there.said, there.effects) == (say("group_private", ticket=5), ())
    assert PHONE not in there.said


def test_an_answer_in_the_group_that_reaches_nobody_says_so() -> None:
    theirs = ticket(6, helper="Chị Năm", claimed_by=8)
    there = in_group("Bác mở máy đi", subject=theirs)
    assert (there.said, there.effects) == (say("group_not_holder", ticket=6, helper="Chị Năm"), ())
    there = in_group("để tui coi", subject=WAITING)
    assert (there.said, there.effects) == (say("group_not_taken", ticket=9), ())
