"""Two bots for all of these tests: starting one takes longer than most tests do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.telegram.stage import Stage, staged


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A bot that polls, without limits on sending."""
    with staged(tmp_path_factory.mktemp("polling")) as made:
        yield made


@pytest.fixture(scope="package")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A bot with a webhook; the platform's limits hold, and ours."""
    with staged(tmp_path_factory.mktemp("webhook"), webhook=True, limits=True) as made:
        yield made
