"""The error tree.

    CongdansoError              everything this program raises on purpose
    ├── SettingsError           a setting is missing or wrong; names the setting
    ├── StartupError            the program cannot start; one clear line for the operator
    ├── StoreError              the database refused or broke
    │   └── LeaseLost           another process took the conversation over; drop the work
    ├── ChannelError            a messaging platform did not take a message
    │   ├── NotSent             nothing reached the platform: safe to try again
    │   ├── Uncertain           the request was written, no answer came: it may have been shown
    │   ├── RateLimited         try again after `retry_after` seconds
    │   ├── Unreachable         the person blocked the bot or never started it
    │   ├── ChatMoved           the chat has a new id
    │   ├── WindowClosed        the person must write first; until then all waits
    │   ├── NotConnected        the platform knows us no more until somebody acts
    │   └── Rejected            the platform will never take this message
    └── BadRequest              a request from outside is malformed (becomes a 4xx)

`ContentError` (bot.guides.errors) and the engine's errors (nlu.engine) live with their packages,
which must not import the rest of the program.
"""

from __future__ import annotations

from datetime import datetime


class CongdansoError(Exception):
    """Base of every error raised on purpose. The text is for operators, never for citizens."""


class SettingsError(CongdansoError):
    """A setting is missing or wrong; the text names it and says what would be right."""


class StartupError(CongdansoError):
    """The program cannot start; the text is one line that says why and what to do."""


class StoreError(CongdansoError):
    """The database refused an operation."""


class LeaseLost(StoreError):
    """Another process holds the conversation now; the work in hand must be dropped."""


class ChannelError(CongdansoError):
    """A messaging platform did not take a message."""


class NotSent(ChannelError):
    """The request never reached the platform: it can be sent again without a duplicate."""


class Uncertain(ChannelError):
    """The request was written but no answer came: the message may have been shown."""


class RateLimited(ChannelError):
    """The platform asks to wait `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"rate limited for {retry_after:g} s")
        self.retry_after = retry_after


class Unreachable(ChannelError):
    """The person blocked the bot, left, or never started it."""


class ChatMoved(ChannelError):
    """The chat goes on under `new_id`."""

    def __init__(self, new_id: str) -> None:
        super().__init__("chat moved to a new id")
        self.new_id = new_id


class WindowClosed(ChannelError):
    """Nobody may write to this person before they write again. `seen` is when they last did, as far
    as was known when the message was to leave."""

    def __init__(self, seen: datetime | None = None) -> None:
        super().__init__("the person must write first")
        self.seen = seen


class NotConnected(ChannelError):
    """The account cannot be used now; worth a look after `retry_after` seconds, not before."""

    def __init__(self, why: str, retry_after: float = 10.0) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Rejected(ChannelError):
    """The platform will never take this message as it is."""


class BadRequest(CongdansoError):
    """A request from outside is malformed."""
