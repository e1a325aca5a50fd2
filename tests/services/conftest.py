"""A world per test."""

from __future__ import annotations

import pytest

from bot.services.runtime import Runtime
from tests.services.support import World


@pytest.fixture
def world(runtime: Runtime) -> World:
    """Real conversations on a database of each kind."""
    return World(runtime)
