"""Small things that many tests use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

#: A Saturday, half past nine in the morning in Vietnam: not in the quiet hours.
START = datetime(2025, 11, 22, 2, 30, tzinfo=UTC)

#: For tests of one database's own ways.
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, start: datetime = START) -> None:
        self.at = start

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> datetime:
        """Move on."""
        self.at += timedelta(seconds=seconds)
        return self.at


def minutes(number: float) -> timedelta:
    """A short word for a long one."""
    return timedelta(minutes=number)
