"""The queue of conversations on PostgreSQL: Procrastinate's tables, in a schema of their own.

A job says "drain conversation X" and nothing else. It is written in the transaction that writes the
event (`wanted`, `defer`), at most one waits per conversation, and at most one runs. What a job is
about stands in the inbox: the schema may be dropped at any time and loses nothing but seconds
(docs/adr/0011-queue.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata, resources
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StartupError

SCHEMA = "congdanso_queue"
QUEUE = "conversations"
TASK = "drain"
#: Raised when what we add to the schema changes: an older one is made anew at the next start.
_OURS = 1
_LOCK = 20_261_122
_KEY = "congdanso_drain"

_OWN = f"""
CREATE FUNCTION {SCHEMA}.drain(chats bigint[]) RETURNS void LANGUAGE plpgsql
SET search_path = {SCHEMA}, pg_catalog AS $$
DECLARE
  chat bigint;
  waiting bigint;
BEGIN
  -- In one order everywhere, so that two transactions never wait for each other.
  FOR chat IN SELECT DISTINCT unnest(chats) ORDER BY 1 LOOP
    FOR turn IN 1..3 LOOP
      BEGIN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[
          ROW('{QUEUE}', '{TASK}', 0, chat::text, chat::text,
            jsonb_build_object('chat', chat), NULL)
        ]::procrastinate_job_to_defer_v1[]);
        EXIT;
      EXCEPTION WHEN unique_violation THEN
        -- One waits already. Kept from being fetched until this commits, or whoever drains could
        -- look before the event can be seen; then whoever passed it over is woken again.
        SELECT id INTO waiting FROM procrastinate_jobs
          WHERE queueing_lock = chat::text AND status = 'todo' FOR SHARE;
        IF FOUND THEN
          PERFORM pg_notify('procrastinate_queue_v1#{QUEUE}',
            json_build_object('type', 'job_inserted', 'job_id', waiting)::text);
          EXIT;
        END IF;
      END;
    END LOOP;
  END LOOP;
END $$;

-- Not logged: after a crash of the database the limits begin anew, a second later.
CREATE UNLOGGED TABLE {SCHEMA}.send_slots (
  scope text PRIMARY KEY,
  taken double precision[] NOT NULL
);
"""

#: The event is kept whether there is a queue or not: the sweep finds it.
_FLUSH = """
DO $$ BEGIN
  PERFORM {schema}.drain(ARRAY[{chats}]::bigint[]);
EXCEPTION
  WHEN invalid_schema_name OR undefined_function OR undefined_table OR undefined_object
    OR insufficient_privilege THEN NULL;
END $$
"""


@dataclass(frozen=True, slots=True)
class QueueState:
    """`made` with which Procrastinate, "" when there is no queue; jobs that wait and run; the
    workers that said lately that they live."""

    made: str
    waiting: int = 0
    running: int = 0
    workers: int = 0


# Writing jobs -----------------------------------------------------------------------------------


def open_box(connection: Connection) -> None:
    """From here on this transaction notes which chats have something new."""
    connection.info[_KEY] = set()


def wanted(connection: Connection, chat: int) -> None:
    """A chat has something new; a process that has no queue takes no note of it."""
    box = connection.info.get(_KEY)
    if box is not None:
        box.add(chat)


def close_box(connection: Connection) -> set[int]:
    """The chats noted since `open_box`."""
    chats: set[int] = connection.info.pop(_KEY, set())
    return chats


def defer(connection: Connection, chats: Iterable[int]) -> None:
    """Write a job for each of the chats; last in a transaction, since others wait for it."""
    listed = ",".join(str(int(chat)) for chat in sorted(chats))
    if listed:
        connection.exec_driver_sql(_FLUSH.format(schema=SCHEMA, chats=listed))


# The schema -------------------------------------------------------------------------------------


def version() -> str:
    """What a schema made by this program is marked with."""
    return f"procrastinate {metadata.version('procrastinate')}, congdanso {_OURS}"


def made(connection: Connection) -> str:
    """What the schema is marked with; "" when it is not there or not whole."""
    return str(
        connection.execute(
            text(
                "SELECT obj_description(to_regnamespace(:schema), 'pg_namespace') "
                "WHERE to_regclass(:jobs) IS NOT NULL AND to_regclass(:slots) IS NOT NULL "
                "AND to_regprocedure(:drain) IS NOT NULL"
            ),
            {
                "schema": SCHEMA,
                "jobs": f"{SCHEMA}.procrastinate_jobs",
                "slots": f"{SCHEMA}.send_slots",
                "drain": f"{SCHEMA}.drain(bigint[])",
            },
        ).scalar()
        or ""
    )


def ensure(engine: Engine) -> bool:
    """Make the schema unless it is there, of this version and whole; True when it was made.

    What waits in the inbox gets its jobs. StartupError when the database does not allow it.
    """
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})
            if made(connection) == version():
                return False
            _make(connection)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise StartupError(
            f"the queue cannot be made in the database ({reason}); the user of "
            "CONGDANSO_DATABASE_URL needs: GRANT CREATE ON DATABASE … TO …"
        ) from error
    return True


def _make(connection: Connection) -> None:
    waiting = list(
        connection.execute(
            text("SELECT DISTINCT chat_id FROM inbox WHERE handled_at IS NULL")
        ).scalars()
    )
    theirs = (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8")
    # Many statements at once, which only the driver itself takes; in the same transaction.
    driver: Any = connection.connection.driver_connection
    driver.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    driver.execute(f"CREATE SCHEMA {SCHEMA}")
    driver.execute(f"SET LOCAL search_path = {SCHEMA}, pg_catalog")
    driver.execute(theirs)
    driver.execute(_OWN)
    driver.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{version()}'")
    defer(connection, waiting)


def drop(engine: Engine) -> None:
    """Take the queue out of the database; nothing that anybody wrote goes with it."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


