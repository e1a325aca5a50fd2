"""The helper's side: cards in the group, the talk in the helper's own chat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain import events as ev
from bot.domain.effects import ClaimTicket, CloseTicket, RelayToCitizen
from bot.domain.events import Sender
from bot.domain.replies import Priority, merge
from bot.domain.tickets import Deadline, DueKind, Rung, TicketStatus
from tests.dialogue.helpers import MENU, NOW, Talk, effect_of, member, say, talk, ticket

MINE = ticket(5, helper="Anh Tư")
DUE = Deadline(DueKind.CLAIM, NOW + timedelta(hours=4))
OTHER = ticket(6, helper="Anh Tư", topic="Định danh mức 2", name="")


def group(name: str = "Anh Tư") -> Talk:
    return talk().know(group=True, sender=Sender("t1", name))


def own(*claimed: object) -> Talk:
    """The helper's own chat, with these tickets in hand."""
    held = tuple(claimed) or (MINE,)
    return talk().know(member=member(*held))  # type: ignore[arg-type]


# The group --------------------------------------------------------------------------------------


def test_a_card_shows_what_is_needed_and_no_contact() -> None:
    waiting = ticket(5, phone="0912345678", rung=Rung.COMMUNE, due=DUE)
    there = group().event(ev.CardDue(5), subject=waiting)
    assert there.said == (
        'Phiếu 5: Quét QR trả tiền\nĐang ở "Quét QR trả tiền", bước 2\n'
        "Đã thử chưa được: Mã mờ\nNơi ở: xã Tân Ân\n"
        "Liên lạc: có số điện thoại, hiện ra khi anh/chị nhận phiếu\n"
        "Bậc: tổ của xã, phường. Hạn: 13 giờ thứ Hai 23/11"
    )
    assert there.labels == ["Nhận phiếu 5"]
    assert there.ids == ["claim:5"]
    assert there.replies[0].priority is Priority.RELAY


def test_an_urgent_card_is_marked_and_goes_first() -> None:
    there = group().event(
        ev.CardDue(5), subject=ticket(5, urgent=True, guide_title="", commune="", step=None)
    )
    assert there.said.startswith(say("card_urgent"))
    assert say("card_no_guide") in there.said
    assert say("card_unknown_commune") in there.said
    assert there.replies[0].priority is Priority.URGENT


def test_a_card_without_a_step_does_not_say_none() -> None:
    there = group().event(ev.CardDue(5), subject=ticket(5, step=None))
    assert "None" not in there.said


def test_waiting_cards_merge_with_all_their_buttons() -> None:
    cards = [group().event(ev.CardDue(n), subject=ticket(n)).replies[0] for n in (5, 6)]
    assert [c.id for c in merge(cards).choices] == ["claim:5", "claim:6"]


@pytest.mark.parametrize("status", [TicketStatus.CLAIMED, TicketStatus.CLOSED])
def test_a_card_for_a_ticket_that_does_not_wait_is_not_shown(status: TicketStatus) -> None:
    assert group().event(ev.CardDue(5), subject=ticket(5, status)).replies == ()
    assert group().event(ev.CardDue(5)).replies == ()


def test_the_first_to_press_gets_it() -> None:
    there = group().event(ev.Press("claim:5"), subject=ticket(5))
    assert there.said == "Phiếu 5: Anh Tư đã nhận."
    assert there.effects == (ClaimTicket(5, "t1", "Anh Tư"),)
    assert there.labels == ["Xong phiếu 5"]


def test_the_second_is_told_who() -> None:
    there = group("Chị Năm").event(ev.Press("claim:5"), subject=MINE)
    assert there.said == say("claim_taken", ticket=5, helper="Anh Tư", name="Chị Năm")
    assert there.effects == ()


def test_pressing_again_says_that_it_is_theirs() -> None:
    there = group().event(ev.Press("claim:5"), subject=MINE, member=member(MINE))
    assert there.said == say("claim_mine", ticket=5, helper="Anh Tư")
    assert there.effects == ()


@pytest.mark.parametrize("status", [TicketStatus.CLOSED, TicketStatus.CANCELLED])
@pytest.mark.parametrize("choice", ["claim:5", "done:5"])
def test_a_button_of_an_ended_ticket(status: TicketStatus, choice: str) -> None:
    there = group().event(ev.Press(choice), subject=ticket(5, status))
    assert there.said == say("claim_gone", ticket=5)
    assert there.effects == ()


