"""VietQR: the payment code of Vietnamese banks, read and written.

Source of the rules: NAPAS, "QR Switching: technical specification of QR Format in Vietnam" 1.5.2:
object 38 holds the identifier A000000727, a template with the bank's BIN (six digits) and the
account or card number (up to 19 characters), and the service QRIBFTTA (account) or QRIBFTTC (card);
01 is 11 for a code that is used many times and 12 for one payment; 53 is 704 (đồng), 54 the amount,
58 VN, 62 further data, of which 08 is the purpose. The name of the account's owner is not in it.

Errors: TlvError from reading; VietQrError, which names the field, from making.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import CongdansoError
from bot.safety.qr.tlv import DataObject, Fault, TlvError, decode, decode_row, encode, encode_row
from nlu.text import strip_diacritics

IDENTIFIER = "A000000727"
_TAG = "38"
ACCOUNT_MOST, AMOUNT_DIGITS_MOST, MEMO_MOST = 19, 13, 25
DONG, COUNTRY = "704", "VN"
_STATIC, _DYNAMIC = "11", "12"
_MERCHANTS = tuple(f"{number:02}" for number in range(2, 52))
_TEMPLATES_FROM = 26

_BIN = re.compile(r"\d{6}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9A-Za-z]{1,19}", re.ASCII)
_AMOUNT = re.compile(r"(?=[\d.]{1,13}\Z)(\d+)(?:\.(\d{0,2}))?", re.ASCII)
_MEMO = re.compile(r"[0-9A-Za-z .,/_-]{1,25}", re.ASCII)
_NOT_MEMO = re.compile(r"[^0-9A-Za-z .,/_-]+", re.ASCII)


class Service(StrEnum):
    """What the number of the code is a number of."""

    ACCOUNT = "QRIBFTTA"
    CARD = "QRIBFTTC"


class VietQrError(CongdansoError):
    """A code cannot be made; `field` is bank, account, amount or memo."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class VietQr:
    """A transfer to an account or a card. `amount` is in đồng; None leaves it to the payer.

    `bill`, `reference` are the shop's own marks, `name` what the maker calls the payee: proves
    nothing, the bank's app shows the true one. `several` says that other networks' accounts stand
    in the code too, which the specification allows: an app takes the one it knows.
    """

    bin: str
    account: str
    service: Service = Service.ACCOUNT
    amount: int | None = None
    memo: str = ""
    bill: str = ""
    reference: str = ""
    name: str = ""
    once: bool = False
    several: bool = False


@dataclass(frozen=True, slots=True)
class OtherMerchant:
    """A payment code of another network (VNPAY, a bill…). Currency and country are as written."""

    network: str
    name: str = ""
    city: str = ""
    amount: str = ""
    currency: str = ""
    country: str = ""
    bill: str = ""
    memo: str = ""
    once: bool = False


def read_payment(payload: str) -> VietQr | OtherMerchant:
    """What a payment code says. TlvError when it is none, or breaks a rule."""
    fields = _values(decode(payload))
    merchants = [tag for tag in _MERCHANTS if tag in fields]
    if not merchants:
        raise TlvError(Fault.BAD_VALUE, _TAG)
    if fields.get("01", _STATIC) not in (_STATIC, _DYNAMIC):
        raise TlvError(Fault.BAD_VALUE, "01")
    more = _template(fields, "62")
    networks = {tag: _identifier(tag, fields[tag]) for tag in merchants}
    ours = [tag for tag in merchants if networks[tag] == IDENTIFIER]
    if len(ours) > 1:
        # One code, two accounts: which of them is paid would depend on the app.
        raise TlvError(Fault.DUPLICATE_TAG, ours[1])
    if not ours:
        return _other(fields, more, networks[merchants[0]])
    if ours != [_TAG]:
        raise TlvError(Fault.BAD_TAG, ours[0])
    return _vietqr(fields, more, several=len(merchants) > 1)


def _vietqr(fields: Mapping[str, str], more: Mapping[str, str], *, several: bool) -> VietQr:
    inner = _template(fields, _TAG)
    payee = _template(inner, "01")
    bank, account = payee.get("00", ""), payee.get("01", "")
    if not _BIN.fullmatch(bank) or not _ACCOUNT.fullmatch(account):
        raise TlvError(Fault.BAD_VALUE, _TAG)
    if inner.get("02") not in tuple(Service):
        raise TlvError(Fault.BAD_VALUE, _TAG)
    if fields.get("53") != DONG:
        raise TlvError(Fault.BAD_VALUE, "53")
    if fields.get("58", "").upper() != COUNTRY:
        raise TlvError(Fault.BAD_VALUE, "58")
    return VietQr(
        bin=bank,
        account=account,
        service=Service(inner["02"]),
        amount=_dong(fields["54"]) if "54" in fields else None,
        memo=more.get("08", ""),
        bill=more.get("01", ""),
        reference=more.get("05", ""),
        name=fields.get("59", ""),
        once=fields.get("01") == _DYNAMIC,
        several=several,
    )


