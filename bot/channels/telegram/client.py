"""The Bot API client: python-telegram-bot's, with our timeouts and our errors."""

from __future__ import annotations

import httpx
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.channels.telegram.request import QuickRequest
from bot.errors import (
    ChannelError,
    ChatMoved,
    NotConnected,
    NotSent,
    RateLimited,
    Rejected,
    Uncertain,
    Unreachable,
)
from bot.services.outside import certificates
from bot.settings import Settings

#: Connections beside those that send: answers to buttons.
_SPARE = 4
_TOKEN_SECONDS = 30.0
#: Nothing was written to the wire in these cases.
_BEFORE_WRITING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_GONE = ("chat not found", "user is deactivated", "group chat was deactivated", "peer_id_invalid")


def make_bot(settings: Settings) -> Bot:
    """A client for the configured address. Connects to nothing yet."""
    base = settings.telegram_api_url.rstrip("/")
    seconds = settings.telegram_timeout
    request = QuickRequest(settings.send_at_once + _SPARE, seconds, min(seconds, 5.0))
    polling = HTTPXRequest(
        connection_pool_size=2,
        read_timeout=seconds,
        connect_timeout=5.0,
        httpx_kwargs={"verify": certificates()},
    )
    return Bot(
        settings.telegram_token.get_secret_value(),
        base_url=base,
        base_file_url=base.removesuffix("/bot") + "/file/bot",
        request=request,
        get_updates_request=polling,
    )


def translate(error: TelegramError) -> ChannelError:
    """What a Bot API error means for a message that was to be sent."""
    match error:
        case RetryAfter():
            after = error.retry_after
            return RateLimited(float(after if isinstance(after, int) else after.total_seconds()))
        case InvalidToken():
            # Somebody has changed the token; what waits must wait for the new one.
            return NotConnected("the token is not accepted", _TOKEN_SECONDS)
        case ChatMigrated():
            return ChatMoved(str(error.new_chat_id))
        case Forbidden():
            return Unreachable("the person blocked the bot or never started it")
        case BadRequest():
            if any(words in error.message.lower() for words in _GONE):
                return Unreachable("the chat is gone")
            return Rejected(f"refused: {_words(error)}")
        case NetworkError():
            return _network(error)
    return Rejected(f"refused: {_words(error)}")


def _network(error: NetworkError) -> ChannelError:
    cause = error.__cause__
    if isinstance(cause, _BEFORE_WRITING):
        return NotSent(type(cause).__name__)
    if cause is None and not isinstance(error, TimedOut):
        # An answer with a 5xx status: the server says that it did not do it.
        return NotSent("server error")
    return Uncertain(type(cause).__name__ if cause else "timed out")


def _words(error: TelegramError) -> str:
    """The platform's own phrase, cut: it never quotes what people wrote, but may be long."""
    return error.message[:60]
