"""A secret cut over several messages: what the end of one and the beginning of the next are.

A message is masked by itself first; what is kept of it is the masked text. `tail_of` says which end
of it may go on in the next message, and `goes_on` looks at both together. So nothing more is
remembered than what was stored anyway, and both halves are covered once the second has come.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.safety.masking import Masked, mask
from bot.safety.view import LABELS, view_of

_TAIL_MOST = 120
_LINES_MOST = 6
_OPEN = re.compile(
    r"(?:\d[^\w\n]{0,3}"
    r"|(?<![a-z])(?:khong|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin)[^\w\n]{0,3}"
    r"|(?<![a-z])(?:o ?t ?p|mat ?khau|mkhau|mk|pass|password|pin|cccd|cmnd|can cuoc|stk|sdt|so the"
    r"|ma xac (?:nhan|thuc|minh))(?:[ \w]{0,24})?(?:(?: la| day)[^\w\n]{0,3}|[:=\-][ \t]{0,2})"
    r")(?:[^\w\n]{1,3}(?:nha|nhe|nghe|nghen|a|ne|day|do|con|roi|voi|oi)){0,3}[^\w\n]{0,3}$"
)
_BARE = re.compile(r"[\d\W]+")
_LABEL = re.compile("|".join(re.escape(label) for label in LABELS.values()))


@dataclass(frozen=True, slots=True)
class Joined:
    """A text masked together with what went before. `before` are the ends of the earlier messages,
    oldest first, as they were kept; `covered` the same with the secret's parts covered."""

    masked: Masked
    before: tuple[str, ...]
    covered: tuple[str, ...]


def tail_of(masked: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The ends of the last messages that the next may go on with, the newest last; () mostly.

    `masked` is the newest message, masked; `before` what this gave for the one before it.
    """
    end = masked[-_TAIL_MOST:].rsplit("\n", 1)[-1].strip()
    if not end or _OPEN.search(view_of(end).plain) is None:
        return ()
    bare = len(masked) <= _TAIL_MOST and _BARE.fullmatch(view_of(masked).plain) is not None
    return (*before[1 - _LINES_MOST :], end) if bare else (end,)


def goes_on(before: tuple[str, ...], text: str) -> Joined | None:
    """The text masked together with what went before it; None when that makes no difference.

    What began the secret is the last of what went before, or several: an end of something else may
    stand in front ("nhà số 84", "09001", "23456"). That which leaves the fewest digits is taken.
    """
    alone = mask(text)
    found = (_together(before[at:], text, alone) for at in range(len(before)))
    tried = [(at, joined) for at, joined in enumerate(found) if joined is not None]
    if not tried:
        return None
    at, joined = min(tried, key=lambda each: _digits(each[1], before[: each[0]]))
    rest = before[:at]
    return Joined(joined.masked, before, (*rest, *joined.covered))


def _together(before: tuple[str, ...], text: str, alone: Masked) -> Joined | None:
    together = mask("\n".join((*before, text)))
    # Masking never joins lines nor parts one, so the lines of both sides are the same.
    lines = together.text.split("\n")
    covered, rest = tuple(lines[: len(before)]), "\n".join(lines[len(before) :])
    if covered == before and rest == alone.text:
        return None
    if len(_LABEL.findall(rest)) < len(_LABEL.findall(alone.text)):
        # Looked at together one find swallowed another: keep what is sure.
        rest = alone.text
    return Joined(Masked(rest, alone.kinds | together.kinds), before, covered)


def _digits(joined: Joined, rest: tuple[str, ...]) -> int:
    """How many digits would be left to read."""
    left = "\n".join((*rest, *joined.covered, joined.masked.text))
    return sum(char.isdigit() for char in view_of(left).plain)
