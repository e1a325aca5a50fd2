"""The ASGI application: requests decoded with little work, answers as plain JSON."""

from __future__ import annotations

import asyncio
import functools
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from . import chats as _chats  # noqa: F401  (registers its methods)
from .control import Control
from .limits import Fault
from .methods import METHODS
from .model import ApiError, Json, Params, Upload
from .state import World
from .updates import ClientGone, Deliverer, Poller

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_FIELD = re.compile(rb'name="([^"]*)"')
_FILENAME = re.compile(rb'filename="([^"]*)"')
_TYPE = re.compile(rb"content-type:\s*([^\r\n]+)", re.IGNORECASE)
_JSON_TYPE = (b"content-type", b"application/json")


class _Dropped(Exception):
    """The connection is to be closed without an answer."""


async def read_body(receive: Receive) -> bytes:
    """Return the whole request body."""
    message = await receive()
    body = bytes(message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


def _multipart(content_type: bytes, body: bytes) -> Params:
    boundary = content_type.partition(b"boundary=")[2].partition(b";")[0].strip(b'" ')
    values: Json = {}
    files: dict[str, Upload] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, data = part[2:-2].partition(b"\r\n\r\n")
        field = _FIELD.search(head)
        if field is None:
            continue
        name = field[1].decode()
        filename, kind = _FILENAME.search(head), _TYPE.search(head)
        if filename is None:
            values[name] = data.decode()
        else:
            mime = kind[1].decode() if kind else "application/octet-stream"
            files[name] = Upload(filename[1].decode(), mime, data)
    return Params(values, files)


def parse_params(scope: Scope, body: bytes) -> Params:
    """Return the arguments from the query string and the body, in any of the four encodings."""
    values: Json = {}
    if scope["query_string"]:
        values = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    if not body:
        return Params(values)
    kind = next((v for k, v in scope["headers"] if k == b"content-type"), b"")
    if kind.startswith(b"application/json"):
        decoded = json.loads(body)
        if isinstance(decoded, dict):
            values.update(decoded)
        return Params(values)
    if kind.startswith(b"multipart/form-data"):
        parts = _multipart(kind, body)
        values.update(parts.values)
        return Params(values, parts.files)
    values.update(parse_qsl(body.decode(), keep_blank_values=True))
    return Params(values)


class App:
    """Bot API under /bot<token>/, files under /file/bot<token>/, the tests' own /control/."""

    def __init__(self, world: World, control: Control) -> None:
        self.world = world
        self.control = control
        self.poller = Poller(world)
        self.deliverer = Deliverer(world, self._execute)

    def attach(self) -> None:
        """Bind to the running loop."""
        loop = self.world.loop = asyncio.get_running_loop()

        def wake() -> None:
            self.poller.wake()
            self.deliverer.wake()

        def on_update() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(wake)

        self.world.on_update = on_update
        on_update()

    def detach(self) -> None:
        """Stop what runs in the background."""
        self.world.on_update = None
        self.deliverer.stop()
        self.poller.wake("stop")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path: str = scope["path"]
        if path.startswith("/bot"):
            await self._api(path[4:], scope, receive, send)
        elif path.startswith("/file/bot"):
            await self._file(path[9:], send)
        elif path.startswith("/control/"):
            query = dict(parse_qsl(scope["query_string"].decode()))
            body = await read_body(receive)
            status, out = await self.control.handle(path[9:], scope["method"], query, body)
            await _respond(send, status, json.dumps(out).encode())
        else:
            await _respond(send, 404, _failure(ApiError(404, "Not Found")))

    async def _file(self, path: str, send: Send) -> None:
        token, _, name = path.partition("/")
        stored = self.world.paths.get(name)
        if token not in self.world.tokens:
            await _respond(send, 401, _failure(ApiError(401, "Unauthorized")))
        elif stored is None:
            await _respond(send, 404, _failure(ApiError(404, "Not Found")))
        else:
            await _respond(send, 200, stored.data, b"application/octet-stream")

    async def _api(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, method = path.partition("/")
        body = await read_body(receive)
        try:
            if token not in self.world.tokens:
                raise ApiError(401, "Unauthorized")
            try:
                p = parse_params(scope, body)
            except ValueError:
                raise ApiError(400, "Bad Request: can't parse the request") from None
            answer = await self._call(method, p, receive)
        except ApiError as exc:
            await _respond(send, exc.status, _failure(exc))
        except _Dropped:
            await _drop(receive)
        except ClientGone:
            return
        else:
            await _respond(send, 200, answer)

    async def _call(self, method: str, p: Params, receive: Receive | None = None) -> bytes:
        key = method.lower()
        if key == "getupdates":
            name = "getUpdates"
        elif key in METHODS:
            name = METHODS[key][0]
        else:
            raise ApiError(404, "Not Found")
        fault = self.world.take_fault(name, p.chat_id)
        if fault:
            await self._before(fault, name, p)
        dropped = fault is not None and fault.drop == "after"
        answer = await self._handle(name, key, p, dropped, receive)
        if fault and fault.delay_after:
            await asyncio.sleep(fault.delay_after)
        if dropped:
            raise _Dropped
        return answer

    async def _before(self, fault: Fault, name: str, p: Params) -> None:
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drop == "before":
            raise _Dropped
        if error := fault.error():
            self.world.record(name, p.chat_id, p.values, error.status, None, error.description)
            raise error

    async def _handle(
        self, name: str, key: str, p: Params, dropped: bool, receive: Receive | None
    ) -> bytes:
        world = self.world
        try:
            if key == "getupdates":
                result: Any = await self.poller.get_updates(p, functools.partial(_hangup, receive))
                world.record(name, None, p.values, 200, result, None, dropped)
            else:
                with world.lock:
                    result = METHODS[key][1](world, p)
                    world.record(name, p.chat_id, p.values, 200, result, None, dropped)
        except ApiError as exc:
            world.record(name, p.chat_id, p.values, exc.status, None, exc.description, dropped)
            if dropped:
                raise _Dropped from exc
            raise
        return b'{"ok":true,"result":' + json.dumps(result).encode() + b"}"

    async def _execute(self, reply: Json) -> None:
        """Run the call a webhook's answer may contain; its outcome is not reported."""
        try:
            await self._call(str(reply.pop("method")), Params(reply))
        except (ApiError, _Dropped):
            return


def _failure(error: ApiError) -> bytes:
    out: Json = {
        "ok": False,
        "error_code": error.status,
        "description": error.description,
    }
    if error.parameters:
        out["parameters"] = error.parameters
    return json.dumps(out).encode()


async def _respond(
    send: Send, status: int, body: bytes, content_type: bytes = b"application/json"
) -> None:
    kind = _JSON_TYPE if content_type == _JSON_TYPE[1] else (b"content-type", content_type)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [kind, (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def _hangup(receive: Receive | None) -> None:
    """Return when the client closes the connection."""
    if receive is None:
        await asyncio.Future()
    else:
        while (await receive())["type"] != "http.disconnect":
            pass


async def _drop(receive: Receive) -> None:
    """Close the connection at the transport: ASGI has no word for it, uvicorn's cycle has one."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("dropping connections needs uvicorn")
    transport.abort()
    await _hangup(receive)
