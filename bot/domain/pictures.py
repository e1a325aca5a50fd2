"""What was found in a picture somebody sent: values without the picture, and without secrets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How far something may be trusted; "safe" is never said."""

    DANGEROUS = "dangerous"
    CAUTION = "caution"
    UNKNOWN = "unknown"
    OFFICIAL = "official"

    @property
    def rank(self) -> int:
        """Smaller is worse."""
        return list(Verdict).index(self)


class CodeKind(StrEnum):
    """What a QR code is."""

    VIETQR = "vietqr"
    MERCHANT = "merchant"
    BROKEN_PAYMENT = "broken_payment"
    URL = "url"
    WIFI = "wifi"
    CONTACT = "contact"
    PHONE = "phone"
    CITIZEN_CARD = "citizen_card"
    TEXT = "text"


class PictureFault(StrEnum):
    """Why a picture was not read; NO_CODE: it was, and no QR code is in it."""

    TOO_BIG = "too_big"
    TOO_MANY_PIXELS = "too_many_pixels"
    PDF = "pdf"
    NOT_A_PICTURE = "not_a_picture"
    UNKNOWN_FORMAT = "unknown_format"
    BROKEN = "broken"
    NO_CODE = "no_code"
    NOT_FETCHED = "not_fetched"


@dataclass(frozen=True, slots=True)
class SeenCode:
    """One QR code, as it may be shown: account and secrets covered.

    `reasons` are names of sentences (content/phrases.yml, `code_…`), `said` sentences as they are
    (of whoever judged the link). `bank` is its name, "" for a BIN nobody knows. `amount` is in
    đồng for a VietQR, else as written. `text` is what there is to show of it: a link written so
    that it cannot be tapped, the name of a Wi-Fi, of a contact, the beginning of a text. `link`
    is all of a link, written so. `fault` names the rule that a broken payment code breaks.
    """

    kind: CodeKind
    verdict: Verdict = Verdict.UNKNOWN
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    bin: str = ""
    bank: str = ""
    account: str = ""
    card: bool = False
    amount: str = ""
    memo: str = ""
    name: str = ""
    once: bool = False
    text: str = ""
    link: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """What a picture had in it. `more` says that there were more codes than were read."""

    codes: tuple[SeenCode, ...] = ()
    more: bool = False
    fault: PictureFault | None = None
