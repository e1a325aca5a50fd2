"""How long the console's pages take on a large log: `uv run python -m bench.pages`.

Invents 1,000,000 questions and 100,000 tickets (`congdanso demo`), on SQLite and on PostgreSQL,
logs an administrator in and asks for every page of the menu and its main filters, one request at a
time. The goal is a p95 of 300 ms for each (docs/performance.md).

`--keep FOLDER` keeps the SQLite database there and uses one that is there already.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from sqlalchemy import select

from bot.app import build, make_app, open_runtime
from bot.console.nav import MENU
from bot.errors import BadRequest
from bot.guides.content import Content, load_content
from bot.models.schema import questions, tickets
from bot.server import settle
from bot.services.demo.make import make
from bot.services.periods import months_back
from bot.services.places import Places
from bot.services.runtime import Runtime
from bot.services.staff import add_staff
from bot.settings import Settings
from nlu.embedded.metrics import percentile
from nlu.intents import INTENTS, Kind
from tests.databases import served_postgres

GOAL_MS = 300
_NAME, _PASSWORD = "đo trang", "một mật khẩu để đo"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_TITLES = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}


@dataclass(frozen=True, slots=True)
class Timed:
    """One address: what it answered with, and its times in milliseconds; `cpu` is what
    one took of this process, which other work on the machine does not lengthen."""

    address: str
    status: int
    median: float
    p95: float
    cpu: float
    size: int


def addresses(runtime: Runtime) -> list[str]:
    """Every page of the menu, and the filters that ask the most of the database."""
    now = runtime.now()
    month = f"{months_back(now.date(), 1):%Y-%m}"
    more = {
        "themes": (
            "period=12m",
            "period=90d",
            "period=7d",
            "period=12m&topic=scam_call",
            "period=90d&channel=zalo_bot",
            "period=12m&area=96",
            f"period={month}&area=96.32236",
            "period=12m&area=96&topic=scam_call",
        ),
        "stops": ("period=12m", "period=12m&area=96.32236", "period=90d&topic=vneid_level_2"),
        "questions": (
            "outcome=not_understood",
            "topic=scam_call",
            "area=96",
            "area=96.32236",
            "area=96.32236&outcome=stopped&channel=zalo_bot",
            "topic=traffic_fine&outcome=finished&channel=zalo_bot&area=19",
            "channel=zalo_bot&until=2026-01-15",
            "walked=yes&ended=no&topic=vneid_level_2&step=3",
            "since=2026-03-01&until=2026-03-01",
        ),
        "report": (f"month={month}", f"month={month}&area=96", f"month={month}&area=96.32236"),
        "report.xlsx": (f"month={month}&area=96",),
        "tickets": ("which=closed", "which=waiting"),
    }
    found = []
    for entry in MENU:
        found.append(f"/staff/{entry.id}")
    for page, queries in more.items():
        found += [f"/staff/{page}?{query}" for query in queries]
    oldest = runtime.db.read_now(
        lambda c: c.execute(select(questions.c.id, questions.c.asked_at).limit(1)).one()
    )
    found.append(f"/staff/questions?before={int(oldest.asked_at.timestamp() * 1e6)}-{oldest.id}")
    ticket = runtime.db.read_now(lambda c: c.execute(select(tickets.c.id).limit(1)).scalar())
    if ticket is not None:
        found.append(f"/staff/tickets/{ticket}")
    return found


@asynccontextmanager
async def browser(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody logged in, with the whole program's pages in this process."""
    program = build(runtime.settings, runtime)
    app = make_app(program)
    settle()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Sec-Fetch-Site": "same-origin"}
    base = "http://127.0.0.1"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
        form = {"username": _NAME, "password": _PASSWORD}
        answer = await client.post("/staff/login", data=form)
        if answer.status_code != 303:
            sys.exit(f"no login: {answer.status_code}")
        yield client


async def measure(runtime: Runtime, times: int) -> list[Timed]:
    """Each address so many times, after once that is not counted."""
    found = []
    async with browser(runtime) as client:
        for address in addresses(runtime):
            spent: list[float] = []
            answer = await client.get(address)
            cpu = time.process_time()
            for _ in range(times):
                began = time.perf_counter()
                answer = await client.get(address)
                spent.append(1000 * (time.perf_counter() - began))
            found.append(
                Timed(
                    address,
                    answer.status_code,
                    percentile(spent, 0.5),
                    percentile(spent, 0.95),
                    1000 * (time.process_time() - cpu) / times,
                    len(answer.content),
                )
            )
            mark = "" if found[-1].p95 <= GOAL_MS and answer.status_code == 200 else "  <-- "
            print(
                f"{found[-1].p95:8.0f} ms {found[-1].cpu:6.0f} CPU  "
                f"{answer.status_code}  {address}{mark}",
                flush=True,
            )
    return found


@contextmanager
def filled(settings: Settings, content: Content, number: int, most: int) -> Iterator[Runtime]:
    """A runtime on a database with so much in it; made when it is empty."""
    runtime = open_runtime(settings)
    try:
        if (
            runtime.db.read_now(lambda c: c.execute(select(questions.c.id).limit(1)).first())
            is None
        ):
            began = time.monotonic()
            made = make(runtime, content, Places(runtime).atlas, number, most, 1)
            spent = time.monotonic() - began
            print(f"{made.questions:,} questions, {made.tickets:,} tickets in {spent:.0f} s")
        with suppress(BadRequest):  # there is one already
            add_staff(runtime.db, _NAME, _PASSWORD, "admin", runtime.now(), _QUICK)
        yield runtime
    finally:
        runtime.db.close()


def table(kind: str, found: list[Timed]) -> str:
    """The results as a table for docs/performance.md."""
    lines = [f"| {kind} | p50 ms | p95 ms | CPU ms | KB |", "|---|---|---|---|---|"]
    lines += [
        f"| `{each.address}` | {each.median:.0f} | {each.p95:.0f} | {each.cpu:.0f} "
        f"| {each.size / 1000:.0f} |"
        for each in found
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=1_000_000)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--on", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    content = load_content(Settings(_env_file=None).content_dir, _TITLES)
    tables = []
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {}
        if given.on != "postgresql":
            urls["SQLite"] = ""
        if given.on != "sqlite":
            server = stack.enter_context(served_postgres())
            urls["PostgreSQL"] = stack.enter_context(server.database())
        for kind, url in urls.items():
            settings = Settings(_env_file=None, var_dir=folder, database_url=url)
            with filled(settings, content, given.questions, given.tickets) as runtime:
                print(kind)
                found = asyncio.run(measure(runtime, given.times))
                tables.append(table(kind, found))
    print("\n\n".join(tables))


if __name__ == "__main__":
    main()
