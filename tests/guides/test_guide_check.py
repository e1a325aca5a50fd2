"""Content of the right form can still be wrong: dates, numbers, links, dangerous advice."""

import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.guides import wording
from bot.guides.check import check_content, check_guide
from bot.guides.errors import Problem, Severity
from bot.guides.loader import read_guides
from bot.guides.standards import load_standards
from nlu.intents import INTENTS, Kind
from tests.guides.helpers import GUIDE, IDS, ROOT, TODAY, Shelf

QR = "guides/qr_pay.yml"
LINK = "guides/scam_link.yml"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf.make(tmp_path)


def one(problems: Iterable[Problem]) -> Problem:
    """The only problem; all of them are shown when there are more."""
    found = list(problems)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def test_right_content_has_no_problems(shelf: Shelf) -> None:
    assert shelf.check() == []


LONG = "Mở ứng dụng rồi " + "bấm vào nút ở giữa màn hình " * 4 + "rồi chờ."

#: What is put for what, the field that is named, and a piece of the message.
CASES = [
    # who to call, where to go
    ("fee: Tùy", "fee: Gọi 1900 545 413. Tùy", "fee", "'1900 545 413' is not an allowed number"),
    ("text: Chờ tin", "text: Gọi 198 chờ tin", "steps[3].text", "'198' is not an allowed number"),
    ('"1900.0368"', '"1800 8108"', "official.hotline", "'1800 8108' is not an allowed number"),
    ("vneid.gov.vn", "vneid.com.vn", "official.domain", "'vneid.com.vn' is not allowed"),
    ("app: VNeID", "app: VNeID vneid.vn", "official.app", "'vneid.vn' is not an allowed address"),
    ("Vài phút.", "Vào bit.ly/abc.", "time", "'bit.ly/abc' is not an allowed address; use *.gov"),
    ("Chờ tin nhắn.", "Vào http://vneid.gov.vn.", "steps[3].text", "write https://"),
    ("máy lại gần mã", "Gọi 198", "provinces.ca_mau.steps.2.text", "'198' is not an allowed"),
    ("Không mất phí.", "Gọi 198.", "provinces.ca_mau.fee", "'198' is not an allowed"),
    (
        "thôn: trưởng ấp}",
        "thôn xem nút: gọi 198}",
        "provinces.ca_mau.words",
        "in steps[1].if_stuck",
    ),
    ("Xem trên giấy.", "Gọi 198.", "question.choices[2].fee", "'198' is not an allowed"),
    ("Đang được miễn.", "Gọi 198.", "temporary[1].fee", "'198' is not an allowed"),
    # what is never asked for
    ("Lau ống kính.", "Gửi ảnh căn cước.", "steps[2].if_stuck[1].answer", "nobody may have it"),
    ("Đọc kỹ tên trên giấy.", "Đọc mã OTP cho cháu.", "question.choices[2].warnings[1]", "nobody"),
    ("{You} quét mã ở đâu?", "Nhắn mật khẩu cho cháu.", "question.ask", "nobody may have it"),
    ("Trên giấy báo", "Đọc mã OTP", "question.choices[2].label", "nobody may have it"),
    ("Đang được miễn.", "Gửi mật khẩu.", "temporary[1].fee", "nobody may have it"),
    # what is no more, or never was
    ("Lau ống kính.", "Hỏi Công an huyện.", "steps[2].if_stuck[1].answer", "is no more"),
    ("[Đọc tên trước khi trả.]", "[Xem điểm công dân số.]", "warnings[1]", "there are none"),
    # wording
    ("Nhờ {you} hỏi", "Nhờ {name} hỏi", "steps[2].if_stuck[2].answer", "not a placeholder"),
    ("Đưa máy vào mã.", LONG, "steps[2].text", "has 34 syllables; must have at most 30"),
    ("Đưa máy vào mã.", "Scan cái mã.", "steps[2].text", "'Scan' is no Vietnamese word"),
    ("Đưa máy vào mã.", "Mở VNeed lên.", "steps[2].text", "'VNeed' is no Vietnamese word"),
    ("trưởng thôn: trưởng", "trưởng bản: trưởng", "provinces.ca_mau.words.trưởng bản", "nowhere"),
    # dates
    ("review_by: 2027-05-21", "review_by: 2026-11-20", "review_by", "not after verified_on"),
    ("verified_on: 2026-11-21", "verified_on: 2026-12-01", "verified_on", "is to come"),
    ("until: 2027-02-28", "until: 2026-11-21", "temporary[1].until", "is past; remove the entry"),
    ("until: 2027-02-28", "until: 2028-11-22", "temporary[1].until", "more than two years ahead"),
    # links between guides
    ("related: [scam_link]", "related: [qr_pay, scam_link]", "related[1]", "is the guide itself"),
]


