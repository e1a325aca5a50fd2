"""The clock's work: what is scheduled, and that doing it twice does no harm."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.effects import LogQuestion, Outcome
from bot.jobs.scheduler import Jobs
from bot.services.runtime import Runtime
from bot.store import inbox, records
from bot.store.inbox import ChatKey
from tests.support import Clock


class _Ticks:
    """Stands where conversations, delivery and publisher stand; counts its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def tick() -> None:
            self.calls.append(name)

        return tick


@pytest.fixture
def jobs(runtime: Runtime) -> Jobs:
    """Jobs over a real database."""
    others: Any = _Ticks()
    return Jobs(runtime, others, others, others)


def test_everything_due_is_scheduled(jobs: Jobs) -> None:
    """Retries, timers, recalls, gauges and the nightly purge."""
    names = {job.id for job in jobs.schedule().get_jobs()}
    assert names >= {"timers", "outbox", "inbox", "recalls", "measure", "purge"}


async def test_purge_keeps_counts(jobs: Jobs, runtime: Runtime, clock: Clock) -> None:
    """Texts past retention go, what is counted stays, a second purge finds nothing."""
    key = ChatKey("web", "somebody")

    def write(connection: Any) -> None:
        chat = inbox.chat_id(connection, key, runtime.now())
        asked = LogQuestion("câu hỏi cũ", "qr_pay", 0.9, Outcome.ANSWERED, "qr_pay")
        records.log_question(connection, 1, chat, "web", None, asked, runtime.now())

    await runtime.db.write(write)
    assert await jobs.purge() == 0
    clock.forward((runtime.settings.retention_days + 1) * 86_400)
    assert await jobs.purge() == 1
    assert await jobs.purge() == 0
    (question,) = await runtime.db.read(records.latest_questions)
    assert (question.text, question.intent, question.outcome) == ("", "qr_pay", "answered")


async def test_gauges(jobs: Jobs, runtime: Runtime) -> None:
    """What waits is counted."""
    key = ChatKey("web", "somebody")

    def write(connection: Any) -> None:
        chat = inbox.chat_id(connection, key, runtime.now())
        inbox.put(connection, chat, "web", "1", b"sealed", runtime.now())

    await runtime.db.write(write)
    await jobs.measure()
    assert runtime.metrics.registry.get_sample_value("congdanso_inbox_waiting") == 1
