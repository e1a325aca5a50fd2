"""Whether a webhook's body comes from Zalo: a digest over it that only Zalo and we can make.

SHA-256 of app id + raw body + timestamp + the OA's secret key. Which timestamp is meant, the body's
or the header's, is told in two ways, so either is taken.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

SIGNATURE = "X-ZEvent-Signature"
TIMESTAMP = "X-ZEvent-Timestamp"
_TIMESTAMP_MOST = 32


def is_signed(raw: bytes, headers: Mapping[str, str], app_id: str, secret: str) -> bool:
    """Whether the signature is right. False too for a body or headers that make no sense."""
    given = headers.get(SIGNATURE, "").strip().removeprefix("mac=").strip().lower()
    right = False
    for timestamp in (headers.get(TIMESTAMP, ""), told_timestamp(raw)):
        made = mac(raw, timestamp, app_id, secret)
        # Every one is compared, in constant time.
        right |= bool(timestamp) and hmac.compare_digest(made.encode(), given.encode())
    return right


def mac(raw: bytes, timestamp: str, app_id: str, secret: str) -> str:
    """The digest in hexadecimal."""
    parts = (app_id.encode(), raw, timestamp.encode(errors="replace"), secret.encode())
    return hashlib.sha256(b"".join(parts)).hexdigest()


def told_timestamp(raw: bytes) -> str:
    """The body's own timestamp as it stands there; "" when it has none."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    told = data.get("timestamp") if isinstance(data, dict) else None
    if isinstance(told, int) and not isinstance(told, bool) and abs(told) < 10**_TIMESTAMP_MOST:
        return str(told)
    return told if isinstance(told, str) and len(told) <= _TIMESTAMP_MOST else ""
