"""Calls to Zalo's servers: bounded in seconds and bytes, and honest about what came of them.

Errors: NotSent (nothing reached Zalo; ServerTrouble: it says that it did nothing), Uncertain (it
was written, and no answer came; NotJson: what came is none of Zalo's).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from bot.errors import NotSent, Uncertain
from bot.services.outside import certificates

#: Nothing was written to the wire in these cases.
_BEFORE_WRITING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_ANSWER_MOST = 500_000
_CONNECT_SECONDS = 5.0


class ServerTrouble(NotSent):
    """A status of 5xx: the server says that it did not do it."""


class NotJson(Uncertain):
    """Something answered that is not Zalo's API: a page of a proxy, of maintenance, of a hotel."""


class Calls:
    """A pool of connections."""

    def __init__(self, seconds: float, connections: int) -> None:
        self._seconds = seconds
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
            limits=httpx.Limits(max_connections=connections),
            follow_redirects=False,
            verify=certificates(),
        )

    async def post(
        self,
        url: str,
        headers: dict[str, str],
        *,
        body: Any = None,
        form: dict[str, str] | None = None,
        files: dict[str, tuple[str, bytes, str]] | None = None,
    ) -> dict[str, Any]:
        """The JSON object that answers a POST. NotSent, NotJson, Uncertain."""
        request = self._client.build_request(
            "POST", url, headers=headers, json=body, data=form, files=files
        )
        try:
            # Seconds for one piece of an answer do not bound an answer that drips.
            async with asyncio.timeout(self._seconds + _CONNECT_SECONDS):
                return await self._ask(request)
        except _BEFORE_WRITING as error:
            raise NotSent(type(error).__name__) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Uncertain(type(error).__name__) from error

    async def _ask(self, request: httpx.Request) -> dict[str, Any]:
        answer = await self._client.send(request, stream=True)
        try:
            if answer.status_code >= 500:
                raise ServerTrouble(f"server error {answer.status_code}")
            raw = bytearray()
            async for chunk in answer.aiter_bytes():
                raw += chunk
                if len(raw) > _ANSWER_MOST:
                    raise NotJson("an answer without end")
        finally:
            await answer.aclose()
        try:
            found = json.loads(bytes(raw))
        except (ValueError, RecursionError) as error:
            raise NotJson(f"no JSON, status {answer.status_code}") from error
        if not isinstance(found, dict):
            raise NotJson(f"no object, status {answer.status_code}")
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
