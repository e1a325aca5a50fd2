"""The strict reader of payment codes: what it takes, what it refuses and under which name."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.qr.tlv import (
    LENGTH_MOST,
    DataObject,
    Fault,
    TlvError,
    crc,
    decode,
    decode_row,
    encode,
    encode_row,
)

_VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_TAGS = st.integers(0, 99).map(lambda number: f"{number:02}")
_ROWS = st.dictionaries(_TAGS, _VALUES, min_size=1, max_size=8).map(
    lambda row: tuple(DataObject(tag, value) for tag, value in row.items())
)


def closed(text: str) -> str:
    """The text with a right checksum."""
    return f"{text}6304{crc(f'{text}6304')}"


def fault_of(payload: str) -> Fault:
    """Why a payload is refused."""
    with pytest.raises(TlvError) as caught:
        decode(payload)
    return caught.value.fault


def test_the_checksum_is_that_of_the_specification() -> None:
    # CRC-16/CCITT-FALSE's published check value.
    assert crc("123456789") == "29B1"


@given(_ROWS)
def test_a_row_is_read_as_it_was_written(row: tuple[DataObject, ...]) -> None:
    assert decode_row(encode_row(row)) == row


@given(_ROWS)
def test_a_payload_is_read_as_it_was_written(row: tuple[DataObject, ...]) -> None:
    inside = tuple(each for each in row if each.tag not in ("00", "63"))
    objects = (DataObject("00", "01"), *inside)
    payload = encode(objects)
    assert decode(payload) == objects
    assert encode(decode(payload)) == payload


@given(
    st.text(max_size=200) | st.text("0123456789AB", max_size=80).map(lambda t: closed("000201" + t))
)
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    again = text
    with contextlib.suppress(TlvError):
        again = encode(decode(text))
    assert again[:-4] == text[:-4]


@given(_ROWS, st.data())
def test_one_changed_character_is_never_read_as_the_same(
    row: tuple[DataObject, ...], data: st.DataObject
) -> None:
    inside = tuple(each for each in row if each.tag not in ("00", "63"))
    payload = encode((DataObject("00", "01"), *inside))
    at = data.draw(st.integers(0, len(payload) - 5))
    other = data.draw(st.sampled_from("0123456789XY").filter(lambda c: c != payload[at]))
    with pytest.raises(TlvError):
        decode(payload[:at] + other + payload[at + 1 :])


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        ("", Fault.NOT_EMV),
        ("https://example.vn", Fault.NOT_EMV),
        ("000201", Fault.NO_CRC),
        (closed("000201") + "0", Fault.TRUNCATED),
        (closed("000202"), Fault.BAD_VALUE),
        (closed("000201010211010212"), Fault.DUPLICATE_TAG),
        (closed("0002015300"), Fault.BAD_LENGTH),
        (closed("00020153-1"), Fault.BAD_LENGTH),
        (closed("000201٥٣03704"), Fault.BAD_TAG),
        ("000201010211380", Fault.TRUNCATED),
        ("00020101021138", Fault.TRUNCATED),
        ("0002016304ABCD5303704", Fault.CRC_NOT_LAST),
        (closed("000201")[:-1] + "!", Fault.BAD_CRC),
        ("00020163021D", Fault.BAD_CRC),
        ("000201" + "5999" + "A" * 99 + ("6099" + "B" * 99) * 5, Fault.TOO_LONG),
    ],
)
def test_what_is_wrong_has_a_name(payload: str, fault: Fault) -> None:
    assert fault_of(payload) is fault


def test_a_value_that_ends_early_says_where() -> None:
    with pytest.raises(TlvError) as caught:
        decode("00020101021138570010A00000072701270006970403")
    assert (caught.value.fault, caught.value.tag) == (Fault.TRUNCATED, "38")
    assert "970403" not in str(caught.value)


def test_small_letters_of_the_checksum_are_the_same_number() -> None:
    payload = next(
        p
        for n in range(99)
        if (p := closed(f"00020153{2:02}{n:02}"))[-4:].isalnum()
        and any(c.isalpha() for c in p[-4:])
    )
    assert decode(payload[:-4] + payload[-4:].lower()) == decode(payload)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ((), Fault.TRUNCATED),
        ((DataObject("1", "a"),), Fault.BAD_TAG),
        ((DataObject("１２", "a"),), Fault.BAD_TAG),
        ((DataObject("12", ""),), Fault.BAD_LENGTH),
        ((DataObject("12", "a" * 100),), Fault.BAD_LENGTH),
        ((DataObject("12", "a"), DataObject("12", "b")), Fault.DUPLICATE_TAG),
    ],
)
def test_what_could_not_be_read_is_not_written(row: tuple[DataObject, ...], fault: Fault) -> None:
    with pytest.raises(TlvError) as caught:
        encode_row(row)
    assert caught.value.fault is fault


def test_a_payload_begins_and_ends_as_it_must() -> None:
    first = DataObject("00", "01")
    for row in ((), (DataObject("53", "704"),), (first, DataObject("63", "ABCD"))):
        with pytest.raises(TlvError):
            encode(row)
    with pytest.raises(TlvError) as caught:
        encode((first, *(DataObject(f"{n}", "A" * 99) for n in range(70, 76))))
    assert caught.value.fault is Fault.TOO_LONG
    assert LENGTH_MOST == 512
