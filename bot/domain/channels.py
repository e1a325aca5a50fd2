"""What the channels can and cannot do, where other parts of the program must know it.

A channel that is not named here is taken to have buttons and no accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

TELEGRAM = "telegram"
ZALO_OA = "zalo_oa"
ZALO_BOT = "zalo_bot"
WEB = "web"
TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Traits:
    """`accounts`: who writes has an account, so that a team's member can join and be told there.

    `numbered`: choices stand in the text with numbers, which are typed. `bubble`: characters a
    message should have at most; 0 means that length is no matter. `apart`: a longer reply is kept
    as several messages, for a channel that cannot remember how far it came. `page`: there is nobody
    to tell once the page is closed.
    """

    accounts: bool = False
    numbered: bool = False
    bubble: int = 0
    apart: bool = False
    page: bool = False


_TRAITS = {
    TELEGRAM: Traits(accounts=True, bubble=600, apart=True),
    ZALO_OA: Traits(accounts=True, numbered=True, bubble=600),
    ZALO_BOT: Traits(accounts=True, numbered=True, bubble=600, apart=True),
    WEB: Traits(page=True),
    TERMINAL: Traits(page=True),
}
_OTHERS = Traits()


def traits(channel: str) -> Traits:
    """What a channel can do."""
    return _TRAITS.get(channel, _OTHERS)
