"""Nothing of what people should not have written is anywhere, in a program that really ran."""

from __future__ import annotations

from pathlib import Path

from bench.privacy import run


def test_nothing_that_was_sent_is_left_anywhere(tmp_path: Path, few_guides: Path) -> None:
    report = run(tmp_path, few_guides, count=100, seed=11)
    assert report.sent == 100
    assert len(report.by_place) >= 10
    assert report.looked["file congdanso.db-wal"] > 100_000
    assert report.looked["Bot API calls"] > 10_000
    assert (report.found, report.by_chance) == ([], [])
