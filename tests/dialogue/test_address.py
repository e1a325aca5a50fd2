"""How a person is addressed, and finding a topic by a few words."""

from __future__ import annotations

import pytest

from tests.dialogue.helpers import FRONT, QR, button, content, say, talk, walking


def test_nobody_is_called_anything_before_it_is_known() -> None:
    assert "Anh/chị cần việc gì?" in talk().text("menu").said


@pytest.mark.parametrize(
    ("text", "you"),
    [
        ("cho bác hỏi cái này", "bác"),
        ("Cho bac hoi voi", "bác"),
        ("dạ cho con hỏi làm sao quét mã", "bạn"),
        ("chú muốn hỏi chuyện mã QR", "chú"),
        ("cô hỏi cháu chút", "cô"),
        ("con tôi muốn hỏi cô giáo", "anh/chị"),
        ("bác hỏi giùm cô Ba với", "anh/chị"),
        ("ba hoi con chut", "anh/chị"),
        ("tui quét mã không được", "anh/chị"),
    ],
)
def test_what_people_call_themselves_is_what_they_are_called(text: str, you: str) -> None:
    found = talk().text(text)
    assert found.said.casefold().count(you) >= 1
    assert found.text("menu").said.startswith(f"{you[0].upper()}{you[1:]} cần việc gì?")


@pytest.mark.parametrize(
    "text", ["gọi tôi là cô", "Gọi tui là cô", "goi toi la co", "kêu tui là cô"]
)
def test_a_way_to_be_called_can_be_asked_for(text: str) -> None:
    found = talk().text(text)
    assert found.said == "Dạ, từ giờ cháu gọi là cô ạ. Cô cần việc gì?"
    assert found.ids == FRONT
    assert found.text("cho bác hỏi").state.form == "co"


def test_it_is_one_tap_from_the_list() -> None:
    found = talk().text("menu").tap("address")
    assert found.said == "Anh/chị muốn em gọi là gì?"
    assert found.labels[:3] == ["bác", "cô", "chú"]
    assert "Chú cần việc gì?" in found.text("3").said
    assert talk().press("form:king").said == say("address_ask")


def test_the_form_holds_in_guides_and_buttons_too() -> None:
    guide = content().guides[QR]
    found = talk(form="ong").press(f"guide:{QR}")
    assert "{" not in found.said
    assert "anh/chị" not in found.said.casefold()
    assert guide.title in found.said
    assert talk(form="gone_form").text("menu").said.startswith("Anh/chị")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("tìm bảo hiểm", "health_insurance_card"),
        ("tim bao hiem", "health_insurance_card"),
        ("tìm kiếm sim", "sim_registration"),
    ],
)
def test_a_search_lists_topics_by_name(text: str, first: str) -> None:
    found = talk().text(text)
    assert found.said == say("search_found")
    assert found.ids[0] == f"guide:{first}"


def test_a_bare_name_that_was_not_understood_is_searched_too() -> None:
    assert talk().text("bảo hiểm").said == say("search_found")
    assert talk().text("giá lúa hôm nay bao nhiêu").said == say("out_of_scope")
    assert talk().text("tìm vợ").said == say("out_of_scope")


def test_a_search_inside_a_guide_keeps_the_way_back() -> None:
    found = walking(QR, 1).text("tìm bảo hiểm")
    assert found.labels[-2:] == [button("back_to_step", step=2), button("menu")]
