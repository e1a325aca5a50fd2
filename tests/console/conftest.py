"""A world per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import migrate
from bot.store.db import make_engine
from tests.console.world import World, make_world


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest revision; migrating once saves most of the time."""
    path = tmp_path_factory.mktemp("migrated") / "congdanso.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def world(tmp_path: Path, migrated: Path) -> Iterator[World]:
    """A new database with the console and the desk on it."""
    with make_world(tmp_path, migrated) as made:
        yield made