def test_a_button_of_a_ticket_that_is_gone_or_anothers() -> None:
    assert group().press("claim:77").said == say("claim_gone", ticket=77)
    assert group().press("claim:x").replies == ()
    assert group().press("menu").replies == ()


def test_somebody_without_a_name_still_makes_sense() -> None:
    there = group("").event(ev.Press("claim:5"), subject=ticket(5))
    assert there.said == say("claim_won", ticket=5, helper=say("team_name_unknown"))


def test_only_the_holder_closes() -> None:
    there = group().event(ev.Press("done:5"), subject=MINE, member=member(MINE))
    assert there.said == say("helper_outcome_ask", ticket=5)
    there.event(ev.Press("fin:5:solved"), subject=MINE, member=member(MINE))
    assert there.said == say("done_group", ticket=5, helper="Anh Tư")
    assert there.effects == (CloseTicket(5),)
    there = group("Chị Năm").event(ev.Press("done:5"), subject=MINE)
    assert there.said == say("done_not_yours", ticket=5, name="Chị Năm")
    assert there.effects == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("claimed", "Phiếu 5: Anh Tư đã nhận."),
        ("closed", "Phiếu 5: Anh Tư báo đã xong."),
        ("cancelled", "Phiếu 5: người hỏi đã hủy."),
    ],
)
def test_changes_from_elsewhere(change: str, said: str) -> None:
    event = ev.CardChanged(5, change, "Anh Tư")  # type: ignore[arg-type]
    assert group().event(event).said == said


def test_answers_in_the_group_reach_the_citizen() -> None:
    there = group().know(member=member(MINE), subject=MINE).text("Bác mở máy đi", reply_to="9")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", "Bác mở máy đi"),)
    assert there.replies == ()


def test_xong_in_answer_to_a_card_closes_it() -> None:
    there = group().know(member=member(MINE), subject=MINE).text("xong", reply_to="9")
    assert there.effects == (CloseTicket(5),)


@pytest.mark.parametrize("text", ["chào cả nhà", "menu", "/start", "tôi bị lừa rồi", "1"])
def test_small_talk_in_the_group_is_left_alone(text: str) -> None:
    there = group().text(text, "scam_victim")
    assert (there.replies, there.effects) == ((), ())
    assert group().event(ev.Attachment("photo")).replies == ()


def test_a_helper_whose_chat_is_closed_is_asked_to_open_it() -> None:
    there = group().event(ev.HelperUnreachable(5, "Anh Tư"))
    assert there.said == say("helper_open_chat", ticket=5, helper="Anh Tư")


# The helper's own chat --------------------------------------------------------------------------


def test_the_briefing_has_everything() -> None:
    mine = ticket(5, helper="Anh Tư", phone="0912345678")
    there = own(mine).event(
        ev.ClaimConfirmed(5), subject=mine, recent=("tôi đang ở nhà",), desk_url="https://x/d"
    )
    for part in ("Mã mờ", "bước 2", "cô Ba", "0912345678", "tôi đang ở nhà", "https://x/d"):
        assert part in there.said
    assert there.ids == ["done:5", "call:5", "visit:5", "pass:5", "giveback:5"]
    assert there.replies[0].ticket_id == 5


def test_the_briefing_without_phone_and_name() -> None:
    there = own(OTHER).event(ev.ClaimConfirmed(6), subject=OTHER)
    assert say("helper_contact_chat") in there.said
    assert say("no_name") in there.said


def test_the_phone_never_shows_in_a_group() -> None:
    mine = ticket(5, helper="Anh Tư", phone="0912345678")
    there = group().event(ev.ClaimConfirmed(5), subject=mine)
    assert "0912345678" not in there.said


def test_opening_the_chat_brings_the_briefing() -> None:
    assert "cô Ba" in own().event(ev.Start(), subject=MINE).said
    assert talk().event(ev.Start()).said == say("greeting")


def test_the_citizens_line_comes_with_its_ticket() -> None:
    there = own().event(ev.CitizenSaid(5, "tôi đây"), subject=MINE)
    assert there.said == say("citizen_said", ticket=5, text="tôi đây")
    assert there.ids == ["done:5", "acts:5"]


@pytest.mark.parametrize("text", ["Bác mở máy đi", "1", "có", "không", "tôi bị lừa rồi", "thôi"])
def test_with_one_ticket_a_line_goes_there(text: str) -> None:
    there = own().text(text, "scam_victim")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", text),)
    assert there.replies == ()


def test_secrets_are_covered_and_the_helper_is_told() -> None:
    there = own().text("mật khẩu mới là abc12345 nha bác")
    assert there.said == say("helper_masked")
    assert "abc12345" not in effect_of(there, RelayToCitizen).text


