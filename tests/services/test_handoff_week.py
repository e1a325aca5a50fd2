"""Three days of the simulated week at a small size; `python -m bench.handoff_week` is the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.handoff_week import Broken, Week, simulate
from bench.handoff_world import Size

SMALL = Size(teams=12, members=60)
TICK = timedelta(minutes=20)


def test_nobody_falls_out(tmp_path: Path) -> None:
    """No ticket without an owner or a deadline after any event, no double claim, climbs on time."""
    result = simulate(tmp_path, SMALL, number=60, days=3, seed=11, tick=TICK)
    assert result.tickets == 60
    assert result.checks > 500
    assert result.claims > 20
    assert result.latest <= TICK.total_seconds()
    assert result.kinds["claimed"] == result.claims
    # Everything that can happen to a ticket by itself did happen.
    assert {"moved", "nudged"} <= set(result.kinds)


def test_a_ladder_that_stands_still_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.handoff_week.Ladder.tick", _nothing)
    with pytest.raises(Broken, match="was not worked on"):
        simulate(tmp_path, SMALL, number=10, days=2, seed=11, tick=TICK)


async def _nothing(_ladder: object) -> int:
    return 0


def test_an_owner_that_is_lost_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Week._standing

    def without_team(week: Week, number: int) -> object:
        return replace(real(week, number), team_id=None)

    monkeypatch.setattr(Week, "_standing", without_team)
    with pytest.raises(Broken, match="without an owner"):
        simulate(tmp_path, SMALL, number=3, days=1, seed=11, tick=TICK)
