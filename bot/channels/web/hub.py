"""Who is listening to which chat, in this process."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Hub:
    """Wakes the open streams of a chat; one that missed it finds out by its slow poll."""

    def __init__(self) -> None:
        self._events: dict[int, set[asyncio.Event]] = defaultdict(set)
        self.closing = False

    def listen(self, chat: int) -> asyncio.Event:
        """An event that is set whenever there may be something new for this chat."""
        event = asyncio.Event()
        self._events[chat].add(event)
        if self.closing:
            event.set()
        return event

    def leave(self, chat: int, event: asyncio.Event) -> None:
        """The stream is gone."""
        listeners = self._events.get(chat)
        if listeners is not None:
            listeners.discard(event)
            if not listeners:
                del self._events[chat]

    def wake(self, chat: int) -> None:
        """Something new was written for this chat."""
        for event in self._events.get(chat, ()):
            event.set()

    def close(self) -> None:
        """The program stops: every stream ends, so that the server can."""
        self.closing = True
        for events in self._events.values():
            for event in events:
                event.set()
