"""The program with a database that can be filled up or closed to writing from outside.

`python -m tests.faults.small_disk` serves as `congdanso serve` does. A file beside the database,
`disk`, says how it is: "full" (no page more than there are now, SQLite's `max_page_count`),
"read-only" (`query_only`), anything else is well. It is looked at before every transaction.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bot.__main__ import main
from tests.process import ROOT, Served

FULL, READ_ONLY, WELL = "full", "read-only", "well"
_ANY_SIZE = 1 << 30


def control(var_dir: Path) -> Path:
    """The file that says how the disk is."""
    return var_dir / "disk"


class OnSmallDisk(Served):
    """Such a program; `disk` sets how its disk is."""

    command = (sys.executable, "-m", "tests.faults.small_disk", "serve")

    def disk(self, how: str) -> None:
        """From the next transaction on."""
        file = control(self.var_dir)
        file.with_suffix(".new").write_text(how, encoding="utf-8")
        os.replace(file.with_suffix(".new"), file)


def _obey(file: Path) -> None:
    known: dict[int, str] = {}

    @event.listens_for(Engine, "before_cursor_execute")
    def look(_c: Any, cursor: sqlite3.Cursor, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            return
        how = file.read_text(encoding="utf-8") if file.exists() else WELL
        connection = cursor.connection
        if known.get(id(connection), WELL) != how:
            known[id(connection)] = how
            # SQLite never makes the limit smaller than the file is.
            most = 1 if how == FULL else _ANY_SIZE
            connection.execute(f"PRAGMA max_page_count={most}")
            connection.execute(f"PRAGMA query_only={'ON' if how == READ_ONLY else 'OFF'}")


if __name__ == "__main__":
    os.chdir(ROOT)
    _obey(control(Path(os.environ["CONGDANSO_VAR_DIR"])))
    main()
