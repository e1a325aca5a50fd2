"""Fixtures of the bot's tests, imported by the modules that use them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.services.runtime import Runtime
from tests.zalo.bot_fake import FakeZaloBot, zalo_bot
from tests.zalo.bot_stage import BotStage


@pytest.fixture
def fake() -> Iterator[FakeZaloBot]:
    """The platform."""
    with zalo_bot() as made:
        yield made


@pytest.fixture
def bot(runtime: Runtime, fake: FakeZaloBot) -> Iterator[BotStage]:
    """The channel with a whole program behind it, on each kind of database."""
    made = BotStage(runtime, fake)
    yield made
    made.stop()
