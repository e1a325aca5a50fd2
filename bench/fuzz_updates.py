"""Hostile updates: `python -m bench.fuzz_updates --channel telegram --count 100000 --seed 1`.

A whole program in this process takes random and mutated updates of one channel (telegram, zalo_oa,
zalo_bot, web) through its real HTTP routes; what it says goes to a platform that agrees to
everything and keeps nothing. Counted: answers of 5xx, exceptions that got out of a route, a task or
a conversation, conversations that are stuck (every chat that was touched must answer a plain
question afterwards), and how much memory the process has, every 10,000 updates.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr
from sqlalchemy import func, select

from bench import fuzz_shapes as shapes
from bot.app import Program, build, make_app, open_runtime, running
from bot.channels.zalo_bot.inward import PATH as BOT_PATH
from bot.channels.zalo_oa.inward import PATH as OA_PATH
from bot.models.schema import chats, inbox, outbox
from bot.settings import ROOT, Settings, TelegramMode, UpdateMode
from bot.store import zalo_tokens
from bot.store.zalo_tokens import Pair
from tests.fakes.telegram import DEFAULT_TOKEN
from tests.process import WEBHOOK_SECRET, with_model
from tests.support import Clock
from tests.zalo.bot_fake import SECRET as BOT_SECRET
from tests.zalo.bot_fake import TOKEN as BOT_TOKEN
from tests.zalo.oa_fake import APP_ID, OA_ID, sign
from tests.zalo.oa_fake import settings as oa_settings

CHANNELS = ("telegram", "zalo_oa", "zalo_bot", "web")
_CHATS = 60
_EVERY = 10_000
_AT_ONCE = 8
_LIFE = timedelta(days=4000)
_QUESTION = "menu"
_LOUD = frozenset({"error", "critical", "exception"})


@dataclass
class Found:
    """What came of it. `memory` is in MB, by how many updates had come."""

    statuses: Counter[int] = field(default_factory=Counter)
    escaped: Counter[str] = field(default_factory=Counter)
    loud: Counter[str] = field(default_factory=Counter)
    memory: dict[int, float] = field(default_factory=dict)
    touched: int = 0
    stuck: list[str] = field(default_factory=list)
    set_aside: int = 0
    waiting: int = 0
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong but what memory says."""
        bad = any(status >= 500 for status in self.statuses)
        return not (
            bad or self.escaped or self.loud or self.stuck or self.set_aside or self.waiting
        )


# A platform that agrees to everything -------------------------------------------------------------


def _platform() -> FastAPI:
    app = FastAPI(openapi_url=None)
    numbers = iter(range(1, 10**9))

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def anything(path: str, request: Request) -> Response:
        method = path.rsplit("/", 1)[-1]
        number = next(numbers)
        result: Any = True
        if method.startswith("send") and "action" not in method.lower():
            chat = {"id": 1, "type": "private"}
            result = {"message_id": number, "date": 1_760_000_000, "chat": chat, "text": "x"}
        elif method == "getFile":
            result = {"file_id": "f", "file_unique_id": "u", "file_path": "photos/x.jpg"}
        data = {"message_id": str(number), "attachment_id": "a"}
        body = {"ok": True, "result": result, "error": 0, "data": data}
        return Response(json.dumps(body), media_type="application/json")

    return app


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


# The program --------------------------------------------------------------------------------------


