"""A program for each channel, kept for all scripts: starting one takes longer than a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parity.driver import Driver
from tests.parity.drivers import DRIVERS
from tests.parity.transcript import PLAIN
from tests.process import with_model


@pytest.fixture(scope="module", params=sorted(DRIVERS, key=lambda name: name != PLAIN))
def driver(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    few_guides: Path,
    sqlite_template: Path,
) -> Iterator[Driver]:
    """Each channel, with its platform's fake and a program behind it."""
    var_dir = with_model(tmp_path_factory.mktemp(request.param) / "var")
    (var_dir / "congdanso.db").write_bytes(sqlite_template.read_bytes())
    with DRIVERS[request.param](var_dir, few_guides) as made:
        yield made
