"""Platforms that are away, slow, or want silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.services.runtime import Runtime
from tests.faults import networks
from tests.faults.fronts import Way
from tests.faults.networks import bad_network, storm
from tests.faults.platforms import away, closing
from tests.faults.talks import CHANNELS, WITHOUT_TOKEN
from tests.support import SQLITE, Clock

pytestmark = pytest.mark.faults


@SQLITE
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("way", "minutes"), [(Way.GONE, 60), (Way.ERRORS, 60), (Way.SILENT, 10)])
def test_an_hour_without_the_platform(
    way: Way,
    minutes: float,
    channel: str,
    runtime: Runtime,
    clock: Clock,
    tmp_path: Path,
    seed: int,
) -> None:
    """Everything said meanwhile is answered, in order, once it is back, and nothing given up.

    Silence takes real time, so here it is shorter than in the bench.
    """
    score = away(runtime, clock, tmp_path, way, minutes, seed, channel)
    score.check()
    assert score.given_up == 0


@SQLITE
def test_a_platform_that_is_away_beyond_the_end_of_the_token(
    runtime: Runtime, clock: Clock, tmp_path: Path, seed: int
) -> None:
    """Nobody waits for the next token longer than for the platform."""
    score = away(runtime, clock, tmp_path, Way.GONE, 60, seed, WITHOUT_TOKEN)
    score.check()
    assert score.given_up == 0


@SQLITE
def test_a_platform_that_is_away_until_nobody_may_be_written_to(
    runtime: Runtime, clock: Clock
) -> None:
    """What waits is kept, not given up, and not refused over and over."""
    score = closing(runtime, clock)
    score.check()
    assert score.given_up == 0


def test_a_network_that_lets_bytes_trickle(tmp_path: Path, seed: int, scale: float) -> None:
    """Slow is not lost."""
    bad_network(tmp_path, networks.Way.TRICKLE, round(150 * scale), seed).check()


def test_a_network_that_cuts_connections(tmp_path: Path, seed: int, scale: float) -> None:
    """Only what was in doubt is said twice, and nothing is given up."""
    score = bad_network(tmp_path, networks.Way.RESETS, round(200 * scale), seed)
    score.check()
    assert score.given_up == 0


def test_a_platform_that_wants_silence(tmp_path: Path, seed: int, scale: float) -> None:
    """However often it says so, that is waited out and counts as no failure."""
    storm(tmp_path, round(200 * scale), seed).check()
