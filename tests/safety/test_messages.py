"""Forwarded messages: what is said of them, and of what hostile people may send."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.messages.check import MessageChecker, MessageReport, MessageVerdict
from bot.safety.messages.training import made_from, read_examples
from nlu.text import normalize

SAFETY = Path(__file__).resolve().parents[2] / "content" / "safety"
NUMBERS = {"19000368": ("1900.0368", "Tổng đài VNeID"), "156": ("156", "Đường dây nhận phản ánh")}
CHECKER = MessageChecker.load(SAFETY, NUMBERS)
DANGEROUS, CAUTION, NO_SIGN = MessageVerdict


def check(text: str) -> MessageReport:
    return CHECKER.check(text)


def test_the_shipped_model_is_made_from_the_shipped_files() -> None:
    told = "run `congdanso safety train-messages`, then commit messages_model.json"
    assert CHECKER.model.made_from == made_from(SAFETY), told


def share(texts: Iterable[str], *verdicts: MessageVerdict) -> float:
    found = [check(text).verdict in verdicts for text in texts]
    return sum(found) / len(found)


def test_messages_not_trained_on() -> None:
    """Floors a little below docs/safety.md's figures, marks as written and taken off."""
    examples = read_examples(SAFETY / "messages_validation.tsv")
    for texts in (
        {e.text: e.scam for e in examples},
        {normalize(e.text).stripped: e.scam for e in examples},
    ):
        bad = [text for text, scam in texts.items() if scam]
        good = [text for text, scam in texts.items() if not scam]
        assert share(bad, DANGEROUS) >= 0.75
        assert share(bad, DANGEROUS, CAUTION) >= 0.93
        assert share(good, DANGEROUS) <= 0.03


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("em bên ngân hàng, anh đọc giúp em mã OTP vừa gửi về máy", "code"),
        ("cho chị xin số thẻ và chụp mặt sau thẻ gửi chị", "code"),
        ("bac tai file thue.apk nay ve roi cai dat", "app"),
        ("chia sẻ màn hình cho em rồi mở app ngân hàng", "app"),
        ("ba chuyen het tien vao tai khoan an toan cua vien kiem sat", "police"),
        ("có lệnh bắt rồi, muốn yên thì nộp 30 triệu vào số này", "police"),
    ],
)
def test_a_hard_fact_decides_by_itself(text: str, kind: str) -> None:
    report = check(text)
    assert report.verdict is DANGEROUS
    assert report.score >= 0.99
    assert report.kind == kind
    assert 1 <= len(report.reasons) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "Ma OTP cua quy khach la 204418. Tuyet doi khong cung cap ma OTP cho bat ky ai",
        "Công an cảnh báo: không cài file apk lạ, không chia sẻ màn hình cho người lạ",
        "không có tài khoản an toàn nào cả, ai bảo chuyển tiền vào đó là lừa đảo",
        "lỡ đọc mã otp cho người ta thì làm sao",
        "app đòi quyền trợ năng thì có nên bật không",
        "VCB 22/11 TK 0012 -68,000VND. So du 1,204,000VND. ND tra tien rau",
        "Mời bà lên trụ sở Công an xã lúc 8h sáng mai, mang theo căn cước",
    ],
)
def test_a_warning_or_a_notice_is_not_dangerous(text: str) -> None:
    assert check(text).verdict is not DANGEROUS


def test_a_dangerous_link_decides_and_an_official_one_is_no_link() -> None:
    text = "Ho so cua ba da co ket qua, tra cuu tai dichvucong.gov.vn"
    assert CHECKER.check(text, dangerous=True).verdict is DANGEROUS
    assert CHECKER.check("Chào bà", doubtful=True).verdict is CAUTION
    plain = CHECKER.check(text, official=["dichvucong.gov.vn"])
    assert plain.score < CHECKER.check(text).score


@pytest.mark.parametrize("text", ["", " ", "\0", "👵🏽👍", "؟؟؟", "a" * 5000, "1 2 3"])
def test_what_says_nothing_has_no_sign(text: str) -> None:
    report = check(text)
    assert (report.verdict, report.kind, report.reasons) == (NO_SIGN, "", ())


# Numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "account", "number"),
    [
        ("số 0900 000 111 là số của ai vậy", False, ""),
        ("0900000222 goi toi hoai co phai lua dao khong", False, ""),
        ("tài khoản 9999000011112 có lừa đảo không", True, ""),
        ("1900.0368 có phải số của công an không", False, "1900.0368"),
        ("so 19000368 la cua ai", False, "1900.0368"),
        ("156 là số gì", False, "156"),
    ],
)
def test_a_question_about_a_number(text: str, account: bool, number: str) -> None:
    asked = check(text).number
    assert asked is not None
    assert (asked.account, asked.number) == (account, number)


@pytest.mark.parametrize(
    "text",
    [
        "làm căn cước ở xã hay huyện",
        "gọi cho con số 0900000111 nhé",
        "đổi số 0900 000 111 sang chính chủ cần gì",
        "năm 2026 lương hưu là bao nhiêu",
        "Bo Cong an thong bao ong dinh liu vu an, lien he dieu tra vien Nam 0900000021 " * 3,
    ],
)
def test_a_number_that_is_not_asked_about(text: str) -> None:
    assert check(text).number is None


def test_whether_a_message_is_asked_about() -> None:
    told = "Chị ơi kỳ này hội phụ nữ họp lúc hai giờ chiều ở nhà văn hóa nhé"
    assert check(f"{told}. Tin này có phải lừa đảo không").asked
    assert not check("có phải lừa đảo không").asked
    assert not check(told).asked


# Hostile ------------------------------------------------------------------------------------------

_CUE_WORDS = sorted(
    {
        word
        for patterns in CHECKER.messages.compiled.values()
        for pattern in patterns
        for word in pattern.first
    }
    | {"otp", "link", "12", "5 triệu", "đừng", "không", "."}
)
_TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(_CUE_WORDS), max_size=60).map(" ".join),
    st.tuples(st.text(min_size=1, max_size=20), st.integers(1, 5000)).map(lambda p: p[0] * p[1]),
    st.tuples(st.sampled_from(_CUE_WORDS), st.integers(1, 20_000)).map(lambda p: f"{p[0]} " * p[1]),
)


@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_no_text_raises_or_takes_long(text: str) -> None:
    began = time.thread_time()
    report = check(text)
    took = time.thread_time() - began
    assert 0 <= report.score <= 1
    assert len(report.reasons) <= 3
    assert took <= 0.05
