"""No room, or no right to write: nothing is taken that cannot be kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.disks import unwritable
from tests.faults.small_disk import FULL, READ_ONLY

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("how", [FULL, READ_ONLY])
def test_what_cannot_be_kept_is_asked_for_again(
    how: str, tmp_path: Path, seed: int, scale: float
) -> None:
    """The platform is answered 503 and sends again; what was in hand is not repeated."""
    unwritable(tmp_path, how, round(2 * scale), seed).check()
