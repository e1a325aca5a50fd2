"""Updates in, by our own polling loop or by webhook.

PTB's updater and application acknowledge from memory, so neither is used: an update is on disk
before the next offset (or the 200) tells Telegram to forget it.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import warnings
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.warnings import PTBUserWarning

from bot.channels.telegram.updates import CHANNEL, Incoming, Migrated, read_update
from bot.errors import BadRequest, StoreError
from bot.services.conversation import Conversations
from bot.services.runtime import Runtime
from bot.store import tickets

log = structlog.get_logger(__name__)

_POLL_SECONDS = 25
_WAIT_MOST = 30.0
_ALLOWED = ["message", "callback_query", "my_chat_member"]
_ANSWERS_MOST = 64


class TelegramInward:
    """Takes updates and hands them to the conversations."""

    def __init__(self, runtime: Runtime, conversations: Conversations, bot: Bot) -> None:
        self._runtime = runtime
        self._conversations = conversations
        self._bot = bot
        self._answers: set[asyncio.Task[None]] = set()
        self.state = "starting"

    async def take(self, data: Any) -> None:
        """Keep one update; when this returns it is on disk. BadRequest when it is malformed."""
        found = read_update(data, self._bot)
        if isinstance(found, Migrated):
            await self._runtime.db.write(lambda c: tickets.move_group(c, found.old, found.new))
        elif isinstance(found, Incoming):
            await self._conversations.accept(found.key, CHANNEL, found.external_id, found.envelope)
            if found.callback_id is not None:
                self._answer(found.callback_id)

    def _answer(self, callback_id: str) -> None:
        """Stop the button's spinner. A courtesy: losing it loses nothing."""
        if len(self._answers) >= _ANSWERS_MOST:
            return
        task = asyncio.create_task(self._answer_now(callback_id))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer_now(self, callback_id: str) -> None:
        try:
            await self._bot.answer_callback_query(callback_id)
        except TelegramError as error:
            log.info("button not answered", error=type(error).__name__)

    # Polling -------------------------------------------------------------------------------------

    async def poll(self) -> None:
        """Fetch updates for as long as the program runs."""
        # The raw answer is wanted on purpose: one update that PTB cannot read must not lose the
        # others that came with it.
        warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)
        await self._forget_webhook()
        offset: int | None = None
        wait = 1.0
        while True:
            try:
                offset = await self._poll_once(offset)
                self.state, wait = "ok", 1.0
            except (TelegramError, SQLAlchemyError, StoreError) as error:
                wait = self._explain(error, wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _WAIT_MOST)

    async def _poll_once(self, offset: int | None) -> int | None:
        answer = await self._bot.do_api_request(
            "getUpdates",
            api_kwargs={
                "timeout": _POLL_SECONDS,
                "allowed_updates": _ALLOWED,
                **({"offset": offset} if offset is not None else {}),
            },
            read_timeout=_POLL_SECONDS + self._runtime.settings.telegram_timeout,
        )
        for data in answer if isinstance(answer, list) else []:
            try:
                await self.take(data)
            except BadRequest as error:
                log.warning("update skipped", error=str(error))
            if isinstance(data, dict) and isinstance(data.get("update_id"), int):
                offset = data["update_id"] + 1
        return offset

    async def _forget_webhook(self) -> None:
        """Telegram refuses polling while a webhook is set."""
        wait = 1.0
        while True:
            try:
                await self._bot.delete_webhook()
                # The first getUpdates may well be silent for its whole wait.
                self.state = "ok"
                return
            except TelegramError as error:
                wait = self._explain(error, wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _WAIT_MOST)

    def _explain(self, error: Exception, wait: float) -> float:
        if isinstance(error, Conflict):
            self.state = "another program polls with this token"
        elif isinstance(error, InvalidToken):
            self.state = "CONGDANSO_TELEGRAM_TOKEN is not accepted"
            wait = _WAIT_MOST
        elif isinstance(error, NetworkError):
            self.state = "the Bot API cannot be reached"
        else:
            self.state = type(error).__name__
        if isinstance(error, RetryAfter):
            after = error.retry_after
            wait = float(after if isinstance(after, int) else after.total_seconds())
        log.warning("telegram polling", state=self.state, wait=wait)
        return wait

    # Webhook -------------------------------------------------------------------------------------

    async def set_webhook(self) -> None:
        """Tell Telegram where to send updates; tried until it works."""
        settings = self._runtime.settings
        wait = 1.0
        while True:
            try:
                await self._bot.set_webhook(
                    f"{settings.base_url}/telegram/webhook",
                    secret_token=settings.telegram_webhook_secret.get_secret_value(),
                    allowed_updates=_ALLOWED,
                )
                self.state = "ok"
                return
            except TelegramError as error:
                wait = self._explain(error, wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _WAIT_MOST)

    def router(self) -> APIRouter:
        """The webhook's route: the secret first, then the size (app middleware), then the shape."""
        router = APIRouter()
        secret = self._runtime.settings.telegram_webhook_secret.get_secret_value().encode()

        @router.post("/telegram/webhook", include_in_schema=False)
        async def webhook(request: Request) -> Response:
            given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "").encode()
            if not secret or not hmac.compare_digest(given, secret):
                self._refused("secret")
                return Response(status_code=403)
            try:
                await self.take(json.loads(await request.body()))
            except (BadRequest, ValueError, RecursionError):
                self._refused("malformed")
                return Response(status_code=400)
            return Response(status_code=200)

        return router

    def _refused(self, why: str) -> None:
        self._runtime.metrics.requests.labels("telegram", why).inc()
