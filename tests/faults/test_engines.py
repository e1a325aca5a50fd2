"""What understands messages is away or out of its mind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.engines import without_rasa

pytestmark = pytest.mark.faults


def test_rasa_in_every_kind_of_trouble(tmp_path: Path, seed: int, scale: float) -> None:
    """The engine behind answers what Rasa does not; nobody waits and nothing is repeated."""
    without_rasa(tmp_path, round(1 * scale), seed).check()