def _settings(channel: str, var_dir: Path, content: Path, platform: str) -> Settings:
    more: dict[str, Any] = {}
    if channel == "telegram":
        more = {
            "telegram_token": DEFAULT_TOKEN,
            "telegram_api_url": platform,
            "telegram_mode": TelegramMode.WEBHOOK,
            "telegram_webhook_secret": WEBHOOK_SECRET,
        }
    elif channel == "zalo_oa":
        more = {**oa_settings(platform), "zalo_oa_per_minute": 100_000}
    elif channel == "zalo_bot":
        more = {
            "zalo_bot_token": BOT_TOKEN,
            "zalo_bot_api_url": platform,
            "zalo_bot_mode": UpdateMode.WEBHOOK,
            "zalo_bot_webhook_secret": BOT_SECRET,
            "zalo_bot_people_most": 0,
            "zalo_bot_month_most": 0,
        }
    values: dict[str, Any] = {
        "var_dir": var_dir,
        "content_dir": content,
        "public_url": "http://bot",
        "web_messages_per_minute": 10**9,
        "send_per_second": 0,
        "send_per_chat_second": 0,
        "send_per_group_minute": 0,
        "messages_per_minute": 0,
        **{k: SecretStr(v) if k.endswith("_secret") else v for k, v in more.items()},
    }
    return Settings(_env_file=None, **values)


def _open(settings: Settings, channel: str, clock: Clock) -> Program:
    runtime = replace(open_runtime(settings), now=clock)
    if channel == "zalo_oa":
        now = clock()
        pair = Pair("access", "refresh", now + _LIFE, now + _LIFE)
        runtime.db.write_now(
            lambda c: zalo_tokens.connect(c, runtime.vault, APP_ID, OA_ID, pair, now)
        )
    program = build(settings, runtime)
    # Nothing by the real clock: what is due is asked for below.
    program.jobs.schedule = lambda *_: AsyncIOScheduler()  # type: ignore[method-assign]
    return program


