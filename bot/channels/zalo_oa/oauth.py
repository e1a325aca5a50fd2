"""Zalo's token server: a code or a refresh token for a pair of tokens.

Errors: NotSent, Uncertain (also for what is not Zalo's answer: the token may be spent by it), and
Refused when Zalo says no.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.channels.zalo_oa.calls import Calls
from bot.errors import BadRequest, Rejected, Uncertain
from bot.settings import Settings
from bot.store.zalo_tokens import Pair

_TOKEN_MOST = 8_000
#: What a refresh token has when its answer does not say (three months).
_REFRESH_SECONDS = 90 * 86_400
_SECONDS_MOST = 400 * 86_400
#: Where Zalo sends the browser back to; the path is ours to choose, and is registered at Zalo.
RETURN_PATH = "/zalo/oa/connected"


class Refused(Rejected):
    """Zalo says no. `spent`: what was sent will never work again."""

    def __init__(self, why: str, *, spent: bool) -> None:
        super().__init__(why)
        self.spent = spent


@dataclass(frozen=True, slots=True)
class Returned:
    """What the address holds that Zalo sent the browser back to."""

    code: str
    oa_id: str


class OAuth:
    """Asks for tokens with the app's secret."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._base = settings.zalo_oa_oauth_url.rstrip("/")
        self._app_id = settings.zalo_oa_app_id
        self._secret = settings.zalo_oa_app_secret.get_secret_value()
        self._return = f"{settings.base_url}{RETURN_PATH}"
        self._calls = calls

    def permission_url(self, state: str, verifier: str) -> str:
        """The page on which an admin of the account lets the app in (RFC 7636 for `verifier`)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "app_id": self._app_id,
            "redirect_uri": self._return,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "state": state,
        }
        return f"{self._base}/v4/oa/permission?{urlencode(query)}"

    async def exchange(self, code: str, verifier: str, now: datetime) -> Pair:
        """The first pair, for the code of a returned address."""
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return await self._ask(form, now)

    async def refresh(self, token: str, now: datetime) -> Pair:
        """A new pair for a refresh token, which is spent by it."""
        return await self._ask({"grant_type": "refresh_token", "refresh_token": token}, now)

    async def _ask(self, form: dict[str, str], now: datetime) -> Pair:
        answer = await self._calls.post(
            f"{self._base}/v4/oa/access_token",
            {"secret_key": self._secret},
            form={"app_id": self._app_id, **form},
        )
        access, refresh = _token(answer, "access_token"), _token(answer, "refresh_token")
        if access and refresh:
            lives = _seconds(answer.get("expires_in"), 0)
            until = _seconds(answer.get("refresh_token_expires_in"), _REFRESH_SECONDS)
            if lives:
                return Pair(
                    access, refresh, now + timedelta(seconds=lives), now + timedelta(seconds=until)
                )
        if "error" not in answer or access:
            raise Uncertain("an answer without tokens")
        said = " ".join(
            str(answer.get(key, "")) for key in ("error", "error_name", "error_description")
        )
        plain = f"{said} {answer.get('error_reason', '')} {answer.get('message', '')}".lower()
        spent = "refresh token" in plain or "refresh_token" in plain or "authorized code" in plain
        raise Refused(f"Zalo refused: {said.strip()[:80]}", spent=spent)


def read_return(address: str, state: str) -> Returned:
    """The code in an address that was copied from the browser. BadRequest when it is not the one
    that belongs to `state`."""
    query = parse_qs(urlsplit(address.strip()).query)
    code, told = query.get("code", [""])[0], query.get("state", [""])[0]
    if not code:
        raise BadRequest(
            "the address: has no code=…; copy all of the address that the browser shows after "
            "the permission was given"
        )
    if told != state:
        raise BadRequest(
            "the address: belongs to another attempt (state=…); open the printed link once more"
        )
    return Returned(code, query.get("oa_id", [""])[0][:60])


def _token(answer: dict[str, Any], name: str) -> str:
    told = answer.get(name)
    if not isinstance(told, str) or len(told) > _TOKEN_MOST:
        return ""
    return told if told.isascii() and told.isprintable() else ""


def _seconds(told: Any, otherwise: int) -> int:
    """A number of seconds, which Zalo writes as text."""
    text = str(told).strip() if isinstance(told, str | int) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= 12 and int(text)):
        return otherwise
    return min(int(text), _SECONDS_MOST)
