"""What is stored about a person, as it is told to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: Rows of a table that are a person's own, each by the names of what stands in it.
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything stored about the person of one chat but their state, by table.

    Times are UTC; what is encrypted in the database is readable here.
    """

    since: datetime
    tables: Mapping[str, Rows] = field(default_factory=dict)

    def rows(self, table: str) -> Rows:
        """The rows of a table."""
        return self.tables.get(table, ())
