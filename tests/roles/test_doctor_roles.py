"""What `doctor` says of roles and the queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.services.doctor_roles import roles_look
from bot.services.findings import Finding, Verdict
from bot.settings import Settings
from bot.store import inbox, jobs_log, queueing
from bot.store.db import Database
from bot.store.inbox import ChatKey
from bot.store.jobs_log import JobRun


def look(database: Database) -> dict[str, Finding]:
    url = database.engine.url.render_as_string(hide_password=False)
    settings = Settings(_env_file=None, database_url=url.replace("+psycopg", ""))
    return {found.what: found for found in roles_look(settings)}


def alive(database: Database, *names: str, ago: float = 0) -> None:
    """Processes that said something of their jobs."""
    seen = datetime.now(UTC) - timedelta(minutes=ago)
    database.write_now(
        lambda c: jobs_log.put(c, [JobRun("measure", name, 10, seen) for name in names])
    )


def test_one_process_that_does_everything_has_no_roles(queued: Database) -> None:
    assert list(roles_look(Settings(_env_file=None))) == []
    queueing.drop(queued.engine)
    alive(queued, "0123")
    assert look(queued) == {}


def test_every_part_runs(queued: Database) -> None:
    alive(queued, "web-1", "web-2", "worker-1", "scheduler-1")
    found = look(queued)
    assert found["roles"].verdict is Verdict.OK
    assert found["roles"].said == "running: 2 web, 1 worker, 1 scheduler"
    assert found["queue"].verdict is Verdict.OK


def test_a_part_that_is_missing_is_named(queued: Database) -> None:
    alive(queued, "web-1", "scheduler-1")
    alive(queued, "worker-1", ago=10)
    found = look(queued)["roles"]
    assert found.verdict is Verdict.BAD
    assert found.todo == "start `congdanso worker`"


def test_a_queue_that_is_gone_or_of_another_version(queued: Database) -> None:
    alive(queued, "web-1", "worker-1", "scheduler-1")
    queued.write_now(
        lambda c: c.exec_driver_sql("COMMENT ON SCHEMA congdanso_queue IS 'procrastinate 1'")
    )
    assert "procrastinate 1" in look(queued)["queue"].said
    queueing.drop(queued.engine)
    assert look(queued)["queue"].verdict is Verdict.WARN


def test_messages_that_wait_and_nobody_takes(queued: Database) -> None:
    alive(queued, "web-1", "worker-1", "scheduler-1")
    then = datetime.now(UTC) - timedelta(minutes=2)
    chat = queued.write_now(lambda c: inbox.chat_id(c, ChatKey("web", "a"), then))
    queued.write_now(lambda c: inbox.put(c, chat, "web", "1", b"x", then))
    found = look(queued)["queue"]
    assert found.verdict is Verdict.BAD
    assert "1 waiting" in found.said
    assert "start workers" in found.todo