def test_with_two_tickets_the_helper_chooses() -> None:
    there = own(MINE, OTHER).text("Bác mở máy đi")
    assert there.said == say("helper_which")
    assert there.ids == ["to:5", "to:6"]
    assert there.effects == ()
    there.press("to:6")
    assert list(there.effects) == [RelayToCitizen(6, "Anh Tư", "Bác mở máy đi")]
    assert there.said == say("helper_sent", ticket=6)
    there.press("to:6")
    assert there.effects == ()
    assert there.said.startswith(say("helper_list"))


def test_a_line_kept_for_a_ticket_that_is_gone() -> None:
    there = own(MINE, OTHER).text("alo").know(member=member(MINE)).press("to:6")
    assert there.said == say("helper_ticket_gone", ticket=6)
    assert there.effects == ()


def test_an_answer_to_a_message_goes_to_its_ticket() -> None:
    there = own(MINE, OTHER).know(subject=OTHER).text("alo", reply_to="9")
    assert there.effects == (RelayToCitizen(6, "Anh Tư", "alo"),)


def test_an_answer_to_a_ticket_that_is_not_theirs_any_more() -> None:
    gone = ticket(6, TicketStatus.WAITING)
    there = own().know(subject=gone).text("alo", reply_to="9")
    assert there.said == say("helper_ticket_gone", ticket=6)
    closed = ticket(5, TicketStatus.CLOSED, claimed_by=1)
    there = own().know(member=member(), subject=closed).text("alo", reply_to="9")
    assert there.said == say("helper_ticket_gone", ticket=5)


@pytest.mark.parametrize("text", ["xong 5", "Xong 5.", "xong phiếu 5", "/xong 5", "xg 5"])
def test_typing_closes_a_ticket(text: str) -> None:
    there = own(MINE, OTHER).text(text)
    assert there.effects == (CloseTicket(5),)
    assert there.said == say("helper_closed", ticket=5)


def test_typing_closes_only_what_one_holds() -> None:
    there = own().text("xong 99")
    assert there.said == say("helper_not_mine", ticket=99)
    assert there.effects == ()


@pytest.mark.parametrize("text", ["xong", "Xong rồi", "xong."])
def test_a_bare_xong_asks_whether_to_close_or_to_send(text: str) -> None:
    there = own().text(text)
    assert there.said == say("helper_done_or_send", text=text)
    assert there.ids == ["done:5", "to:5"]
    there.press("to:5")
    assert there.effects == (RelayToCitizen(5, "Anh Tư", text),)
    there = own().text(text).know(subject=MINE).press("done:5")
    assert there.said == say("helper_outcome_ask", ticket=5)
    there.press("fin:5:solved")
    assert there.effects == (CloseTicket(5),)
    assert there.state.pending_text == ""


@pytest.mark.parametrize("text", ["/phieu", "phiếu", "phieu"])
def test_the_list_of_tickets_in_hand(text: str) -> None:
    there = own(MINE, OTHER).text(text)
    assert there.said.splitlines() == [
        say("helper_list"),
        say("helper_list_line", ticket=5, topic="Quét QR trả tiền", name="cô Ba"),
        say("helper_list_line", ticket=6, topic="Định danh mức 2", name=say("no_name")),
    ]
    assert there.ids == ["acts:5", "acts:6"]


@pytest.mark.parametrize("text", ["menu", "/start", "/lotrinh", "/nope"])
def test_commands_of_a_helper_are_not_sent_to_the_citizen(text: str) -> None:
    there = own().text(text)
    assert there.effects == ()
    assert there.replies


def test_a_helper_can_use_the_assistant_by_buttons() -> None:
    assert own().press("menu").ids == MENU


def test_only_text_can_be_passed_on() -> None:
    assert own().event(ev.Attachment("photo")).said == say("helper_text_only")
    assert own().event(ev.Contact("0912345678")).said == say("helper_text_only")


def test_a_member_without_tickets_is_a_citizen() -> None:
    there = talk().know(member=member()).text("menu")
    assert there.said == say("menu")


def test_the_ticket_ended_without_the_helper() -> None:
    there = own().event(ev.TicketGone(5))
    assert there.said == say("helper_ticket_gone", ticket=5)


def test_the_citizen_cannot_be_reached() -> None:
    there = own().event(ev.PeerUnreachable(5), subject=MINE)
    assert there.said == say("citizen_unreachable", ticket=5)
