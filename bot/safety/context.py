"""The words that tell what a number near them is."""

from __future__ import annotations

import re
from bisect import bisect_right

from bot.safety.view import BARRIER

# Codes of other things: a QR picture, a dossier, a ticket, a customer.
_OTHER_CODE = (
    r"qr|phieu|benh|quet|dat|can|lop|ho so|hs|buu|vach|don|van|tinh|vung|thue|don vi|thu tuc|giam"
    r"|giao dich|gioi|khuyen|xa|huyen|khach|hang|nganh|truong|bhxh|bhyt|the"
).replace(" ", "[ ]")

_CONTEXT = re.compile(
    rf"""(?<![a-z])(?:
        (?P<otp> o[ .\-]?t[ .\-]?pp? | opt(?=[ ]\d) | o[ ]t[ei][ ]p[ei]
            | xac[ ]thuc | passcode | cvv | ma[ ]so[ ]bi[ ]mat
            | ma[ ]?(?:xac[ ]?(?:thuc|nhan|minh)|otp|bao[ ]mat|kich[ ]hoat|pin|bi[ ]mat))
      | (?P<code> code | g(?=-\d) | ma(?![ ]?(?:so[ ])?(?:{_OTHER_CODE})\b))
      | (?P<account> stk | so[ ]?tai[ ]?khoan | so[ ]?tk | tai[ ]khoan[ ]so | so[ ]account)
      | (?P<bank> tk | tai[ ]?khoan | account | acc
            | (?:chuyen|ck)[ ](?:tien[ ])?(?:vao|vo|qua|toi|den|cho) | vpbank | agribank | bidv
            | vietcombank | vcb | vietinbank | mb[ ]?bank | techcombank | sacombank)
      | (?P<identity> cccd | cmnd | cmt | can[ ]cuoc | chung[ ]minh | giay[ ]to
            | so[ ]dinh[ ]danh | ho[ ]chieu)
      | (?P<card> the | visa | master[ ]?card | napas)
    )(?![a-z])""",
    re.VERBOSE,
)


class Context:
    """Where the telling words of a message stand."""

    def __init__(self, plain: str) -> None:
        self._plain = plain
        self._ends: dict[str, list[int]] = {}
        for found in _CONTEXT.finditer(plain):
            self._ends.setdefault(str(found.lastgroup), []).append(found.end())

    def gap_before(self, at: int, name: str, reach: int) -> str | None:
        """What stands between the last such word and `at`; None when it is too far.

        A label between them cuts the tie, so what a masking left alone stays alone.
        """
        ends = self._ends.get(name)
        if not ends:
            return None
        found = bisect_right(ends, at) - 1
        if found < 0 or at - ends[found] > reach:
            return None
        gap = self._plain[ends[found] : at]
        return None if BARRIER in gap else gap

    def near(self, at: int, name: str, reach: int = 40) -> bool:
        return self.gap_before(at, name, reach) is not None
