"""A question, steps for some readers, texts that end by themselves, shared obstacles."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.guides.errors import ContentError
from bot.guides.loader import dump_guide, load_guides, parse_guide
from bot.guides.model import Guide, Obstacle

Ids = Mapping[str, str]
LAST_DAY = date(2027, 2, 28)
SNIPPETS = {"lost": Obstacle("Mất mã", "Xin người bán mã khác.", snippet="lost")}

QUESTION = """\
question:
  about: person
  ask: "{You} làm cho ai?"
  choices:
    - {id: self, label: Cho tôi}
    - {id: child, label: Cho trưởng thôn, words: [cháu bé], answer: Hỏi trưởng thôn., fee: Ít.}
steps:
  - title: Chuẩn bị
    text: Cha mẹ cùng đi.
    for: [child]
    if_stuck: [{problem: Cha đi xa, answer: Mẹ đi cũng được.}]
"""
TEMPORARY = """\
temporary:
  - {until: 2027-02-28, fee: Không mất phí tới hết tháng hai.}
related: [scam_link]
"""


@pytest.fixture
def text(valid: str) -> str:
    varied = valid.replace("steps:\n", QUESTION, 1).replace("related: [scam_link]\n", TEMPORARY)
    return varied.replace(
        "      - problem: Mã mờ\n", "      - {use: lost, for: [child]}\n      - problem: Mã mờ\n"
    ).replace("      2: {text", "      3: {text")


@pytest.fixture
def guide(text: str, known_ids: Ids) -> Guide:
    return parse_guide(text, "qr_pay", known_ids, snippets=SNIPPETS)


def titles(guide: Guide) -> list[str]:
    return [step.title for step in guide.steps]


def problems(guide: Guide, number: int) -> list[str]:
    return [obstacle.problem for obstacle in guide.steps[number].if_stuck]


def test_each_choice_has_its_own_steps_and_texts(guide: Guide) -> None:
    mine, childs = guide.for_choice("self"), guide.for_choice("child")

    assert titles(mine) == ["Mở ứng dụng", "Quét mã", "Chờ"]
    assert titles(childs) == ["Chuẩn bị", "Mở ứng dụng", "Quét mã", "Chờ"]
    assert problems(mine, 1) == ["Quét không được", "Mã mờ"]
    assert problems(childs, 2) == ["Quét không được", "Mất mã", "Mã mờ"]
    assert (mine.answer, childs.answer) == (guide.answer, "Hỏi trưởng thôn.")
    assert guide.for_choice("nobody") is guide
    assert mine.revision == childs.revision == guide.revision


def test_what_is_temporary_ends_by_itself_after_its_last_day(guide: Guide) -> None:
    on = [guide.for_reader("", "self", day).fee for day in (LAST_DAY, date(2027, 3, 1))]

    assert on == ["Không mất phí tới hết tháng hai.", "Tùy ngân hàng."]


def test_a_temporary_text_may_be_for_one_choice(text: str, known_ids: Ids) -> None:
    narrow = text.replace("until: 2027-02-28,", "until: 2027-02-28, for: [child],")
    guide = parse_guide(narrow, "qr_pay", known_ids, snippets=SNIPPETS)

    assert guide.for_reader("", "self", LAST_DAY).fee == "Tùy ngân hàng."
    assert guide.for_reader("", "child", LAST_DAY).fee == "Không mất phí tới hết tháng hai."
    assert guide.for_reader("", "child", date(2027, 3, 1)).fee == "Ít."


def test_a_province_changes_the_step_of_the_file_and_the_words_of_the_question(
    guide: Guide,
) -> None:
    local = guide.for_reader("ca_mau", "child", date(2027, 3, 1))

    assert local.steps[2].text == "Đưa máy lại gần mã."
    assert local.answer == "Hỏi trưởng ấp."
    assert local.question is not None
    assert local.question.choices[1].label == "Cho trưởng ấp"


def test_a_guide_with_variants_reads_back_equal(guide: Guide, known_ids: Ids) -> None:
    assert Guide.from_json(guide.to_json()) == guide
    assert parse_guide(dump_guide(guide), "qr_pay", known_ids, snippets=SNIPPETS) == guide


WRONG = [
    ("about: person", "about: weather", "question.about", "must be one of person, device"),
    ("{id: self,", "{id: me,", "question.choices[1].id", "has the ids self, parent"),
    ("{id: child,", "{id: self,", "question.choices", "have 'self' twice"),
    ("    - {id: self, label: Cho tôi}\n", "", "question.choices", "must have 2 to 5"),
    ("label: Cho tôi", "label: " + "a" * 31, "question.choices[1].label", "at most 30"),
    ("    for: [child]\n", "    for: [dog]\n", "steps[1].for", "names 'dog'"),
    ("{use: lost,", "{use: found,", "steps[3].if_stuck[2].use", "there are: lost"),
    ("until: 2027-02-28", "until: tomorrow", "temporary[1].until", "is not a date"),
    (", fee: Không mất phí tới hết tháng hai.", "", "temporary[1]", "says nothing"),
    ("about: person\n", "about: province\n", "question.choices", "is not a known field"),
]


@pytest.mark.parametrize(("old", "new", "field", "message"), WRONG)
def test_a_wrong_variant_is_named(
    text: str, known_ids: Ids, old: str, new: str, field: str, message: str
) -> None:
    assert old in text
    with pytest.raises(ContentError) as caught:
        parse_guide(text.replace(old, new), "qr_pay", known_ids, snippets=SNIPPETS)

    problem = caught.value.problems[0]
    assert problem.field == field
    assert message in problem.message
    assert problem.line > 1


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("  - title: Chờ\n    text", "has 2 entries for the choice 'self'; must have 3 to 9"),
        ("      - problem: Không thấy nút\n        answer: Hỏi", "have too few `if_stuck` for"),
    ],
)
def test_every_choice_must_be_a_whole_guide(
    text: str, known_ids: Ids, old: str, message: str
) -> None:
    only = {
        "  - title: Chờ\n    text": "  - title: Chờ\n    for: [child]\n    text",
        "      - problem: Không thấy nút\n        answer: Hỏi": (
            "      - problem: Không thấy nút\n        for: [child]\n        answer: Hỏi"
        ),
    }
    with pytest.raises(ContentError, match="choice 'self'") as caught:
        parse_guide(text.replace(old, only[old]), "qr_pay", known_ids, snippets=SNIPPETS)

    assert message in caught.value.problems[0].message


def test_snippets_stand_beside_the_folder(text: str, known_ids: Ids, tmp_path: Path) -> None:
    folder = tmp_path / "guides"
    folder.mkdir()
    (folder / "qr_pay.yml").write_text(text, encoding="utf-8")
    shared = tmp_path / "snippets.yml"
    shared.write_text("lost: {problem: Mất mã, answer: Xin mã khác.}\n", encoding="utf-8")

    guide = load_guides(folder, known_ids)["qr_pay"]

    assert guide.for_choice("child").steps[2].if_stuck[1] == Obstacle(
        "Mất mã", "Xin mã khác.", ("child",), "lost"
    )
    shared.write_text("lost: {problem: Mất mã, anwser: Xin mã khác.}\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_guides(folder, known_ids)
    assert {problem.field for problem in caught.value.problems} == {"lost.answer", "lost.anwser"}
