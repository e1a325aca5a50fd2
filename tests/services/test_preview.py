"""A guide as each reader will be walked through it, before anybody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from bot.errors import BadRequest
from bot.guides.content import Content, load_content
from bot.guides.model import ProvinceOverride
from bot.services.preview import Reader, Shown, other_choices, rehearse
from bot.settings import ROOT
from tests.services.support import TITLES

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
QR, LEVEL_2, CHIP = "qr_pay", "vneid_level_2", "chip_id_card"


@cache
def content() -> Content:
    return load_content(ROOT / "content", TITLES)


def shown(guide: str, reader: Reader | None = None) -> list[Shown]:
    return rehearse(content(), guide, reader or Reader(), NOW)


@pytest.mark.parametrize("guide", sorted(TITLES))
def test_every_guide_is_shown_to_its_end(guide: str) -> None:
    whats = [each.what for each in shown(guide)]
    first = "answer and question" if content().guides[guide].question else "overview and step 1"
    assert whats[0] == first
    assert whats[-1] == "the end"
    steps = [int(what.rpartition(" ")[2]) for what in whats if "step " in what]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 3


@pytest.mark.parametrize("guide", sorted(TITLES))
def test_every_choice_of_every_guide_is_shown(guide: str) -> None:
    question = content().guides[guide].question
    for choice in question.choices if question else ():
        read = content().guides[guide].for_choice(choice.id)
        steps = [each for each in shown(guide, Reader(choice=choice.id)) if "step " in each.what]
        assert len(steps) == len(read.steps)


def test_a_step_that_takes_days_is_waited_for() -> None:
    guide = next(
        name
        for name, each in sorted(content().guides.items())
        if not each.question and any(step.wait for step in each.steps)
    )
    messages = shown(guide)
    assert "waiting" in [each.what for each in messages]
    assert messages[-1].what == "the end"


def test_a_province_has_its_own_text() -> None:
    local = ProvinceOverride(code="ca_mau", fee="Ở đây không mất phí.")
    guide = replace(content().guides[QR], question=None, provinces=(local,), revision="")
    here = replace(content(), guides={**content().guides, QR: guide})
    for province, found in (("", False), ("ca_mau", True), ("dak_lak", False)):
        messages = rehearse(here, QR, Reader(province=province), NOW)
        assert ("Ở đây không mất phí." in messages[0].reply.text) is found


def test_what_is_said_to_whoever_gets_stuck_is_shown_on_demand() -> None:
    plain, more = shown(QR), shown(QR, Reader(stuck=True))
    assert [each for each in more if not each.what.startswith("stuck")] == plain
    advice = [each.what for each in more if each.what.startswith("stuck: ")]
    guide = content().guides[QR]
    usual = guide.for_choice(guide.question.choices[0].id if guide.question else "")
    assert len(advice) == sum(len(step.if_stuck) for step in usual.steps)


def test_the_answers_that_are_not_shown_are_named() -> None:
    guide = content().guides[CHIP]
    assert guide.question is not None
    ids = [choice.id for choice in guide.question.choices]
    assert other_choices(guide, Reader(), content()) == ids[1:]
    assert other_choices(guide, Reader(choice=ids[1]), content()) == [ids[0], *ids[2:]]
    plain = replace(guide, question=None)
    assert other_choices(plain, Reader(), content()) == []


def test_what_there_is_not_is_said_with_what_there_is() -> None:
    with pytest.raises(BadRequest, match=r"qr_pya: no written guide .* qr_pay"):
        shown("qr_pya")
    with pytest.raises(BadRequest, match=r"--province hanoi.*ca_mau, dak_lak, thai_nguyen"):
        shown(QR, Reader(province="hanoi"))
    with pytest.raises(BadRequest, match=r"--choice nobody: chip_id_card has no such.*one of"):
        shown(CHIP, Reader(choice="nobody"))
    plain = next(name for name, each in content().guides.items() if not each.question)
    with pytest.raises(BadRequest, match=rf"{plain} asks nothing"):
        shown(plain, Reader(choice="child"))
