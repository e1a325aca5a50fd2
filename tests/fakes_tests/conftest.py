"""A fake Telegram per test (one server for all), a PTB bot for it, and a webhook."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from telegram import Bot

from tests.fakes.telegram import FakeTelegram
from tests.fakes.webhook import Hook


@pytest.fixture(scope="session")
def served() -> Iterator[FakeTelegram]:
    """The one server."""
    with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def tg(served: FakeTelegram) -> FakeTelegram:
    """An empty world without rate limits."""
    served.reset()
    served.limits.enabled = False
    served.conflict_terminates = "older"
    served.privacy = False
    return served


@pytest.fixture
def bot(tg: FakeTelegram) -> Bot:
    """python-telegram-bot on the fake."""
    return Bot(tg.token, base_url=tg.url, base_file_url=tg.file_url)


@pytest.fixture
def raw(tg: FakeTelegram) -> Iterator[httpx.Client]:
    """A plain client on /bot<token>/."""
    with httpx.Client(base_url=f"{tg.url}{tg.token}/", timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook on loopback."""
    with Hook() as made:
        yield made
