"""The database server stopped at once, and started again, under two programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.servers import restarted

pytestmark = pytest.mark.faults


def test_the_database_server_is_restarted(tmp_path: Path, seed: int, scale: float) -> None:
    """What was acknowledged is there, what was sent is not sent again, the rest is asked again."""
    restarted(tmp_path, round(3 * scale), seed).check()
