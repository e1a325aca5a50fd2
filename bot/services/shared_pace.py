"""How often somebody may do something, over all processes where there are roles.

Each process counts by itself, which costs nothing. Whoever has used up an eighth of what they may
is counted in the database too, among all processes: people who write as people do never cost a
transaction. Without the database's places a process has its own count only.
"""

from __future__ import annotations

import hashlib

from bot.services.pace import Pace
from bot.services.runtime import Runtime
from bot.services.shared_limits import Together
from bot.store import queueing

_OWN_PART = 8
#: When others have used it all up, it is worth another try after this part of the time.
_AGAIN_PART = 6


class SharedPace:
    """`Pace`, counted together: with n processes at most 1 + (n-1)/8 times as many get through."""

    def __init__(
        self, runtime: Runtime, name: str, most: int, *, seconds: int = 60, remember: int = 5000
    ) -> None:
        """`name` tells this limit from others; `most` in any `seconds`."""
        self._runtime = runtime
        self._name = name
        self._most = most
        self._seconds = seconds
        self._own = Pace(most, remember, seconds)
        self._key = runtime.vault.derive("incoming rates")
        self._together = Together(runtime, "incoming limits are this process's own")

    async def wait(self, who: str, now: float) -> int:
        """0 when once more is fine now, and counts it; else the whole seconds until it may be."""
        wait = self._own.wait(who, now)
        if wait or not self._runtime.db.queued:
            return wait
        if self._own.count(who) <= self._most // _OWN_PART or await self._room(who):
            return 0
        self._own.give_back(who, now)
        return max(1, self._seconds // _AGAIN_PART)

    def give_back(self, who: str, now: float) -> None:
        """What was counted at `now` did not happen. In the database it stays counted: there it is
        too little for a moment rather than too much."""
        self._own.give_back(who, now)

    async def _room(self, who: str) -> bool:
        # Hashed: an address or an account says who somebody is.
        named = hashlib.blake2b(who.encode(), key=self._key, digest_size=16).hexdigest()
        scope, most, seconds = f"in:{self._name}:{named}", self._most, self._seconds
        return await self._together.ask(lambda c: queueing.room(c, scope, most, seconds), True)
