"""Clocks that jump, and schedulers that are too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.services.runtime import Runtime
from tests.faults.clocks import jumping, scheduled
from tests.support import Clock

pytestmark = pytest.mark.faults


def test_a_clock_that_jumps(
    runtime: Runtime, clock: Clock, tmp_path: Path, seed: int, scale: float
) -> None:
    """Within seconds everybody is answered, and no deadline or reminder is lost or comes twice."""
    jumping(runtime, clock, tmp_path, round(4 * scale), seed).check()


def test_more_than_one_scheduler(runtime: Runtime, clock: Clock, seed: int, scale: float) -> None:
    """Every climb and every reminder once."""
    scheduled(runtime, clock, round(40 * scale), round(100 * scale), seed).check()
