"""A look at a database that changes nothing in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text

from bot.store import data_keys, migrate
from bot.store.crypto import Vault
from bot.store.data_keys import Place
from bot.store.db import make_engine


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `revision` is None for an empty database; `now` is its server's clock."""

    kind: str
    revision: str | None
    key_fits: bool
    faults: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Keys:
    """The marks of the data keys a database needs, and how many values of each column are sealed
    with another than the writing one."""

    needed: set[str]
    others: dict[str, int]


def keys(url: str, places: Iterable[Place], vault: Vault) -> Keys | None:
    """Which data keys a database needs; None when it is empty, or not of this version."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            if migrate.current(connection) != migrate.head():
                return None
            found = data_keys.others(connection, places, vault) if len(vault.marks) > 1 else {}
            return Keys(data_keys.marks(connection), found)
    finally:
        engine.dispose()


def look(url: str, vault: Vault | None) -> Checked:
    """Look at revision, key, faults and clock. Raises SQLAlchemyError when it does not answer."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            sqlite = engine.dialect.name == "sqlite"
            revision = migrate.current(connection)
            fits = vault is None or revision is None or data_keys.key_belongs(connection, vault)
            faults, now = "", datetime.now(UTC)
            if sqlite:
                answer = connection.execute(text("PRAGMA quick_check(1)")).scalar()
                faults = "" if answer == "ok" else str(answer)
            else:
                now = connection.execute(text("SELECT now()")).scalar_one()
            return Checked("SQLite" if sqlite else "PostgreSQL", revision, fits, faults, now)
    finally:
        engine.dispose()
