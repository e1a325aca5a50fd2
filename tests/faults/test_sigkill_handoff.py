"""Two workers on one PostgreSQL, one of them killed while tickets are opened, taken, talked on.

Four members try to take every ticket at the same moment, through both workers. The fake server's
log says what people were told, the database what was kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from bench.load import read_log, text_update
from bot.store.db import Database, make_engine
from bot.store.tickets import add_member, add_team
from tests.databases import Postgres
from tests.fakes.telegram import RemoteTelegram
from tests.faults.test_sigkill_two_workers import _in_flight
from tests.process import WEBHOOK_SECRET, Served, telegram_settings, with_model

pytestmark = pytest.mark.faults
_HEADERS = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET, "Content-Type": "application/json"}
_QUICK = {"CONGDANSO_LEASE_SECONDS": "1.5", "CONGDANSO_POLL_SECONDS": "0.2"}
_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
CITIZENS = [7_100_000 + n for n in range(12)]
MEMBERS = {7_200_000 + n: f"Anh {name}" for n, name in enumerate(("Hùng", "Ba", "Tư", "Năm"))}
_OPENED = re.compile(r"Đã ghi phiếu số (\d+)")
_PATIENCE = 90.0


@pytest.fixture
def shared_database(postgres: Postgres) -> Iterator[str]:
    """An empty migrated PostgreSQL database for both workers, with a team of four."""
    with postgres.database() as url:
        database = Database(make_engine(url))
        now = datetime.now(UTC)
        try:
            team = database.write_now(lambda c: add_team(c, "Tổ trực", "", None, now))
            for account, name in MEMBERS.items():
                database.write_now(
                    lambda c, a=str(account), n=name: add_member(c, team, n, a, now)  # type: ignore[misc]
                )
        finally:
            database.close()
        yield url


@dataclass
class Talk:
    """Writes as people do, each to one of the workers, and reads what they were told."""

    workers: list[Served]
    log: Path
    seed: int
    kill_at: int
    client: httpx.AsyncClient = field(init=False)
    due: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0
    _next: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def say(self, chat: int, text: str) -> None:
        """Deliver an update until it is taken, as Telegram does."""
        self._next += 1
        body = text_update(self._next, chat, text)
        while True:
            worker = self._random.choice(self.workers)
            with contextlib.suppress(httpx.TransportError):
                url = f"{worker.url}/telegram/webhook"
                answer = await self.client.post(url, content=body, headers=_HEADERS)
                if answer.status_code == 200:
                    break
            await asyncio.sleep(0.01)
        self.sent += 1
        if self.sent == self.kill_at:
            self.due.set()

    def told(self, chat: int) -> list[str]:
        """The texts that came to a chat, in order."""
        return [
            call["params"]["text"]
            for call in read_log(self.log)
            if call["method"] == "sendMessage" and call["chat_id"] == chat
        ]

    async def hears(self, chat: int, words: str) -> str:
        """The first text to a chat with these words, when it has come."""
        for _ in range(int(_PATIENCE / 0.1)):
            found = next((text for text in self.told(chat) if words in text), None)
            if found is not None:
                return found
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{words!r} to {chat}: {self.told(chat)}")

    async def ask(self, chat: int) -> int:
        """Ask for a person; the ticket's number."""
        for text, answer in (
            ("/start", "Chào"),
            ("gặp người", "đồng ý không"),
            ("1", "gọi anh/chị là gì"),
            (f"cô Số {chat}", "gọi điện, hay nhắn trả lời"),
            ("2", "xã hay phường nào"),
        ):
            await self.say(chat, text)
            await self.hears(chat, answer)
        await self.say(chat, "xã Tân Ân, Cà Mau")
        for _ in range(int(_PATIENCE / 0.1)):
            found = next((m for t in self.told(chat) if (m := _OPENED.search(t))), None)
            if found is not None:
                return int(found[1])
            if "xã hay phường nào" not in self.told(chat)[-1]:
                # A place to choose.
                await self.say(chat, "1")
            await asyncio.sleep(0.3)
        raise TimeoutError(f"no ticket for {chat}: {self.told(chat)}")

    async def help(self, chat: int) -> int:
        """One citizen's whole request: asked for, wanted by everybody, answered by one."""
        ticket = await self.ask(chat)
        await asyncio.gather(*(self.say(member, f"nhận {ticket}") for member in MEMBERS))
        helper = (await self.hears(chat, f"đã nhận phiếu số {ticket}")).split(" đã nhận")[0]
        member = next(account for account, name in MEMBERS.items() if name == helper)
        await self.say(member, f"{ticket}: chào cô, con là người của phiếu {ticket}")
        await self.hears(chat, f"con là người của phiếu {ticket}")
        await self.say(chat, f"cảm ơn con, phiếu {ticket} đây")
        await self.hears(member, f"cảm ơn con, phiếu {ticket} đây")
        return ticket

    async def run(self, killed: Any) -> list[int]:
        """Everybody at once; `killed` is called once, in the middle."""
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(trust_env=False, timeout=10, limits=limits) as client:
            self.client = client
            for member in MEMBERS:
                await self.say(member, "/start")

            async def kill() -> None:
                await self.due.wait()
                await asyncio.to_thread(killed)

            tickets = await asyncio.gather(*map(self.help, CITIZENS), kill())
        return [each for each in tickets if each is not None]


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(query.encode()).fetchall()


