"""The clock's work: what is scheduled, and that doing it twice does no harm."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.effects import LogQuestion, Outcome
from bot.jobs.scheduler import Jobs
from bot.rosters.changes import PutHamlet, encode_change
from bot.rosters.roster import Hamlet
from bot.services.runtime import Runtime
from bot.store import guides, inbox, questions, records, rosters
from bot.store.inbox import ChatKey
from tests.support import Clock


class _Ticks:
    """Stands where the services stand; counts its calls."""

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
    return Jobs(runtime, others, others, others, others, others, others)


def test_everything_due_is_scheduled(jobs: Jobs) -> None:
    """Retries, timers, recalls, gauges and the nightly purge."""
    names = {job.id for job in jobs.schedule().get_jobs()}
    assert names >= {"timers", "outbox", "inbox", "recalls", "content", "measure", "purge"}
    assert {"ladder", "rosters"} <= names


def test_content_is_not_looked_at_when_told_so(runtime: Runtime) -> None:
    """0 means at start only."""
    others: Any = _Ticks()
    runtime.settings = runtime.settings.model_copy(update={"content_seconds": 0.0})
    jobs = Jobs(runtime, others, others, others, others, others, others)
    assert "content" not in {job.id for job in jobs.schedule().get_jobs()}


async def test_what_was_shown_is_forgotten_with_its_days(
    jobs: Jobs, runtime: Runtime, clock: Clock
) -> None:
    """Views are kept for as long as a correction would be sent."""

    def write(connection: Any) -> None:
        chat = inbox.chat_id(connection, ChatKey("web", "somebody"), runtime.now())
        guides.viewed(connection, chat, "qr_pay", "r1", runtime.now())

    await runtime.db.write(write)
    clock.forward((runtime.settings.recall_days - 1) * 86_400)
    assert await jobs.purge() == 0
    clock.forward(2 * 86_400)
    assert await jobs.purge() == 1


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
    (question,) = await runtime.db.read(questions.page)
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


async def test_an_interrupted_roster_is_finished(
    jobs: Jobs, runtime: Runtime, clock: Clock
) -> None:
    """Its changes are all there; whoever began to make them is gone."""
    hamlet = Hamlet("96.32236.rach-goc", "96.32236", "Ấp Rạch Gốc")
    change = encode_change(PutHamlet(hamlet))

    def begun(connection: Any) -> None:
        number = rosters.begin(connection, runtime.now())
        rosters.put(connection, runtime.vault, number, 0, [change], runtime.now())
        rosters.ready(connection, number, 1, runtime.now())

    await runtime.db.write(begun)
    assert await jobs.rosters() == 0
    clock.forward(60)
    assert await jobs.rosters() == 1
    assert await jobs.rosters() == 0
    stored = await runtime.db.read(lambda c: rosters.stored(c, runtime.vault))
    assert stored.hamlets == {hamlet.code: hamlet}