@pytest.mark.parametrize(("old", "new", "field", "message"), CASES)
def test_wrong_content_is_named_with_its_line(
    shelf: Shelf, old: str, new: str, field: str, message: str
) -> None:
    line = shelf.change(QR, old, new)
    # OTP has no place in this folder's glossary, and what is replaced may be used no more.
    problem = one(
        found
        for found in shelf.check()
        if "OTP' is no Vietnamese" not in found.message and found.severity is Severity.ERROR
    )

    assert (problem.file, problem.line) == (str(shelf.folder / QR), line)
    assert problem.field == field
    assert message in problem.message
    assert ";" in problem.message


#: What does not even have the right form.
BAD_FORM = [
    ("time: Vài phút.", "time: Vài phút.\ntime: Lâu.", 1, "time", "is given twice; keep one"),
    ("  - title: Chờ", "\t- title: Chờ", 0, "-", "has a tab; use spaces"),
    ("owner: ban", "boss: Lan\nowner: ban", 0, "boss", "is not a known field; must be one of"),
    ("    text: Chờ tin nhắn.\n", "", -1, "steps[3].text", "is missing; add it"),
    ("Đưa máy vào mã.", "dài " * 500, 0, "steps[2].text", "1999 characters; must have at most 280"),
    ("2027-05-21", "21/5/2027", 0, "review_by", "is not a date; must be written YYYY-MM-DD"),
    ("until: 2027-02-28", "until: 2027-02-30", 0, "temporary[1].until", "is not a date; must be"),
    ("[scam_link]", "[scam_lnk]", 0, "related[1]", "'scam_lnk' is not a guide; must be a guide id"),
]


@pytest.mark.parametrize(("old", "new", "below", "field", "message"), BAD_FORM)
def test_bad_form_is_named_with_its_line(
    shelf: Shelf, old: str, new: str, below: int, field: str, message: str
) -> None:
    line = shelf.change(QR, old, new)

    # The others no longer see this guide, which could not be read.
    problem = one(found for found in shelf.check() if found.severity is Severity.ERROR)

    assert (problem.file, problem.line) == (str(shelf.folder / QR), line + below)
    assert problem.field == field
    assert message in problem.message
    assert ";" in problem.message


def test_too_few_steps_are_named(shelf: Shelf) -> None:
    text = GUIDE[: GUIDE.index("  - title: Chờ")] + GUIDE[GUIDE.index("warnings: [Đọc tên") :]
    (shelf.folder / QR).write_text(text, encoding="utf-8")

    (problem,) = (found for found in shelf.check() if found.severity is Severity.ERROR)

    assert problem.field == "steps"
    assert "must have 3 to" in problem.message


