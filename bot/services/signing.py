"""Signed values for links and cookies: what they say can be read, but not made or changed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

_SIGNATURE = 16


class Signer:
    """Signs small JSON values for one purpose; a value for another purpose never verifies."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, value: dict[str, Any], now: datetime, valid: timedelta) -> str:
        """A URL-safe token that holds `value` and ends `valid` after `now`."""
        body = json.dumps({**value, "until": int((now + valid).timestamp())}).encode()
        return _b64(self._mac(body) + body)

    def read(self, token: str, now: datetime) -> dict[str, Any] | None:
        """The value, or None when it was not made here, was changed, or has ended."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        if _b64(raw) != token:
            # The decoder skips what is not base64: one value must not have many tokens.
            return None
        mac, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        value: dict[str, Any] = json.loads(body)
        return value if value["until"] > now.timestamp() else None

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)[:_SIGNATURE]


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
