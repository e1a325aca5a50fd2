"""The OA API: messages and pictures out, with Zalo's error codes as our errors.

Codes: https://developers.zalo.me/docs/official-account/phu-luc/ma-loi. What is not listed here is
`Rejected`: Zalo will never take that message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bot.channels.zalo_oa.calls import Calls, NotJson
from bot.channels.zalo_oa.tokens import Tokens
from bot.errors import (
    ChannelError,
    NotConnected,
    NotSent,
    RateLimited,
    Rejected,
    Unreachable,
    WindowClosed,
)
from bot.services.limits import Window
from bot.services.shared_limits import Places
from bot.settings import Settings

CS = "/v3.0/oa/message/cs"
#: For visitors who have not logged in.
ANY = "/v2.0/oa/message"
UPLOAD = "/v2.0/oa/upload/image"

_TOKEN = frozenset({-216, -220})
_RATE = -32
#: Silent for 48 hours or 7 days, never heard of, or answered too often since.
_WINDOW = frozenset({-230, -232, -305, -311})
#: Does not follow us, wants nothing from us, is banned or has not been there for 45 days.
_GONE = frozenset({-213, -217, -222, -227})
#: A quota of ours or of theirs is used up.
_QUOTA = frozenset({-211, -218})
#: The account or the app: disabled, not allowed to use this, not paid.
_ACCOUNT = frozenset({-204, -205, -209, -212, -219, -221, -223, -224, -235, -320, -321})
_RATE_SECONDS = 5.0
_QUOTA_SECONDS = 900.0
_ACCOUNT_SECONDS = 300.0
_MINUTE = 60.0
_SCOPE = "zalo_oa requests"


class Pace:
    """Lets so many requests a minute through, each as soon as there is room.

    With `places` the limit is that of all processes, spread over the minute.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] | None = None,
        places: Places | None = None,
    ) -> None:
        self._window = Window(per_minute, _MINUTE)
        second, every = per_minute / _MINUTE, 1.0
        self._together = Window(int(second), every) if second >= 1 else Window(1, every / second)
        self._places = places
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Return when one more may go."""
        async with self._turn:
            # Time must pass; there is nobody who could say that it has.
            while (wait := self._window.wait(self._clock())) > 0:  # noqa: ASYNC110
                await asyncio.sleep(wait)
            self._window.record(self._clock())
            if self._places is not None:
                await self._places.wait(_SCOPE, self._together)


class OaClient:
    """Sends for the connected account."""

    def __init__(
        self, settings: Settings, calls: Calls, tokens: Tokens, places: Places | None = None
    ) -> None:
        self._base = settings.zalo_oa_api_url.rstrip("/")
        self._calls = calls
        self._tokens = tokens
        self._pace = Pace(settings.zalo_oa_per_minute, places=places)

    async def send(
        self, path: str, recipient: dict[str, str], message: dict[str, Any]
    ) -> str | None:
        """Send one message; Zalo's id of it. ChannelError."""
        data = await self._post(path, body={"recipient": recipient, "message": message})
        told = data.get("message_id")
        return told[:64] if isinstance(told, str) else None

    async def alive(self) -> None:
        """Ask Zalo for something that changes nothing: a message without words to nobody, which it
        refuses. ChannelError, `Rejected` when all is well."""
        await self._post(CS, body={})

    async def upload(self, picture: bytes, kind: str) -> str:
        """Upload a JPEG or PNG of at most a megabyte; its name for seven days. ChannelError."""
        suffix = "png" if kind == "image/png" else "jpg"
        data = await self._post(UPLOAD, files={"file": (f"picture.{suffix}", picture, kind)})
        told = data.get("attachment_id")
        if not isinstance(told, str) or not told:
            raise Rejected("refused: an upload without attachment_id")
        return told

    async def _post(
        self,
        path: str,
        *,
        body: Any = None,
        files: dict[str, tuple[str, bytes, str]] | None = None,
    ) -> dict[str, Any]:
        access = await self._tokens.access()
        answer = await self._once(path, access.token, body, files)
        if _code(answer) in _TOKEN:
            access = await self._tokens.renew(access.version)
            answer = await self._once(path, access.token, body, files)
        code = _code(answer)
        if code:
            raise meaning(code, str(answer.get("message", "")))
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    async def _once(
        self, path: str, token: str, body: Any, files: dict[str, tuple[str, bytes, str]] | None
    ) -> dict[str, Any]:
        await self._pace.turn()
        try:
            return await self._calls.post(
                f"{self._base}{path}", {"access_token": token}, body=body, files=files
            )
        except NotJson as error:
            # A page in place of the API has not delivered anything.
            raise NotSent(str(error)) from error


def meaning(code: int, said: str) -> ChannelError:
    """What an error code means for a message that was to be sent."""
    if code in _TOKEN:
        return NotConnected(f"Zalo refuses the token ({code})")
    if code == _RATE:
        return RateLimited(_RATE_SECONDS)
    if code in _WINDOW:
        return WindowClosed()
    if code in _GONE or (code == -201 and "user_id" in said.lower()):
        return Unreachable(f"refused: {code}")
    if code in _QUOTA:
        return RateLimited(_QUOTA_SECONDS)
    if code in _ACCOUNT:
        return NotConnected(f"Zalo refuses the account ({code})", _ACCOUNT_SECONDS)
    return Rejected(f"refused: {code} {said[:60]}")


def _code(answer: dict[str, Any]) -> int:
    """The answer's error; 0 for none. What cannot be read is an error nobody knows."""
    told = answer.get("error", 0)
    try:
        return int(told)
    except (TypeError, ValueError, OverflowError):
        return -1
