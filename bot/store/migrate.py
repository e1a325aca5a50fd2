"""Bringing a database to this program's schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StartupError

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic takes over half a second to import, and a database that is up to date (nearly every
# start) does not need it: it is imported where it is used.

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
#: Two processes that start together must not migrate at once (PostgreSQL advisory lock).
_LOCK = 20_260_702


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def known() -> list[str]:
    """Every revision this program has, oldest first: migration files are named by them."""
    return sorted(file.name.split("_", 1)[0] for file in (MIGRATIONS / "versions").glob("*_*.py"))


def head() -> str:
    """The newest revision."""
    return known()[-1]


def current(connection: Connection) -> str | None:
    """The revision the database is at; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up. StartupError when the database cannot be used or is newer than the program."""
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_lock(:k)"), {"k": _LOCK})
                connection.commit()
            try:
                _upgrade(connection, revision)
            finally:
                if engine.dialect.name == "postgresql":
                    connection.rollback()
                    connection.execute(text("SELECT pg_advisory_unlock(:k)"), {"k": _LOCK})
                    connection.commit()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise StartupError(
            f"the database cannot be used ({reason}); check CONGDANSO_DATABASE_URL or "
            "CONGDANSO_VAR_DIR"
        ) from error


@contextmanager
def _unenforced(connection: Connection) -> Iterator[None]:
    """SQLite's foreign keys unenforced meanwhile: a table that is made anew must not take along
    the rows that point to the old one. They are checked before the commit (`_check_keys`)."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.commit()


def _check_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StartupError(
            f"the database cannot be migrated: a row of {broken[0]} points to a row of "
            f"{broken[2]} that is not there; restore a backup"
        )


def _upgrade(connection: Connection, revision: str) -> None:
    with _unenforced(connection):
        _upgrade_now(connection, revision)


def _upgrade_now(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "sqlite":
        # One transaction for all of it: a kill half way leaves the old schema, and a second
        # process that starts meanwhile waits here.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    at = current(connection)
    if at == head() and revision == "head":
        connection.rollback()
        return
    if at is not None and at not in known():
        raise StartupError(
            f"the database is at revision {at}, which this version does not know; "
            "install the newer version again, or restore a backup"
        )
    from alembic import command

    command.upgrade(_config(connection), revision)
    _check_keys(connection)
    connection.commit()


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down, for tests and for going back a version."""
    from alembic import command

    with engine.connect() as connection, _unenforced(connection):
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.downgrade(_config(connection), revision)
        _check_keys(connection)
        connection.commit()
