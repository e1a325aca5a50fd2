"""Events in: signature first, then on disk, then the 200 (Zalo waits two seconds for it).

Zalo repeats what is not answered with 200, and leaves an app alone that goes on not to. So an event
that is signed and makes no sense is counted and answered with 200: it would make none next time.
"""

from __future__ import annotations

import json
from datetime import timedelta

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse

from bot.channels.zalo_oa.oauth import RETURN_PATH
from bot.channels.zalo_oa.signature import SIGNATURE, is_signed
from bot.channels.zalo_oa.tokens import Tokens
from bot.channels.zalo_oa.updates import Left, read_event
from bot.domain.channels import ZALO_OA
from bot.errors import BadRequest, StoreError
from bot.services.conversation import Conversations
from bot.services.delivery import Delivery
from bot.services.runtime import Runtime
from bot.store import inbox, windows

log = structlog.get_logger(__name__)

PATH = "/zalo/oa/webhook"
_PROBE_MOST = 200
#: The last repetition of an event comes some two hours after it. What says that it is older has
#: another clock than ours, and must not close the time in which people can be answered.
_LATE_MOST = timedelta(hours=3)
_RETURNED = (
    "Zalo đã cho phép. Chép toàn bộ địa chỉ trên thanh trình duyệt, dán vào cửa sổ dòng lệnh đang "
    "chạy lệnh kết nối, trong vòng 10 phút.\n"
)


class OaInward:
    """Takes events and hands them to the conversations."""

    def __init__(
        self, runtime: Runtime, conversations: Conversations, delivery: Delivery, tokens: Tokens
    ) -> None:
        self._runtime = runtime
        self._conversations = conversations
        self._delivery = delivery
        self._tokens = tokens

    def router(self) -> APIRouter:
        """The webhook, and the page an admin comes back to after letting the app in."""
        router = APIRouter()
        settings = self._runtime.settings
        secret = settings.zalo_oa_webhook_secret.get_secret_value()

        @router.post(PATH, include_in_schema=False)
        async def webhook(request: Request) -> Response:
            raw = await request.body()
            if SIGNATURE not in request.headers and _is_probe(raw):
                return Response(status_code=200)
            if not is_signed(raw, request.headers, settings.zalo_oa_app_id, secret):
                self._refused("signature")
                return Response(status_code=403)
            try:
                await self.take(raw)
            except BadRequest as error:
                self._refused("malformed")
                log.warning("zalo event skipped", error=str(error))
            except (SQLAlchemyError, StoreError) as error:
                log.error("zalo event not kept", error=type(error).__name__)
                return Response(status_code=503)
            return Response(status_code=200)

        @router.get(RETURN_PATH, include_in_schema=False)
        async def connected() -> Response:
            return PlainTextResponse(_RETURNED, headers={"Referrer-Policy": "no-referrer"})

        return router

    async def take(self, raw: bytes) -> None:
        """Keep one event; when this returns it is on disk. BadRequest when it is malformed."""
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"an event must be JSON ({type(error).__name__})") from error
        found = read_event(data, self._tokens.oa_id)
        if found is None:
            self._refused("ignored")
            return
        if isinstance(found, Left):
            await self._left(found)
            return
        now = self._runtime.now()
        at = min(max(found.at or now, now - _LATE_MOST), now)
        await self._conversations.accept(
            found.key,
            ZALO_OA,
            found.external_id,
            found.envelope,
            lambda connection, chat: windows.heard(connection, chat, at),
        )

    async def _left(self, left: Left) -> None:
        """Unless they have written since: events may come in any order."""
        when = left.at

        def since(connection: Connection) -> bool:
            chat = inbox.find_chat(connection, left.key)
            last = windows.heard_at(connection, chat) if chat is not None else None
            return when is not None and last is not None and last > when

        if not await self._runtime.db.read(since):
            await self._delivery.left(left.key, left.external_id)

    def _refused(self, why: str) -> None:
        self._runtime.metrics.requests.labels(ZALO_OA, why).inc()


def _is_probe(raw: bytes) -> bool:
    """Whether this is what the console posts to see whether somebody is there: an empty object."""
    try:
        return len(raw) <= _PROBE_MOST and json.loads(raw) == {}
    except (ValueError, RecursionError):
        return False
