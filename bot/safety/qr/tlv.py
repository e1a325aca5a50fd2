"""The tag-length-value form of EMVCo payment codes, strictly.

Source of the rules: EMV QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1
(EMVCo, 2020), chapters 3 and 4. A payload is a row of data objects: an ID of two digits, a length
of two digits (01 to 99, in characters), the value. The first object is 00 with the value 01; the
last is 63, whose value is the CRC-16 (polynomial 0x1021, start 0xFFFF) of all that stands before it
with its own ID and length. No ID stands twice in one row: two apps could pay two accounts.

Errors: TlvError with one of the reasons of `Fault`.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import CongdansoError

#: The specification's limit of a whole payload, in characters.
LENGTH_MOST = 512
VALUE_MOST = 99
FORMAT_TAG, CRC_TAG = "00", "63"
_FORMAT = "01"
_HEAD = 4


class Fault(StrEnum):
    """Why a payload is refused."""

    NOT_EMV = "not_emv"
    TOO_LONG = "too_long"
    BAD_TAG = "bad_tag"
    BAD_LENGTH = "bad_length"
    TRUNCATED = "truncated"
    DUPLICATE_TAG = "duplicate_tag"
    NO_CRC = "no_crc"
    CRC_NOT_LAST = "crc_not_last"
    BAD_CRC = "bad_crc"
    BAD_VALUE = "bad_value"


class TlvError(CongdansoError):
    """A payload (or an object to be written) breaks the rules; `fault` names the rule.

    `tag` is the ID of the object, "" when the payload as a whole is meant. The text never has a
    value of the payload.
    """

    def __init__(self, fault: Fault, tag: str = "") -> None:
        super().__init__(f"{fault.value}{f' at {tag}' if tag else ''}")
        self.fault = fault
        self.tag = tag


@dataclass(frozen=True, slots=True)
class DataObject:
    """One object: its ID, two digits, and its value of 1 to 99 characters."""

    tag: str
    value: str


def decode(payload: str) -> tuple[DataObject, ...]:
    """The objects of a whole payload, without the CRC, which was right. TlvError."""
    if not payload.startswith(f"{FORMAT_TAG}02"):
        raise TlvError(Fault.NOT_EMV)
    if len(payload) > LENGTH_MOST:
        raise TlvError(Fault.TOO_LONG)
    objects = decode_row(payload)
    tags = [each.tag for each in objects]
    if objects[0].value != _FORMAT:
        raise TlvError(Fault.BAD_VALUE, FORMAT_TAG)
    if CRC_TAG not in tags:
        raise TlvError(Fault.NO_CRC)
    if tags[-1] != CRC_TAG:
        raise TlvError(Fault.CRC_NOT_LAST, tags[-1])
    _check_crc(payload, objects[-1].value)
    return objects[:-1]


def encode(objects: Iterable[DataObject]) -> str:
    """The payload with these objects and its CRC; `decode` gives them back. TlvError."""
    row = tuple(objects)
    if not row or row[0] != DataObject(FORMAT_TAG, _FORMAT):
        raise TlvError(Fault.NOT_EMV)
    if any(each.tag == CRC_TAG for each in row):
        raise TlvError(Fault.CRC_NOT_LAST, CRC_TAG)
    open_end = f"{encode_row(row)}{CRC_TAG}04"
    if len(open_end) + 4 > LENGTH_MOST:
        raise TlvError(Fault.TOO_LONG)
    return open_end + crc(open_end)


def decode_row(text: str) -> tuple[DataObject, ...]:
    """The objects that a text consists of, as in a template (an object made of objects).

    Nothing may be left over; an empty text is no row. TlvError.
    """
    objects: list[DataObject] = []
    seen: set[str] = set()
    at = 0
    while at < len(text) or not objects:
        tag, length = text[at : at + 2], text[at + 2 : at + _HEAD]
        if len(text) < at + _HEAD:
            raise TlvError(Fault.TRUNCATED, tag if _digits(tag) else "")
        if not _digits(tag):
            raise TlvError(Fault.BAD_TAG)
        if not _digits(length) or length == "00":
            raise TlvError(Fault.BAD_LENGTH, tag)
        if tag in seen:
            raise TlvError(Fault.DUPLICATE_TAG, tag)
        start, at = at + _HEAD, at + _HEAD + int(length)
        if at > len(text):
            raise TlvError(Fault.TRUNCATED, tag)
        seen.add(tag)
        objects.append(DataObject(tag, text[start:at]))
    return tuple(objects)


def encode_row(objects: Iterable[DataObject]) -> str:
    """A template's value; `decode_row` gives the objects back. TlvError."""
    parts: list[str] = []
    seen: set[str] = set()
    for each in objects:
        if not _digits(each.tag):
            raise TlvError(Fault.BAD_TAG)
        if not 1 <= len(each.value) <= VALUE_MOST:
            raise TlvError(Fault.BAD_LENGTH, each.tag)
        if each.tag in seen:
            raise TlvError(Fault.DUPLICATE_TAG, each.tag)
        seen.add(each.tag)
        parts.append(f"{each.tag}{len(each.value):02}{each.value}")
    if not parts:
        raise TlvError(Fault.TRUNCATED)
    return "".join(parts)


def crc(text: str) -> str:
    """The checksum of a text (in UTF-8) as four hexadecimal digits. TlvError: half a character."""
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise TlvError(Fault.BAD_VALUE) from error
    return f"{binascii.crc_hqx(data, 0xFFFF):04X}"


def _check_crc(payload: str, value: str) -> None:
    # The specification writes capitals; a generator that does not is no danger to anybody.
    if len(value) != 4 or value.upper() != crc(payload[:-4]):
        raise TlvError(Fault.BAD_CRC, CRC_TAG)


def _digits(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isdigit()
