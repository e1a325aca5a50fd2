"""Tokens: traded in time, by one process, stored before use, and never lost without a word."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.channels.zalo_oa.calls import Calls
from bot.channels.zalo_oa.oauth import OAuth
from bot.channels.zalo_oa.plug import describe
from bot.channels.zalo_oa.tokens import EARLY, Tokens
from bot.errors import NotConnected
from bot.services.metrics import Metrics
from bot.services.runtime import Runtime
from bot.settings import ROOT
from bot.store import zalo_tokens
from bot.store.db import Database, make_engine
from bot.store.zalo_tokens import Access, Begun, Standing, Wait
from tests.databases import file_bytes
from tests.support import POSTGRESQL, SQLITE, Clock, minutes
from tests.zalo.oa_fake import APP_ID, HTML, OA_ID, TOKEN_PATH, FakeOa, Fault
from tests.zalo.oa_stage import connect, with_oa

HOUR = 3600


@pytest.fixture
def ready(runtime: Runtime, oa: FakeOa) -> Runtime:
    """A connected account."""
    made = with_oa(runtime, oa.url, zalo_oa_timeout=1.0)
    connect(made, oa)
    return made


def worker(runtime: Runtime, owner: str = "one") -> Tokens:
    """The tokens of one process."""
    mine = replace(runtime, owner=owner, metrics=Metrics())
    return Tokens(mine, OAuth(mine.settings, Calls(mine.settings.zalo_oa_timeout, 4)))


def standing(runtime: Runtime) -> Standing:
    found = runtime.db.read_now(lambda c: zalo_tokens.standing(c, APP_ID))
    assert found is not None
    return found


def forward(runtime: Runtime, seconds: float) -> None:
    assert isinstance(runtime.now, Clock)
    runtime.now.forward(seconds)


def trades(oa: FakeOa) -> int:
    return len(oa.calls_of(TOKEN_PATH))


async def test_a_token_is_traded_hours_before_it_ends(ready: Runtime, oa: FakeOa) -> None:
    tokens = worker(ready)
    first = await tokens.access()
    forward(ready, 18 * HOUR)
    await tokens.tend()
    assert trades(oa) == 0
    forward(ready, 2 * HOUR)
    await tokens.tend()
    assert trades(oa) == 1
    second = await tokens.access()
    assert (second.version, second.oa_id) == (first.version + 1, OA_ID)
    assert second.token != first.token
    assert second.expires_at == ready.now() + timedelta(seconds=90_000)
    assert standing(ready).refresh_until == ready.now() + timedelta(days=90)
    for _ in range(4):
        forward(ready, 20 * HOUR)
        await tokens.tend()
    assert trades(oa) == 5
    sent = [call.data["refresh_token"] for call in oa.calls_of(TOKEN_PATH)]
    assert len(set(sent)) == 5


async def test_who_comes_after_the_end_trades_first(ready: Runtime, oa: FakeOa) -> None:
    forward(ready, 30 * HOUR)
    assert (await worker(ready).access()).version == 2
    assert trades(oa) == 1


@SQLITE
async def test_nothing_readable_of_the_tokens_is_on_disk(ready: Runtime, oa: FakeOa) -> None:
    forward(ready, 20 * HOUR)
    await worker(ready).tend()
    data = file_bytes(ready.db)
    assert b"zalo_tokens" in data
    assert b"access-" not in data
    assert b"refresh-" not in data


# One at a time ----------------------------------------------------------------------------------


async def test_workers_at_once_trade_once(ready: Runtime, oa: FakeOa) -> None:
    """As many processes as there are, each with several messages that were refused."""
    workers = [worker(ready, f"w{n}") for n in range(6)]
    oa.expire()
    found = await asyncio.gather(*(w.renew(1) for w in workers for _ in range(3)))
    assert trades(oa) == 1
    assert {access.version for access in found} == {2}
    assert len({access.token for access in found}) == 1


@POSTGRESQL
async def test_two_workers_with_databases_of_their_own_trade_once(
    ready: Runtime, oa: FakeOa, database_url: str
) -> None:
    others = [Database(make_engine(database_url)) for _ in range(2)]
    workers = [worker(replace(ready, db=db), f"w{n}") for n, db in enumerate(others)]
    try:
        for version in range(1, 6):
            found = await asyncio.gather(*(w.renew(version) for w in workers))
            assert {access.version for access in found} == {version + 1}
        assert trades(oa) == 5
    finally:
        for db in others:
            db.close()


async def test_while_one_trades_the_others_wait_for_it(ready: Runtime, oa: FakeOa) -> None:
    oa.fault(TOKEN_PATH, Fault(hold=True))
    first = asyncio.create_task(worker(ready, "one").renew(1))
    await asyncio.to_thread(oa.held.wait)
    second = asyncio.create_task(worker(ready, "two").renew(1))
    done, _ = await asyncio.wait({second}, timeout=0.3)
    assert not done
    oa.release()
    assert (await first).token == (await second).token
    assert trades(oa) == 1


@SQLITE
async def test_a_refused_token_that_was_replaced_meanwhile_is_not_traded(
    ready: Runtime, oa: FakeOa
) -> None:
    one, two = worker(ready, "one"), worker(ready, "two")
    assert (await one.access()).version == 1
    await two.renew(1)
    assert (await one.renew(1)).version == 2
    assert trades(oa) == 1


# What goes wrong --------------------------------------------------------------------------------

UNSURE = {
    "a server's trouble": Fault(status=500),
    "a page instead of an answer": Fault(body=HTML),
    "a page with another status": Fault(status=403, body=HTML),
    "cut before": Fault(drop="before"),
    "an empty answer": Fault(body=b""),
    "no tokens in it": Fault(body=b"{}"),
    "a list": Fault(body=b"[]"),
    "half a pair": Fault(body=b'{"access_token": "a", "expires_in": "90000"}'),
    "no end": Fault(body=b'{"access_token": "a", "refresh_token": "b"}'),
}


@pytest.mark.parametrize("fault", UNSURE.values(), ids=UNSURE.keys())
@SQLITE
async def test_trouble_is_tried_again_later_and_the_old_token_works_on(
    ready: Runtime, oa: FakeOa, fault: Fault
) -> None:
    tokens = worker(ready)
    oa.fault(TOKEN_PATH, fault)
    forward(ready, 20 * HOUR)
    await tokens.tend()
    found = standing(ready)
    assert found.problem
    assert found.used_at == ready.now()
    assert (found.version, found.failures, found.lost) == (1, 1, False)
    assert describe(found, works=True) == found.problem
    assert (await tokens.access()).version == 1
    await tokens.tend()
    assert trades(oa) == 1
    forward(ready, 60)
    await tokens.tend()
    found = standing(ready)
    assert (found.version, found.problem, found.used_at, found.failures) == (2, "", None, 0)
    assert trades(oa) == 2


@SQLITE
async def test_without_a_connection_the_token_is_not_in_doubt(ready: Runtime, oa: FakeOa) -> None:
    settings = ready.settings.model_copy(update={"zalo_oa_oauth_url": "http://127.0.0.1:9"})
    cut = replace(ready, settings=settings)
    with pytest.raises(NotConnected):
        await worker(cut).renew(1)
    found = standing(ready)
    assert found.problem == "ConnectError"
    assert found.used_at is None
    # Others do not try before it is time.
    with pytest.raises(NotConnected, match="ConnectError"):
        await worker(ready, "two").renew(1)
    assert trades(oa) == 0
    forward(ready, 31)
    assert (await worker(ready, "two").renew(1)).version == 2


async def test_an_answer_that_never_came_and_a_token_that_is_spent(
    ready: Runtime, oa: FakeOa
) -> None:
    """Zalo gave a pair, and nobody has it."""
    tokens = worker(ready)
    oa.fault(TOKEN_PATH, Fault(drop="after"))
    forward(ready, 20 * HOUR)
    await tokens.tend()
    assert standing(ready).used_at is not None
    forward(ready, 60)
    await tokens.tend()
    found = standing(ready)
    assert found.lost
    assert "zalo connect" in describe(found, works=True)
    assert trades(oa) == 2
    # It is not tried for ever, and the access token works to its end.
    for _ in range(3):
        forward(ready, HOUR)
        await tokens.tend()
    assert trades(oa) == 2
    assert (await tokens.access()).version == 1
    forward(ready, 3 * HOUR)
    with pytest.raises(NotConnected, match="Invalid refresh token"):
        await tokens.access()
    connect(ready, oa)
    assert (await tokens.access()).version == 2
    assert describe(standing(ready), works=True) == "ok"


@SQLITE
async def test_a_wrong_secret_is_not_the_end_of_the_token(ready: Runtime, oa: FakeOa) -> None:
    settings = ready.settings.model_copy(update={"zalo_oa_app_secret": SecretStr("wrong")})
    with pytest.raises(NotConnected, match="Invalid app id"):
        await worker(replace(ready, settings=settings)).renew(1)
    assert not standing(ready).lost
    forward(ready, HOUR)
    assert (await worker(ready).renew(1)).version == 2


@SQLITE
async def test_tries_grow_rarer(ready: Runtime, oa: FakeOa) -> None:
    tokens = worker(ready)
    oa.fault(TOKEN_PATH, *[Fault(status=502)] * 8)
    forward(ready, 19 * HOUR)
    waits = []
    for _ in range(8):
        await tokens.tend()
        found = standing(ready)
        assert found.next_try_at is not None
        waits.append((found.next_try_at - ready.now()).total_seconds())
        forward(ready, waits[-1])
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600]


@SQLITE
async def test_without_a_token_that_works_tries_stay_frequent(ready: Runtime, oa: FakeOa) -> None:
    """Nobody is answered meanwhile: a wait of an hour would be an hour more of silence."""
    tokens = worker(ready)
    oa.fault(TOKEN_PATH, *[Fault(status=502)] * 9)
    forward(ready, 25 * HOUR - 10 * 60)
    waits = []
    for _ in range(7):
        await tokens.tend()
        found = standing(ready)
        assert found.next_try_at is not None
        waits.append((found.next_try_at - ready.now()).total_seconds())
        forward(ready, waits[-1])
    # It ends after 600 s: the fifth wait is over half a minute later.
    assert waits == [30, 60, 120, 240, 180, 30, 30]


@SQLITE
async def test_never_connected(runtime: Runtime, oa: FakeOa) -> None:
    tokens = worker(with_oa(runtime, oa.url))
    assert await tokens.tend() is None
    with pytest.raises(NotConnected, match="zalo connect"):
        await tokens.access()
    assert describe(None, works=False) == "not connected: congdanso zalo connect"


@SQLITE
async def test_a_stop_waits_for_a_trade_in_hand(ready: Runtime, oa: FakeOa) -> None:
    tokens = worker(ready)
    oa.fault(TOKEN_PATH, Fault(hold=True))
    waiting = asyncio.create_task(tokens.renew(1))
    await asyncio.to_thread(oa.held.wait)
    waiting.cancel()
    oa.release()
    await tokens.finish()
    assert standing(ready).version == 2


# A process that dies between the request and the answer ------------------------------------------


def begin(runtime: Runtime, owner: str) -> Begun | Access | Wait:
    now = runtime.now()
    return runtime.db.write_now(
        lambda c: zalo_tokens.begin(c, runtime.vault, APP_ID, 1, owner, now, now + minutes(1))
    )


async def test_who_died_before_asking_costs_a_minute(ready: Runtime, oa: FakeOa) -> None:
    first = begin(ready, "dead")
    assert isinstance(first, Begun)
    assert not first.doubt
    assert begin(ready, "two") == Wait(busy=True)
    forward(ready, 61)
    assert isinstance(again := begin(ready, "two"), Begun)
    assert again.doubt
    forward(ready, 61)
    assert (await worker(ready).renew(1)).version == 2
    assert standing(ready).used_at is None


async def test_an_answer_that_comes_after_the_lease_is_kept(ready: Runtime, oa: FakeOa) -> None:
    """A pair that works is never thrown away, whoever's turn it is by now."""
    first = begin(ready, "slow")
    assert isinstance(first, Begun)
    forward(ready, 61)
    assert isinstance(begin(ready, "two"), Begun)
    pair = connect_pair(ready, oa)
    kept = ready.db.write_now(
        lambda c: zalo_tokens.keep(c, ready.vault, APP_ID, first.version, pair, ready.now())
    )
    assert kept
    # And what the other one is told by Zalo now does no harm.
    ready.db.write_now(
        lambda c: zalo_tokens.failed(
            c, APP_ID, 1, "two", "Invalid refresh token", ready.now(), sent=True, lost=True
        )
    )
    assert not standing(ready).lost
    assert standing(ready).version == 2


