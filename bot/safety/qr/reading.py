"""What a QR code's text is: its kind, what may be shown of it, what to beware of. Pure.

Whatever the code says, nothing is ever called safe: a payment code says which account is paid, not
whose it is. Secrets are covered here, so that nobody behind this module sees them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.pictures import CodeKind, SeenCode, Verdict
from bot.safety.masking import mask
from bot.safety.qr.banks import Banks
from bot.safety.qr.kinds import Kind, kind_of
from bot.safety.qr.tlv import Fault, TlvError
from bot.safety.qr.vietqr import OtherMerchant, Service, VietQr, read_payment

SHOWN_MOST = 200
_NAME_MOST = 60
_ACCOUNT_SHOWN = 4
_COVER = "•"
_DONG = ("704", "")
_FAULTS = {
    Fault.BAD_CRC: ("code_fault_checksum", 0.5),
    Fault.TRUNCATED: ("code_fault_form", 0.5),
    Fault.DUPLICATE_TAG: ("code_fault_twice", 0.8),
}
_SCHEME = re.compile(r"http(?=s?:)", re.IGNORECASE)
_HOST_END = re.compile(r"[/?#\s]")
#: One word in which letters and something else meet.
_BARE = re.compile(r"(?=\S*[^\W\d_])(?=\S*(?:\d|[^\w\s]))\S{4,64}")
_DOT = re.compile(r"\.")
_DOT_IN_NAME = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")


@dataclass(frozen=True, slots=True)
class LinkOpinion:
    """What is thought of a link in a text: `said` are at most three sentences, `shown` is the link
    written so that it cannot be tapped."""

    verdict: Verdict
    score: float
    said: tuple[str, ...]
    shown: str


#: Judges the link in a text; None when there is none in it.
LinkCheck = Callable[[str], LinkOpinion | None]


def no_check(_: str) -> LinkOpinion | None:
    """Where nobody judges links: every one is unknown."""
    return None


def read_code(payload: str, banks: Banks, check_link: LinkCheck = no_check) -> SeenCode:
    """What the text of one QR code is. Never raises, whatever the text."""
    found = kind_of(payload)
    match found.kind:
        case CodeKind.VIETQR:
            return _payment(payload, banks)
        case CodeKind.CITIZEN_CARD:
            # Nothing of it is kept, not even covered.
            return SeenCode(found.kind, Verdict.CAUTION, 0.5, ("code_card_private",))
        case CodeKind.URL:
            return _link(found, check_link)
        case CodeKind.WIFI:
            return SeenCode(
                found.kind, Verdict.UNKNOWN, 0.2, ("code_wifi_open",), text=_shown(found)
            )
        case CodeKind.CONTACT:
            return SeenCode(
                found.kind, Verdict.UNKNOWN, 0.2, ("code_contact_claims",), text=_shown(found)
            )
        case CodeKind.PHONE:
            return SeenCode(
                found.kind, Verdict.CAUTION, 0.5, ("code_calls_number",), text=_shown(found)
            )
    return _text(found, check_link)


def covered(account: str) -> str:
    """An account with all but its last four characters covered; one that has no more, wholly."""
    shown = account[-_ACCOUNT_SHOWN:] if len(account) > _ACCOUNT_SHOWN else ""
    return _COVER * (len(account) - len(shown)) + shown


def defanged(text: str) -> str:
    """A text in which no app makes a link tappable, for showing."""
    text = _SCHEME.sub("hxxp", text)
    head, slashes, rest = text.partition("://")
    if slashes and " " not in head:
        # An address of numbers has dots before digits.
        end = _HOST_END.search(rest)
        cut = end.start() if end else len(rest)
        text = f"{head}://{_DOT.sub('[.]', rest[:cut])}{rest[cut:]}"
    return _DOT_IN_NAME.sub("[.]", text)


def one_line(text: str, most: int = SHOWN_MOST) -> str:
    """The beginning of a text as it may be shown: secrets covered, no control characters."""
    # Cut before masking, and far enough behind what is shown that no number is cut in two.
    plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[: most * 3])
    line = " ".join(mask(" ".join(plain.split())).text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _shown(found: Kind) -> str:
    return one_line(found.text, _NAME_MOST)


def _payment(payload: str, banks: Banks) -> SeenCode:
    try:
        read = read_payment(payload)
    except TlvError as error:
        return _broken(error.fault)
    return _vietqr(read, banks) if isinstance(read, VietQr) else _merchant(read)


def _broken(fault: Fault) -> SeenCode:
    # A worn print has a wrong checksum; whatever else is wrong was made so.
    reason, score = _FAULTS.get(fault, ("code_fault_form", 0.7))
    return SeenCode(
        CodeKind.BROKEN_PAYMENT,
        Verdict.CAUTION,
        score,
        (reason, "code_broken"),
        fault=fault.value,
    )


def _vietqr(read: VietQr, banks: Banks) -> SeenCode:
    bank = banks.of(read.bin)
    reasons = ["code_pays" if read.amount is None else "code_pays_sum"]
    if bank is None:
        reasons.insert(0, "code_bank_unknown")
    if read.several:
        reasons.insert(0, "code_several")
    doubtful = bank is None or read.several
    return SeenCode(
        CodeKind.VIETQR,
        Verdict.CAUTION if doubtful else Verdict.UNKNOWN,
        0.5 if doubtful else 0.3,
        tuple(reasons),
        bin=read.bin,
        bank=bank.name if bank else "",
        account=covered(read.account),
        card=read.service is Service.CARD,
        amount="" if read.amount is None else str(read.amount),
        memo=one_line(read.memo),
        name=one_line(read.name, _NAME_MOST),
        once=read.once,
    )


def _merchant(read: OtherMerchant) -> SeenCode:
    foreign = read.currency not in _DONG or read.country.upper() not in ("VN", "")
    return SeenCode(
        CodeKind.MERCHANT,
        Verdict.CAUTION if foreign else Verdict.UNKNOWN,
        0.5 if foreign else 0.3,
        ("code_foreign",) if foreign else ("code_merchant",),
        amount=read.amount,
        memo=one_line(read.memo),
        name=one_line(f"{read.name} {read.city}", _NAME_MOST),
        once=read.once,
    )


def _link(found: Kind, check_link: LinkCheck) -> SeenCode:
    opinion = check_link(found.text)
    whole = defanged(one_line(found.text))
    if opinion is None:
        return SeenCode(
            CodeKind.URL, Verdict.UNKNOWN, 0.4, ("code_link_unknown",), text=whole, link=whole
        )
    return SeenCode(
        CodeKind.URL,
        opinion.verdict,
        opinion.score,
        said=opinion.said,
        text=opinion.shown,
        link=whole,
    )


def _text(found: Kind, check_link: LinkCheck) -> SeenCode:
    opinion = check_link(found.text)
    if opinion is None and _BARE.fullmatch(found.text.strip()):
        # Nothing says what it is: a password by itself looks just like this.
        return SeenCode(CodeKind.TEXT, Verdict.UNKNOWN, 0.1, ("code_text_bare",), text=_COVER * 6)
    shown = defanged(one_line(found.text))
    if opinion is None:
        return SeenCode(CodeKind.TEXT, Verdict.UNKNOWN, 0.1, ("code_text",), text=shown)
    return SeenCode(CodeKind.TEXT, opinion.verdict, opinion.score, said=opinion.said, text=shown)
