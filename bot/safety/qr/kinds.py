"""Telling kinds of QR codes apart by their text.

Forms: Wi-Fi as ZXing wrote it down ("WIFI:T:WPA;S:name;P:secret;;"), vCard (RFC 6350), MECARD
(NTT DOCOMO), tel:, sms: and smsto:. The code on a citizen's card has fields divided by "|", the
first of which is the number of twelve digits (older and newer cards differ in what follows); the
code on a health insurance card is alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.pictures import CodeKind
from nlu.text import strip_diacritics

#: Looked at no further: no QR code holds more than 7,089 characters.
_LOOKED_AT = 8_000
_EMV = re.compile(r"0002\d\d")
_LINK = re.compile(
    r"\s*(?:https?://|www\.|[a-z][a-z0-9+.-]{1,30}://)\S|\s*(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?:[/?#:]\S*)?\s*\Z",
    re.IGNORECASE | re.ASCII,
)
_PHONE = re.compile(r"\s*(?:tel|sms|smsto|mmsto|mms):\s*(\+?[\d .()-]{2,30})", re.IGNORECASE)
_WIFI = re.compile(r"\s*WIFI:", re.IGNORECASE)
_SSID = re.compile(r"(?:\A\s*WIFI:|;)S:((?:\\.|[^\\;])*)", re.IGNORECASE)
_CONTACT = re.compile(r"\s*(?:BEGIN:VCARD|MECARD:)", re.IGNORECASE)
_FULL_NAME = re.compile(r"^FN(?:;[^:\n]{0,60})?:([^\r\n]{1,120})", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(
    r"(?:^|;|MECARD:)N(?:;[^:\n]{0,60})?:([^\r\n]{1,120})", re.IGNORECASE | re.MULTILINE
)
_ESCAPED = re.compile(r"\\(.)")

_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])[/.-]?(?:0?[1-9]|1[0-2])[/.-]?(?:19|20)\d\d", re.ASCII)
_CARD_NUMBER = re.compile(r"\s*(?:\d{12}|\d{9}|[A-Z]{2}\d{13}|\d{10})\s*", re.ASCII)
_SEXES = frozenset(("nam", "nu", "male", "female", "1", "2"))
_CARD_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind (VIETQR stands for every payment code here), and the text that says most."""

    kind: CodeKind
    text: str


def kind_of(payload: str) -> Kind:
    """The kind of a code. Never raises."""
    head = payload[:_LOOKED_AT]
    if _EMV.match(head):
        return Kind(CodeKind.VIETQR, "")
    if _citizen_card(head):
        return Kind(CodeKind.CITIZEN_CARD, "")
    if _WIFI.match(head):
        name = _SSID.search(head)
        return Kind(CodeKind.WIFI, _ESCAPED.sub(r"\1", name[1]) if name else "")
    if _CONTACT.match(head):
        named = _FULL_NAME.search(head) or _NAME.search(head)
        return Kind(CodeKind.CONTACT, _first(named[1]) if named else "")
    number = _PHONE.match(head)
    if number:
        return Kind(CodeKind.PHONE, number[1].strip())
    if _LINK.match(head):
        return Kind(CodeKind.URL, head.strip())
    return Kind(CodeKind.TEXT, head)


def _first(name: str) -> str:
    """The name itself: in MECARD other fields follow on the same line."""
    return re.split(r";(?:[A-Z-]{2,10}:|;|$)", name)[0].replace(";", " ").strip()


def _citizen_card(text: str) -> bool:
    fields = text[:1000].split("|")
    if len(fields) < _CARD_FIELDS or not _CARD_NUMBER.fullmatch(fields[0]):
        return False
    rest = [field.strip() for field in fields[1:]]
    dated = any(_DATE.fullmatch(field) for field in rest)
    return dated or any(strip_diacritics(field).lower() in _SEXES for field in rest)
