"""A payment code for a small seller: bank, account, name, then perhaps a sum and a memo.

What is typed is taken unmasked, since it was asked for: it stands in the encrypted state until the
picture is made, and in nothing else. All of it is shown once more before, because a wrong digit
pays somebody else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import menu
from bot.dialogue.money import dong, typed_dong
from bot.dialogue.turn import Turn
from bot.domain.replies import Choice, PaymentPicture
from bot.domain.state import SellerDraft, Slot
from bot.guides.phrases import Command
from bot.safety.qr.banks import Bank
from bot.safety.qr.vietqr import MEMO_MOST, VietQrError, make, plain_memo
from bot.safety.shapes import is_card

GUIDE = "qr_receive"
_BETWEEN = re.compile(r"[\s.\-]+")
_ACCOUNT = re.compile(r"(?=[0-9A-Za-z]*\d)[0-9A-Za-z]{4,19}", re.ASCII)
#: Cards of Vietnamese banks begin so and have 16 or 19 digits.
_CARD = re.compile(r"9704\d{12}(?:\d{3})?", re.ASCII)
#: Those of Visa, Mastercard and JCB; their last digit is a check digit.
_CARD_ABROAD = re.compile(r"(?:4\d|5[1-5]|35)\d{14}", re.ASCII)
_NAME_MOST = 40
_NAME_MARKS = frozenset(" .'-&")
_AMOUNT_LEAST, _AMOUNT_MOST = 1_000, 499_999_999
_ALIKE_MOST = 5


def begin(turn: Turn) -> None:
    """Start anew, whatever was being filled in before."""
    turn.set(draft=None)
    _ask(turn, SellerDraft(), Slot.SELLER_BANK)


def on_button(turn: Turn, answer: str) -> None:
    """A button of this dialogue."""
    draft, slot = turn.state.seller, turn.state.slot
    action, _, rest = answer.partition(":")
    if action == "new":
        begin(turn)
    elif draft is None:
        turn.say("seller_nothing", [_again(turn), *menu.front(turn)])
    elif action == "stop":
        stop(turn)
    elif action in ("redo", "bank"):
        begin(turn)
    elif action == "bin":
        _take_bank(turn, turn.facts.banks.of(rest))
    elif action == "make" and slot is None:
        _make(turn, draft)
    elif action == "skip" and slot is Slot.SELLER_AMOUNT:
        _ask(turn, replace(draft, amount=None), Slot.SELLER_MEMO)
    elif action == "skip" and slot is Slot.SELLER_MEMO:
        _confirm(turn, replace(draft, memo=""))
    else:
        ask_again(turn)


def fill_slot(turn: Turn, raw: str) -> None:
    """The free text that was waited for, unmasked."""
    slot, draft = turn.state.slot, turn.state.seller
    take = _TAKE.get(slot) if slot is not None else None
    if take is None or draft is None:
        turn.set(slot=None, seller=None)
        menu.show_menu(turn)
    elif turn.phrases.command(raw) is Command.NO:
        on_button(turn, "skip" if slot in _OPTIONAL else "stop")
    else:
        take(turn, draft, raw)


def ask_again(turn: Turn) -> None:
    """The same question once more."""
    slot, draft = turn.state.slot, turn.state.seller
    if draft is None:
        menu.show_menu(turn)
    elif slot is None:
        _confirm(turn, draft)
    else:
        _ask(turn, draft, slot)


def stop(turn: Turn) -> None:
    """Nothing is made and nothing is kept."""
    turn.set(seller=None, slot=None)
    turn.say("seller_stopped", menu.front(turn))


def _ask(turn: Turn, draft: SellerDraft, slot: Slot, key: str = "") -> None:
    turn.set(seller=draft, slot=slot)
    values = {"bank": _bank_name(turn, draft)} if slot is Slot.SELLER_ACCOUNT else {}
    turn.put(turn.text(key or slot.value, **values), _choices(turn, slot))


def _choices(turn: Turn, slot: Slot) -> list[Choice]:
    choices = [turn.choice("seller:stop", "seller_stop")]
    if slot in _OPTIONAL:
        choices.insert(0, turn.choice("seller:skip", "skip"))
    if slot is Slot.SELLER_ACCOUNT:
        choices.insert(0, turn.choice("seller:bank", "seller_other_bank"))
    return choices


def _bank_name(turn: Turn, draft: SellerDraft) -> str:
    bank = turn.facts.banks.of(draft.bin)
    return bank.name if bank else draft.bin


def _bank(turn: Turn, draft: SellerDraft, raw: str) -> None:
    found = turn.facts.banks.find(raw, _ALIKE_MOST)
    if not found:
        _ask(turn, draft, Slot.SELLER_BANK, "seller_bank_again")
    elif len(found) == 1:
        _take_bank(turn, found[0])
    else:
        named = [Choice(f"seller:bin:{bank.bin}", bank.name) for bank in found]
        turn.say("seller_bank_which", [*named, turn.choice("seller:stop", "seller_stop")])


def _take_bank(turn: Turn, bank: Bank | None) -> None:
    draft = turn.state.seller or SellerDraft()
    if bank is None:
        _ask(turn, draft, Slot.SELLER_BANK, "seller_bank_again")
    else:
        # Another bank, another account.
        _ask(turn, SellerDraft(bin=bank.bin), Slot.SELLER_ACCOUNT)


def _is_card(number: str) -> bool:
    abroad = _CARD_ABROAD.fullmatch(number) is not None and is_card(number)
    return abroad or _CARD.fullmatch(number) is not None


def _account(turn: Turn, draft: SellerDraft, raw: str) -> None:
    number = _BETWEEN.sub("", unicodedata.normalize("NFKC", raw))
    if _is_card(number):
        _ask(turn, draft, Slot.SELLER_ACCOUNT, "seller_account_card")
    elif not _ACCOUNT.fullmatch(number):
        _ask(turn, draft, Slot.SELLER_ACCOUNT, "seller_account_again")
    else:
        _ask(turn, replace(draft, account=number), Slot.SELLER_NAME)


def _name(turn: Turn, draft: SellerDraft, raw: str) -> None:
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    letters = sum(map(str.isalpha, name))
    odd = [char for char in name if not char.isalpha() and char not in _NAME_MARKS]
    if letters < 2 or odd or len(name) > _NAME_MOST:
        _ask(turn, draft, Slot.SELLER_NAME, "seller_name_again")
    else:
        _ask(turn, replace(draft, holder=name.upper()), Slot.SELLER_AMOUNT)


def _amount(turn: Turn, draft: SellerDraft, raw: str) -> None:
    amount = typed_dong(raw)
    if amount is None or not _AMOUNT_LEAST <= amount <= _AMOUNT_MOST:
        _ask(turn, draft, Slot.SELLER_AMOUNT, "seller_amount_again")
    else:
        _ask(turn, replace(draft, amount=amount), Slot.SELLER_MEMO)


def _memo(turn: Turn, draft: SellerDraft, raw: str) -> None:
    _confirm(turn, replace(draft, memo=plain_memo(raw[: MEMO_MOST * 4])))


def _confirm(turn: Turn, draft: SellerDraft) -> None:
    turn.set(seller=draft, slot=None)
    yes, no = turn.choice("seller:make", "seller_make"), turn.choice("seller:redo", "seller_redo")
    amount = turn.text("seller_amount_open")
    if draft.amount is not None:
        amount = turn.text("seller_print_amount", amount=dong(draft.amount))
    turn.say(
        "seller_confirm",
        [yes, no, turn.choice("seller:stop", "seller_stop")],
        yes=yes.id,
        no=no.id,
        bank=_bank_name(turn, draft),
        account=_grouped(draft.account),
        holder=draft.holder,
        amount=amount,
        memo=draft.memo or turn.text("seller_memo_none"),
    )


def _make(turn: Turn, draft: SellerDraft) -> None:
    try:
        payload = make(draft.bin, draft.account, draft.amount, draft.memo)
    except VietQrError:
        # A state of another version of the program: ask for everything again.
        begin(turn)
        return
    turn.set(seller=None, slot=None)
    choices = [
        turn.choice(f"guide:{GUIDE}", "step_by_step"),
        _again(turn),
        turn.choice("menu", "menu"),
    ]
    turn.put(turn.text("seller_made"), choices, payment=_picture(turn, draft, payload))


def _picture(turn: Turn, draft: SellerDraft, payload: str) -> PaymentPicture:
    bank = _bank_name(turn, draft)
    lines = [turn.text("seller_print_account", account=_grouped(draft.account))]
    if draft.amount is not None:
        lines.append(turn.text("seller_print_amount", amount=dong(draft.amount)))
    if draft.memo:
        lines.append(turn.text("seller_print_memo", memo=draft.memo))
    return PaymentPicture(
        payload=payload,
        head=turn.text("seller_print_head"),
        bank=bank,
        holder=draft.holder,
        lines=tuple(lines),
        foot=turn.text("seller_print_foot"),
        alt=turn.text("seller_print_alt", bank=bank, holder=draft.holder),
    )


def _again(turn: Turn) -> Choice:
    return turn.choice("seller:new", "seller_again")


def _grouped(account: str) -> str:
    """The account as it is read out: digits in fours."""
    if not account.isdigit():
        return account
    return " ".join(account[at : at + 4] for at in range(0, len(account), 4))


_OPTIONAL = frozenset({Slot.SELLER_AMOUNT, Slot.SELLER_MEMO})
_TAKE: dict[Slot, Callable[[Turn, SellerDraft, str], None]] = {
    Slot.SELLER_BANK: _bank,
    Slot.SELLER_ACCOUNT: _account,
    Slot.SELLER_NAME: _name,
    Slot.SELLER_AMOUNT: _amount,
    Slot.SELLER_MEMO: _memo,
}