def connect_pair(runtime: Runtime, oa: FakeOa) -> zalo_tokens.Pair:
    now = runtime.now()
    return zalo_tokens.Pair(*oa.grant(), now + timedelta(hours=25), now + timedelta(days=90))


_CHILD = """
import asyncio, sys
from datetime import datetime
from bot.channels.zalo_oa.calls import Calls
from bot.channels.zalo_oa.oauth import OAuth
from bot.channels.zalo_oa.tokens import Tokens
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from pydantic import SecretStr
url, oa, app, secret, now = sys.argv[1:]
settings = Settings(_env_file=None, zalo_oa_app_id=app, zalo_oa_app_secret=SecretStr(secret),
                    zalo_oa_oauth_url=oa)
runtime = Runtime(settings, Database(make_engine(url)), Vault(bytes(range(32))),
                  now=lambda: datetime.fromisoformat(now), owner="killed")
asyncio.run(Tokens(runtime, OAuth(settings, Calls(30, 1))).renew(1))
"""


def _kill_in_trade(ready: Runtime, oa: FakeOa, database_url: str) -> None:
    """A process that asks for a trade, killed when its request has come to Zalo."""
    secret = ready.settings.zalo_oa_app_secret.get_secret_value()
    args = [database_url, oa.url, APP_ID, secret, ready.now().isoformat()]
    child = subprocess.Popen([sys.executable, "-c", _CHILD, *args], cwd=ROOT)
    assert oa.held.wait(30)
    child.send_signal(signal.SIGKILL)
    child.wait()


@pytest.mark.program
@pytest.mark.parametrize("spent", [True, False], ids=["after Zalo traded", "before Zalo traded"])
async def test_a_process_killed_between_request_and_answer(
    ready: Runtime, oa: FakeOa, database_url: str, spent: bool
) -> None:
    oa.fault(TOKEN_PATH, Fault(hold=True, done=spent))
    await asyncio.to_thread(_kill_in_trade, ready, oa, database_url)
    if not spent:
        # What it asked for never got as far as Zalo.
        oa.calls.clear()
    assert standing(ready).used_at == ready.now()
    forward(ready, 120)
    if spent:
        with pytest.raises(NotConnected, match="Invalid refresh token"):
            await worker(ready).renew(1)
        assert standing(ready).lost
        # Until then the old access token works: there is time to connect again.
        assert standing(ready).expires_at - ready.now() > EARLY
    else:
        assert (await worker(ready).renew(1)).version == 2
        assert standing(ready).used_at is None