class Fuzz:
    """One channel's updates into one program."""

    def __init__(self, channel: str, seed: int, program: Program, found: Found) -> None:
        self.channel, self.program, self.found = channel, program, found
        self.dice = random.Random(seed)
        self._number = 0
        transport = httpx.ASGITransport(make_app(program), raise_app_exceptions=True)
        self._clients = [
            httpx.AsyncClient(transport=transport, base_url="http://bot", timeout=120)
            for _ in range(_CHATS if channel == "web" else 1)
        ]

    async def close(self) -> None:
        """Give the clients back."""
        for client in self._clients:
            await client.aclose()

    async def begin(self) -> None:
        """What comes before the first update."""
        if self.channel == "web":
            for client in self._clients:
                await client.post("/chat/open", headers={"Origin": "http://bot"})

    def next(self, *, plain: str = "", chat: int | None = None) -> Coroutine[Any, Any, None]:
        """The next update on its way; with `plain` an ordinary text of a chat."""
        self._number += 1
        dice = self.dice
        who = dice.randrange(_CHATS) if chat is None else chat
        if self.channel == "web":
            return self._web(who, plain)
        update = self._update(who, plain)
        if not plain and dice.random() < 0.3:
            update = shapes.mutated(update, dice)
        body = shapes.as_bytes(update)
        if not plain and dice.random() < 0.03:
            body = shapes.torn(body, dice)
        if not plain and dice.random() < 0.03:
            # The same once more, as platforms do.
            self._number -= 1
        return self._post(body, update)

    def _update(self, who: int, plain: str) -> shapes.Json:
        number, dice = self._number, self.dice
        if self.channel == "telegram":
            update = shapes.telegram(dice, number, 1000 + who)
            if plain:
                person = {"id": 1000 + who, "is_bot": False, "first_name": "N"}
                chat = {"id": 1000 + who, "type": "private", "first_name": "N"}
                message = {"message_id": number, "date": 1_760_000_000, "chat": chat}
                update = {
                    "update_id": number,
                    "message": {**message, "from": person, "text": plain},
                }
            return update
        if self.channel == "zalo_oa":
            now = int(self.program.runtime.now().timestamp()) * 1000
            update = shapes.zalo_oa(dice, number, who, APP_ID, OA_ID, now)
            if plain:
                user = str(2_512_523_625_000_000 + who)
                message = {"msg_id": f"p{number}", "text": plain}
                told = {"event_name": "user_send_text", "sender": {"id": user}, "message": message}
                update = {"app_id": APP_ID, "timestamp": str(now + number), **told}
                update["recipient"] = {"id": OA_ID}
            return update
        update = shapes.zalo_bot(dice, number, who)
        if plain:
            user = f"6ede9afa66b88fe6d6a{who:05d}"
            message = {"from": {"id": user}, "chat": {"id": user, "chat_type": "PRIVATE"}}
            message |= {"message_id": f"p{number}", "date": 1_750_316_131_602, "text": plain}
            update = {"event_name": "message.text.received", "message": message}
        return update

    async def _post(self, body: bytes, update: shapes.Json) -> None:
        path, headers = "/telegram/webhook", {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
        if self.channel == "zalo_oa":
            stamp = str(update.get("timestamp", ""))
            path, headers = OA_PATH, {"X-ZEvent-Signature": sign(body, stamp)}
        elif self.channel == "zalo_bot":
            path, headers = BOT_PATH, {"X-Bot-Api-Secret-Token": BOT_SECRET}
        await self._call(self._clients[0], "POST", path, content=body, headers=headers)

    async def _web(self, who: int, plain: str) -> None:
        dice, client = self.dice, self._clients[who]
        method, path, body = shapes.web(dice)
        if plain:
            number = f"00000000-0000-4000-8000-{self._number:012d}"
            method, path, body = "POST", "/chat/messages", {"id": number, "text": plain}
        content = shapes.as_bytes(body)
        if not plain and dice.random() < 0.2:
            content = shapes.as_bytes(shapes.mutated(body, dice))
        if not plain and dice.random() < 0.03:
            content = shapes.torn(content, dice)
        headers = {"Origin": "http://bot"}
        await self._call(client, method, path, content=content, headers=headers)

    async def _call(self, client: httpx.AsyncClient, method: str, path: str, **more: Any) -> None:
        try:
            answer = await client.request(method, path, **more)
        except (httpx.InvalidURL, UnicodeEncodeError):
            # No such request can be made.
            return
        except Exception as error:  # noqa: BLE001 - this is what is being looked for
            self.found.escaped[f"route {path[:20]}: {type(error).__name__}"] += 1
        else:
            self.found.statuses[answer.status_code] += 1

    # Afterwards ------------------------------------------------------------------------------

    async def settled(self) -> None:
        """Return when nothing is in hand."""
        for _ in range(4):
            await self.program.conversations.idle()
            await self.program.delivery.idle()

    async def due(self) -> None:
        """What is due by the clock."""
        await self.program.conversations.fire_timers()
        await self.program.conversations.poll()
        await self.program.delivery.poll()
        await self.settled()

    async def ask_everybody(self) -> None:
        """Each chat that was touched answers a plain question."""
        db = self.program.runtime.db
        said = select(outbox.c.chat_id, func.max(outbox.c.seq)).group_by(outbox.c.chat_id)

        async def answers() -> dict[int, int]:
            rows = await db.read(lambda c: c.execute(said).all())
            return {row[0]: row[1] for row in rows}

        wanted = (chats.c.channel == self.channel) & chats.c.is_group.is_(False)
        query = select(chats.c.id, chats.c.external_id).where(wanted)
        for who in range(_CHATS):
            await self.next(plain="/start", chat=who)
            await self.settled()
        before = await answers()
        for who in range(_CHATS):
            await self.next(plain=_QUESTION, chat=who)
            await self.settled()
        after = await answers()
        every = {str(name): chat for chat, name in await db.read(lambda c: c.execute(query).all())}
        mine = [chat for name, chat in every.items() if self._ours(name)]
        self.found.touched = len(mine)
        self.found.stuck = [str(c) for c in mine if after.get(c, 0) <= before.get(c, 0)]

    def _ours(self, name: str) -> bool:
        """Whether this is one of the chats written to on purpose, not one a mutation made up."""
        if self.channel == "telegram":
            return name.isdecimal() and 1000 <= int(name) < 1000 + _CHATS
        if self.channel == "zalo_oa":
            return name.isdecimal() and 0 <= int(name) - 2_512_523_625_000_000 < _CHATS
        return self.channel == "web" or name.startswith("6ede9afa66b88fe6d6a")


async def run(channel: str, count: int, seed: int, folder: Path, content: Path) -> Found:
    """Send `count` updates of a channel; what came of it."""
    found, clock, began = Found(), Clock(), time.monotonic()

    def heard(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if event.get("level") in _LOUD:
            found.loud[f"{event['event']}: {event.get('error', '')}"] += 1
        raise structlog.DropEvent

    structlog.configure(processors=[structlog.processors.add_log_level, heard])
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, told: _note(found, told))
    async with AsyncExitStack() as stack:
        stack.callback(structlog.reset_defaults)
        platform = await stack.enter_async_context(_served(_platform()))
        settings = _settings(channel, with_model(folder / "var"), content, platform)
        program = _open(settings, channel, clock)
        stack.callback(program.close)
        await stack.enter_async_context(running(program))
        if not await program.understanding.wait_ready(60):
            raise RuntimeError("the engine did not start")
        fuzz = Fuzz(channel, seed, program, found)
        stack.push_async_callback(fuzz.close)
        await fuzz.begin()
        await _send(fuzz, count, clock)
        await fuzz.due()
        await fuzz.ask_everybody()
        read = program.runtime.db.read
        aside = select(func.count()).select_from(inbox).where(inbox.c.error.is_not(None))
        waits = select(func.count()).select_from(inbox).where(inbox.c.handled_at.is_(None))
        found.set_aside = int(await read(lambda c: c.execute(aside).scalar_one()))
        found.waiting = int(await read(lambda c: c.execute(waits).scalar_one()))
    found.seconds = time.monotonic() - began
    return found


async def _send(fuzz: Fuzz, count: int, clock: Clock) -> None:
    for sent in range(0, count, _AT_ONCE):
        batch = [fuzz.next() for _ in range(min(_AT_ONCE, count - sent))]
        await asyncio.gather(*batch)
        clock.forward(5)
        if sent % 200 < _AT_ONCE:
            await fuzz.settled()
        if sent % 1000 < _AT_ONCE:
            await fuzz.due()
        if sent % _EVERY < _AT_ONCE:
            gc.collect()
            fuzz.found.memory[sent] = _resident()
    fuzz.found.memory[count] = _resident()


def _resident() -> float:
    """Memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _note(found: Found, told: dict[str, Any]) -> None:
    error = told.get("exception")
    found.escaped[f"task: {type(error).__name__}: {told.get('message', '')[:60]}"] += 1


def report(channel: str, count: int, seed: int, found: Found, write: Callable[[str], None]) -> None:
    """Say what came of it."""
    statuses = ", ".join(f"{k}: {v}" for k, v in sorted(found.statuses.items()))
    memory = ", ".join(f"{k}: {v:.0f}" for k, v in found.memory.items())
    write(f"{channel}: {count} updates, seed {seed}, {found.seconds:.0f} s; answers {statuses}")
    write(f"  memory, MB by updates: {memory}")
    write(f"  chats: {found.touched}, stuck: {len(found.stuck)} {found.stuck[:10]}")
    write(f"  set aside: {found.set_aside}, still waiting: {found.waiting}")
    write(
        f"  exceptions that got out: {dict(found.escaped) or 0}; logged errors: {dict(found.loud)}"
    )


def main() -> None:
    """Print the report; exit code 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channel", choices=(*CHANNELS, "all"), default="all")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    sound = True
    for channel in CHANNELS if arguments.channel == "all" else (arguments.channel,):
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            found = asyncio.run(
                run(channel, arguments.count, arguments.seed, Path(folder), ROOT / "content")
            )
        report(channel, arguments.count, arguments.seed, found, print)
        sound = sound and found.sound
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
