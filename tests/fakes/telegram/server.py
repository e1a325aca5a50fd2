"""FakeTelegram: the fake served by uvicorn on loopback, in a thread or in the foreground."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import uvicorn

from .actions import Actions
from .control import Control
from .http import App


class _Server(uvicorn.Server):
    """uvicorn that says when it listens and drops its connections when it stops."""

    def __init__(self, config: uvicorn.Config, app: App, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._fake_app = app
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening."""
        await super().startup(sockets)
        self._fake_app.attach()
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop at once: long polls are answered, the rest is cut."""
        self._fake_app.detach()
        await asyncio.sleep(0)
        for connection in list(self.server_state.connections):
            transport: Any = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        await super().shutdown(sockets)


def _run(server: _Server, sock: socket.socket) -> None:
    factory = None
    if importlib.util.find_spec("uvloop"):
        factory = importlib.import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(server.serve(sockets=[sock]))


class FakeTelegram(Actions):
    """A Telegram of one bot: `with FakeTelegram() as tg:` serves it from a thread.

    `tg.url` and `tg.file_url` are python-telegram-bot's `base_url` and `base_file_url`.
    """

    port: int = 0
    _thread: threading.Thread | None = None
    _server: _Server | None = None

    @property
    def origin(self) -> str:
        """http://127.0.0.1:PORT."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The base URL of the Bot API, to which the token is appended."""
        return f"{self.origin}/bot"

    @property
    def file_url(self) -> str:
        """The base URL of file downloads, to which the token is appended."""
        return f"{self.origin}/file/bot"

    @property
    def control_url(self) -> str:
        """The base URL of the control API."""
        return f"{self.origin}/control"

    def __enter__(self) -> Self:
        """Start."""
        return self.start_server()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop and close the log."""
        self.stop_server()
        self.close_log()

    def start_server(self) -> Self:
        """Serve from a thread; after `stop_server` the same port is used again."""
        ready = threading.Event()
        server, sock = self._prepare(ready.set)

        def run() -> None:
            try:
                with contextlib.suppress(asyncio.CancelledError), sock:
                    _run(server, sock)
            finally:
                ready.set()

        self._thread = threading.Thread(target=run, name="fake-telegram", daemon=True)
        self._thread.start()
        if not ready.wait(10) or not server.started:
            raise RuntimeError("the fake Telegram did not start")
        return self

    def stop_server(self) -> None:
        """Stop serving (Telegram is unreachable); the world is kept."""
        if self._server and self._thread:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(10)
        self._server = self._thread = None

    def serve(self, ready: Callable[[], None]) -> None:
        """Serve in the foreground until a signal comes."""
        server, sock = self._prepare(ready)
        with sock:
            _run(server, sock)

    def _prepare(self, ready: Callable[[], None]) -> tuple[_Server, socket.socket]:
        # The protocol is named so that asyncio sets TCP_NODELAY; else answers wait 40 ms.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self.port))
        self.port = int(sock.getsockname()[1])
        app = App(self, Control(self))
        config = uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            date_header=False,
            server_header=False,
            backlog=2048,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config, app, ready)
        return self._server, sock
