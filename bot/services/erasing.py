"""Erasures stay erased: a list of who had everything erased outlives the database it happened in.

The list stands in the database, written in the erasure's own transaction, and beside it in a file,
so that it is there when the database is lost and an older backup is put in its place. It has keyed
hashes and times, nothing else. Whoever is on it and erased after a backup was made is erased again
before the restored database is used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.services.runtime import Runtime
from bot.store import erasures

log = structlog.get_logger(__name__)

FILE = "erasures.json"
#: No backup may be kept as long: one that is older brings back who was forgotten here.
LEDGER_KEPT = timedelta(days=400)
#: A backup names the moment at which it was begun; clocks of two machines may differ.
CLOCKS = timedelta(minutes=5)

Ledger = Mapping[str, datetime]


class LedgerFile:
    """Keeps the file beside the database as the database is."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._written: Ledger | None = None

    async def tick(self) -> None:
        """Write the list out when it has changed."""
        known = await self._runtime.db.read(erasures.every)
        if known == self._written:
            return
        try:
            write_ledger(self._runtime.settings.var_dir, known)
        except OSError as error:
            log.warning("list of erasures not written", error=type(error).__name__)
            return
        self._written = known


def write_ledger(folder: Path, known: Ledger) -> None:
    """Replace the file by this list, whole or not at all."""
    draft = folder / f".{FILE}.{os.getpid()}"
    text = json.dumps({person: at.isoformat() for person, at in sorted(known.items())}, indent=0)
    descriptor = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, folder / FILE)


def read_ledger(folder: Path) -> dict[str, datetime]:
    """What the file says; nothing when there is none or it cannot be read."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="ascii"))
        return {str(person): _moment(at) for person, at in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        log.warning("list of erasures not readable", error=type(error).__name__)
        return {}


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def merged(*ledgers: Ledger) -> dict[str, datetime]:
    """All of them together; the last time counts."""
    every: dict[str, datetime] = {}
    for ledger in ledgers:
        for person, at in ledger.items():
            every[person] = max(at, every.get(person, at))
    return every
