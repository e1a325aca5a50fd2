"""Hostile updates on every channel: no exception, no 5xx, no stuck conversation."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.fuzz_updates import CHANNELS, run


@pytest.mark.parametrize("channel", CHANNELS)
async def test_hostile_updates_harm_nothing(channel: str, tmp_path: Path, few_guides: Path) -> None:
    found = await run(channel, 300, 23, tmp_path, few_guides)
    assert found.escaped == {}
    assert found.loud == {}
    assert [status for status in found.statuses if status >= 500] == []
    assert (found.stuck, found.set_aside, found.waiting) == ([], 0, 0)
    assert found.touched >= 50
    # What is refused must not be everything.
    assert found.statuses[200] + found.statuses[202] > 300
