"""A PostgreSQL database with the queue in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.store import queueing
from bot.store.db import Database, make_engine
from tests.databases import Postgres


@pytest.fixture
def shared_url(postgres: Postgres) -> Iterator[str]:
    """The address of a migrated database; the queue is taken out of it afterwards."""
    with postgres.database() as url:
        yield url
        engine = make_engine(url)
        queueing.drop(engine)
        engine.dispose()


@pytest.fixture
def queued(shared_url: str) -> Iterator[Database]:
    """A database with a queue, as the roles open it."""
    database = Database(make_engine(shared_url))
    queueing.ensure(database.engine)
    database.queued = True
    yield database
    database.close()
