"""A little training data, so that training takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.domain.effects import LogQuestion, Outcome
from bot.services.runtime import Runtime
from bot.store import inbox, records
from bot.store.inbox import ChatKey
from tests.training.data import little_data

Ask = Callable[..., int]


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few sentences of every intent."""
    return little_data(tmp_path_factory.mktemp("little") / "data")


@pytest.fixture
def ask(runtime: Runtime) -> Ask:
    """Logs a question; returns its id."""
    numbers = iter(range(1, 10_000))

    def asked(
        text: str,
        who: str = "a",
        outcome: Outcome = Outcome.NOT_UNDERSTOOD,
        area: str = "",
        channel: str = "web",
    ) -> int:
        number, now = next(numbers), runtime.now()
        effect = LogQuestion(text, "out_of_scope", 0.1, outcome)

        def work(c: Connection) -> None:
            chat = inbox.chat_id(c, ChatKey(channel, who), now)
            records.log_question(c, number, chat, channel, None, effect, now, area)

        runtime.db.write_now(work)
        return number

    return asked
