"""The whole program in this process with real HTTP around it: a platform's fake, the served pages.

Nothing is done by the real clock: an act of somebody is over when everything that comes of it is.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection, func, select, text

from bot.app import Program, build, make_app, open_runtime, running
from bot.models.schema import inbox
from bot.settings import Settings
from bot.store import alerts, tickets
from tests.fakes.telegram import DEFAULT_TOKEN, FakeTelegram
from tests.support import START, Clock

T = TypeVar("T")
PATIENCE = 30.0
_WAITING = select(func.count(inbox.c.id)).where(inbox.c.handled_at.is_(None))
_SIX_DIGITS = text("INSERT INTO sqlite_sequence (name, seq) VALUES ('inbox', 500000)")
PUBLIC = "https://tro-ly.example.vn"
#: Members of teams are on Telegram where the citizen's channel knows no accounts.
_TELEGRAM_IDS = 1001


class House:
    """One program. `extra` are the settings of a platform besides Telegram."""

    def __init__(self, var_dir: Path, content: Path, **extra: Any) -> None:
        self._stack = ExitStack()
        self.tg = self._stack.enter_context(FakeTelegram(rate_limits=False))
        self.clock = Clock()
        self._ids = iter(range(_TELEGRAM_IDS, 100_000))
        settings = Settings(
            _env_file=None,
            var_dir=var_dir,
            content_dir=content,
            public_url=PUBLIC,
            web_messages_per_minute=10_000,
            telegram_token=DEFAULT_TOKEN,
            telegram_api_url=self.tg.url,
            send_per_second=0,
            send_per_chat_second=0,
            send_per_group_minute=0,
            messages_per_minute=0,
            **extra,
        )
        runtime = replace(open_runtime(settings), now=self.clock)
        # A ticket has the number of an event: of six digits, it is found in any text.
        runtime.db.write_now(lambda c: c.execute(_SIX_DIGITS))
        self.program: Program = build(settings, runtime)
        # What is due is done by `later`, when a script says so.
        self.program.jobs.schedule = lambda *_: AsyncIOScheduler()  # type: ignore[method-assign]
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        # Whoever comes before the server does waits for it.
        self._socket.listen(512)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the program did not start"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self.program.close()
        self._stack.close()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = make_app(self.program)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        async with running(self.program):
            assert await self.program.understanding.wait_ready(PATIENCE)
            serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
            self._ready.set()
            await serving

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something where the program runs."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def settle(self) -> None:
        """Return when nothing is in hand any more."""
        self.do(self._settled())

    async def _settled(self) -> None:
        for _ in range(4):
            await self.program.conversations.idle()
            await self.program.delivery.idle()

    def later(self, seconds: float) -> None:
        """The clock goes on, and what is due then is done."""
        self.clock.forward(seconds)
        self.do(self._due())

    async def _due(self) -> None:
        program = self.program
        await program.conversations.fire_timers()
        await program.jobs._alerts.tick()
        await program.conversations.poll()
        await program.delivery.poll()
        await self._settled()

    def morning(self) -> None:
        """Every script begins at the same hour."""
        self.clock.at = START

    # The database ----------------------------------------------------------------------------

    def read(self, work: Callable[[Connection], T]) -> T:
        """Read."""
        return self.program.runtime.db.read_now(work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Write."""
        return self.program.runtime.db.write_now(work)

    def kept(self) -> int:
        """How many events were ever kept."""
        return self.read(lambda c: int(c.execute(select(func.count(inbox.c.id))).scalar_one()))

    def until_kept(self, before: int) -> None:
        """Return when one more event than before is on disk and handled (Telegram is polled)."""
        deadline = time.monotonic() + PATIENCE
        while self.kept() <= before or self.read(lambda c: c.execute(_WAITING).scalar_one()):
            assert time.monotonic() < deadline, "an update was never kept"
            time.sleep(0.002)

    # People of the town ----------------------------------------------------------------------

    def telegram_id(self) -> int:
        """The number of somebody new on Telegram."""
        return next(self._ids)

    def team(self, commune: str) -> int:
        """A new team that serves a commune and has no group."""
        now = self.clock()
        name = f"Tổ {commune}"
        return self.write(lambda c: tickets.add_team(c, name, commune, None, now))

    def member(self, team: int, name: str) -> int:
        """A new member who has joined nowhere yet."""
        now = self.clock()
        return self.write(lambda c: tickets.add_member(c, team, name, None, now))

    def alert(self, words: str) -> None:
        """Staff send an alert to everybody."""
        now = self.clock()

        def work(c: Connection) -> None:
            until = now.replace(year=now.year + 1)
            number = alerts.write(
                c,
                text=words,
                until=until,
                picture=None,
                width=0,
                height=0,
                written_by="lan",
                written_at=now,
            )
            alerts.begin(c, number, "minh", 1, now)

        self.write(work)
        self.do(self._due())