def _repeats(log: Path) -> int:
    said = Counter(
        (call["chat_id"], call["params"]["text"])
        for call in read_log(log)
        if call["method"] == "sendMessage" and "phiếu" in call["params"]["text"]
    )
    return sum(count - 1 for (_, text), count in said.items() if "con là người" in text)


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost_and_nothing_claimed_twice(
    seed: int, shared_database: str, tmp_path: Path
) -> None:
    """Twelve requests, four who want each: one claim, one line each way, whatever was killed."""
    log = tmp_path / "calls.jsonl"
    # Opening takes some seventy messages of all; after it they are claimed and talked on.
    kill_at = random.Random(seed).randrange(40, 110)
    in_flight: list[int] = []
    with RemoteTelegram.spawn(log) as remote, contextlib.ExitStack() as stack:
        remote.batch([("user", {"id": c}) for c in (*CITIZENS, *MEMBERS)])
        workers = [_worker(tmp_path / name, shared_database, remote) for name in ("a", "b")]
        for worker in workers:
            stack.enter_context(worker)
        survivor = httpx.get(f"{workers[1].url}/readyz", trust_env=False).json()["worker"]

        def kill() -> None:
            workers[0].kill()
            in_flight.append(_in_flight(shared_database, survivor))

        talk = Talk(workers, log, seed, kill_at)
        tickets = asyncio.run(talk.run(kill))
        assert workers[1].stop() == 0
    assert len(in_flight) == 1, "one worker was killed"
    print(f"seed {seed}: killed at message {kill_at}, {in_flight[0]} in flight")

    assert len(set(tickets)) == len(CITIZENS)
    kept = _rows(shared_database, "SELECT id FROM tickets ORDER BY id")
    assert [row[0] for row in kept] == sorted(tickets)
    claims = _rows(
        shared_database,
        "SELECT ticket_id, count(*) FROM ticket_events WHERE kind = 'claimed' GROUP BY ticket_id",
    )
    assert sorted(claims) == [(ticket, 1) for ticket in sorted(tickets)]
    lines = _rows(
        shared_database,
        "SELECT ticket_id, author, count(*) FROM ticket_messages GROUP BY ticket_id, author",
    )
    assert sorted(lines) == sorted(
        (ticket, author, 1) for ticket in tickets for author in ("citizen", "helper")
    )
    for chat, ticket in zip(CITIZENS, tickets, strict=True):
        helpers = {
            text.split(" đã nhận")[0]
            for text in talk.told(chat)
            if f"đã nhận phiếu số {ticket}" in text
        }
        assert len(helpers) == 1, "told of one helper"
        mine = [
            member
            for member in MEMBERS
            if any(f"cảm ơn con, phiếu {ticket} đây" in text for text in talk.told(member))
        ]
        assert len(mine) == 1, "only who holds it reads the talk"
    assert _repeats(log) <= in_flight[0]


def _worker(folder: Path, url: str, remote: RemoteTelegram) -> Served:
    served = Served(with_model(folder), {})
    settings = telegram_settings(remote.url, webhook_port=served.port) | _QUICK
    settings |= {"CONGDANSO_DATABASE_URL": url, "CONGDANSO_DATA_KEY": _KEY}
    return Served(folder, settings, port=served.port)
