"""The words that need an explanation, and how hard a text is to read."""

from pathlib import Path

import pytest

from bot.guides.errors import ContentError
from bot.guides.glossary import EXPLANATION, load_glossary, make_glossary
from bot.guides.readability import measure, reading_faults, sentence_lengths, unknown_words
from tests.guides.helpers import ROOT, Shelf

FILE = "glossary.yml"
WORDS = {
    "app": "Ứng dụng.",
    "App Store": "Kho tải.",
    "eTax Mobile": "Ứng dụng thuế.",
    "OTP": "Mã dùng một lần.",
    "VNeID": "Ứng dụng giấy tờ.",
    "Wi-Fi": "Mạng trong nhà.",
}
GLOSSARY = make_glossary(WORDS, ("km", "Đắk"))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf.make(tmp_path)


def test_the_shipped_glossary_explains_what_people_ask() -> None:
    glossary = load_glossary(ROOT / "content" / FILE)

    for word in ("otp", "QR", "nfc", "sim", "VNEID", "wifi", "CH play", "4g", "app", "Link"):
        assert glossary.entry(word), word
    assert glossary.entry("blockchain") is None
    assert max(map(len, glossary.words.values())) <= EXPLANATION
    assert "Không đọc cho ai" in glossary.words["OTP"]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "message"),
    [
        ("  link:", "  QR: A\n  link:", 4, "words.QR", "is given twice; keep one of them"),
        ("  link:", "  Q R: A\n  link:", 3, "words.link", "'link' stands after 'Q R'; put it in"),
        ("  VNeID:", "  qr: A\n  VNeID:", 4, "words.qr", "'qr' is 'QR' again; keep one of them"),
        ("Ô vuông đen", "đen " * 40 + "đen", 3, "words.QR", "characters; must have at most 120"),
        ("plain: [km]", "plain: [km, cm]", 5, "plain[2]", "'cm' stands after 'km'; put it in"),
        ("plain: [km]", "", 1, "plain", "is missing; add it"),
        ("plain: [km]", f"plain: [{'k' * 31}]", 5, "plain[1]", "must have at most 30"),
    ],
)
def test_a_wrong_glossary_is_named_with_its_line(
    shelf: Shelf, old: str, new: str, line: int, field: str, message: str
) -> None:
    shelf.change(FILE, old, new)

    with pytest.raises(ContentError) as caught:
        load_glossary(shelf.folder / FILE)

    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == (str(shelf.folder / FILE), line)
    assert problem.field == field
    assert message in problem.message


def test_an_explanation_needs_no_explanation(shelf: Shelf) -> None:
    shelf.change(FILE, "Ô vuông đen trắng để quét.", "Barcode để scan.")

    assert {found.field for found in shelf.check()} == {"words.QR"}


# Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Mở ứng dụng, bấm Đăng ký. Nhập 12 số, chờ 3 ngày.",
        "khuỷu tay ngoằn ngoèo, quyển lịch giếng khơi, thuở xưa, hoà hay hòa, thuỷ hay thủy",
        "Vào dichvucong.gov.vn, đuôi .gov.vn, https://a.gov.vn/b?c=d. Thấy vn-gov-vn là giả.",
        "{You} mở VNEID, nhập otp. Bật wifi hoặc Wi-Fi. Mở APP STORE.",
        "Đi 3 km tới Đắk Lao. 10h sáng, 500k, 15.000đ, nặng 2g.",
        "Điền tờ khai CT01, mẫu 01/TKN-CNKD, TK03, do C06 làm.",
        "Gõ baf ra bà: gõ baf, gõ: baf. Bấm nút X, chữ F.",
        'Soạn TTTB gửi 1414. Trong ô tìm kiếm gõ "vssid".',
    ],
)
def test_known_words(text: str) -> None:
    assert list(unknown_words(text, GLOSSARY)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bấm link trong mail.", ["link", "mail"]),
        ("Dùng sóng 4G.", ["4G"]),
        ("Bấm Đăg ký.", ["Đăg"]),
        ("Mở eTax.", ["eTax"]),
        ("Store là gì?", ["Store"]),
        ("Nộp cho UBND xã.", ["UBND"]),
    ],
)
def test_unknown_words(text: str, words: list[str]) -> None:
    assert list(unknown_words(text, GLOSSARY)) == words


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("VNeed", "write 'VNeID'"),
        ("eTax", "write 'eTax Mobile'"),
        ("deadline", "say it in Vietnamese, or explain it in content/glossary.yml"),
    ],
)
def test_what_to_do_about_an_unknown_word(word: str, advice: str) -> None:
    (fault,) = reading_faults("answer", f"Mở {word}. Đóng {word}.", GLOSSARY)

    assert fault == f"{word!r} is no Vietnamese word and not explained; {advice}"


def test_names_of_official_things_are_not_read_as_words() -> None:
    assert list(reading_faults("official.publisher", "National Data Center", GLOSSARY)) == []


# Sentences ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", []),
        ("Mở máy.", [2]),
        ("Gọi 1900.0368. Vào vneid.gov.vn! Xong", [2, 2, 1]),
        ('Nói: "Tôi bị lừa." Rồi cúp máy…', [4, 3]),
        ("Công an xã/phường", [4]),
        ("Một dòng\nhai dòng nữa", [2, 3]),
        ("Ra xã; về nhà, rồi chờ - không lâu", [8]),
    ],
)
def test_the_length_of_sentences(text: str, lengths: list[int]) -> None:
    assert [length for length, _sentence in sentence_lengths(text)] == lengths


@pytest.mark.parametrize(("syllables", "found"), [(30, 0), (31, 1)])
def test_a_long_sentence(syllables: int, found: int) -> None:
    text = "Ngắn thôi. " + "dài " * (syllables - 1) + "quá."

    assert len(list(reading_faults("steps[1].text", text, GLOSSARY))) == found


def test_a_guide_is_measured_by_its_running_texts() -> None:
    texts = [
        ("title", "OTP OTP OTP OTP OTP"),
        ("steps[1].title", "Mở"),
        ("steps[1].if_stuck[1].problem", "Kẹt"),
        ("official.app", "VNeID"),
        ("answer", "Mở VNeID ra. Nhập mã OTP gửi về."),
        ("steps[1].text", "Bấm nút to."),
    ]

    found = measure(texts, GLOSSARY)

    assert found.average == pytest.approx((3 + 5 + 3) / 3)
    assert found.explained == pytest.approx(2 / 11)


def test_a_guide_without_texts_has_no_measures() -> None:
    assert measure([], GLOSSARY).average == 0
