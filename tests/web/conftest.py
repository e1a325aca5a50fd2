"""The program and somebody's browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from bot.app import Program, build, make_app
from bot.services.runtime import Runtime


@pytest.fixture
def program(runtime: Runtime) -> Iterator[Program]:
    """The program put together, with nothing at work in the background."""
    made = build(runtime.settings, runtime)
    yield made
    made.cards.stop()
    made.pictures.stop()


@pytest.fixture
def client(program: Program) -> Iterator[TestClient]:
    """Somebody's browser that has opened the chat."""
    with TestClient(make_app(program)) as made:
        made.post("/chat/open", json={}).raise_for_status()
        yield made