def _other(fields: Mapping[str, str], more: Mapping[str, str], network: str) -> OtherMerchant:
    amount = fields.get("54", "")
    if amount and not _AMOUNT.fullmatch(amount):
        raise TlvError(Fault.BAD_VALUE, "54")
    return OtherMerchant(
        network=network,
        name=fields.get("59", ""),
        city=fields.get("60", ""),
        amount=amount,
        currency=fields.get("53", ""),
        country=fields.get("58", ""),
        bill=more.get("01", ""),
        memo=more.get("08", ""),
        once=fields.get("01") == _DYNAMIC,
    )


def _dong(text: str) -> int:
    found = _AMOUNT.fullmatch(text)
    if found is None or (found[2] or "").strip("0") or int(found[1]) == 0:
        # There is no coin below one đồng.
        raise TlvError(Fault.BAD_VALUE, "54")
    return int(found[1])


def _values(objects: Iterable[DataObject]) -> dict[str, str]:
    return {each.tag: each.value for each in objects}


def _template(fields: Mapping[str, str], tag: str) -> dict[str, str]:
    return _values(decode_row(fields[tag])) if tag in fields else {}


def _identifier(tag: str, value: str) -> str:
    """The network an account belongs to; "" for the cards' own objects, which are no templates."""
    return "" if int(tag) < _TEMPLATES_FROM else _values(decode_row(value)).get("00", "")


# Writing ----------------------------------------------------------------------------------------


def payload_of(code: VietQr) -> str:
    """The payload of a transfer; `read_payment` gives it back. VietQrError."""
    if not _BIN.fullmatch(code.bin):
        raise VietQrError("bank", "the BIN must have six digits")
    if not _ACCOUNT.fullmatch(code.account):
        raise VietQrError("account", "must have 1 to 19 letters and digits")
    if code.amount is not None and not 1 <= code.amount < 10**AMOUNT_DIGITS_MOST:
        raise VietQrError("amount", f"must be 1 to {10**AMOUNT_DIGITS_MOST - 1} đồng")
    if code.memo and not _MEMO.fullmatch(code.memo):
        raise VietQrError("memo", f"must have at most {MEMO_MOST} letters without marks, digits")
    payee = encode_row([DataObject("00", code.bin), DataObject("01", code.account)])
    inner = [
        DataObject("00", IDENTIFIER),
        DataObject("01", payee),
        DataObject("02", code.service.value),
    ]
    more = _filled([("01", code.bill), ("05", code.reference), ("08", code.memo)])
    fields = [
        ("00", "01"),
        ("01", _DYNAMIC if code.once else _STATIC),
        (_TAG, encode_row(inner)),
        ("53", DONG),
        ("54", "" if code.amount is None else str(code.amount)),
        ("58", COUNTRY),
        ("59", code.name),
        ("62", encode_row(more) if more else ""),
    ]
    try:
        return encode(_filled(fields))
    except TlvError as error:
        raise VietQrError("memo", "is too long") from error


def make(
    bank: str,
    account: str,
    amount: int | None = None,
    memo: str = "",
    service: Service = Service.ACCOUNT,
) -> str:
    """The payload that asks for money: to a bank (its BIN), an account as it is typed.

    Spaces, dots and dashes of the account are left out; the memo must be plain already (see
    `plain_memo`). A code with an amount is for one payment. VietQrError names the wrong field.
    """
    number = re.sub(r"[\s.\-]", "", account)
    once = amount is not None
    return payload_of(VietQr(bank, number, service, amount, memo, once=once))


def plain_memo(text: str) -> str:
    """A memo as banks take it: no marks, at most 25 letters, digits and . , / _ -"""
    plain = _NOT_MEMO.sub(" ", strip_diacritics(text))
    return " ".join(plain.split())[:MEMO_MOST].strip()


def _filled(fields: Iterable[tuple[str, str]]) -> list[DataObject]:
    return [DataObject(tag, value) for tag, value in fields if value]
