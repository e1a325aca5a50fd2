"""A name for every request: in each line logged while it is answered, and in the answer."""

from __future__ import annotations

import re
import secrets

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
_HEADER = HEADER.lower().encode()
#: What a proxy may name it; nginx's `$request_id` has 32 digits.
_GIVEN = re.compile(rb"[0-9A-Za-z-]{8,64}")


class Numbered:
    """ASGI: the name is the proxy's, or drawn here. It says nothing of who asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = _given(scope) or secrets.token_hex(8).encode()

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start" and not _shared(message):
                message["headers"] = [*message["headers"], (_HEADER, name)]
            await send(message)

        with structlog.contextvars.bound_contextvars(request=name.decode()):
            await self._app(scope, receive, numbered)


def _shared(message: Message) -> bool:
    """Whether the answer is kept for others' requests, which have names of their own: files of a
    page, which must also stay small."""
    return any(n.lower() == b"cache-control" and b"public" in v for n, v in message["headers"])


def _given(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == _HEADER and _GIVEN.fullmatch(value):
            return bytes(value)
    return None
