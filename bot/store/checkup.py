"""A look at a database that changes nothing in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text

from bot.store import migrate, records
from bot.store.crypto import Vault
from bot.store.db import make_engine


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `revision` is None for an empty database; `now` is its server's clock."""

    kind: str
    revision: str | None
    key_fits: bool
    faults: str
    now: datetime


def look(url: str, vault: Vault | None) -> Checked:
    """Look at revision, key, faults and clock. Raises SQLAlchemyError when it does not answer."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            sqlite = engine.dialect.name == "sqlite"
            revision = migrate.current(connection)
            fits = vault is None or revision is None or records.key_belongs(connection, vault)
            faults, now = "", datetime.now(UTC)
            if sqlite:
                answer = connection.execute(text("PRAGMA quick_check(1)")).scalar()
                faults = "" if answer == "ok" else str(answer)
            else:
                now = connection.execute(text("SELECT now()")).scalar_one()
            return Checked("SQLite" if sqlite else "PostgreSQL", revision, fits, faults, now)
    finally:
        engine.dispose()
