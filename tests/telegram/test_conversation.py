"""A citizen and the guides, through Telegram."""

from __future__ import annotations

import pytest

from tests.telegram.stage import Person, Stage, level_2

pytestmark = pytest.mark.program

CHOICES = [
    "Lộ trình công dân số",
    "Định danh mức 2",
    "Trả tiền bằng mã QR",
    "Nghi bị lừa",
    "Gặp tổ công nghệ số",
    "Xem tất cả",
]
ASK_LEVEL_2 = "lam sao de lam dinh danh muc 2"


@pytest.fixture
def ba(stage: Stage) -> Person:
    """A citizen who has read the greeting."""
    person = stage.person("Ba")
    person.start()
    return person


def test_the_greeting_says_that_it_is_a_machine_and_offers_six_things(stage: Stage) -> None:
    greeting = stage.person().start()
    assert "máy trả lời tự động" in greeting.text
    assert greeting.labels == CHOICES


def test_a_deep_link_greets_as_well(stage: Stage) -> None:
    person = stage.person()
    stage.tg.start(person.user, "qr_pay")
    assert "Chào anh/chị" in person.next().text


def test_who_asks_without_a_greeting_is_told_that_this_is_a_machine(stage: Stage) -> None:
    answer = stage.person().say(ASK_LEVEL_2)
    assert "máy trả lời tự động" in answer.text
    assert "cho ai" in answer.text


def test_a_question_without_marks_opens_the_guide_at_its_first_step(ba: Person) -> None:
    asked = ba.say(ASK_LEVEL_2)
    assert asked.text.startswith("Định danh mức 2")
    assert "cho ai" in asked.text
    answer = ba.say("cho toi")
    assert "Bước 1/8" in answer.text
    assert answer.labels[:2] == ["Xong, bước tiếp", "Chưa làm được"]
    assert "Gặp người giúp" in answer.labels


@pytest.mark.parametrize("typed", ["tiếp", "tiep", "xong rồi", "Rồi!", "1"])
def test_a_step_forward_is_typed_in_many_ways(ba: Person, typed: str) -> None:
    level_2(ba)
    assert "Bước 2/8" in ba.say(typed).text


def test_back_and_again_are_typed(ba: Person) -> None:
    level_2(ba)
    assert "bước đầu tiên" in ba.say("quay lại").text
    second = ba.say("tiếp")
    assert "Bước 1/8" in ba.say("quay lai").text
    assert "Bước 2/8" in ba.say("tiếp").text
    assert second.text in ba.say("nhắc lại").text


def test_not_yet_asks_where_it_hurts_and_a_number_answers(ba: Person) -> None:
    level_2(ba)
    which = ba.say("chưa được")
    assert which.labels[0] == "Thẻ hết hạn hoặc chưa có thẻ"
    advice = ba.say("1")
    assert "Bước 1/8" in advice.text
    assert "thử lại" in advice.text
    assert "Bước 2/8" in ba.say("được rồi").text


def test_a_number_that_is_not_offered_is_named(ba: Person) -> None:
    assert "không có số 9" in ba.say("9").text
    assert "cho ai" in ba.say("2").text


def test_enough_ends_the_guide(ba: Person) -> None:
    level_2(ba)
    assert "dừng" in ba.say("thôi").text
    assert "không làm dở" in ba.say("nhắc lại").text


def test_a_question_on_the_way_leads_back_to_the_step(ba: Person) -> None:
    level_2(ba)
    ba.say("tiếp")
    asked = len(ba.tg.messages(ba.id))
    aside = ba.say("trả tiền bằng mã qr làm sao")
    assert ba.tg.messages(ba.id)[asked].text.startswith("Quét QR trả tiền")
    assert "Quay lại bước 2" in aside.labels
    back = ba.tap("Quay lại bước 2")
    assert "Bước 2/8" in back.text


def test_who_was_robbed_comes_first(ba: Person) -> None:
    level_2(ba)
    asked = len(ba.tg.messages(ba.id))
    last = ba.say("toi vua bi lua chuyen tien roi")
    assert ba.tg.messages(ba.id)[asked].text.startswith("‼")
    assert last.labels[0] == "Gặp người ngay"
    assert "Quay lại bước 1" in last.labels
    assert "Bước 1/8" in ba.tap("Quay lại bước 1").text


def test_a_threat_to_life_comes_first_of_all(ba: Person) -> None:
    answer = ba.say("chồng đánh tôi")
    assert "113" in answer.text
    assert answer.labels[0] == "Gặp người ngay"


def test_an_otp_is_covered_and_not_needed(ba: Person) -> None:
    assert "che đi" in ba.say("mã otp của tôi là 482913").text


def test_the_conversation_goes_on_after_a_restart(stage: Stage, ba: Person) -> None:
    level_2(ba)
    ba.say("tiếp")
    assert stage.served.stop() == 0
    stage.tg.send_text(ba.user, "tiếp")
    stage.served.start()
    assert "Bước 3/8" in ba.next().text
    assert "Bước 4/8" in ba.say("tiếp").text
