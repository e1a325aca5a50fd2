"""Who is listening to which chat, in this process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from bot.domain.replies import Reply

#: (number, reply) of something that was said.
Told = tuple[int, Reply]
#: What a stream that does not read may leave here; above it the database keeps it for both.
_MOST = 50


class Listener:
    """One open stream: woken when there may be something new, and given what was just written."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._told: list[Told] = []
        self._look = True

    def look(self) -> None:
        """There may be something new in the database."""
        self._look = True
        self._woken.set()

    def tell(self, told: Sequence[Told]) -> None:
        """This was written to the database just now, by this process."""
        self._told += told
        if len(self._told) > _MOST:
            self._told.clear()
            self._look = True
        self._woken.set()

    def take(self, after: int) -> list[Told] | None:
        """What was told, when that is all there is above number `after`; None when only the
        database knows."""
        told = [each for each in self._told if each[0] > after]
        look = self._look or [seq for seq, _ in told] != list(
            range(after + 1, after + 1 + len(told))
        )
        self._told, self._look = [], False
        self._woken.clear()
        return None if look else told

    async def woken(self, seconds: float) -> bool:
        """Wait at most `seconds`; whether something came. If not, the database is looked at."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            self._look = True
            return False
        return True


class Hub:
    """Wakes the open streams of a chat; one that missed it finds out by its slow poll."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self.closing = False

    def listen(self, chat: int) -> Listener:
        """A listener that hears of everything new for this chat."""
        listener = Listener()
        self._listeners[chat].add(listener)
        if self.closing:
            listener.look()
        return listener

    def leave(self, chat: int, listener: Listener) -> None:
        """The stream is gone."""
        listeners = self._listeners.get(chat)
        if listeners is not None:
            listeners.discard(listener)
            if not listeners:
                del self._listeners[chat]

    def wake(self, chat: int) -> None:
        """Something new was written for this chat."""
        for listener in self._listeners.get(chat, ()):
            listener.look()

    def tell(self, chat: int, told: Sequence[Told]) -> None:
        """This was written for this chat: as `wake`, without a look at the database."""
        for listener in self._listeners.get(chat, ()):
            listener.tell(told)

    def close(self) -> None:
        """The program stops: every stream ends, so that the server can."""
        self.closing = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.look()