# Dates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "day", "severity", "message"),
    [
        ("review_by", "2026-11-21", Severity.ERROR, "2026-11-21 is past; verify"),
        ("review_by", "2026-11-22", Severity.WARNING, "2026-11-22 is in 0 day(s); verify"),
        ("review_by", "2026-12-22", Severity.WARNING, "is in 30 day(s)"),
        ("valid_until", "2026-11-21", Severity.ERROR, "is past; rewrite the guide or remove it"),
        ("valid_until", "2026-12-01", Severity.WARNING, "is in 9 day(s)"),
        ("temporary[1].until", "2026-12-01", Severity.WARNING, "is in 9 day(s); remove the entry"),
    ],
)
def test_dates_that_pass(
    shelf: Shelf, field: str, day: str, severity: Severity, message: str
) -> None:
    shelf.change(QR, "verified_on: 2026-11-21", "verified_on: 2026-10-01")
    if field == "valid_until":
        shelf.change(QR, "owner: ban", f"valid_until: {day}\nowner: ban")
    elif field == "review_by":
        shelf.change(QR, "review_by: 2027-05-21", f"review_by: {day}")
    else:
        shelf.change(QR, "until: 2027-02-28", f"until: {day}")

    problem = shelf.only(severity)

    assert problem.field == field
    assert message in problem.message


def test_a_date_a_month_ahead_is_no_problem_yet(shelf: Shelf) -> None:
    shelf.change(QR, "review_by: 2027-05-21", "review_by: 2026-12-23")
    shelf.change(QR, "until: 2027-02-28", "until: 2028-11-21")

    assert shelf.check() == []


# Provinces ---------------------------------------------------------------------------------------


def test_words_of_a_province_that_make_a_text_too_long(shelf: Shelf) -> None:
    shelf.change(QR, "text: Chờ tin nhắn.", "text: " + "Hỏi thôn. " * 27)
    shelf.change(QR, "{trưởng thôn: trưởng ấp}", "{thôn: tổ dân phố}")

    problem = shelf.only()

    assert problem.field == "provinces.ca_mau.words"
    assert "in steps[3].text the text has 431 characters; must have at most 280" in problem.message


def test_what_is_wrong_everywhere_is_not_said_again_for_a_province(shelf: Shelf) -> None:
    shelf.change(QR, "nhờ trưởng thôn chỉ nếu cần", "nhờ trưởng thôn gọi 198")

    assert shelf.only().field == "steps[1].text"


def test_words_reach_the_texts_of_a_choice(shelf: Shelf) -> None:
    shelf.change(QR, "label: Trên giấy báo", "label: Nhà trưởng thôn")
    shelf.change(QR, "{trưởng thôn: trưởng ấp}", "{trưởng thôn: trưởng ấp và trưởng khóm nữa}")

    problem = shelf.only()

    assert problem.field == "provinces.ca_mau.words"
    assert "in question.choices[2].label the text has 32 characters" in problem.message


# Files that are together -------------------------------------------------------------------------


def test_a_folder_without_anything(tmp_path: Path) -> None:
    problems = check_content(tmp_path, IDS, TODAY, complete=False)

    names = [Path(problem.file).name for problem in problems]
    assert names == [
        "allowed.yml",
        "glossary.yml",
        "guides",
        "menu.yml",
        "path.yml",
        "people.yml",
        "phrases.yml",
    ]


def test_form_and_content_are_told_together(shelf: Shelf) -> None:
    shelf.change(QR, "fee: Tùy", "fee: Gọi 198. Tùy")
    (shelf.folder / LINK).write_text("", encoding="utf-8")

    errors = [found.field for found in shelf.check() if found.severity is Severity.ERROR]

    assert errors == ["fee", "-"]


def test_what_a_snippet_says_is_held_against_the_snippet(shelf: Shelf) -> None:
    line = shelf.change("snippets.yml", "Bật đèn lên", "Gọi 198, bật đèn lên")

    problem = shelf.only()

    assert (Path(problem.file).name, problem.line) == ("snippets.yml", line)
    assert problem.field == "dark.answer"


