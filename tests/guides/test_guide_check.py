"""Content of the right form can still be wrong: dates, numbers, links, dangerous advice."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.guides.check import check_content
from bot.guides.errors import Problem
from bot.guides.rules import asks_for_secret, text_faults

TODAY = date(2026, 11, 22)

PATH = "stages:\n" + "".join(
    f"  - {{id: {name}, title: A, description: B, guides: [qr_pay]}}\n"
    for name in ("know", "identify", "use", "protect")
)
MENU = "groups:\n  - {id: all, title: A, guides: [qr_pay, scam_link]}\n"


def check(folder: Path, known_ids: Mapping[str, str], text: str) -> list[Problem]:
    """The problems of a content folder that is right but for the guide's text."""
    (folder / "qr_pay.yml").write_text(text, encoding="utf-8")
    (folder.parent / "path.yml").write_text(PATH, encoding="utf-8")
    (folder.parent / "menu.yml").write_text(MENU, encoding="utf-8")
    return check_content(folder.parent, known_ids, TODAY)


def test_right_content_has_no_problems(
    folder: Path, known_ids: Mapping[str, str], valid: str
) -> None:
    assert check(folder, known_ids, valid) == []


CASES = [
    (
        "Đưa máy lại gần mã.",
        "Gọi 198.",
        "provinces.ca_mau.steps.2.text",
        "in steps[2].text",
    ),
    (
        "fee: Tùy",
        "fee: Gọi 1900 545 413. Tùy",
        "fee",
        "'1900 545 413' is not an allowed number",
    ),
    (
        "text: Chờ tin nhắn.",
        "text: Gọi 198 hỏi.",
        "steps[3].text",
        "'198' is not an allowed",
    ),
    (
        '"1900.0368"',
        '"1800 8108"',
        "official.hotline",
        "'1800 8108' is not an allowed number",
    ),
    (
        "vneid.gov.vn",
        "vneid.com.vn",
        "official.domain",
        "'vneid.com.vn' is not allowed",
    ),
    (
        "time: Vài phút.",
        "time: Vào bit.ly/abc.",
        "time",
        "'bit.ly' is not an allowed address",
    ),
    ("Chờ tin nhắn.", "Vào http://vneid.gov.vn.", "steps[3].text", "write https://"),
    (
        "Nhờ {you} hỏi",
        "Nhờ {name} hỏi",
        "steps[2].if_stuck[2].answer",
        "not a placeholder",
    ),
    ("related: [scam_link]", "related: [qr_pay]", "related[1]", "is the guide itself"),
    (
        "review_by: 2027-05-21",
        "review_by: 2026-11-20",
        "review_by",
        "not after verified_on",
    ),
    ("verified_on: 2026-11-21", "verified_on: 2026-12-01", "verified_on", "is to come"),
    (
        "Hỏi trưởng thôn.",
        "Hỏi Công an huyện.",
        "steps[1].if_stuck[1].answer",
        "is no more",
    ),
    (
        "[Đọc tên trước khi trả.]",
        "[Xem điểm công dân số.]",
        "warnings[1]",
        "there are none",
    ),
    (
        "Lau ống kính.",
        "Gửi ảnh căn cước.",
        "steps[2].if_stuck[1].answer",
        "nobody may have it",
    ),
    (
        "Không mất phí.",
        "Gọi 198.",
        "provinces.ca_mau.fee",
        "in fee the text '198' is not",
    ),
    (
        "trưởng thôn: trưởng",
        "trưởng bản: trưởng",
        "provinces.ca_mau.words.trưởng bản",
        "nowhere",
    ),
]


