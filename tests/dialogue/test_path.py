"""Lộ trình công dân số: four stages with what this person has finished."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dialogue.helpers import LEVEL_2, QR, content, say, talk, walking

ALL = [g for stage in content().path for g in stage.guides]


def test_the_path_has_four_stages_and_nothing_done_yet() -> None:
    there = talk().press("path")
    assert there.said.startswith(say("path_title", done=0, total=len(ALL)))
    for number, name in enumerate(("Hiểu", "Định danh", "Dùng", "Tự giữ mình"), 1):
        assert f"\n{number}. {name}: " in there.said
    assert "✅" not in there.said
    assert there.said.count("⬜") == len(ALL)
    assert there.said.endswith(say("path_next"))


def test_finished_guides_are_ticked() -> None:
    there = talk(finished={QR: date(2026, 11, 1), "not_on_path": date(2026, 11, 1)}).text(
        "lộ trình"
    )
    assert there.said.startswith(say("path_title", done=1, total=len(ALL)))
    assert f"✅ {content().title(QR)}" in there.said
    assert f"⬜ {content().title(LEVEL_2)}" in there.said
    assert f"guide:{QR}" not in there.ids


def test_what_is_written_is_suggested_first() -> None:
    there = talk().press("path")
    written = [g for g in ALL if g in content().guides][:3]
    assert there.ids == [*(f"guide:{g}" for g in written), "household", "menu"]


def test_finishing_a_guide_ticks_it() -> None:
    there = walking(QR, len(content().guides[QR].steps) - 1).text("xong").tap("path")
    assert f"✅ {content().title(QR)}" in there.said


def test_the_end_of_the_path() -> None:
    there = talk(finished=dict.fromkeys(ALL, date(2026, 11, 1))).press("path")
    assert there.said.endswith(say("path_all_done"))
    assert there.ids == ["household", "menu"]
    assert "⬜" not in there.said


@pytest.mark.parametrize("text", ["lộ trình", "lo trinh", "/lotrinh", "Lộ trình công dân số"])
def test_typed_ways_to_the_path(text: str) -> None:
    assert talk().text(text).said.startswith(say("path_title", done=0, total=len(ALL)))