def test_a_province_changes_the_words_of_a_snippet(shelf: Shelf) -> None:
    """The fault is where the words are, since the snippet itself is right."""
    shelf.change("snippets.yml", "Bật đèn lên", "Hỏi trưởng thôn, bật đèn lên")
    shelf.change(QR, "trưởng ấp}", "Công an huyện}")

    fields = {found.field for found in shelf.check()}

    assert fields == {"provinces.ca_mau.words"}


@pytest.mark.parametrize(
    ("name", "old", "new", "field"),
    [
        ("phrases.yml", '  goodbye: "Dạ', '  goodbye: "Gọi 198. Dạ', "say.goodbye"),
        ("menu.yml", "title: Mọi việc", "title: Gọi 198", "groups[1].title"),
        ("path.yml", "id: use, title: Chặng", "id: use, title: Gọi 198", "stages[3].title"),
        ("people.yml", "label: Cà Mau", "label: Gọi 198", "provinces.ca_mau.label"),
        ("glossary.yml", "Ô vuông đen trắng", "Gọi 198, ô vuông", "words.QR"),
    ],
)
def test_numbers_are_looked_for_in_every_file(
    shelf: Shelf, name: str, old: str, new: str, field: str
) -> None:
    line = shelf.change(name, old, new)

    problem = shelf.only()

    assert (problem.file, problem.line) == (str(shelf.folder / name), line)
    assert problem.field == field
    assert "'198' is not an allowed number" in problem.message


def test_phrases_never_ask_for_a_secret(shelf: Shelf) -> None:
    shelf.change("phrases.yml", '  goodbye: "Dạ', '  goodbye: "Đọc mã OTP cho cháu. Dạ')

    problem = shelf.only()

    assert problem.field == "say.goodbye"
    assert "nobody may have it" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("  goodbye:", '  goodbye: "Chào."\n  goodbye:', "say.goodbye", "is given twice"),
        ("  goodbye:", "  good_bye:", "say.goodbye", "is missing; the program says it"),
    ],
)
def test_phrases_of_the_wrong_form(
    shelf: Shelf, old: str, new: str, field: str, message: str
) -> None:
    shelf.change("phrases.yml", old, new)

    found = {problem.field: problem for problem in shelf.check()}

    assert message in found[field].message
    assert found[field].file == str(shelf.folder / "phrases.yml")


def test_one_guide_can_be_looked_at_alone(shelf: Shelf) -> None:
    shelf.change(QR, "fee: Tùy", "fee: Gọi 198. Tùy")
    loaded, _ = read_guides(shelf.folder / "guides", IDS)
    standards = load_standards(shelf.folder)

    found = [problem.field for item in loaded for problem in check_guide(item, standards, TODAY)]

    assert found == ["fee"]


# How hard a guide is to read ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "severity"),
    [("AVERAGE_WARNS", Severity.WARNING), ("AVERAGE_MOST", Severity.ERROR)],
)
def test_a_guide_of_long_sentences(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, limit: str, severity: Severity
) -> None:
    monkeypatch.setattr(wording, "AVERAGE_WARNS", 5.0)
    monkeypatch.setattr(wording, limit, 5.0)

    problem = shelf.only(severity)

    assert (Path(problem.file).name, problem.field) == ("scam_link.yml", "-")
    assert "syllables a sentence on average; must have at most" in problem.message


def test_a_guide_full_of_foreign_words(shelf: Shelf) -> None:
    shelf.change(LINK, "Đừng bấm vào chữ xanh trong tin.", "Link QR, QR link VNeID, link QR đó.")

    problem = shelf.only(Severity.WARNING)

    assert "words of content/glossary.yml; should have at most 8%" in problem.message


def test_all_that_ships_is_checked_within_five_seconds() -> None:
    titles = {intent.id: intent.title for intent in INTENTS.values() if intent.kind is Kind.GUIDE}

    start = time.process_time()
    check_content(ROOT / "content", titles, TODAY)

    assert time.process_time() - start < 5
