"""A QR code in words, for a conversation and for the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bot.dialogue.money import dong
from bot.domain.pictures import CodeKind, SeenCode, Verdict

_PAYS = frozenset({CodeKind.VIETQR, CodeKind.MERCHANT, CodeKind.BROKEN_PAYMENT})
_NAMED = (CodeKind.VIETQR, CodeKind.MERCHANT)


class Say(Protocol):
    """A sentence of content/phrases.yml with its blanks filled in."""

    def __call__(self, key: str, **values: object) -> str: ...


def described(say: Say, code: SeenCode) -> str:
    """The code in a few lines: how far to trust it, what it is, why."""
    head = f"{say(f'code_{code.verdict.value}')}. {_what(say, code)}"
    reasons = [f"• {reason}" for reason in reasons_of(say, code)]
    return "\n".join([head, *_facts(say, code), *reasons])


def reasons_of(say: Say, code: SeenCode) -> list[str]:
    """At most three sentences, the weightiest first."""
    return [*code.said, *(say(key) for key in code.reasons)][:3]


def needs_name_read(code: SeenCode) -> bool:
    """Whether money may go by this code."""
    return code.kind in _PAYS


def worst(codes: Iterable[SeenCode]) -> SeenCode | None:
    """The code to beware of most; None when there is none."""
    return min(codes, key=lambda code: (code.verdict.rank, -code.score), default=None)


def _what(say: Say, code: SeenCode) -> str:
    if code.kind is CodeKind.VIETQR:
        bank = code.bank or say("code_bank_number", bin=code.bin)
        key = "code_is_vietqr_card" if code.card else "code_is_vietqr"
        return say(key, bank=bank, account=code.account)
    key = f"code_is_{code.kind.value}"
    if code.kind in (
        CodeKind.MERCHANT,
        CodeKind.BROKEN_PAYMENT,
        CodeKind.CITIZEN_CARD,
    ):
        return say(key)
    return say(key, text=code.text or say("code_no_words"))


def _facts(say: Say, code: SeenCode) -> list[str]:
    if code.kind not in _NAMED:
        return []
    lines = []
    if code.amount.isdigit() and "code_foreign" not in code.reasons:
        lines.append(say("code_amount", amount=dong(int(code.amount))))
    elif code.amount:
        lines.append(say("code_amount_other", amount=code.amount))
    else:
        lines.append(say("code_amount_open"))
    if code.memo:
        lines.append(say("code_memo", memo=code.memo))
    if code.name:
        lines.append(say("code_name", name=code.name))
    return lines


def verdict_of(codes: Iterable[SeenCode]) -> Verdict:
    """The verdict on a picture: that of its worst code; unknown when it has none."""
    found = worst(codes)
    return found.verdict if found else Verdict.UNKNOWN
