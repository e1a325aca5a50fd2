"""The rules for one text: whom one may call, where one is sent, what is never asked for."""

from pathlib import Path

import pytest

from bot.guides.allowed import Allowed, load_allowed
from bot.guides.rules import asks_for_secret, links_in, numbers_in, text_faults

ALLOWED = load_allowed(Path(__file__).resolve().parents[2] / "content" / "allowed.yml")


@pytest.mark.parametrize(
    "text",
    [
        "Gọi 113, 114, 115 hoặc 156.",
        "Gọi 1900.0368 hay 1800 1096. Soạn TTTB gửi 1414.",
        "Số định danh có 12 số, passcode 6 số. Chuyển 10.000.000 đồng.",
        "Gửi 500 nghìn, gọi trong 300 giây.",
        "Từ 1/7/2025, gọi là Công an xã. Năm 2026 gửi hồ sơ. Gửi trước năm 2027.",
        "Gửi tờ khai mẫu A350, gửi lại trước 31/1/2027.",
        "Vào dichvucong.gov.vn hoặc https://vneid.gov.vn/a. Đuôi .gov.vn, tức gov.vn.",
        "Vào help.zalo.me. Vào facebook.com/hacked, rồi (facebook.com/hacked).",
        "Đừng cài tệp .apk, nhờ {you} hỏi. {You} nhớ.",
        "Không còn cấp huyện. Huyện cũ nay là xã. Công an cấp huyện không còn nữa.",
        "Ai đòi đọc mã OTP là lừa. Đừng đưa mật khẩu cho ai.",
        "Máy gửi mã về, tự nhập mã OTP vào VNeID.",
    ],
)
def test_fit_texts_pass(text: str) -> None:
    assert list(text_faults(text, ALLOWED)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Gọi 0912 345 678.",
        "Số +84912345678 nhé.",
        "Gọi 113 hoặc 199.",
        "Nhắn tin tới 6020.",
        "Vào dichvucong.gov.vn.online xem.",
        "Vào gov-vn.com xem.",
        "Vào zalo.me xem.",
        "Vào facebook.com xem.",
        "Vào facebook.com/hacked/x xem.",
        "Vào facebook.com.evil.top/hacked xem.",
        "Ghi {you } vào.",
        "Ghi you} vào.",
        "Ra Ủy ban huyện.",
    ],
)
def test_unfit_texts_are_found(text: str) -> None:
    assert len(list(text_faults(text, ALLOWED))) == 1


def test_nothing_is_allowed_by_an_empty_list() -> None:
    faults = list(text_faults("Gọi 113, vào vneid.gov.vn.", Allowed()))

    assert len(faults) == 2


def test_a_sentence_of_the_program_has_its_own_placeholders() -> None:
    assert list(text_faults("Phiếu {ticket}", ALLOWED, braces=False)) == []
    assert len(list(text_faults("Phiếu {ticket}", ALLOWED))) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Đọc mã OTP cho cán bộ.", True),
        ("Gửi ảnh chụp thẻ căn cước vào đây.", True),
        ("Nhắn mật khẩu cho cháu.", True),
        ("Nói mã OTP cho nhân viên.", True),
        ("Đừng vội. Đọc mã OTP cho tổ.", True),
        ("Cho cháu biết mật khẩu.", True),
        ("Gõ mã OTP vào đây.", True),
        ("Gửi ảnh hai mặt căn cước.", True),
        ("Chụp hai mặt thẻ căn cước gửi cho cán bộ.", True),
        ("Chụp hai mặt thẻ căn cước theo khung trên màn hình.", False),
        ("Đặt mật khẩu CH Play trước khi đưa máy cho cháu.", False),
        ("Không đọc mã OTP cho cán bộ.", False),
        ("Tin nhắn có mã OTP.", False),
        ("Hay gặp: quét mã lạ; đọc mã OTP cho người nói gửi nhầm; quên đăng xuất.", False),
        ("Đưa thẻ căn cước cho cán bộ tại quầy.", False),
    ],
)
def test_asking_for_secrets(text: str, found: bool) -> None:
    assert asks_for_secret(text) is found


def test_numbers_and_links_are_given_as_they_are_written() -> None:
    text = "Gọi 1800 1096 hoặc 113 (năm 2026). Xem facebook.com/hacked. Vào A.gov.vn/x, nhé."

    assert list(numbers_in(text)) == ["1800 1096", "113"]
    assert list(links_in(text)) == [("facebook.com", "/hacked"), ("A.gov.vn", "/x")]
