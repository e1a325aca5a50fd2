"""What is said of a forwarded link, message or number, and when it is said."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from bot.domain import events as ev
from bot.domain.effects import LogQuestion, Outcome, SetOutcome
from bot.domain.replies import Priority
from bot.domain.state import Draft, Slot
from bot.safety.checked import Checked
from bot.services.linkcheck import open_checker
from bot.services.scamcheck import ScamChecker
from bot.settings import ROOT, Settings
from nlu.engine import Decision as Verdict
from tests.dialogue.helpers import (
    LINK,
    QR,
    SCAM,
    Talk,
    button,
    content,
    effect_of,
    say,
    talk,
    ticket,
    walking,
)

SAFETY_WORDS = ("an toàn nhé", "không sao đâu", "tin thật")
OTP = "Em bên ngân hàng Vietcombank, anh đọc giúp em mã OTP vừa gửi về máy để hủy giao dịch"
BAD_LINK = "Tai khoan bi khoa, vao vietcombank-xacminh.top de mo lai"
HONEST = "VCB 22/11 07:45 TK 4410 -68,000VND. So du 1,204,000VND. ND tra tien banh mi"


@cache
def checker() -> ScamChecker:
    """With what ships, without lists."""
    settings = Settings(content_dir=ROOT / "content")
    return ScamChecker.open(settings, *open_checker(settings))


def checked(text: str) -> Checked:
    return checker().check(text)


def send(person: Talk, text: str, intent: str = "", **more: Any) -> Talk:
    """Pass a text on, checked as the service does it."""
    return person.know(checked=checked(text)).text(text, intent, **more)


def test_a_message_that_asks_for_a_code_is_told_with_reasons_and_the_guide() -> None:
    person = send(talk(), OTP)
    assert "rất giống lừa đảo: xin mã để lấy tiền" in person.said
    assert person.said.count("•") in (1, 2, 3)
    assert "guide:scam_call" in person.ids
    assert button("scam_yes") in person.labels
    (logged,) = [e for e in person.effects if isinstance(e, LogQuestion)]
    assert (logged.outcome, logged.guide_id) == (Outcome.ANSWERED, "scam_call")


def test_who_has_lost_money_goes_on_from_there() -> None:
    person = send(talk(), OTP).tap("scam_yes")
    assert person.replies[0].priority is Priority.URGENT


def test_money_gone_comes_first() -> None:
    person = send(talk(), f"tôi lỡ chuyển tiền rồi: {BAD_LINK}", SCAM)
    assert person.replies[0].priority is Priority.URGENT


def test_a_dangerous_link_cannot_be_pressed() -> None:
    person = send(talk(), BAD_LINK)
    assert "vietcombank-xacminh.top" not in person.said
    assert "vietcombank-xacminh[.]top" in person.said
    assert not any(word in person.said for word in SAFETY_WORDS)


def test_a_question_that_names_an_official_page_is_a_question() -> None:
    person = send(talk(), "vào dichvucong.gov.vn thì quét QR ở đâu", QR)
    assert "dichvucong" not in person.replies[0].text
    assert person.state.session is not None


def test_whether_an_official_page_is_a_swindle_is_answered() -> None:
    person = send(talk(), "dichvucong.gov.vn có thật không", LINK)
    assert "dichvucong.gov.vn" in person.replies[0].text
    assert person.state.session is None


def test_an_official_page_that_is_not_understood_is_called_official() -> None:
    person = send(talk(), "dichvucong.gov.vn")
    assert "dichvucong.gov.vn" in person.said


@pytest.mark.parametrize("intent", ["", QR, LINK])
def test_words_found_dangerous_outweigh_what_the_engine_makes_of_them(intent: str) -> None:
    assert "rất giống lừa đảo" in send(talk(), OTP, intent).said


def test_an_ordinary_question_is_answered_as_ever() -> None:
    person = send(talk(), "quét mã qr trả tiền làm sao", QR)
    assert person.state.session is not None


def test_what_has_no_sign_is_left_to_the_engine() -> None:
    person = send(talk(), HONEST, decision=Verdict.REFUSE)
    assert "lừa đảo" not in person.replies[0].text
    assert person.state.misses == 1


def test_asked_whether_a_message_is_a_swindle_without_a_sign() -> None:
    person = send(talk(), f"{HONEST}. Tin này có phải lừa đảo không", LINK)
    assert "Không thấy không có nghĩa là an toàn" in person.said


@pytest.mark.parametrize(
    ("text", "told", "guide"),
    [
        ("số 0900 000 111 là số của ai vậy", "không tra được số này", "scam_call"),
        ("1900.0368 có phải số của công an không", "Số 1900.0368 là", "scam_call"),
        ("tài khoản 9999000011112 có lừa đảo không", "đọc to tên người nhận", "wrong_transfer"),
    ],
)
def test_a_number_is_never_looked_up(text: str, told: str, guide: str) -> None:
    person = send(talk(), text, "scam_call")
    assert told in person.said
    assert f"guide:{guide}" in person.ids


def test_a_text_that_fills_a_slot_is_never_judged() -> None:
    person = send(talk(draft=Draft(), slot=Slot.NAME), OTP)
    assert "lừa đảo" not in "".join(reply.text for reply in person.replies)


def relayed() -> Talk:
    """Somebody who talks with a helper."""
    person = walking(QR, 1).know(tickets=(ticket(5, helper="Anh Tư"),))
    return person.event(ev.TicketClaimed(5, "Anh Tư"))


def test_a_helper_is_left_to_speak_but_for_a_dangerous_link() -> None:
    person = relayed()
    assert person.state.relay is not None
    quiet = send(person, OTP)
    assert not any("lừa đảo" in reply.text for reply in quiet.replies)
    warned = send(quiet, BAD_LINK)
    assert any("[.]top" in reply.text for reply in warned.replies)
    assert warned.state.relay is not None


def test_without_a_checker_everything_is_as_before() -> None:
    assert talk().text(OTP).state.misses == 1


def test_a_swindle_with_a_link_nobody_knows_begins_with_that_and_ends_with_what_to_do() -> None:
    person = send(talk(), "Tài khoản bị khóa, đăng nhập http://vcb-hotro.example ngay để mở")
    words = checked(BAD_LINK).message_words
    assert person.said.startswith("Tin này rất giống lừa đảo")
    assert "CHƯA BIẾT" in person.said
    assert person.said.rstrip().endswith(words.advice)


@pytest.mark.parametrize(
    ("text", "guide"),
    [
        (
            "don xin giay da duyet, gio no hien cho thanh toan le phi 50k, toi bam tra ma no bao"
            " giao dich that bai, tien thi tru roi",
            "public_service_pay",
        ),
        (
            "Hồi trưa tui dắt cháu đi mua giày, tính tiền xong cô thu ngân xoay cái máy nhỏ có cái"
            " hình vuông chớp chớp qua bên tui, tui lấy camera thường chụp cái hình đó lưu vô máy"
            " tưởng là trả rồi, cổ cười nói chưa bác ơi, mắc cỡ quá móc tiền mặt ra đưa, vậy đúng"
            " ra phải mở cái chi lên để trả",
            QR,
        ),
        (
            "Chủ trọ biểu chụp hai mặt căn cước gửi zalo để làm hợp đồng, có nên gửi không?",
            "protect_personal_info",
        ),
    ],
)
def test_an_own_question_that_sounds_like_a_swindle_is_answered_with_a_warning_before(
    text: str, guide: str
) -> None:
    assert checked(text).message.own
    person = send(talk(), text, guide, confidence=0.999)
    assert person.replies[0].text.startswith(say("own_question"))
    assert "rất giống lừa đảo" not in person.replies[0].text
    assert effect_of(person, LogQuestion).guide_id == guide
    unsure = send(talk(), text, guide, confidence=0.97)
    assert "rất giống lừa đảo" in unsure.said
    assert f"pick:100:{guide}" in unsure.ids


@pytest.mark.parametrize(
    "text",
    [
        "toi bi mat dien thoai co tai khoan ngan hang",
        "tôi bị mất điện thoại có tài khoản ngân hàng",
        "Con tui làm bên Nhật, muốn gọi mà thấy mặt nó trong zalo thì bấm cái hình chi?",
        "trong app định danh có chỗ điền tài khoản để nhận quà tết của nhà nước mà em bấm liên kết"
        " hoài nó báo lỗi",
        "shop cua tui tren tiktok bi khoa gio hang, bao hàng ko ro nguon goc, mam cua tui tu lam o"
        " nha thi mo lai sao",
    ],
)
def test_these_own_questions_are_no_longer_taken_for_swindles(text: str) -> None:
    person = send(talk(), text, QR, confidence=0.99)
    assert "rất giống lừa đảo" not in person.replies[0].text
    assert person.state.session is not None


@pytest.mark.parametrize("text", ["nước nhà tôi bị mất", "nuoc nha toi bi mat", "nhà tui bị mất"])
def test_a_few_words_without_any_sign_are_not_doubted(text: str) -> None:
    person = send(talk(), text, decision=Verdict.REFUSE)
    assert "đáng ngờ" not in person.replies[0].text


@pytest.mark.parametrize(
    ("text", "guide"),
    [
        ("tài khoản VNeID của bạn bị khóa, bấm vào đây để mở", "vneid_recover"),
        (
            "Điện lực Cà Mau: nhà mình nợ tiền điện 2 tháng, 2 tiếng nữa cắt. Muốn khỏi cắt thì add"
            " Zalo này để thanh toán",
            "bill_payment",
        ),
        (
            "Cô ơi em bên ngân hàng, thẻ cô bị khoá chiều nay tại chưa cập nhật khuôn mặt. Em gửi"
            " mã xác nhận về máy, cô đọc em 6 số là mở lại được",
            "bank_biometrics",
        ),
        (
            "Bố ơi con bị công an giữ xe, con mượn máy của người ta nhắn, bố chuyển 4 triệu vào số"
            " này cho con nộp phạt luôn, đừng nói mẹ",
            "traffic_fine",
        ),
        ("mày ơi t lỡ gửi nhầm mã zalo sang máy m, đọc t với nhanh kẻo hết hạn", QR),
    ],
)
def test_a_swindle_that_is_taken_for_a_guide_is_warned_of(text: str, guide: str) -> None:
    person = send(talk(), text, guide, confidence=0.999)
    assert person.said.startswith("Tin này rất giống lừa đảo")
    assert person.state.session is None
    title = content().title(guide)
    assert say("own_offer", title=title) in person.said
    there = person.press(f"pick:100:{guide}")
    assert effect_of(there, SetOutcome).label == guide


@pytest.mark.parametrize("intent", ["", "scam_call", "wrong_transfer", "out_of_scope", "greet"])
def test_beside_a_warning_no_other_guide_than_one_understood_is_offered(intent: str) -> None:
    person = send(talk(), OTP, intent, confidence=0.99)
    assert "rất giống lừa đảo" in person.said
    assert not any(each.startswith("pick:") for each in person.ids)


def test_beside_a_dangerous_link_no_guide_is_offered() -> None:
    person = send(talk(), BAD_LINK, QR, confidence=0.999)
    assert not any(each.startswith("pick:") for each in person.ids)


@pytest.mark.parametrize(
    "text",
    [
        "ho keu toi cai app .apk de nhan luong huu",
        "họ kêu tôi cài ứng dụng .apk để nhận lương hưu",
        'cô bấm vào hình con rồng em gửi rồi chọn "cho phép từ nguồn này"',
    ],
)
def test_an_apk_is_told_as_what_it_is(text: str) -> None:
    person = send(talk(), text, "social_insurance_vssid", confidence=0.999)
    assert "dụ cài ứng dụng độc hại" in person.said
    assert "• Bắt cài tệp lạ" in person.said
    assert "nộp tiền trước" not in person.said
    assert "guide:malicious_app" in person.ids
