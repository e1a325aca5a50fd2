# ruff: noqa: ASYNC109 (a deadline is what the waiting helpers are for)
"""What can be observed of the fake: calls, messages, and waiting for them."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from .model import Call, Chat, Json, Query, SentMessage

T = TypeVar("T")


def call_json(call: Call) -> Json:
    """Return a call as the log and the control API show it."""
    out: Json = {
        "seq": call.seq,
        "time": call.time,
        "method": call.method,
        "chat_id": call.chat_id,
        "status": call.status,
        "params": call.params,
        "result": call.result,
    }
    if call.description:
        out["description"] = call.description
    if call.dropped:
        out["dropped"] = True
    return out


class Observed:
    """Everything that happened, under one lock that is notified of every change."""

    def __init__(self, log: str | Path | None, log_rejected: bool) -> None:
        """Record nothing yet; append accepted calls to the log file, if one is named."""
        self.lock = threading.Condition()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.offset = 0.0
        self.calls: list[Call] = []
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self._watchers: set[asyncio.Future[None]] = set()
        self._log: int | None = None
        if log:
            self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._log_rejected = log_rejected

    def now(self) -> float:
        """Return the fake's clock: real time plus what `advance` added."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move the fake's clock forward (rate limits, 48 hours, callback timeouts)."""
        with self.lock:
            self.offset += seconds

    # Looking

    def messages(self, chat_id: int) -> list[SentMessage]:
        """Return what the bot sent to a chat, oldest first."""
        with self.lock:
            chat = self.chats.get(chat_id)
            return list(chat.sent) if chat else []

    def last(self, chat_id: int) -> SentMessage:
        """Return the bot's newest message in a chat."""
        found = self.messages(chat_id)
        if not found:
            raise LookupError(f"nothing was sent to chat {chat_id}")
        return found[-1]

    def calls_of(self, *methods: str, chat_id: int | None = None) -> list[Call]:
        """Return the recorded calls of some methods."""
        with self.lock:
            return [
                call
                for call in self.calls
                if call.method in methods and chat_id in (None, call.chat_id)
            ]

    def answers(self, query: Json | str) -> list[Json]:
        """Return the answerCallbackQuery arguments for a press (its update or query id)."""
        key = query if isinstance(query, str) else str(query["callback_query"]["id"])
        with self.lock:
            return list(self.queries[key].answers)

    # Waiting

    def wait_for(
        self,
        predicate: Callable[[Self], T | None],
        timeout: float = 10.0,
        what: str = "the condition",
    ) -> T:
        """Block until the predicate is true; it is tried again after every change."""
        deadline = time.monotonic() + timeout
        with self.lock:
            while not (value := predicate(self)):
                left = deadline - time.monotonic()
                if left <= 0:
                    tail = [f"{c.method}({c.chat_id})={c.status}" for c in self.calls[-8:]]
                    raise TimeoutError(f"{what}: not within {timeout} s; last calls: {tail}")
                self.lock.wait(left)
            return value

    def wait_message(
        self,
        chat_id: int,
        containing: str | None = None,
        after: int | None = None,
        timeout: float = 10.0,
    ) -> SentMessage:
        """Block until the bot has sent (or edited) such a message; return the first one."""
        return self.wait_for(
            lambda world: world.find_message(chat_id, containing, after),
            timeout,
            f"a message to {chat_id} containing {containing!r}",
        )

    async def wait_for_async(
        self,
        predicate: Callable[[Self], T | None],
        timeout: float = 10.0,
        what: str = "the condition",
    ) -> T:
        """Do as `wait_for` without blocking the running event loop."""
        return await asyncio.to_thread(self.wait_for, predicate, timeout, what)

    async def wait_message_async(
        self,
        chat_id: int,
        containing: str | None = None,
        after: int | None = None,
        timeout: float = 10.0,
    ) -> SentMessage:
        """Do as `wait_message` without blocking the running event loop."""
        wait = functools.partial(self.wait_message, chat_id, containing, after, timeout)
        return await asyncio.to_thread(wait)

    def find_message(
        self, chat_id: int, containing: str | None = None, after: int | None = None
    ) -> SentMessage | None:
        """Return the bot's first message with that text and a greater id, if there is one."""
        chat = self.chats.get(chat_id)
        for message in chat.sent if chat else ():
            if after is not None and message.message_id <= after:
                continue
            if containing is None or containing in message.text:
                return message
        return None

    def changed(self) -> None:
        """Wake whoever waits; call with the lock held."""
        self.lock.notify_all()
        if self._watchers and self.loop:
            self.loop.call_soon_threadsafe(self._wake_watchers)

    def _wake_watchers(self) -> None:
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)

    async def watch(self, predicate: Callable[[Self], T], timeout: float) -> T:
        """Wait inside the server's own loop (for the control API); return the last value."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            with self.lock:
                value = predicate(self)
                left = deadline - loop.time()
                if value or left <= 0:
                    return value
                watcher = loop.create_future()
                self._watchers.add(watcher)
            try:
                await asyncio.wait_for(watcher, left)
            except TimeoutError:
                pass
            finally:
                self._watchers.discard(watcher)

    # Recording

    def record(
        self,
        method: str,
        chat_id: int | None,
        params: Json,
        status: int,
        result: Any,
        description: str | None = None,
        dropped: bool = False,
    ) -> Call:
        """Append a call, log it and wake the waiters."""
        with self.lock:
            call = Call(
                len(self.calls) + 1,
                self.now(),
                method,
                chat_id,
                params,
                status,
                result,
                description,
                dropped,
            )
            self.calls.append(call)
            if self._log is not None and (call.ok or self._log_rejected):
                os.write(self._log, json.dumps(call_json(call)).encode() + b"\n")
            self.changed()
        return call

    def close_log(self) -> None:
        """Close the log file."""
        if self._log is not None:
            os.close(self._log)
            self._log = None
