"""The Bot API of Zalo over httpx, with our timeouts and our errors.

The address of every call holds the token, so no error here quotes an address.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx

from bot.errors import ChannelError, NotSent, RateLimited, Rejected, Uncertain, Unreachable
from bot.services.outside import certificates
from bot.settings import Settings

#: Nothing was written to the wire in these cases.
_BEFORE_WRITING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_ANSWER_MOST = 1_000_000
_CONNECTIONS = 16
#: When the platform wants silence and does not say for how long.
_SILENCE = 3.0
_SILENCE_MOST = 3600.0
#: What descriptions of a chat that is closed to us say; there is no list of codes.
_GONE = ("chat not found", "user not found", "blocked", "deactivated", "not a member")
#: Whether it was done cannot be known: somebody on the way gave up waiting.
_WHO_KNOWS = frozenset({408, 502, 504})

IDLE = 408
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform said. `code` is 0 when it did what was asked, else its own code or the
    HTTP status."""

    code: int
    result: Any = None
    words: str = ""
    retry_after: float = _SILENCE


class ZaloBotClient:
    """Calls methods. Connects to nothing before the first call."""

    def __init__(self, settings: Settings) -> None:
        token = settings.zalo_bot_token.get_secret_value()
        self._seconds = settings.zalo_bot_timeout
        self._http = httpx.AsyncClient(
            base_url=f"{settings.zalo_bot_api_url.rstrip('/')}/bot{token}/",
            timeout=httpx.Timeout(self._seconds, connect=min(self._seconds, 5.0)),
            limits=httpx.Limits(max_connections=_CONNECTIONS),
            follow_redirects=False,
            verify=certificates(trust_env=False),
            trust_env=False,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def call(self, method: str, wait: float = 0.0, **values: Any) -> Answer:
        """Call a method that may take `wait` seconds longer than others. NotSent, Uncertain."""
        seconds = self._seconds + wait
        timeout = httpx.Timeout(seconds, connect=min(self._seconds, 5.0))
        try:
            # An answer that trickles in must end as well.
            async with asyncio.timeout(seconds + self._seconds):
                answer = await self._http.post(method, json=values, timeout=timeout)
        except _BEFORE_WRITING as error:
            raise NotSent(type(error).__name__) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise Uncertain(type(error).__name__) from None
        return _read(answer)

    async def alive(self) -> None:
        """Ask the platform for something that changes nothing. ChannelError."""
        if (answer := await self.call("getMe")).code:
            raise translate(answer)

    async def send(self, method: str, **values: Any) -> str:
        """Call a method that sends something; the id of the message. ChannelError."""
        answer = await self.call(method, **values)
        if answer.code:
            raise translate(answer)
        made = answer.result.get("message_id") if isinstance(answer.result, dict) else None
        return str(made or "")[:64]


def _read(answer: httpx.Response) -> Answer:
    status = answer.status_code
    try:
        if len(answer.content) > _ANSWER_MOST:
            raise ValueError("too long")
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        if status == IDLE or status >= 300:
            return Answer(status, words="no JSON", retry_after=_after(answer, None))
        # A page of a proxy in between: the message may lie behind it.
        raise Uncertain("an answer that is no JSON")
    if status == 200 and body.get("ok") is not False:
        # Updates have been seen without the envelope.
        return Answer(0, body["result"] if "ok" in body and "result" in body else body)
    told, code = body.get("error_code"), status if status != 200 else -1
    if isinstance(told, int) and not isinstance(told, bool) and told:
        code = told
    words = body.get("description")
    return Answer(
        code,
        words=words[:200] if isinstance(words, str) else "",
        retry_after=_after(answer, body.get("parameters")),
    )


def _after(answer: httpx.Response, parameters: object) -> float:
    told: object = parameters.get("retry_after") if isinstance(parameters, dict) else None
    try:
        seconds = float(str(told if told is not None else answer.headers.get("Retry-After", "")))
    except ValueError:
        return _SILENCE
    return min(seconds, _SILENCE_MOST) if seconds > 0 else _SILENCE


def translate(answer: Answer) -> ChannelError:
    """What a refusal means for a message that was to be sent."""
    code, words = answer.code, answer.words.lower()
    if code == 429:
        return RateLimited(answer.retry_after)
    if code in _WHO_KNOWS:
        return Uncertain(f"code {code}")
    if code == 403 or any(phrase in words for phrase in _GONE):
        return Unreachable("the person blocked the bot or never wrote to it")
    if code in (UNAUTHORIZED, 404):
        return NotSent("the token is not accepted")
    if code >= 500 or code == -1:
        # The server says that it did not do it.
        return NotSent(f"code {code}")
    # The platform's own phrase, cut: it never quotes what people wrote.
    return Rejected(f"code {code}: {answer.words[:60]}")
