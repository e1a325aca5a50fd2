"""The queue in the database: a job with every event, one a chat, and never in the way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.errors import StartupError
from bot.store import inbox, queueing
from bot.store.db import Database, make_engine
from bot.store.inbox import ChatKey
from tests.support import START

_JOBS = text(
    "SELECT (args->>'chat')::bigint FROM congdanso_queue.procrastinate_jobs "
    "WHERE status = 'todo' ORDER BY 1"
)
_FETCH = text("SELECT id FROM congdanso_queue.procrastinate_fetch_job_v2(NULL, NULL)")


def jobs(database: Database) -> list[int]:
    """Chats with a job that waits."""
    return database.read_now(lambda c: list(c.execute(_JOBS).scalars()))


def fetch(connection: Connection) -> int | None:
    """Take a job as a worker does; its id."""
    connection.execute(text("SET LOCAL search_path = congdanso_queue, pg_catalog"))
    found: int | None = connection.execute(_FETCH).scalar()
    return found


def put(connection: Connection, person: str, number: int) -> int:
    """An event of a person; the chat."""
    chat = inbox.chat_id(connection, ChatKey("web", person), START)
    inbox.put(connection, chat, "web", f"{person}{number}", b"x", START)
    return chat


def test_an_event_and_its_job_come_together(queued: Database) -> None:
    chat = queued.write_now(lambda c: put(c, "a", 1))
    assert jobs(queued) == [chat]

    def fails(connection: Connection) -> None:
        put(connection, "b", 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        queued.write_now(fails)
    assert jobs(queued) == [chat]
    assert queued.read_now(inbox.backlog) == 1


def test_any_number_of_events_are_one_job_while_it_waits(queued: Database) -> None:
    chat = queued.write_now(lambda c: put(c, "a", 1))
    queued.write_now(lambda c: [put(c, "a", 2), put(c, "a", 3)])
    assert jobs(queued) == [chat]
    assert queued.write_now(fetch) is not None
    assert jobs(queued) == []
    # The one that runs may have looked already: what comes now needs another.
    queued.write_now(lambda c: put(c, "a", 4))
    assert jobs(queued) == [chat]
    # And it does not begin while the other runs.
    assert queued.write_now(fetch) is None


def test_an_event_that_came_before_makes_no_job(queued: Database) -> None:
    queued.write_now(lambda c: put(c, "a", 1))
    queued.write_now(fetch)
    queued.write_now(lambda c: put(c, "a", 1))
    assert jobs(queued) == []


def test_a_job_that_waits_is_not_taken_before_the_event_can_be_seen(queued: Database) -> None:
    """A worker would look, find nothing, and nobody would come back."""
    queued.write_now(lambda c: put(c, "a", 1))

    def second(connection: Connection) -> None:
        chat = put(connection, "a", 2)
        queueing.defer(connection, queueing.close_box(connection))
        queueing.open_box(connection)
        assert queued.submit(fetch).result(10) is None
        assert chat

    queued.write_now(second)
    assert queued.write_now(fetch) is not None


def test_whoever_passed_the_job_over_is_woken(queued: Database) -> None:
    import psycopg

    from bot.store.db import driver_url

    queued.write_now(lambda c: put(c, "a", 1))
    url = queued.engine.url.render_as_string(hide_password=False)
    with psycopg.connect(driver_url(url), autocommit=True) as listening:
        listening.execute('LISTEN "procrastinate_queue_v1#conversations"')
        queued.write_now(lambda c: put(c, "a", 2))
        notes = list(listening.notifies(timeout=10, stop_after=1))
    assert len(notes) == 1


@pytest.mark.parametrize(
    "broken",
    [
        "DROP SCHEMA congdanso_queue CASCADE",
        "DROP TABLE congdanso_queue.procrastinate_jobs CASCADE",
        "DROP FUNCTION congdanso_queue.drain",
        "DROP FUNCTION congdanso_queue.procrastinate_defer_jobs_v1 CASCADE",
    ],
)
def test_without_the_queue_events_are_kept_and_it_is_made_anew(
    queued: Database, broken: str
) -> None:
    queued.write_now(lambda c: c.execute(text(broken)))
    chat = queued.write_now(lambda c: put(c, "a", 1))
    assert queued.read_now(inbox.backlog) == 1
    assert queued.read_now(queueing.made) == "" or "defer" in broken
    if "defer" in broken:
        # Not looked for one by one; whoever damages it drops it whole.
        queueing.drop(queued.engine)
    assert queueing.ensure(queued.engine)
    # What waits has its job again.
    assert jobs(queued) == [chat]


def test_it_is_made_once_and_anew_for_another_version(
    queued: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not queueing.ensure(queued.engine)
    chat = queued.write_now(lambda c: put(c, "a", 1))
    monkeypatch.setattr(queueing, "version", lambda: "procrastinate 99")
    assert queueing.ensure(queued.engine)
    assert queued.read_now(queueing.made) == "procrastinate 99"
    assert jobs(queued) == [chat]


def test_leases_given_back_are_for_another_worker(queued: Database) -> None:
    chat = queued.write_now(lambda c: put(c, "a", 1))
    queued.write_now(fetch)
    queued.write_now(lambda c: inbox.take(c, chat, "me", START, START))
    queued.write_now(lambda c: inbox.give_back(c, "me"))
    assert jobs(queued) == [chat]


def test_a_database_that_does_not_allow_it(shared_url: str) -> None:
    engine = make_engine(shared_url)
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS poor"))
        connection.execute(text("CREATE ROLE poor LOGIN"))
    poor = make_engine(shared_url.replace("postgres@", "poor@"))
    try:
        with pytest.raises(StartupError, match="GRANT CREATE ON DATABASE") as caught:
            queueing.ensure(poor)
        assert "\n" not in str(caught.value)
    finally:
        poor.dispose()
        with engine.begin() as connection:
            connection.execute(text("DROP ROLE poor"))
        engine.dispose()


def test_state(queued: Database) -> None:
    queued.write_now(lambda c: [put(c, "a", 1), put(c, "b", 1)])
    queued.write_now(fetch)
    found = queued.read_now(lambda c: queueing.state(c, 10))
    assert (found.made, found.waiting, found.running) == (queueing.version(), 1, 1)
    assert found.workers == 0
    queueing.drop(queued.engine)
    assert queued.read_now(lambda c: queueing.state(c, 10)).made == ""


# Shared rates -----------------------------------------------------------------------------------


def waits(database: Database, scope: str, most: int, seconds: float, times: int) -> list[float]:
    """Take places one after another; in how many seconds each is."""
    return [
        database.write_now(lambda c: queueing.slot(c, scope, most, seconds)) for _ in range(times)
    ]


def test_places_are_at_most_so_many_in_a_window(queued: Database) -> None:
    found = waits(queued, "telegram", 3, 100.0, 8)
    assert [round(max(0.0, each) / 100) for each in found] == [0, 0, 0, 1, 1, 1, 2, 2]
    assert waits(queued, "other", 3, 100.0, 1)[0] <= 0
    one = waits(queued, "one", 1, 100.0, 3)
    assert [round(max(0.0, each) / 100) for each in one] == [0, 1, 2]


def test_places_are_given_once_to_many_at_the_same_time(queued: Database) -> None:
    def take(connection: Connection) -> float:
        return queueing.slot(connection, "telegram", 5, 100.0)

    futures: list[Any] = [queued.submit(take) for _ in range(20)]
    found = sorted(round(max(0.0, each.result(10)) / 100) for each in futures)
    assert found == [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5


def test_quiet_scopes_are_forgotten(queued: Database) -> None:
    waits(queued, "telegram:7", 1, 100.0, 2)
    waits(queued, "telegram:8", 1, 0.0, 1)
    assert queued.write_now(lambda c: queueing.forget_slots(c, 50.0)) == 0
    assert queued.write_now(lambda c: queueing.forget_slots(c, -1.0)) == 1
