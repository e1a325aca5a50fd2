"""What helpers type: orders with marks and without, and what is meant for the citizen instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.orders import Act, Order, read_minutes, read_order
from bot.domain.tickets import TicketOutcome
from nlu.text import strip_diacritics

HOME, POLICE = TicketOutcome.SOLVED_AT_HOME, TicketOutcome.REFERRED_POLICE
ORDERS: dict[str, Order] = {
    "nhận 12": Order(Act.TAKE, (12,)),
    "Nhận phiếu 12 nha": Order(Act.TAKE, (12,)),
    "trả lại 12": Order(Act.GIVE_BACK, (12,)),
    "trả lại 12 vì bận đám giỗ": Order(Act.GIVE_BACK, (12,), "vì bận đám giỗ"),
    "xong 12": Order(Act.DONE, (12,)),
    "xong 12 15 18": Order(Act.DONE, (12, 15, 18)),
    "xong 12, 15, 12": Order(Act.DONE, (12, 15)),
    "xong 12 tại nhà 45 phút": Order(Act.DONE, (12,), "tai nha", outcome=HOME, minutes=45),
    "xong 12 1 tiếng rưỡi tại nhà": Order(Act.DONE, (12,), "tai nha", outcome=HOME, minutes=90),
    "xong 12 chuyển công an": Order(Act.DONE, (12,), "chuyen cong an", outcome=POLICE),
    "chuyển 12 cho Lan": Order(Act.PASS, (12,), "Lan"),
    "chuyển 12": Order(Act.PASS, (12,)),
    "chuyển 12 lên xã vì cần giấy tờ": Order(Act.CLIMB, (12,), "vì cần giấy tờ"),
    "chuyển 12 cho xã": Order(Act.CLIMB, (12,)),
    "gọi 12": Order(Act.CALL, (12,)),
    "gọi lại 12": Order(Act.CALL, (12,)),
    "đã gọi 12": Order(Act.SPOKE, (12,)),
    "không nghe máy 12": Order(Act.NO_ANSWER, (12,)),
    "12 không nghe máy": Order(Act.NO_ANSWER, (12,)),
    "hẹn 12 chiều mai 3 giờ": Order(Act.VISIT, (12,), "chiều mai 3 giờ"),
    "hẹn 12 8h sáng mai": Order(Act.VISIT, (12,), "8h sáng mai"),
    "bỏ hẹn 12": Order(Act.NO_VISIT, (12,)),
    "đã tới 12 45 phút": Order(Act.VISITED, (12,), minutes=45),
    "gửi 12 bước 3": Order(Act.STEP, (12,), number=3),
    "gửi 12 bước 3 của quét QR": Order(Act.STEP, (12,), "quét QR", 3),
    "gửi 12 mẫu 2": Order(Act.CANNED, (12,), number=2),
    "mẫu": Order(Act.CANNED),
    "gửi lại 12": Order(Act.RESEND, (12,)),
    "phiếu 12": Order(Act.SHOW, (12,)),
    "phiếu": Order(Act.LIST),
    "của tôi": Order(Act.SUMMARY),
    "trợ giúp": Order(Act.HELP),
    "12: chào cô": Order(Act.SAY, (12,), "chào cô"),
    "nhắn 12 chào cô": Order(Act.SAY, (12,), "chào cô"),
}
SLASHED: dict[str, Order] = {
    "/nhan 12": Order(Act.TAKE, (12,)),
    "/phieu 12": Order(Act.SHOW, (12,)),
    "/phieu@tro_ly_bot 12": Order(Act.SHOW, (12,)),
    "/cuatoi": Order(Act.SUMMARY),
    "/tralai": Order(Act.GIVE_BACK),
    "/xong": Order(Act.DONE),
    "/hen chiều mai 3 giờ": Order(Act.VISIT, (), "chiều mai 3 giờ"),
    "/help": Order(Act.HELP),
    "?": Order(Act.HELP),
}
#: Lines for the citizen, however near to an order.
LINES = [
    "Bác mở máy đi",
    "gọi 113 ngay nhé bác",
    "hẹn 8 giờ mai con tới",
    "hẹn 8h sáng mai nhé",
    "hẹn mai nhé",
    "xong 2 bước rồi đó cô",
    "trả 5 trăm ngàn",
    "trả lại 500 ngàn cho cô",
    "chuyển 50 nghìn cho cô",
    "cô nhận 5 triệu chưa",
    "nhận được rồi cô",
    "bước 3 làm vầy nè cô",
    "1",
    "có",
    "/xyz",
    "",
    "   ",
]


@pytest.mark.parametrize("text", [*ORDERS, *SLASHED])
def test_orders(text: str) -> None:
    assert read_order(text) == (ORDERS | SLASHED)[text]


@pytest.mark.parametrize("text", [t for t in ORDERS if t != "nhắn 12 chào cô"])
def test_the_same_without_marks_and_in_capitals(text: str) -> None:
    expected = ORDERS[text]
    plain = read_order(strip_diacritics(text))
    assert plain is not None
    assert (plain.act, plain.numbers, plain.number) == (
        expected.act,
        expected.numbers,
        expected.number,
    )
    assert plain.rest == strip_diacritics(expected.rest)
    loud = read_order(text.upper())
    assert loud is not None
    assert loud.act is expected.act


@pytest.mark.parametrize("text", LINES)
def test_what_is_no_order(text: str) -> None:
    assert read_order(text) is None


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("xong", Act.DONE),
        ("xong rồi", Act.DONE),
        ("trả lại", Act.GIVE_BACK),
        ("gọi lại", Act.CALL),
        ("không nghe máy", Act.NO_ANSWER),
    ],
)
def test_bare_words_may_be_meant_for_the_citizen(text: str, act: Act) -> None:
    order = read_order(text)
    assert order is not None
    assert (order.act, order.sure) == (act, False)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("", TicketOutcome.SOLVED),
        ("được rồi", TicketOutcome.SOLVED),
        ("tại nhà", HOME),
        ("không gặp được", TicketOutcome.NOT_REACHABLE),
        ("không nghe máy", TicketOutcome.NOT_REACHABLE),
        ("sai số", TicketOutcome.WRONG_NUMBER),
        ("chuyển công an", POLICE),
        ("chỉ qua ngân hàng", TicketOutcome.REFERRED_BANK),
        ("ra xã", TicketOutcome.REFERRED_COMMUNE),
        ("ủy ban xã", TicketOutcome.REFERRED_COMMUNE),
    ],
)
def test_outcomes(words: str, outcome: TicketOutcome) -> None:
    for text in (f"xong 12 {words}", strip_diacritics(f"xong 12 {words}")):
        order = read_order(text)
        assert order is not None, text
        assert order.outcome is outcome


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45 phút", 45),
        ("45p", 45),
        ("45", 45),
        ("1 tiếng", 60),
        ("1 tiếng rưỡi", 90),
        ("nửa tiếng", 30),
        ("1h30", 90),
        ("khoảng 2 tiếng", 120),
        ("1,5 tiếng", 90),
        ("lâu lắm", None),
        ("99 tiếng", None),
        ("5000", None),
        ("", None),
    ],
)
def test_minutes(text: str, minutes: int | None) -> None:
    assert read_minutes(text) == minutes


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    order = read_order(text)
    assert order is None or isinstance(order.act, Act)
    assert read_minutes(text) is None or read_minutes(text) >= 0  # type: ignore[operator]
