"""The content that ships."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.guides import nodes
from bot.guides.check import check_content, citizen_texts
from bot.guides.loader import load_guides, load_menu, load_path
from bot.guides.model import PROVINCES

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ROOT / "content"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def guide_ids() -> Mapping[str, str]:
    intents = yaml.safe_load((ROOT / "nlu" / "intents.yml").read_text(encoding="utf-8"))
    return {name: item["title"] for name, item in intents.items() if item["kind"] == "guide"}


def test_the_shipped_content_is_right(guide_ids: Mapping[str, str]) -> None:
    assert len(guide_ids) == 46
    assert [str(problem) for problem in check_content(CONTENT, guide_ids, TODAY)] == []


def test_the_python_parser_reads_the_same(
    guide_ids: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = load_guides(CONTENT / "guides", guide_ids)
    monkeypatch.setattr(nodes, "LOADER", yaml.SafeLoader)

    assert load_guides(CONTENT / "guides", guide_ids) == fast


def test_six_guides_are_there_from_the_start(guide_ids: Mapping[str, str]) -> None:
    first = {"digital_citizen", "vneid_level_2", "vneid_activate", "qr_pay"}

    assert first | {"scam_link", "scam_victim"} <= set(load_guides(CONTENT / "guides", guide_ids))


def test_what_to_do_first_fits_one_bubble(guide_ids: Mapping[str, str]) -> None:
    emergency = load_guides(CONTENT / "guides", guide_ids)["scam_victim"].emergency

    assert 5 <= len(emergency) <= 7
    assert sum(map(len, emergency)) <= 600
    # Before the bank only: stop, and cut off an app that is taking the money right now.
    assert any("ngân hàng" in line for line in emergency[:3])


def test_level_two_waits_three_working_days(guide_ids: Mapping[str, str]) -> None:
    steps = load_guides(CONTENT / "guides", guide_ids)["vneid_level_2"].steps
    waits = [step.wait for step in steps if step.wait]

    assert [(wait.days, wait.working) for wait in waits] == [(3, True)]


def test_obstacles_fit_on_buttons(guide_ids: Mapping[str, str]) -> None:
    for guide in load_guides(CONTENT / "guides", guide_ids).values():
        for step in guide.steps:
            labels = [obstacle.problem for obstacle in step.if_stuck]
            assert len(set(labels)) == len(labels), (guide.id, step.title)


@pytest.mark.parametrize("code", PROVINCES)
def test_no_province_reads_another_ones_words(guide_ids: Mapping[str, str], code: str) -> None:
    head = {
        "ca_mau": "trưởng ấp",
        "dak_lak": "trưởng buôn",
        "thai_nguyen": "trưởng xóm",
    }
    others = [word for other, word in head.items() if other != code]
    guides = load_guides(CONTENT / "guides", guide_ids)
    local = guides["vneid_level_2"].for_province(code)

    text = "\n".join(text for _field, text in citizen_texts(local))

    assert head[code] in text
    assert not [word for word in others if word in text]


def test_every_guide_is_in_the_menu_and_the_path_has_four_stages(
    guide_ids: Mapping[str, str],
) -> None:
    groups = load_menu(CONTENT / "menu.yml", guide_ids)
    stages = load_path(CONTENT / "path.yml", guide_ids)

    assert sum(len(group.guides) for group in groups) == 46
    assert [len(stage.guides) > 0 for stage in stages] == [True] * 4
