"""Two workers on one PostgreSQL, one of them killed while 500 updates come in by webhook."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from bench.load import text_update
from tests.databases import Postgres
from tests.fakes.telegram import RemoteTelegram
from tests.faults.ledger import FIRST_NUMBER, Plan, Verdict, judge, wait_answered
from tests.process import WEBHOOK_SECRET, Served, telegram_settings, with_model

pytestmark = pytest.mark.faults
_HEADERS = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET, "Content-Type": "application/json"}
_QUICK = {"CONGDANSO_LEASE_SECONDS": "1.5", "CONGDANSO_POLL_SECONDS": "0.2"}


@pytest.fixture
def shared_database(postgres: Postgres) -> Iterator[str]:
    """An empty migrated PostgreSQL database for both workers."""
    with postgres.database() as url:
        yield url


class Balancer:
    """What stands before two workers: each update goes to one of them, and again until it is taken.

    One chat's updates go one after the other, as Telegram sends them.
    """

    def __init__(self, workers: list[Served], plan: Plan, seed: int) -> None:
        self._workers = workers
        self._plan = plan
        self._random = random.Random(seed)
        self._taken = 0
        self._due = asyncio.Event()
        self._kill_at = self._random.randrange(50, plan.total - 100)

    async def run(self, killed: Any) -> None:
        """Deliver everything; call `killed` once a seeded number of updates was taken."""
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(trust_env=False, timeout=10, limits=limits) as client:
            await asyncio.gather(
                self._kill_when_due(killed), *(self._chat(client, c) for c in self._plan.chats)
            )

    async def _kill_when_due(self, killed: Any) -> None:
        await self._due.wait()
        await asyncio.to_thread(killed)

    async def _chat(self, client: httpx.AsyncClient, chat: int) -> None:
        for step in range(self._plan.each):
            text = str(FIRST_NUMBER + step - 1) if step else "/start"
            number = chat * 1000 + step
            await self._deliver(client, text_update(number, chat, text))
            self._taken += 1
            if self._taken >= self._kill_at:
                self._due.set()

    async def _deliver(self, client: httpx.AsyncClient, body: bytes) -> None:
        while True:
            worker = self._random.choice(self._workers)
            with contextlib.suppress(httpx.TransportError):
                url = f"{worker.url}/telegram/webhook"
                answer = await client.post(url, content=body, headers=_HEADERS)
                if answer.status_code == 200:
                    return
            await asyncio.sleep(0.01)


def _in_flight(url: str, survivor: str) -> int:
    """Messages in `sending` that are not the survivor's own."""
    query = (
        "SELECT count(*) FROM outbox JOIN chats ON chats.id = outbox.chat_id "
        "WHERE outbox.status = 'sending' AND chats.send_owner <> %s"
    )
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(query, [survivor]).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("seed", range(3))
def test_the_other_worker_finishes(seed: int, shared_database: str, tmp_path: Path) -> None:
    """500 answered, in order per chat, repeats at most what the killed worker was sending."""
    plan, log = Plan(), tmp_path / "calls.jsonl"
    found: dict[str, int] = {}
    with RemoteTelegram.spawn(log) as remote, contextlib.ExitStack() as stack:
        remote.batch([("user", {"id": c}) for c in plan.chats])
        workers = [_worker(tmp_path / name, shared_database, remote) for name in ("a", "b")]
        for worker in workers:
            stack.enter_context(worker)
        survivor = httpx.get(f"{workers[1].url}/readyz", trust_env=False).json()["worker"]

        def kill() -> None:
            workers[0].kill()
            found["in_flight"] = _in_flight(shared_database, survivor)

        asyncio.run(Balancer(workers, plan, seed).run(kill))
        verdict = wait_answered(plan, log, plan.total)
        assert workers[1].stop() == 0
    _print_and_check(seed, plan, verdict, found["in_flight"])


def _worker(folder: Path, url: str, remote: RemoteTelegram) -> Served:
    served = Served(with_model(folder), {})
    settings = telegram_settings(remote.url, webhook_port=served.port) | _QUICK
    key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    settings |= {"CONGDANSO_DATABASE_URL": url, "CONGDANSO_DATA_KEY": key}
    return Served(folder, settings, port=served.port)


def _print_and_check(seed: int, plan: Plan, verdict: Verdict, in_flight: int) -> None:
    print(f"seed {seed}: {in_flight} in flight, {verdict.repeats} repeated")
    assert verdict.answered == plan.total
    assert verdict.disordered == []
    assert verdict.repeats <= in_flight


def test_the_witness_sees_what_is_wrong(tmp_path: Path) -> None:
    """The judge itself: loss, repeats and disorder are told apart."""
    plan, log = Plan(people=2, each=3), tmp_path / "calls.jsonl"
    first, second = plan.chats
    said = [(first, "Chào"), (first, "Ở trên không có số 11."), (first, "Ở trên không có số 11.")]
    said += [(second, "Ở trên không có số 12."), (second, "Ở trên không có số 11.")]
    lines = [
        json.dumps({"method": "sendMessage", "chat_id": chat, "params": {"text": text}}) + "\n"
        for chat, text in said
    ]
    log.write_text("".join(lines), encoding="utf-8")
    assert judge(plan, log) == Verdict(answered=4, repeats=1, disordered=[second])
