"""A platform that takes nothing: nothing is sent into it until it answers again.

A message has few tries, so that one that the platform cannot bear does not hold up its chat for
ever. In an outage every message would use its tries up within minutes. So after some failures in a
row, of whatever chats, the platform is asked something harmless instead, and when it answers one
message goes first.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import ChannelError, NotConnected, NotSent, Uncertain

log = structlog.get_logger(__name__)

#: Asks a platform for something that changes nothing. Raises ChannelError.
Probe = Callable[[], Awaitable[None]]

_AFTER = 3
_FIRST, _MOST = 1.0, 30.0


class Outage:
    """What the last sends on a channel, of all its chats, say of the platform.

    Without a probe there is never an outage. `clock` counts seconds and is never set back.
    """

    def __init__(self, channel: str, probe: Probe | None, clock: Callable[[], float]) -> None:
        self._channel = channel
        self._probe = probe
        self._clock = clock
        self._failures = 0
        self._trial = False
        self._trying = False
        self._wait = _FIRST
        self._next = 0.0
        self._asking: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        """Whether the platform is known to take nothing."""
        return self._probe is not None and self._failures >= _AFTER

    @property
    def shut(self) -> bool:
        """Whether nothing may be sent, not even one message to try."""
        return self.on and not self._trial

    def leave(self) -> bool:
        """Whether a message may be sent now; in an outage one may, once the platform answered."""
        if self.shut:
            return False
        self._trying, self._trial = self.on, False
        return True

    def unused(self) -> None:
        """There was nothing to send after all: somebody else may try."""
        self._trying, self._trial = False, self.on

    def failed(self) -> None:
        """The platform took nothing."""
        self._failures += 1
        if self._failures == _AFTER and self._probe is not None:
            log.warning("platform takes nothing", channel=self._channel)
        if self._trying:
            self._trying = False
            self._later()

    def took(self) -> None:
        """The platform answered a send, if only to refuse it."""
        if self.on:
            log.warning("platform is back", channel=self._channel)
        self._failures, self._wait, self._next = 0, _FIRST, 0.0
        self._trial = self._trying = False

    def ask(self) -> None:
        """Ask the platform, if it is time to."""
        if self.shut and self._asking is None and self._clock() >= self._next:
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(self._asked)

    async def asked(self) -> None:
        """Wait until nothing is being asked (tests)."""
        if self._asking is not None:
            await asyncio.wait([self._asking])

    def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> None:
        assert self._probe is not None
        try:
            await self._probe()
        except (NotSent, Uncertain, NotConnected):
            self._later()
        except ChannelError:
            self._trial = True
        else:
            self._trial = True

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._later()
            log.error("probe failed", channel=self._channel, error=type(error).__name__)

    def _later(self) -> None:
        self._next = self._clock() + self._wait * random.uniform(0.7, 1.3)
        self._wait = min(self._wait * 2, _MOST)
