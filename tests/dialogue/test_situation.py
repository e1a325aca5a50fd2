"""The one question of a guide: asked when it matters, answered by tap, by number or in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from bot.domain.effects import OpenTicket
from bot.guides.model import (
    Guide,
    Obstacle,
    ProvinceOverride,
    Question,
    Situation,
    Step,
    Temporary,
)
from tests.dialogue.helpers import (
    LEVEL_2,
    LINK,
    QR,
    Talk,
    button,
    content,
    effect_of,
    say,
    talk,
)
from tests.dialogue.helpers import with_guides as shipped_with

CHILD = f"case:{LEVEL_2}:child"


@cache
def asking(about: str = "person") -> Guide:
    """A guide with a question about whom it is for, or about the phone."""
    ids = {"person": ("self", "child"), "device": ("android", "iphone")}[about]
    labels = {"person": ("Cho tôi", "Cho con dưới 14 tuổi"), "device": ("Máy Android", "iPhone")}
    first, second = labels[about]
    question = Question(
        about,
        "{You} làm cho ai?",
        (
            Situation(id=ids[0], label=first),
            Situation(id=ids[1], label=second, words=("con tôi",), fee="Hỏi tại quầy."),
        ),
    )
    steps = (
        Step("Cha mẹ cùng đi", "Dắt cháu theo.", situations=(ids[1],)),
        Step("Mở máy", "Mở máy lên.", if_stuck=(Obstacle("Hết pin", "Sạc."),)),
        Step("Đưa thẻ", "Đưa thẻ ra.", if_stuck=(Obstacle("Cháu khóc", "Dỗ.", (ids[1],)),)),
    )
    until = Temporary(until=date(2026, 11, 30), time="Nhanh hơn trong tháng này.")
    old = content().guides[LEVEL_2]
    new = replace(old, question=question, steps=steps, temporary=(until,), revision="")
    return replace(new, emergency=(), warnings=())


@cache
def local() -> Guide:
    """A guide whose text depends on the province."""
    override = ProvinceOverride(code="ca_mau", answer="Dùng ứng dụng của Cà Mau.")
    old = content().guides[QR]
    question = Question("province", "{You} ở tỉnh nào?")
    return replace(old, question=question, provinces=(override,), revision="")


def there(about: str = "person") -> Talk:
    guides = {LEVEL_2: asking(about), QR: local()}
    return talk().know(content=shipped_with(**guides))


def asked(about: str = "person") -> Talk:
    return there(about).press(f"guide:{LEVEL_2}")


def test_the_question_comes_with_the_answer_in_one_sentence_and_nothing_more() -> None:
    found = asked()
    assert found.said.endswith("Anh/chị làm cho ai?")
    assert "Bước 1" not in found.said
    assert found.ids == [f"case:{LEVEL_2}:self", CHILD, "menu"]
    assert found.labels[:2] == ["Cho tôi", "Cho con dưới 14 tuổi"]


@pytest.mark.parametrize("answer", ["2", "cho con dưới 14 tuổi", "cho con duoi 14 tuoi", "con tôi"])
def test_ways_to_answer(answer: str) -> None:
    found = asked().text(answer)
    assert "Bước 1/3: Cha mẹ cùng đi" in found.said
    assert say("guide_fee", fee="Hỏi tại quầy.") in found.said
    assert found.state.session is not None
    assert found.state.session.choice == "child"


@pytest.mark.parametrize("answer", ["không phải cho con dưới 14 tuổi", "chua co con duoi 14 tuoi"])
def test_what_is_denied_is_not_chosen(answer: str) -> None:
    assert "Bước 1" not in asked().text(answer).said


@pytest.mark.parametrize("answer", ["1", "tiếp", "ừ", "cho tôi"])
def test_the_usual_case_is_the_first(answer: str) -> None:
    found = asked().text(answer)
    assert "Bước 1/2: Mở máy" in found.said
    assert found.tap("next").tap("stuck").ids[0] != f"why:{LEVEL_2}:1:0"


def test_what_was_said_with_the_question_is_not_asked() -> None:
    found = there().text("làm định danh cho con tôi", LEVEL_2)
    assert "Bước 1/3: Cha mẹ cùng đi" in found.said


def test_another_answer_can_be_given_at_the_first_step() -> None:
    found = asked().press(CHILD)
    assert f"reask:{LEVEL_2}" in found.ids
    assert found.tap("other_case").said == "Anh/chị làm cho ai?"
    assert "Bước 1/2: Mở máy" in found.text("1").said


def test_no_step_can_be_reached_before_the_answer() -> None:
    for choice in (f"next:{LEVEL_2}:0", f"stuck:{LEVEL_2}:0", f"back:{LEVEL_2}"):
        found = asked().press(choice)
        assert found.said == "Anh/chị làm cho ai?"
    assert asked().text("nhắc lại").said == "Anh/chị làm cho ai?"


def test_another_question_is_answered_and_the_open_one_stays() -> None:
    found = asked().text("tin nhắn này có lừa đảo không", LINK)
    assert found.ids[0] == f"back:{LEVEL_2}"
    assert found.press(f"back:{LEVEL_2}").said == "Anh/chị làm cho ai?"


def test_nobody_is_said_to_be_at_a_step_that_was_not_shown() -> None:
    title = content().title(LEVEL_2)
    found = asked().text("tin nhắn này có lừa đảo không", LINK)
    assert found.said.endswith(say("guide_aside_asked", title=title))
    assert "bước 1" not in " ".join(found.labels)
    assert found.labels[0] == button("back_to_guide", title=title)
    assert found.tap("back_to_guide", title=title).said == "Anh/chị làm cho ai?"


def test_a_short_question_before_the_answer_offers_no_help_with_a_step() -> None:
    found = asked().text("phí bao nhiêu")
    assert found.said.endswith(say("guide_aside_asked", title=content().title(LEVEL_2)))
    assert found.ids == [f"back:{LEVEL_2}", "human"]


def test_a_guide_left_at_its_question_comes_back_after_another() -> None:
    found = asked().press(f"guide:{QR}").text("cà mau")
    while found.state.session is not None:
        found.text("xong")
    assert say("guide_aside_asked", title=content().title(LEVEL_2)) in found.said
    assert found.text("có").said == "Anh/chị làm cho ai?"


def test_an_answer_that_means_nothing_is_treated_as_any_other_message() -> None:
    assert asked().text("hôm nay trời đẹp").said == say("out_of_scope")


@pytest.mark.parametrize("choice", ["dog", "", "child:x"])
def test_buttons_of_no_choice(choice: str) -> None:
    assert asked().press(f"case:{LEVEL_2}:{choice}").said == say("stale")


def test_the_phone_is_asked_once_for_all_guides() -> None:
    found = asked("device").text("iphone")
    assert found.state.device == "iphone"
    again = talk(device="iphone").know(content=found.facts.content).press(f"guide:{LEVEL_2}")
    assert "Bước 1/3: Cha mẹ cùng đi" in again.said


def test_the_province_is_asked_once_and_remembered() -> None:
    found = there().press(f"guide:{QR}")
    assert found.said.endswith("Anh/chị ở tỉnh nào?")
    assert found.labels[:4] == ["Cà Mau", "Đắk Lắk", "Thái Nguyên", "Nơi khác"]
    found.text("tôi ở cà mau")
    assert "Dùng ứng dụng của Cà Mau." in found.said
    assert found.state.province == "ca_mau"
    assert found.tap("other_case").text("4").state.province == "elsewhere"


def test_a_province_named_in_the_question_is_not_asked() -> None:
    found = there().text("quét mã ở cà mau làm sao", QR)
    assert "Dùng ứng dụng của Cà Mau." in found.said


def test_a_text_that_is_over_is_not_said_any_more() -> None:
    until = "Nhanh hơn trong tháng này."
    assert until in asked().press(CHILD).said
    last = there().know(now=datetime(2026, 11, 30, 16, 59, tzinfo=UTC))
    assert until in last.press(f"guide:{LEVEL_2}").press(CHILD).said
    over = there().know(now=datetime(2026, 11, 30, 17, 0, tzinfo=UTC))
    assert until not in over.press(f"guide:{LEVEL_2}").press(CHILD).said


def test_a_helper_sees_the_situation() -> None:
    found = asked().press(CHILD).press("human").text("đồng ý").text("cô Ba")
    ticket = effect_of(found.press("hand:chat").text("xã Tân Ân"), OpenTicket)
    assert ticket.guide_title == "Định danh mức 2: Cho con dưới 14 tuổi"


def test_a_guide_that_got_a_question_asks_it_of_whoever_was_in_it() -> None:
    found = talk().press(f"guide:{LEVEL_2}").tap("next")
    found.know(content=shipped_with(**{LEVEL_2: asking()})).text("tiếp")
    assert found.said.endswith("Anh/chị làm cho ai?")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("làm định danh cho cháu 10 tuổi", "Cha mẹ cùng đi"),
        ("lam dinh danh cho be 6 tuoi", "Cha mẹ cùng đi"),
        ("tôi 70 tuổi muốn làm định danh", ""),
        ("làm định danh cho cháu 10 tuổi và cháu 15 tuổi", ""),
    ],
)
def test_the_age_of_a_child_is_an_answer(text: str, first: str) -> None:
    found = there().text(text, LEVEL_2)
    assert (f"Bước 1/3: {first}" in found.said) if first else found.said.endswith("làm cho ai?")


def test_what_was_said_with_the_question_is_not_said_again() -> None:
    answer = content().guides[LEVEL_2].answer
    found = asked()
    assert answer in found.said
    assert answer not in found.press(CHILD).said
    assert say("guide_fee", fee="Hỏi tại quầy.") in found.said


def test_another_case_named_half_way_is_answered_and_can_be_chosen() -> None:
    found = asked().press(f"case:{LEVEL_2}:self").text("xong")
    found.text("còn con tôi thì sao", LEVEL_2)
    assert say("guide_fee", fee="Hỏi tại quầy.") in found.said
    assert found.ids[:2] == [f"back:{LEVEL_2}", CHILD]
    assert "Bước 1/3" in found.press(CHILD).said


def test_asked_again_for_somebody_else_it_begins_again() -> None:
    found = asked().press(f"case:{LEVEL_2}:self").text("xong").text("thôi")
    found.press(f"guide:{LEVEL_2}").press(f"case:{LEVEL_2}:self").text("xong").press(f"guide:{QR}")
    assert "Bước 1/3" in found.text("thôi").text("làm cho con tôi", LEVEL_2).said


def test_another_case_can_be_chosen_where_one_is_stuck() -> None:
    found = asked().press(f"case:{LEVEL_2}:self").tap("stuck")
    assert f"reask:{LEVEL_2}" in found.ids


def test_short_words_with_marks_of_the_normaliser_are_still_typed_without() -> None:
    assert "Bước 1/3" in there().text("con toi lam dc ko", LEVEL_2).said


@pytest.mark.parametrize("text", ["trường hợp khác", "truong hop khac"])
def test_another_case_can_be_asked_for_in_words_anywhere(text: str) -> None:
    found = asked().press(CHILD).text("xong").tap("stuck").text("1").text(text)
    assert found.said == "Anh/chị làm cho ai?"
    assert talk().text(text).said == say("no_session")
