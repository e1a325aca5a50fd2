"""Whole programs killed again and again while people write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kills import killed_on_postgresql, killed_on_sqlite, killed_roles

pytestmark = pytest.mark.faults


def test_the_program_is_killed_again_and_again(tmp_path: Path, seed: int, scale: float) -> None:
    """Whatever the moment, every message that was taken is answered once, in order."""
    killed_on_sqlite(tmp_path, round(5 * scale), seed).check()


def test_either_of_two_programs_is_killed(
    tmp_path: Path, shared_database: str, seed: int, scale: float
) -> None:
    """The other goes on at once, and the one that comes back takes its part."""
    killed_on_postgresql(tmp_path, shared_database, round(4 * scale), seed).check()


def test_any_of_the_roles_is_killed(
    tmp_path: Path, shared_database: str, seed: int, scale: float
) -> None:
    """Two of each: whichever dies, the other of its kind does the work."""
    killed_roles(tmp_path, shared_database, round(4 * scale), seed).check()
