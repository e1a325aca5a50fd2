"""Serving: the port first, then everything behind it, and a stop that loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from types import FrameType

import uvicorn
from fastapi import FastAPI

from bot.app import Program, build, make_app, probe_app, running
from bot.errors import StartupError
from bot.services.parts import Part
from bot.settings import Settings

_GRACE_SECONDS = 5
_SWITCH_SECONDS = 0.0005


class _Server(uvicorn.Server):
    """Ends the open streams as soon as a signal comes, since they never end by themselves."""

    def __init__(self, config: uvicorn.Config, program: Program) -> None:
        super().__init__(config)
        self._program = program

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say where, once everything behind the page is at work."""
        await super().startup(sockets)
        for listening in sockets or []:
            host, port = listening.getsockname()[:2]
            part = self._program.part
            hint = "staff: /staff" if part.serves else f"{part}: /readyz, /metrics"
            print(f"congdanso: http://{host}:{port}  ({hint})", file=sys.stderr, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGINT or SIGTERM: stop in order; a second Ctrl-C does not wait for open requests.

        The parent's method would raise the signal again after serving, which ends the process
        before conversations in hand are finished and leases given back.
        """
        self._program.hub.close()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def bind(settings: Settings) -> socket.socket:
    """The listening socket. StartupError when the port is taken or the address is not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named, because asyncio sets TCP_NODELAY only then (40 ms stalls otherwise).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        raise StartupError(
            f"port {settings.port} on {settings.host} cannot be used ({error.strerror}); "
            "stop the other program, or set CONGDANSO_PORT to a free port"
        ) from error
    return listening


def settle() -> None:
    """Leave what a program is made of out of the garbage collection from now on.

    Content and classes stay to the end: looking through them again and again stops every
    conversation for a tenth of a second and more. What is replaced later is freed by its count.
    """
    gc.collect()
    gc.freeze()


def serve(settings: Settings, part: Part = Part.ALL) -> None:
    """Serve until told to stop. Raises StartupError, SettingsError, ContentError or StoreError."""
    with contextlib.closing(bind(settings)) as listening:
        port = listening.getsockname()[1]
        if settings.port == 0 and not settings.public_url:
            settings = settings.model_copy(update={"port": port})
        program = build(settings, part=part, hurry=True)
        app = make_app(program) if part.serves else probe_app(program)
        _run(program, lambda: _serve(program, app, listening))


def work(settings: Settings, part: Part) -> None:
    """Run a part that nobody talks with, without a port, until told to stop. Raises as `serve`."""
    program = build(settings, part=part, hurry=True)
    _run(program, lambda: _work(program))


def _run(program: Program, main: Callable[[], Coroutine[None, None, None]]) -> None:
    settle()
    # It was held off while the program was put together.
    gc.enable()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(main())
    finally:
        program.close()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed (not on Windows): a third less time spent in the event loop."""
    # The database's thread and the event loop's share one interpreter lock: hand it over sooner
    # than after the default 5 ms, or each waits for the other's whole turn.
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _work(program: Program) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(program) as tasks:
        print(f"congdanso: {program.part} {program.runtime.owner}", file=sys.stderr, flush=True)
        for task in tasks:
            task.add_done_callback(lambda task: None if task.cancelled() else _stop_if(task, stop))
        await stop.wait()
        _raise_failed(tasks)


def _stop_if(task: asyncio.Task[None], stop: asyncio.Event) -> None:
    if task.exception() is not None:
        stop.set()


def _raise_failed(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done() and not task.cancelled():
            # Wrong training data, say: the program's own words, and exit code 2.
            task.result()


async def _serve(program: Program, app: FastAPI, listening: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        # Paths hold helpers' signed links: they are not for a log.
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config, program)
    async with running(program) as tasks:
        for task in tasks:
            task.add_done_callback(lambda task: _stop_on_failure(task, server))
        await server.serve(sockets=[listening])
        _raise_failed(tasks)


def _stop_on_failure(task: asyncio.Task[None], server: uvicorn.Server) -> None:
    """A program half of which is dead would be silent; stopped, it is started again and seen."""
    if not task.cancelled() and task.exception() is not None:
        server.should_exit = True
