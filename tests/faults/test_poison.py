"""Messages that nobody can handle."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.services.runtime import Runtime
from tests.faults.poison import poisoned
from tests.support import Clock

pytestmark = pytest.mark.faults


def test_a_poisoned_message_stops_nobody(
    runtime: Runtime, clock: Clock, tmp_path: Path, seed: int, scale: float
) -> None:
    """Set aside after three tries with an apology; the same chat goes on, in order."""
    poisoned(runtime, clock, tmp_path, round(25 * scale), seed).check()
