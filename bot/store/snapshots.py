"""One moment of a database as an SQLite file, and what such a file needs to be moved about."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, func, select

from bot.errors import StoreError
from bot.models.schema import metadata
from bot.store import data_keys, migrate
from bot.store.copying import copy_database
from bot.store.crypto import Vault, key_name
from bot.store.db import make_engine


def snapshot(engine: Engine, to: Path) -> None:
    """Write everything as it is at one moment into a new SQLite file; writers go on meanwhile."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # Not page by page: what was erased is not in the copy.
            connection.exec_driver_sql("VACUUM INTO ?", (str(to),))
        return
    made = make_engine(f"sqlite:///{to}")
    try:
        copy_database(engine, made)
        fold_log(made)
    finally:
        made.dispose()


def fold_log(engine: Engine) -> None:
    """Leave nothing of an SQLite database in its write-ahead log, so that the file is all of it."""
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")


def is_whole(file: Path) -> bool:
    """Whether SQLite finds no fault in a file."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        try:
            answer: object = connection.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.DatabaseError:
            return False
    return answer == ("ok",)


def revision_and_rows(engine: Engine) -> tuple[str, dict[str, int]]:
    """The schema's revision ("" for none), and how many rows each table has."""
    with engine.connect() as connection:
        rows = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }
        return migrate.current(connection) or "", rows


def key_belongs(engine: Engine, vault: Vault) -> bool:
    """Whether a database was written with this data key; one that no key was used with fits any."""
    with engine.connect() as connection:
        return data_keys.key_belongs(connection, vault)


def keys(engine: Engine) -> list[str]:
    """The names of the data keys a database is read with."""
    with engine.connect() as connection:
        return sorted(key_name(mark) for mark in data_keys.marks(connection))


@contextlib.contextmanager
def nobody_uses(place: Path) -> Iterator[None]:
    """An SQLite file to oneself; StoreError when a program has it open, or it is no database."""
    if not place.exists():
        yield
        return
    connection = sqlite3.connect(place, timeout=0, isolation_level=None)
    try:
        _take(connection, place)
        yield
    finally:
        connection.close()


def _take(connection: sqlite3.Connection, place: Path) -> None:
    try:
        # In this mode SQLite asks for a lock that an open connection elsewhere stands against.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise StoreError(f"{place}: a program is running on it; stop it, then restore") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{place}: is no database any more; move it away, then restore") from error
