"""How much is done: a little in CI, more with FAULTS_SCALE; which points, with FAULTS_SEED."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.databases import Postgres


@pytest.fixture
def seed() -> int:
    """Names the random points."""
    return int(os.environ.get("FAULTS_SEED", "1"))


@pytest.fixture
def scale() -> float:
    """By how much the counts are larger than in CI."""
    return float(os.environ.get("FAULTS_SCALE", "1"))


@pytest.fixture
def shared_database(postgres: Postgres) -> Iterator[str]:
    """An empty migrated PostgreSQL database for several programs."""
    with postgres.database() as url:
        yield url
