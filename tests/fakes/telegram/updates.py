"""getUpdates and webhooks: how updates reach the bot."""

from __future__ import annotations

import asyncio
import functools
import json
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .methods import method
from .model import ApiError, Json, Params, Pending, Webhook, bad
from .state import World

_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_MAX_POLL = 50
GONE = "gone"
_BUSY = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
_HOOKED = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


def _allowed(world: World, p: Params) -> None:
    kinds = p.decoded("allowed_updates", "can't parse allowed updates JSON object")
    if kinds is not None:
        world.allowed = [str(kind) for kind in kinds] or None


def _end(waiting: asyncio.Future[str], _: object) -> None:
    if not waiting.done():
        waiting.set_result(GONE)


class ClientGone(Exception):
    """The client closed its connection while it waited."""


class Poller:
    """getUpdates with long polling; the newest poller ends the one before (as Telegram does).

    With `world.conflict_terminates = "newer"` it is the newcomer that gets the 409.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._waiting: asyncio.Future[str] | None = None

    def wake(self, reason: str = "update") -> None:
        """End the wait of the present poller; runs in the server's loop."""
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(reason)

    async def get_updates(self, p: Params, gone: Callable[[], Awaitable[None]]) -> list[Json]:
        """Return pending updates, waiting for one at most `timeout` seconds.

        `gone` returns when the client hangs up: then it polls no more.
        """
        world = self.world
        offset, timeout = p.integer("offset"), min(p.integer("timeout"), _MAX_POLL)
        limit = min(max(p.integer("limit", 100), 1), 100)
        with world.lock:
            if world.webhook.url:
                raise ApiError(409, _HOOKED)
            _allowed(world, p)
            self._acknowledge(offset)
            found = self._take(limit)
            if found or timeout <= 0:
                return found
            if self._waiting and not self._waiting.done():
                if world.conflict_terminates == "newer":
                    raise ApiError(409, _BUSY)
                self._waiting.set_result(_BUSY)
            waiting = self._waiting = asyncio.get_running_loop().create_future()
            world.polling = True
            world.changed()
        hung_up = asyncio.ensure_future(gone())
        hung_up.add_done_callback(functools.partial(_end, waiting))
        try:
            reason = await asyncio.wait_for(waiting, timeout)
        except TimeoutError:
            reason = "timeout"
        finally:
            hung_up.cancel()
            with world.lock:
                if self._waiting is waiting:
                    self._waiting = None
                    world.polling = False
                    world.changed()
        with world.lock:
            if world.webhook.url:
                reason = "Conflict: terminated by setWebhook request"
            if reason.startswith("Conflict"):
                raise ApiError(409, reason)
            if reason == GONE:
                raise ClientGone
            return self._take(limit)

    def _acknowledge(self, offset: int) -> None:
        pending = self.world.pending
        if offset < 0:
            while len(pending) > -offset:
                pending.popleft()
        while pending and pending[0].update["update_id"] < offset:
            pending.popleft()
        self.world.changed()

    def _take(self, limit: int) -> list[Json]:
        taken = list(islice(self.world.pending, limit))
        for item in taken:
            item.attempts += 1
        return [item.update for item in taken]


@method("setWebhook")
def set_webhook(world: World, p: Params) -> bool:
    """Set where updates are posted; an empty url removes it."""
    url, secret = p.text("url"), p.text("secret_token")
    if not url:
        return bool(delete_webhook(world, p))
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if parts.hostname not in world.webhook_hosts:
        raise bad("bad webhook: Failed to resolve host: Name or service not known")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    _allowed(world, p)
    if p.flag("drop_pending_updates"):
        world.pending.clear()
    many = min(max(p.integer("max_connections", 1), 1), 100)
    world.webhook = Webhook(url, secret, many, world.allowed)
    if world.on_update:
        world.on_update()
    return True


@method("deleteWebhook")
def delete_webhook(world: World, p: Params) -> bool:
    """Go back to getUpdates; pending updates stay unless dropped."""
    world.webhook = Webhook()
    if p.flag("drop_pending_updates"):
        world.pending.clear()
    return True


@method("getWebhookInfo")
def get_webhook_info(world: World, p: Params) -> Json:
    """Return the webhook and how its deliveries go."""
    hook = world.webhook
    out: Json = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.pending),
    }
    if hook.url:
        out |= {"max_connections": hook.max_connections, "ip_address": "127.0.0.1"}
    if world.allowed:
        out["allowed_updates"] = world.allowed
    if hook.last_error_date:
        out["last_error_date"] = hook.last_error_date
        out["last_error_message"] = hook.last_error_message
    return out