# Looking ----------------------------------------------------------------------------------------


def state(connection: Connection, alive_seconds: float) -> QueueState:
    """How the queue is; a worker lives that was heard of within `alive_seconds`."""
    mark = made(connection)
    if not mark:
        return QueueState("")
    counts = text(f"SELECT status::text, count(*) FROM {SCHEMA}.procrastinate_jobs GROUP BY 1")
    jobs = {row[0]: row[1] for row in connection.execute(counts)}
    workers = connection.execute(
        text(
            f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers "
            "WHERE last_heartbeat > now() - make_interval(secs => :seconds)"
        ),
        {"seconds": alive_seconds},
    ).scalar()
    return QueueState(mark, jobs.get("todo", 0), jobs.get("doing", 0), workers or 0)


# Shared rates -----------------------------------------------------------------------------------

#: The database's time, so that the machines' clocks do not matter.
_CLOCK = "extract(epoch FROM clock_timestamp())::double precision"
#: Keeps the places that still count; what takes the next one follows.
_TAKE = f"""
INSERT INTO {SCHEMA}.send_slots AS s (scope, taken) VALUES (:scope, ARRAY[{_CLOCK}])
ON CONFLICT (scope) DO UPDATE SET taken = s.taken[
    greatest(1, cardinality(s.taken) - :most + 2) : cardinality(s.taken)
  ] || """
#: When the place is over that stands `most` before the next one.
_FREE = "s.taken[cardinality(s.taken) - :most + 1] + :seconds"
#: The next place, at the end of the window of that one at the earliest.
_SLOT = text(
    f"{_TAKE} greatest({_CLOCK}, s.taken[cardinality(s.taken)], {_FREE}) "
    f"RETURNING s.taken[cardinality(s.taken)] - {_CLOCK}"
)
#: The same, only when one is free now: nothing is kept of whoever has to wait.
_ROOM = text(
    f"{_TAKE} {_CLOCK} WHERE cardinality(s.taken) < :most OR {_FREE} <= {_CLOCK} RETURNING 1"
)


def slot(connection: Connection, scope: str, most: int, seconds: float) -> float:
    """Take the next place among at most `most` in any `seconds`, over all processes.

    Returns in how many seconds it is, 0 or less when it is now.
    """
    values = {"scope": scope, "most": most, "seconds": seconds}
    return float(connection.execute(_SLOT, values).scalar() or 0.0)


def room(connection: Connection, scope: str, most: int, seconds: float) -> bool:
    """Whether one more fits now among at most `most` in any `seconds`, over all processes; then it
    is counted."""
    values = {"scope": scope, "most": most, "seconds": seconds}
    return connection.execute(_ROOM, values).scalar() is not None


def forget_slots(connection: Connection, seconds: float) -> int:
    """Forget scopes that nothing was sent in for so long; returns how many."""
    return connection.execute(
        text(
            f"DELETE FROM {SCHEMA}.send_slots WHERE taken[cardinality(taken)] "
            "< extract(epoch FROM clock_timestamp()) - :seconds"
        ),
        {"seconds": seconds},
    ).rowcount
