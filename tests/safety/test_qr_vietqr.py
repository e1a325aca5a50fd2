"""VietQR and other payment codes, read and made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.qr.tlv import DataObject, Fault, TlvError, encode, encode_row
from bot.safety.qr.vietqr import (
    IDENTIFIER,
    OtherMerchant,
    Service,
    VietQr,
    VietQrError,
    make,
    payload_of,
    plain_memo,
    read_payment,
)

#: NAPAS's own example of an account, a card and a payment with a purpose.
SPECIFICATION = [
    (
        "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA"
        "53037045802VN63049E6F",
        VietQr("970403", "0011012345678"),
    ),
    (
        "00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC"
        "53037045802VN63044F52",
        VietQr("970403", "9704031101234567", Service.CARD),
    ),
    (
        "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA"
        "530370454061800005802VN62340107NPS68690819thanh toan don hang63042E2E",
        VietQr(
            "970403",
            "0011012345678",
            amount=180_000,
            memo="thanh toan don hang",
            bill="NPS6869",
            once=True,
        ),
    ),
]
_CODES = st.builds(
    VietQr,
    bin=st.from_regex(r"\d{6}", fullmatch=True).filter(str.isascii),
    account=st.text("0123456789ABCxyz", min_size=1, max_size=19),
    service=st.sampled_from(Service),
    amount=st.none() | st.integers(1, 10**13 - 1),
    memo=st.text("abcXYZ 019-./", max_size=25),
    once=st.booleans(),
)


def inner(account: str = "0123456789", service: str = "QRIBFTTA", number: str = "970436") -> str:
    """The value of object 38."""
    payee = encode_row([DataObject("00", number), DataObject("01", account)])
    parts = [DataObject("00", IDENTIFIER), DataObject("01", payee), DataObject("02", service)]
    return encode_row(parts)


def code(**fields: str) -> str:
    """A payload with these objects (`t38="…"`) over those of a usual one; "" leaves one out."""
    usual = {"00": "01", "01": "11", "38": inner(), "53": "704", "58": "VN"}
    both = usual | {tag.removeprefix("t"): value for tag, value in fields.items()}
    return encode(DataObject(tag, value) for tag, value in both.items() if value)


def fault_of(payload: str) -> tuple[Fault, str]:
    """Why a payment code is refused, and where."""
    with pytest.raises(TlvError) as caught:
        read_payment(payload)
    return caught.value.fault, caught.value.tag


@pytest.mark.parametrize(("payload", "meant"), SPECIFICATION)
def test_the_specifications_examples(payload: str, meant: VietQr) -> None:
    assert read_payment(payload) == meant
    assert payload_of(meant) == payload


@given(_CODES)
def test_what_is_made_is_read_back(made: VietQr) -> None:
    assert read_payment(payload_of(made)) == made


@pytest.mark.parametrize(
    ("fields", "fault", "tag"),
    [
        ({"t38": inner(number="97043")}, Fault.BAD_VALUE, "38"),
        ({"t38": inner(account="0" * 20)}, Fault.BAD_VALUE, "38"),
        ({"t38": inner(account="01 23")}, Fault.BAD_VALUE, "38"),
        ({"t38": inner(service="QRPUSH")}, Fault.BAD_VALUE, "38"),
        ({"t38": inner()[:-1]}, Fault.TRUNCATED, "02"),
        ({"t38": inner() + "0208QRIBFTTA"}, Fault.DUPLICATE_TAG, "02"),
        ({"t53": "840"}, Fault.BAD_VALUE, "53"),
        ({"t53": ""}, Fault.BAD_VALUE, "53"),
        ({"t58": "TH"}, Fault.BAD_VALUE, "58"),
        ({"t54": "0"}, Fault.BAD_VALUE, "54"),
        ({"t54": "10.50"}, Fault.BAD_VALUE, "54"),
        ({"t54": "-100"}, Fault.BAD_VALUE, "54"),
        ({"t54": "1" * 14}, Fault.BAD_VALUE, "54"),
        ({"t54": "٣٤"}, Fault.BAD_VALUE, "54"),
        ({"t01": "13"}, Fault.BAD_VALUE, "01"),
        ({"t38": ""}, Fault.BAD_VALUE, "38"),
        ({"t27": inner("99")}, Fault.DUPLICATE_TAG, "38"),
        ({"t38": "", "t27": inner()}, Fault.BAD_TAG, "27"),
        ({"t62": "0899"}, Fault.TRUNCATED, "08"),
    ],
)
def test_what_breaks_the_rules_is_refused(fields: dict[str, str], fault: Fault, tag: str) -> None:
    payload = code(**dict(sorted(fields.items())))
    found, at = fault_of(payload)
    assert found is fault
    assert at in (tag, "27")


def test_an_amount_may_have_zeros_behind_the_point() -> None:
    read = read_payment(code(t54="50000.00"))
    assert isinstance(read, VietQr)
    assert read.amount == 50_000


def test_another_networks_account_beside_is_allowed_and_said() -> None:
    other = encode_row([DataObject("00", "A000000775"), DataObject("01", "0105")])
    read = read_payment(code(t26=other))
    assert isinstance(read, VietQr)
    assert read.several
    assert not read_payment(code()).several  # type: ignore[union-attr]


def test_a_merchant_of_another_network() -> None:
    other = encode_row([DataObject("00", "A000000775"), DataObject("01", "0105")])
    payload = code(
        t26=other, t38="", t54="21000", t59="CHO QUE", t60="Ca Mau", t62="0103A120803abc"
    )
    assert read_payment(payload) == OtherMerchant(
        "A000000775", "CHO QUE", "Ca Mau", "21000", "704", "VN", bill="A12", memo="abc"
    )


def test_a_cards_own_account_is_no_template() -> None:
    read = read_payment(code(t38="", t04="5123456789012", t59="SHOP"))
    assert isinstance(read, OtherMerchant)
    assert (read.network, read.name) == ("", "SHOP")


def test_a_code_is_made_from_what_is_typed() -> None:
    payload = make("970436", "0123 456.789", 50_000, "mua ca")
    read = read_payment(payload)
    assert read == VietQr("970436", "0123456789", amount=50_000, memo="mua ca", once=True)


@pytest.mark.parametrize(
    ("field", "made"),
    [
        ("bank", ("97043", "0123")),
        ("account", ("970436", "")),
        ("account", ("970436", "0" * 20)),
        ("account", ("970436", "01đ3")),
        ("amount", ("970436", "0123", 0)),
        ("amount", ("970436", "0123", -5)),
        ("amount", ("970436", "0123", 10**13)),
        ("memo", ("970436", "0123", None, "mua cá")),
        ("memo", ("970436", "0123", None, "a" * 26)),
    ],
)
def test_a_wrong_field_is_named(field: str, made: tuple[str, str, int, str]) -> None:
    with pytest.raises(VietQrError) as caught:
        make(*made)
    assert caught.value.field == field
    assert str(caught.value).startswith(field)


@pytest.mark.parametrize(
    ("typed", "memo"),
    [
        ("tiền mắm cá đồng", "tien mam ca dong"),
        ("  Đặt cọc  xe!!! ", "Dat coc xe"),
        ("x" * 30, "x" * 25),
        ("💰", ""),
    ],
)
def test_a_memo_is_written_as_banks_take_it(typed: str, memo: str) -> None:
    assert plain_memo(typed) == memo


@given(st.text())
def test_any_memo_can_be_made_into_one_that_is_taken(text: str) -> None:
    assert make("970436", "0123", None, plain_memo(text))