class _Connection:
    """A kept-alive HTTP/1.1 connection to the webhook: far cheaper than a full client."""

    def __init__(self, target: SplitResult) -> None:
        self.target = target
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def post(self, body: bytes, secret: str) -> tuple[int, bytes]:
        """Return the status and body of the answer."""
        if self.reader is None or self.writer is None or self.reader.at_eof():
            self.close()
            tls = self.target.scheme == "https"
            port = self.target.port or (443 if tls else 80)
            self.reader, self.writer = await asyncio.open_connection(
                self.target.hostname, port, ssl=tls or None
            )
        path = (self.target.path or "/") + (f"?{self.target.query}" if self.target.query else "")
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.target.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Connection: keep-alive\r\n"
        )
        if secret:
            head += f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        return await self._answer(self.reader)

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        headers = dict(line.split(":", 1) for line in lines[1:] if ":" in line)
        body = b""
        if "chunked" in headers.get("transfer-encoding", ""):
            while size := int((await reader.readline()).split(b";")[0], 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        elif length := int(headers.get("content-length", "0")):
            body = await reader.readexactly(length)
        if "close" in headers.get("connection", ""):
            self.close()
        return status, body

    def close(self) -> None:
        """Drop the connection."""
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


class Deliverer:
    """Posts pending updates to the webhook: in order per chat, each until it gets a 2xx."""

    def __init__(self, world: World, execute: Callable[[Json], Awaitable[None]]) -> None:
        self.world = world
        self.execute = execute
        self._hook = world.webhook
        self._workers: set[asyncio.Task[None]] = set()
        self._busy: set[int] = set()
        self._idle: list[_Connection] = []

    def wake(self) -> None:
        """Start as many workers as there is work for; runs in the server's loop."""
        world = self.world
        if world.webhook is not self._hook:
            self.stop()
            self._hook = world.webhook
        if not self._hook.url:
            return
        working = sum(not task.done() for task in self._workers)
        spare = min(self._hook.max_connections, len(world.pending)) - working
        for _ in range(spare):
            task = asyncio.get_running_loop().create_task(self._work(self._hook))
            self._workers.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._workers.discard(task)

    def stop(self) -> None:
        """Stop delivering."""
        for task in self._workers:
            task.cancel()
        for connection in self._idle:
            connection.close()
        self._workers, self._busy, self._idle = set(), set(), []

    def _next(self, hook: Webhook) -> Pending | None:
        with self.world.lock:
            if self.world.webhook is not hook:
                return None
            for item in self.world.pending:
                if item.key not in self._busy:
                    return item
                if hook.max_connections == 1:
                    return None
        return None

    async def _work(self, hook: Webhook) -> None:
        busy, idle = self._busy, self._idle
        connection = idle.pop() if idle else _Connection(urlsplit(hook.url))
        try:
            while item := self._next(hook):
                busy.add(item.key)
                try:
                    await self._deliver(hook, connection, item)
                finally:
                    busy.discard(item.key)
        except BaseException:
            connection.close()
            raise
        idle.append(connection)

    async def _deliver(self, hook: Webhook, connection: _Connection, item: Pending) -> None:
        world = self.world
        body = json.dumps(item.update).encode()
        pause = world.webhook_retry
        while world.webhook is hook:
            status, answer, error = await self._attempt(hook, connection, body)
            with world.lock:
                item.attempts += 1
                world.webhook_deliveries.append((int(item.update["update_id"]), status))
                if 200 <= status < 300:
                    if item in world.pending:
                        world.pending.remove(item)
                    world.changed()
                    break
                hook.last_error_date = int(world.now())
                hook.last_error_message = error
                world.changed()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)
        else:
            return
        if answer.startswith(b"{") and b'"method"' in answer:
            await self.execute(json.loads(answer))

    async def _attempt(
        self, hook: Webhook, connection: _Connection, body: bytes
    ) -> tuple[int, bytes, str]:
        error = ""
        try:
            async with asyncio.timeout(self.world.webhook_timeout):
                status, answer = await connection.post(body, hook.secret)
        except TimeoutError:
            status, answer, error = 0, b"", "Read timeout expired"
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as exc:
            refused = isinstance(exc, ConnectionRefusedError)
            status, answer = 0, b""
            error = "Connection refused" if refused else "Connection reset by peer"
        if error:
            connection.close()
        elif not 200 <= status < 300:
            known: Any = {s.value: s.phrase for s in HTTPStatus}
            error = f"Wrong response from the webhook: {status} {known.get(status, '')}".strip()
        return status, answer, error
