"""Zalo's requests a minute over two processes, by the log of the fake Official Account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.channels.zalo_oa.calls import Calls
from bot.channels.zalo_oa.client import CS, OaClient
from bot.channels.zalo_oa.oauth import OAuth
from bot.channels.zalo_oa.tokens import Tokens
from bot.services.runtime import Runtime
from bot.services.shared_limits import Places
from bot.settings import Settings
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from tests.roles.test_shared_limits import most_within
from tests.zalo.oa_fake import FakeOa, settings
from tests.zalo.oa_stage import connect

#: Requests a minute, which are ten a second.
PER_MINUTE = 600
#: A request is logged a little after it left, and one of them later than another.
SECOND = 0.8
EACH = 13
#: As many as the small server of the fake takes at once, of two.
CONNECTIONS = 2
VAULT = Vault(bytes(range(32)))


@pytest.fixture
def runtimes(
    queued: Database, shared_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Runtime]]:
    """Two processes, each with connections of its own to one database."""
    monkeypatch.setenv("CONGDANSO_ZALO_OA_PER_MINUTE", str(PER_MINUTE))
    given = Settings(_env_file=None, var_dir=tmp_path)
    assert given.zalo_oa_per_minute == PER_MINUTE
    other = Database(make_engine(shared_url))
    other.queued = True
    yield [
        Runtime(given, database, VAULT, owner=owner)
        for database, owner in ((queued, "one"), (other, "two"))
    ]
    other.close()


@pytest.fixture
def oa() -> Iterator[FakeOa]:
    """The platform."""
    with FakeOa() as fake:
        yield fake


@asynccontextmanager
async def client(runtime: Runtime, fake: FakeOa, *, alone: bool) -> AsyncIterator[OaClient]:
    """The way out of one process; `alone`: it knows of no other."""
    given = {k: SecretStr(v) if "secret" in k else v for k, v in settings(fake.url).items()}
    mine = replace(runtime, settings=runtime.settings.model_copy(update=given))
    calls = Calls(mine.settings.zalo_oa_timeout, connections=CONNECTIONS)
    tokens = Tokens(mine, OAuth(mine.settings, calls))
    try:
        yield OaClient(mine.settings, calls, tokens, None if alone else Places(mine))
    finally:
        await calls.close()


async def sent(runtimes: list[Runtime], oa: FakeOa, *, alone: bool) -> list[float]:
    """Every process sends so many messages at once; when Zalo was asked, by its own log."""
    connect(runtimes[0], oa)
    first, second = (client(runtime, oa, alone=alone) for runtime in runtimes)
    async with first as one, second as two:
        sends = [
            each.send(CS, {"user_id": f"50{number}"}, {"text": f"Tin {number}"})
            for number in range(EACH)
            for each in (one, two)
        ]
        await asyncio.gather(*sends)
    assert len(oa.messages) == 2 * EACH
    return [call.at for call in oa.calls_of(CS)]


async def test_two_processes_together_keep_to_zalos_rate(
    runtimes: list[Runtime], oa: FakeOa
) -> None:
    times = await sent(runtimes, oa, alone=False)
    assert len(times) == 2 * EACH
    assert most_within(times, SECOND) <= PER_MINUTE / 60
    # And no slower than they must be: 26 at 10 a second and a twentieth.
    assert max(times) - min(times) < 5


async def test_processes_that_knew_nothing_of_each_other_would_not(
    runtimes: list[Runtime], oa: FakeOa
) -> None:
    """The log would show it."""
    times = await sent(runtimes, oa, alone=True)
    assert most_within(times, SECOND) > PER_MINUTE / 60
