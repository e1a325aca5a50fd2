"""A guide's revision, its province variants, and the way to a database and back."""

import json
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, replace

import pytest

from bot.guides.errors import ContentError
from bot.guides.loader import parse_guide
from bot.guides.model import Guide, StepOverride
from bot.guides.words import WordSwap


@pytest.fixture
def guide(valid: str, known_ids: Mapping[str, str]) -> Guide:
    return parse_guide(valid, "qr_pay", known_ids)


def test_json_round_trip(guide: Guide) -> None:
    # A database may hand keys back in another order than they were written in.
    stored = json.dumps(guide.to_json(), sort_keys=True)

    again = Guide.from_json(json.loads(stored))

    assert again == guide
    assert again.revision == guide.revision


def test_a_province_variant_goes_round_too_and_keeps_the_revision(guide: Guide) -> None:
    local = guide.for_province("ca_mau")

    assert Guide.from_json(local.to_json()) == local
    assert local.revision == guide.revision


@pytest.mark.parametrize(
    "stored",
    [{}, {"id": "a"}, {"steps": 3}, {"steps": [{"title": "a"}]}, {"provinces": []}],
)
def test_what_is_not_a_stored_guide_is_refused(guide: Guide, stored: dict[str, object]) -> None:
    data = {**guide.to_json(), **stored} if stored else {}
    if stored == {"id": "a"}:
        del data["fee"]

    with pytest.raises(ContentError, match=r"must be what Guide\.to_json makes"):
        Guide.from_json(data)


def test_the_revision_is_twelve_hex_digits_and_stable(
    valid: str, known_ids: dict[str, str]
) -> None:
    first = parse_guide(valid, "qr_pay", known_ids)
    reordered = valid.replace("fee: Tùy ngân hàng.\n", "") + "fee: Tùy ngân hàng.\n"

    assert len(first.revision) == 12
    assert int(first.revision, 16) >= 0
    assert parse_guide("# a comment\n" + reordered, "qr_pay", known_ids) == first


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fee: Tùy ngân hàng.", "fee: Tùy."),
        ("days: 3", "days: 4"),
        ("verified_on: 2026-11-21", "verified_on: 2026-11-22"),
        ("trưởng thôn: trưởng ấp", "trưởng thôn: trưởng khóm"),
        ("problem: Mã mờ", "problem: Mã nhòe"),
    ],
)
def test_the_revision_changes_with_the_content(
    guide: Guide, valid: str, known_ids: dict[str, str], old: str, new: str
) -> None:
    changed = parse_guide(valid.replace(old, new), "qr_pay", known_ids)

    assert changed.revision != guide.revision


def test_a_province_overrides_texts_and_words(guide: Guide) -> None:
    local = guide.for_province("ca_mau")

    assert local.fee == "Không mất phí."
    assert local.steps[1].text == "Đưa máy lại gần mã."
    assert local.steps[1].if_stuck == guide.steps[1].if_stuck
    assert local.steps[0].text == "Mở ứng dụng ngân hàng, nhờ trưởng ấp chỉ nếu cần."
    assert local.steps[0].if_stuck[0].answer == "Hỏi trưởng ấp."
    assert local.steps[2] == guide.steps[2]
    assert local.provinces == ()


@pytest.mark.parametrize("code", [None, "dak_lak", "nowhere"])
def test_other_provinces_read_the_common_text(guide: Guide, code: str | None) -> None:
    assert guide.for_province(code) is guide


def test_a_province_may_replace_the_obstacles_of_a_step(guide: Guide) -> None:
    override = StepOverride(1, title="Mở", if_stuck=guide.steps[1].if_stuck)

    step = override.apply(guide.steps[0])

    assert (step.title, step.text) == ("Mở", guide.steps[0].text)
    assert step.if_stuck == guide.steps[1].if_stuck
    assert StepOverride.from_json("1", override.to_json()) == override


def test_a_guide_cannot_be_changed(guide: Guide) -> None:
    with pytest.raises(FrozenInstanceError):
        guide.title = "x"  # type: ignore[misc]
    assert hash(replace(guide, revision="")) == hash(guide)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hỏi trưởng thôn.", "Hỏi trưởng ấp."),
        ("Trưởng thôn biết.", "Trưởng ấp biết."),
        ("ở thôn, trưởng thôn", "ở ấp, trưởng ấp"),
        ("thônx nông thôn", "thônx nông ấp"),
        ("không có gì", "không có gì"),
    ],
)
def test_words_are_swapped_whole_and_longest_first(text: str, expected: str) -> None:
    swap = WordSwap((("thôn", "ấp"), ("trưởng thôn", "trưởng ấp")))

    assert swap(text) == expected


def test_no_words_change_nothing() -> None:
    assert WordSwap(())("thôn") == "thôn"