@pytest.mark.parametrize(("old", "new", "field", "message"), CASES)
def test_wrong_content_is_named_with_its_line(
    folder: Path,
    known_ids: Mapping[str, str],
    valid: str,
    old: str,
    new: str,
    field: str,
    message: str,
) -> None:
    assert valid.count(old) == 1

    (problem,) = check(folder, known_ids, valid.replace(old, new))

    assert problem.field == field
    assert message in problem.message
    assert ";" in problem.message
    assert problem.line == valid[: valid.index(old)].count("\n") + 1
    assert problem.file == str(folder / "qr_pay.yml")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("review_by: 2026-11-21", "review_by"),
        ("valid_until: 2026-11-21", "valid_until"),
    ],
)
def test_past_dates_are_problems(
    folder: Path, known_ids: Mapping[str, str], valid: str, line: str, field: str
) -> None:
    text = valid.replace("verified_on: 2026-11-21", "verified_on: 2026-10-01")
    if field == "review_by":
        text = text.replace("review_by: 2027-05-21", line)
    else:
        text += line + "\n"

    (problem,) = check(folder, known_ids, text)

    assert problem.field == field
    assert "2026-11-21 is past;" in problem.message


def test_a_province_text_that_grows_too_long(
    folder: Path, known_ids: Mapping[str, str], valid: str
) -> None:
    text = valid.replace("text: Chờ tin nhắn.", "text: " + "thôn " * 55)
    text = text.replace("trưởng thôn: trưởng ấp", "thôn: tổ dân phố")

    problems = check(folder, known_ids, text)

    assert [problem.field for problem in problems] == ["provinces.ca_mau.words"]
    assert "in steps[3].text the text has" in problems[0].message


def test_a_folder_without_anything(tmp_path: Path, known_ids: Mapping[str, str]) -> None:
    problems = check_content(tmp_path, known_ids, TODAY)

    assert [Path(problem.file).name for problem in problems] == [
        "guides",
        "menu.yml",
        "path.yml",
    ]


def test_form_and_content_are_told_together(
    folder: Path, known_ids: Mapping[str, str], valid: str
) -> None:
    (folder / "scam_link.yml").write_text("", encoding="utf-8")

    problems = check(folder, known_ids, valid.replace("fee: Tùy", "fee: Gọi 198. Tùy"))

    assert [problem.field for problem in problems] == ["fee", "-"]


@pytest.mark.parametrize(
    "text",
    [
        "Gọi 113, 114, 115 hoặc 156.",
        "Gọi 1900.0368 hay 1800 1096. Soạn TTTB gửi 1414.",
        "Số định danh có 12 số, passcode 6 số. Chuyển 10.000.000 đồng.",
        "Gửi 500 nghìn, gọi trong 300 giây.",
        "Từ 1/7/2025, gọi là Công an xã. Năm 2026 gửi hồ sơ.",
        "Vào dichvucong.gov.vn hoặc https://vneid.gov.vn/a. Đuôi .gov.vn, tức gov.vn.",
        "Đừng cài tệp .apk, nhờ {you} hỏi. {You} nhớ.",
        "Không còn cấp huyện. Huyện cũ nay là xã.",
        "Ai đòi đọc mã OTP là lừa. Đừng đưa mật khẩu cho ai.",
        "Máy gửi mã về, tự nhập mã OTP vào VNeID.",
    ],
)
def test_fit_texts_pass(text: str) -> None:
    assert list(text_faults(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Gọi 0912 345 678.",
        "Số +84912345678 nhé.",
        "Gọi 113 hoặc 199.",
        "Nhắn tin tới 6020.",
        "Vào dichvucong.gov.vn.online xem.",
        "Vào gov-vn.com xem.",
        "Ghi {you } vào.",
        "Ghi you} vào.",
        "Ra Ủy ban huyện.",
    ],
)
def test_unfit_texts_are_found(text: str) -> None:
    assert len(list(text_faults(text))) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Đọc mã OTP cho cán bộ.", True),
        ("Gửi ảnh chụp thẻ căn cước vào đây.", True),
        ("Nhắn mật khẩu cho cháu.", True),
        ("Nói mã OTP cho nhân viên.", True),
        ("Đừng vội. Đọc mã OTP cho tổ.", True),
        ("Không đọc mã OTP cho cán bộ.", False),
        ("Tin nhắn có mã OTP.", False),
        ("Đưa thẻ căn cước cho cán bộ tại quầy.", False),
    ],
)
def test_asking_for_secrets(text: str, found: bool) -> None:
    assert asks_for_secret(text) is found
