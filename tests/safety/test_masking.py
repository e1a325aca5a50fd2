"""What is hidden, what survives, and that hostile text costs nothing. All numbers are invented."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.safety.masking import Masked, SecretKind, asks_for_secret, mask

ID, PHONE, CARD = SecretKind.ID_NUMBER, SecretKind.PHONE, SecretKind.CARD
ACCOUNT, OTP, PASSWORD = SecretKind.ACCOUNT, SecretKind.OTP, SecretKind.PASSWORD

LABELS = {
    ID: "⟨số giấy tờ⟩",
    PHONE: "⟨số điện thoại⟩",
    CARD: "⟨số thẻ⟩",
    ACCOUNT: "⟨số tài khoản⟩",
    OTP: "⟨mã OTP⟩",
    PASSWORD: "⟨mật khẩu⟩",
}

# {} stands for the place of the label.
HIDDEN: list[tuple[str, str, SecretKind]] = [
    # identity numbers
    ("001099000001", "{}", ID),
    ("cccd 001099000001", "cccd {}", ID),
    ("căn cước số: 079 099 000 001 nha", "căn cước số: {} nha", ID),
    ("079-099-000-001", "{}", ID),
    ("079.099.000.001", "{}", ID),
    ("0 0 1 0 9 9 0 0 0 0 0 1", "{}", ID),
    ("số của em001099000001ạ", "số của em{}ạ", ID),
    ("001/099/000/001", "{}", ID),
    ("200000000123", "{}", ID),
    ("cmnd 230000001", "cmnd {}", ID),
    ("cmnd cũ 230 000 001", "cmnd cũ {}", ID),
    ("230.000.001", "{}", ID),
    ("cmnd 230000000", "cmnd {}", ID),
    ("Sinh 20/11/1960, cccd 001060000001", "Sinh 20/11/1960, cccd {}", ID),
    ("20/11/1960 001060000001", "20/11/1960 {}", ID),
    ("００１０９９０００００１", "{}", ID),
    ("٠٠١٠٩٩٠٠٠٠٠١", "{}", ID),
    ("001\u200b099\u200b000\u200b001", "{}", ID),
    ("0\u20e30\u20e31\u20e3 099 000 001", "{}", ID),
    ("00 1900 1234 56", "{}", ID),
    # phones
    ("0900000001", "{}", PHONE),
    ("gọi 0900000001 giùm", "gọi {} giùm", PHONE),
    ("sđt: 0912.345.678", "sđt: {}", PHONE),
    ("0912 345 678", "{}", PHONE),
    ("0912-345-678", "{}", PHONE),
    ("0 9 1 2 3 4 5 6 7 8", "{}", PHONE),
    ("0, 9, 1, 2, 3, 4, 5, 6, 7, 8", "{}", PHONE),
    ("0.9.1.2.3.4.5.6.7.8", "{}", PHONE),
    ("+84900000001", "{}", PHONE),
    ("+84 900 000 001", "{}", PHONE),
    ("+84 (0) 900 000 001", "{}", PHONE),
    ("84900000001", "{}", PHONE),
    ("0084900000001", "{}", PHONE),
    ("00 84 900 000 001", "{}", PHONE),
    ("0300000001", "{}", PHONE),
    ("0500000001", "{}", PHONE),
    ("0700000001", "{}", PHONE),
    ("0800000001", "{}", PHONE),
    ("01600000001", "{}", PHONE),
    ("02573000001", "{}", PHONE),
    ("024 3000 0001", "{}", PHONE),
    ("(024) 3000 0001", "({}", PHONE),
    ("zalo 0900000001 nhé", "zalo {} nhé", PHONE),
    ("1. 0900 000 001", "1. {}", PHONE),
    ("12. 0900000001", "12. {}", PHONE),
    ("năm 2019 0900000001", "năm 2019 {}", PHONE),
    ("０９００００００01", "{}", PHONE),
    ("𝟎𝟗𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟏", "{}", PHONE),
    ("⓪⑨⓪⓪⓪⓪⓪⓪⓪①", "{}", PHONE),
    ("09\u200d00\u2060000\ufeff001", "{}", PHONE),
    ("không chín một hai ba bốn năm sáu bảy tám", "{}", PHONE),
    ("khong chin mot hai ba bon nam sau bay tam", "{}", PHONE),
    ("Không, chín, một, hai, ba, tư, lăm, sáu, bảy, tám", "{}", PHONE),
    ("số tui là không chín lẻ hai ba tư lăm sáu bảy mốt nghen", "số tui là {} nghen", PHONE),
    ("không chín 12 345 678", "{}", PHONE),
    ("09 một hai ba bốn năm 678", "{}", PHONE),
    ("ko chin mot hai ba bon nam sau bay tam", "{}", PHONE),
    ("không không một không chín chín không không không không không một", "{}", ID),
    ("hai ba không không không không không không một", "{}", ID),
    # cards
    ("4111111111111111", "{}", CARD),
    ("4111 1111 1111 1111", "{}", CARD),
    ("4111-1111-1111-1111", "{}", CARD),
    ("thẻ 9704 0000 0000 0018", "thẻ {}", CARD),
    ("so the cua toi 1234 5678 1234 5678", "so the cua toi {}", CARD),
    ("378282246310005", "{}", CARD),
    # accounts
    ("stk 123456789", "stk {}", ACCOUNT),
    ("stk: 0123456 Agribank", "stk: {} Agribank", ACCOUNT),
    ("số tài khoản 6200205000001", "số tài khoản {}", ACCOUNT),
    ("so tai khoan cua chu la 1234567", "so tai khoan cua chu la {}", ACCOUNT),
    ("chuyển vào 1234567", "chuyển vào {}", ACCOUNT),
    ("chuyen vo 12345678 giup", "chuyen vo {} giup", ACCOUNT),
    ("tk 1234567 mb bank", "tk {} mb bank", ACCOUNT),
    ("stk 150000000", "stk {}", ACCOUNT),
    ("1234567 là stk của cô", "{} là stk của cô", ACCOUNT),
    ("6200205000001", "{}", ACCOUNT),
    ("12345678901234567890", "{}", ACCOUNT),
    # one-time codes
    ("123456", "{}", OTP),
    (" 123 456 ", " {} ", OTP),
    ("dạ 123456 ạ", "dạ {} ạ", OTP),
    ("otp 123456", "otp {}", OTP),
    ("OTP: 1234", "OTP: {}", OTP),
    ("Mã OTP của bạn:\n123456", "Mã OTP của bạn:\n{}", OTP),
    ("mã là 4821", "mã là {}", OTP),
    ("ma 482193 nha", "ma {} nha", OTP),
    ("mã gửi về là 482193", "mã gửi về là {}", OTP),
    ("code 48219", "code {}", OTP),
    ("ô tê pê 482193", "ô tê pê {}", OTP),
    ("OTP482193", "OTP{}", OTP),
    ("xác thực 48219376", "xác thực {}", OTP),
    ("ma xac nhan la 482193", "ma xac nhan la {}", OTP),
    ("G-482193 la ma Google", "G-{} la ma Google", OTP),
    ("482193 là mã OTP của chú", "{} là mã OTP của chú", OTP),
    (
        "Ma OTP giao dich 500,000VND la 482193. Khong chia se.",
        "Ma OTP giao dich 500,000VND la {}. Khong chia se.",
        OTP,
    ),
    ("mã otp là bốn tám hai một chín ba", "mã otp là {}", OTP),
    ("otp 4 8 2 1 9 3", "otp {}", OTP),
    # passwords
    ("mật khẩu là Abc@123", "mật khẩu là {}", PASSWORD),
    ("mật khẩu: hoa1990", "mật khẩu: {}", PASSWORD),
    ("mat khau la hoa1990 nha", "mat khau la {} nha", PASSWORD),
    ("mk cua toi Abc@123", "mk cua toi {}", PASSWORD),
    ("mk123456", "mk{}", PASSWORD),
    ("mk: meocon", "mk: {}", PASSWORD),
    ("mật khẩu vneid là meocon", "mật khẩu vneid là {}", PASSWORD),
    ("pass=abcxyz", "pass={}", PASSWORD),
    ("password Xyz#2020!", "password {}", PASSWORD),
    ("passcode 482193", "passcode {}", PASSWORD),
    ("mã pin 4821", "mã pin {}", PASSWORD),
    ("pin: 4821", "pin: {}", PASSWORD),
    ("mật khẩu wifi nhà em là 12345678", "mật khẩu wifi nhà em là {}", PASSWORD),
    ("mật khẩu là ngày sinh 20111960", "mật khẩu là ngày sinh {}", PASSWORD),
    ("Mật khẩu:\nAbc@123", "Mật khẩu:\n{}", PASSWORD),
    ("Abc@123 là mật khẩu của chú", "{} là mật khẩu của chú", PASSWORD),
    ("mật khẩu là 0900000001", "mật khẩu là {}", PASSWORD),
    ("MẬT KHẨU LÀ Hoa@1990.", "MẬT KHẨU LÀ {}.", PASSWORD),
    ("ma\u0323\u0302t kha\u0302\u0309u la\u0300 Abc@123", "", PASSWORD),
]

KEPT: list[str] = [
    "",
    "xin chào",
    "con ơi chỉ bác cài cái app công an",
    # prices
    "500000",
    "500.000đ",
    "500,000 VND",
    "giá 500000 đồng",
    "2 triệu",
    "100k",
    "500k",
    "lương 400k/ngày",
    "vay 150.000.000",
    "vay 150000000 đồng",
    "vay 150 000 000 đồng",
    "bị lừa 1.250.000.000đ",
    "200000, 300000, 500000",
    "500.000 300.000 200.000",
    "mất 12.345.678 đồng",
    "chuyển cho nó 5000000",
    "tk bị trừ 350000",
    "tài khoản còn 1.234.567",
    "mã giảm 500.000đ",
    "nạp 100K tặng 100K",
    # dates and times
    "20/11/2026",
    "1/7/2025",
    "từ 1/7/2025 đến 31/12/2026",
    "1/7/2025-31/12/2026",
    "01/07/2025 15:30",
    "2026-11-20",
    "2025-07",
    "11/2026",
    "15h30",
    "15h30 20/11/2026",
    "15h03 20/11/2026",
    "24/7",
    "20-11-2026, 21-11-2026",
    "2019 2020 2021",
    "sinh năm 1960",
    "mã xác nhận từ năm 2019",
    "otp hết hạn 20/11/2026",
    # steps, counts, laws
    "bước 3",
    "12 tháng",
    "CCCD 12 số",
    "thông tư 117/2026",
    "Thông tư 117/2026/TT-BTC",
    "nghị quyết 66",
    "Nghị quyết 66.22/2026/NQ-CP",
    "Nghị định 224/2026/NĐ-CP, Điều 78 và 79",
    "1. mở app 2. bấm nút 3. chờ",
    "bước 1, 2, 3, 4",
    "tôm thẻ 100 con",
    "mã qr 2026 của quán",
    "mã hồ sơ 000.00.12.H01-261120-0001",
    "mã hồ sơ 123456",
    "mã số hồ sơ 123456",
    "mã phiếu 1024",
    "otp 6 số",
    "mã OTP có 6 số, hết hạn sau 120 giây",
    "nokia 1280 không nhận được otp",
    "má 1960 sinh ở đâu",
    "mà 1280 xài được không",
    # public numbers
    "113",
    "gọi 113, 114, 115",
    "gọi 111 hoặc 156",
    "soạn TTTB gửi 1414",
    "nhắn 5656",
    "1900.0368",
    "19000368",
    "1900 0368",
    "1800 1096",
    "18001096",
    "gọi 1900 545 415",
    "1900.54.54.15",
    "quên mật khẩu gọi 19000368",
    "lộ mã thì gọi 1900.0368",
    # talk about passwords
    "quên mật khẩu thì làm sao",
    "mật khẩu là gì",
    "mat khau la gi vay con",
    "đổi mật khẩu ở đâu",
    "mk vneid quên rồi",
    "mk là người Nghệ An",
    "mật khẩu dài 8 đến 20 ký tự",
    "mật khẩu: quên rồi",
    "đặt mật khẩu là xong",
    "quên mật khẩu vneid 2 lần",
    "quên mật khẩu iphone15",
    "mật khẩu là chìa khóa nhà mình",
    "Đã nhập mật khẩu thì đổi ngay",
    "quên mật khẩu năm 2019",
    "pin 5000mah",
    "sạc pin 100%",
    "pass lại con a12 giá 500k",
    "mật khẩu!!!",
    # words for digits
    "hai ba hôm nữa",
    "một hai ba bốn",
    "không không, ba má không có",
    "ba năm sau tám tháng",
]


@pytest.mark.parametrize(("text", "wanted", "kind"), HIDDEN)
def test_secrets_are_hidden(text: str, wanted: str, kind: SecretKind) -> None:
    masked = mask(text)
    assert masked.kinds == {kind}
    assert LABELS[kind] in masked.text
    if wanted:
        assert masked.text == wanted.format(LABELS[kind])
    assert mask(masked.text) == Masked(masked.text, frozenset())


@pytest.mark.parametrize("text", KEPT)
def test_what_staff_must_read_survives(text: str) -> None:
    assert mask(text) == Masked(text, frozenset())


@pytest.mark.parametrize("text", ["4821", "500000", "48219376", "chú đọc nè 4821", "2019"])
def test_bare_digits_are_a_code_when_one_is_expected(text: str) -> None:
    masked = mask(text, expecting_code=True)
    assert masked.kinds == {OTP}
    assert not re.search(r"\d", masked.text)


@pytest.mark.parametrize("text", ["1/7/2025", "gọi 19000368 chưa được", "bước 3", "chưa thấy mã"])
def test_expecting_a_code_hides_nothing_else(text: str) -> None:
    assert mask(text, expecting_code=True).text == text


def test_several_secrets_and_their_lines() -> None:
    text = "Tên: A\nsđt 0900000001\ncccd 001099000001\nmk: Abc@123\ngiá 500.000đ"
    masked = mask(text)
    assert masked.text == (
        "Tên: A\nsđt ⟨số điện thoại⟩\ncccd ⟨số giấy tờ⟩\nmk: ⟨mật khẩu⟩\ngiá 500.000đ"
    )
    assert masked.kinds == {PHONE, ID, PASSWORD}


def test_two_phones_side_by_side() -> None:
    assert mask("0900000001/0900000002").text == "⟨số điện thoại⟩/⟨số điện thoại⟩"


def test_written_labels_are_left_alone() -> None:
    text = "mã là ⟨mã OTP⟩ 2 lần, ⟨mật khẩu⟩: ok nhé"
    assert mask(text) == Masked(text, frozenset())


ASKING = [
    "cho chú xin mã otp",
    "đọc mã cho em",
    "doc ma cho em",
    "gửi em mật khẩu",
    "bác đọc giúp em mã otp với",
    "anh cho em xin cái mã",
    "chị nhắn mã xác nhận qua đây cho em nhé",
    "cung cấp mã OTP để em kích hoạt",
    "mã otp là bao nhiêu",
    "mật khẩu của chú là gì",
    "mã pin số mấy vậy bác",
    "chụp số thẻ gửi em",
    "Đừng lo, đọc mã OTP cho em",
    "bác gửi lại mã vừa về máy cho cháu",
    "nhập mật khẩu vào link này",
    "đọc cho tôi mã OTP",
    "nói em nghe mã otp",
]
NOT_ASKING = [
    "",
    "không bao giờ đọc mã OTP cho ai",
    "Đừng gửi số căn cước, mật khẩu hay mã OTP vào đây",
    "Người giúp thật không xin mật khẩu, mã OTP, không thu tiền.",
    "Xin đừng hỏi hay gửi mã OTP, mật khẩu, số thẻ.",
    "Không ai được hỏi, xin, đọc mã OTP của bà",
    "tuyệt đối không đưa mã pin cho người lạ",
    "lỡ đọc mã otp cho nó rồi",
    "họ xin mã otp",
    "có nên đọc mã otp cho con không",
    "gửi mã hồ sơ cho em",
    "cho em xin mã qr",
    "gửi má cái hình",
    "quên mật khẩu thì làm sao",
    "mật khẩu là gì",
    "cho bác xin số hồ sơ",
    "cho em hỏi quên mật khẩu thì làm sao",
]


@pytest.mark.parametrize("text", ASKING)
def test_asking_for_a_secret(text: str) -> None:
    assert asks_for_secret(text)


@pytest.mark.parametrize("text", NOT_ASKING)
def test_not_asking_for_a_secret(text: str) -> None:
    assert not asks_for_secret(text)


# --- properties -----------------------------------------------------------------------------------

_LINE = (
    "otp mã ma mật khẩu mk pass là : = stk tk thẻ 0900000001 001099000001 4111111111111111 123456"
    " 12 2019 500000 20/11/2026 1900.0368 đ k năm không chín một hai ba , . / - + \n ( ) Abc@123"
    " G- ⟨mã OTP⟩ ⟨mật ⟩ quên gì của ạ cccd \u200b \u0301 ９ ① 15h30 5.000.000 chuyển vào 1234"
)
_PIECES = st.sampled_from(_LINE.split(" "))
_MIXED = st.lists(st.tuples(_PIECES, st.sampled_from(["", " ", " ", ". "])), max_size=14).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)
_TEXTS = st.one_of(st.text(max_size=200), _MIXED)


@given(_TEXTS, st.booleans())
@example("MK AAA=0000", False)
@example("mk wifi->123456", False)
@example("a1b2c3 là mk=zalo99", False)
@settings(max_examples=1000, deadline=None)
def test_never_raises_and_adds_nothing_the_second_time(text: str, expecting: bool) -> None:
    once = mask(text, expecting_code=expecting)
    again = mask(once.text, expecting_code=expecting)
    assert again == Masked(once.text, frozenset())
    assert once.text.count("\n") == text.count("\n")
    if not once.kinds:
        assert once.text == text
    asks_for_secret(text)


def _with_check_digit(body: str) -> str:
    total = 0
    for place, char in enumerate(reversed(body)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def _digits(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=size, max_size=size)


_PHONES = st.builds(str.__add__, st.sampled_from(["03", "05", "07", "08", "09"]), _digits(8))
_CITIZENS = st.builds(lambda province, rest: f"{province:03}{rest}", st.integers(1, 96), _digits(9))
# Nine digits that end in zeros read as a price: a known miss.
_OLD_IDS = st.builds(
    lambda first, body, last: f"{first}{body}{last}",
    st.integers(1, 3),
    _digits(7),
    st.integers(1, 9),
)
_CARDS = st.builds(
    lambda first, body: _with_check_digit(first + body),
    st.sampled_from(["4", "5", "9704"]),
    st.integers(11, 14).flatmap(_digits),
)
_GAPS = st.sampled_from(["", "", "", " ", ".", "-", "/", "\u200b", " - ", "\u00a0", "_"])
_AROUND = st.sampled_from(
    ["", "số của tui là ", "alo con ơi, ", "dạ ", "nha con", " nghen", " gọi giùm", "!", "\n"]
)
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.one_of(_PHONES, _CITIZENS, _CARDS), st.data(), _AROUND, _AROUND, st.booleans())
@settings(max_examples=1500, deadline=None)
def test_a_number_is_gone_however_it_is_cut(
    secret: str, data: st.DataObject, before: str, after: str, wide: bool
) -> None:
    gaps = data.draw(st.lists(_GAPS, min_size=len(secret) - 1, max_size=len(secret) - 1))
    cut = "".join(char + gap for char, gap in zip(secret, [*gaps, ""], strict=True))
    masked = mask(f"{before}{cut.translate(_WIDE) if wide else cut}{after}")
    assert masked.kinds
    left = "".join(str(int(char)) for char in masked.text if char.isdecimal())
    assert not any(secret[at : at + 6] in left for at in range(len(secret) - 5))


@given(_OLD_IDS, _GAPS, st.sampled_from([1, 3, 9]), _AROUND, _AROUND)
def test_an_old_number_is_gone_when_cut_evenly(
    secret: str, gap: str, size: int, before: str, after: str
) -> None:
    """Cut unevenly it can look like a date and a count ('10.1.2000 01'): a known miss."""
    cut = gap.join(secret[at : at + size] for at in range(0, 9, size))
    masked = mask(f"{before}{cut}{after}")
    assert masked.kinds
    assert not any(map(str.isdigit, masked.text))


_WORDS = "không một hai ba bốn năm sáu bảy tám chín"
_SAID = dict(zip("0123456789", _WORDS.split(), strict=True))


@given(st.one_of(_PHONES, _CITIZENS), st.sampled_from([" ", ", ", "  ", "-"]))
def test_a_number_said_in_words_is_gone(secret: str, gap: str) -> None:
    masked = mask(f"số của bác {gap.join(_SAID[digit] for digit in secret)} nghe con")
    assert masked.kinds in ({PHONE}, {ID})
    assert masked.text.startswith("số của bác ⟨")
    assert masked.text.endswith("⟩ nghe con")


# --- time -----------------------------------------------------------------------------------------

_LONG = 100_000
HOSTILE = [
    "1",
    "1 ",
    "1. ",
    "1, ",
    "12/",
    "0900000001 ",
    "0900000001a",
    "1234a",
    "123456789a",
    "1.000.",
    "mk ",
    "mật khẩu ",
    "mật khẩu là ",
    "otp ",
    "otp 1234 x ",
    "mã ",
    "stk ",
    "+",
    "+84 ",
    "84 ",
    "a",
    " ",
    "\n",
    "\u200b",
    "1\u200b",
    "０",
    "không ",
    "không một ",
    "không chín 1 a ",
    "⟨",
    "⟨mã OTP⟩",
    "pass:",
    "@",
    "a@1 ",
    "1900 ",
    "20/11/2026 ",
    "500000 ",
    "đ",
    "\u0301",
    "- - ",
    "là ",
    "đọc mã ",
    "cho em ",
    "đừng, ",
    "xin ",
    "mk a b c d ",
    "0 9 ",
    "chuyển vào ",
    "A1!",
    ":",
    "G-1",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_is_quick(unit: str) -> None:
    text = (unit * (_LONG // len(unit) + 1))[:_LONG]
    began = time.process_time()
    mask(text)
    mask(text, expecting_code=True)
    asks_for_secret(text)
    assert time.process_time() - began < 2.0  # about 20 times what it takes


def test_an_ordinary_message_is_quick() -> None:
    text = "con ơi, chỉ bác cách cài cái ứng dụng của công an vào máy với, bác bấm hoài " * 2
    mask(text)
    best = min(_seconds(text) for _ in range(50))
    assert best < 0.0005


def _seconds(text: str) -> float:
    began = time.process_time()
    mask(text)
    return time.process_time() - began
