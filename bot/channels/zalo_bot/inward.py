"""Updates in, by our own polling loop or by webhook.

A webhook's update is on disk before its 200. Polling has no way to acknowledge: an update that was
handed out is forgotten by the platform, so it is kept in hand until it is on disk. What a process
takes with it when it is killed in between is lost; the webhook has no such moment.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.zalo_bot.client import IDLE, UNAUTHORIZED, Answer, ZaloBotClient
from bot.channels.zalo_bot.updates import read_update, updates_in
from bot.domain.channels import ZALO_BOT as CHANNEL
from bot.errors import BadRequest, ChannelError, StoreError
from bot.services.conversation import Conversations
from bot.services.runtime import Runtime

log = structlog.get_logger(__name__)

PATH = "/zalo-bot/webhook"
BODY_MOST = 256_000
_POLL_SECONDS = 30
_WAIT_FIRST, _WAIT_MOST = 1.0, 30.0
#: A platform that says at once that nothing came is not asked in a circle.
_PAUSE = 0.3
_TYPING_MOST = 64


class ZaloBotInward:
    """Takes updates and hands them to the conversations."""

    def __init__(
        self, runtime: Runtime, conversations: Conversations, client: ZaloBotClient
    ) -> None:
        self._runtime = runtime
        self._conversations = conversations
        self._client = client
        self._typing: set[asyncio.Task[None]] = set()
        self.state = "starting"

    async def take(self, data: Any) -> None:
        """Keep what came; when this returns it is on disk. BadRequest when it is malformed."""
        for update in updates_in(data):
            found = read_update(update)
            if found is None:
                continue
            new = await self._conversations.accept(
                found.key, CHANNEL, found.external_id, found.envelope
            )
            if new:
                self._show_typing(found.key.external_id)

    def _show_typing(self, chat: str) -> None:
        """A courtesy while the answer is made: losing it loses nothing."""
        if len(self._typing) < _TYPING_MOST:
            task = asyncio.create_task(self._show_typing_now(chat))
            self._typing.add(task)
            task.add_done_callback(self._typing.discard)

    async def _show_typing_now(self, chat: str) -> None:
        try:
            await self._client.call("sendChatAction", chat_id=chat, action="typing")
        except ChannelError as error:
            log.info("typing not shown", error=str(error))

    # Polling -------------------------------------------------------------------------------------

    async def poll(self) -> None:
        """Fetch updates for as long as the program runs."""
        await self._until_done("deleteWebhook")
        wait = _WAIT_FIRST
        while True:
            try:
                answer = await self._client.call("getUpdates", _POLL_SECONDS, timeout=_POLL_SECONDS)
            except ChannelError as error:
                wait = await self._pause(f"the Bot API cannot be reached ({error})", wait)
                continue
            if answer.code == IDLE or not (answer.code or answer.result):
                self.state, wait = "ok", _WAIT_FIRST
                await asyncio.sleep(_PAUSE)
            elif answer.code:
                wait = await self._refusal(answer, wait)
            else:
                self.state, wait = "ok", _WAIT_FIRST
                await self._keep(answer.result)

    async def _keep(self, result: Any) -> None:
        """Until it is on disk: nobody will hand it out again."""
        wait = _WAIT_FIRST
        while True:
            try:
                await self.take(result)
            except BadRequest as error:
                log.warning("update skipped", error=str(error))
                await asyncio.sleep(_PAUSE)
            except (SQLAlchemyError, StoreError) as error:
                wait = await self._pause(f"the database: {type(error).__name__}", wait)
                continue
            return

    async def _until_done(self, method: str, **values: Any) -> None:
        """Call a method until it is done."""
        wait = _WAIT_FIRST
        while True:
            try:
                answer = await self._client.call(method, **values)
            except ChannelError as error:
                wait = await self._pause(f"the Bot API cannot be reached ({error})", wait)
                continue
            if not answer.code:
                self.state = "ok"
                return
            wait = await self._refusal(answer, wait)

    async def _refusal(self, answer: Answer, wait: float) -> float:
        if answer.code in (UNAUTHORIZED, 403, 404):
            return await self._pause("CONGDANSO_ZALO_BOT_TOKEN is not accepted", _WAIT_MOST)
        if answer.code == 429:
            return await self._pause("the Bot API wants silence", answer.retry_after)
        return await self._pause(f"the Bot API refuses (code {answer.code})", wait)

    async def _pause(self, state: str, wait: float) -> float:
        self.state = state
        log.warning("zalo bot", state=state, wait=wait)
        await asyncio.sleep(wait)
        return min(wait * 2, _WAIT_MOST)

    # Webhook -------------------------------------------------------------------------------------

    async def set_webhook(self) -> None:
        """Tell the platform where to send updates; tried until it works."""
        settings = self._runtime.settings
        await self._until_done(
            "setWebhook",
            url=f"{settings.base_url}{PATH}",
            secret_token=settings.zalo_bot_webhook_secret.get_secret_value(),
        )

    def add_webhook(self, router: APIRouter) -> None:
        """The webhook's route: the secret first, then the size, then the shape."""
        secret = self._runtime.settings.zalo_bot_webhook_secret.get_secret_value().encode()

        async def webhook(request: Request) -> Response:
            given = request.headers.get("X-Bot-Api-Secret-Token", "").encode()
            if not secret or not hmac.compare_digest(given, secret):
                self._refused("secret")
                return Response(status_code=403)
            try:
                await self.take(json.loads(await request.body()))
            except (BadRequest, ValueError, RecursionError):
                self._refused("malformed")
                return Response(status_code=400)
            return Response(status_code=200)

        router.add_api_route(
            PATH, webhook, methods=["POST"], include_in_schema=False, max_body_size=BODY_MOST
        )

    def _refused(self, why: str) -> None:
        self._runtime.metrics.requests.labels(CHANNEL, why).inc()
