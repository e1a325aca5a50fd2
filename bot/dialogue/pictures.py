"""The answer to a picture: what its QR codes are, whom they pay, what to beware of.

Nothing is ever called safe; what is said of an account is what the code says, and only the bank's
app knows whose it is.
"""

from __future__ import annotations

from bot.dialogue import forms
from bot.dialogue.code_words import described, needs_name_read
from bot.dialogue.turn import Turn
from bot.domain.pictures import CodeKind, PictureFault, SeenCode, SeenPicture
from bot.domain.replies import Choice


def answer(turn: Turn, seen: SeenPicture) -> bool:
    """Say what was seen; False when there is nothing to say of it here.

    A picture without a code in a talk with a human is the human's, and in a form it is nobody's.
    """
    state = turn.state
    if not seen.codes:
        if state.slot is not None or state.relay is not None:
            return False
        fault = seen.fault or PictureFault.NO_CODE
        turn.say(f"picture_{fault.value}", _choices(turn))
        return True
    if state.relay is not None and state.slot is None:
        turn.note("relay_unseen", helper=state.relay.helper)
    turn.put("\n\n".join(_parts(turn, seen)), _choices(turn))
    if state.slot is not None:
        forms.ask_again(turn)
    return True


def _parts(turn: Turn, seen: SeenPicture) -> list[str]:
    codes, say = seen.codes, turn.phrases.say
    if len(codes) == 1:
        parts = [turn.text("picture_one"), described(say, codes[0])]
    else:
        lines = [f"{n}. {described(say, code)}" for n, code in enumerate(codes, 1)]
        parts = [turn.text("picture_many", count=len(codes)), *lines]
    if seen.more:
        parts.append(turn.text("picture_more", count=len(codes)))
    if _two_payees(codes):
        parts.append(turn.text("picture_two_payees"))
    if any(code.kind is CodeKind.URL for code in codes):
        parts.append(turn.text("code_link_last"))
    if any(needs_name_read(code) for code in codes):
        parts.append(turn.text("picture_pay_last"))
    parts.append(turn.text("picture_dropped"))
    return parts


def _two_payees(codes: tuple[SeenCode, ...]) -> bool:
    """Two codes for one counter: the lower one may be the shop's, the upper one a thief's."""
    payees = {(code.bin, code.account) for code in codes if code.kind is CodeKind.VIETQR}
    return len(payees) > 1


def _choices(turn: Turn) -> list[Choice]:
    return [
        *turn.way_back(),
        turn.choice("scam", "scam"),
        turn.choice("human", "human"),
        turn.choice("menu", "menu"),
    ]
