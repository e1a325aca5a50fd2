"""Where the citizen lives: found from free text, confirmed with one tap; links of posters."""

from __future__ import annotations

import pytest

from bench.places import places
from bot.domain import events as ev
from bot.domain.effects import EraseMe, OpenTicket, SetLocality
from bot.domain.replies import Reply
from bot.domain.state import Slot, State, decode_state, encode_state
from bot.locality.atlas import Atlas
from tests.dialogue.helpers import (
    QR,
    Talk,
    button,
    effect_of,
    numbered_length,
    say,
    step_said,
    talk,
    walking,
)

TAN_AN, PHAN, MUI = "96.32236", "96.32244", "96.32248"
NAME = "xã Tân Ân, tỉnh Cà Mau"
SKIP, NONE, ELSEWHERE = "hand:nocommune", "hand:elsewhere", "hand:elsewhere"


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas(*places())


def asked(atlas: Atlas, state: State | None = None) -> Talk:
    """At the question where they live."""
    there = walking(QR, 1)
    if state is not None:
        there.state = state
    return there.know(places=atlas).press("human").tap("yes").text("cô Ba").tap("by_chat")


def opened(there: Talk) -> OpenTicket:
    return effect_of(there, OpenTicket)


# One tap ----------------------------------------------------------------------------------------


def test_a_sure_place_is_confirmed_and_kept_as_its_code(atlas: Atlas) -> None:
    there = asked(atlas).text("ap 4 xa khanh an u minh")
    name = "ấp 4, xã Khánh An, tỉnh Cà Mau"
    assert there.said == say("place_is", place=name)
    assert there.ids == ["hand:at:96.32059.ap-4", ELSEWHERE, SKIP]
    assert there.labels == [button("place_yes"), button("place_no"), button("skip")]
    there.tap("place_yes")
    assert opened(there).locality == "96.32059.ap-4"
    assert opened(there).commune == f"ap 4 xa khanh an u minh ({name})"
    assert effect_of(there, SetLocality) == SetLocality(name, "96.32059.ap-4")
    assert there.state.homes == {"": "96.32059.ap-4"}
    assert (there.state.slot, there.state.draft) == (None, None)
    assert decode_state(encode_state(there.state)).homes == there.state.homes


@pytest.mark.parametrize("answer", ["đúng rồi", "dung roi", "có", "1", "ừ"])
def test_yes_in_words(atlas: Atlas, answer: str) -> None:
    there = asked(atlas).text("xã Đất Mũi").text(answer)
    assert opened(there).locality == MUI


def test_several_places_are_offered(atlas: Atlas) -> None:
    there = asked(atlas).text("xã Tân Ân, Ngọc Hiển")
    assert there.said == say("place_which")
    assert there.ids[:3] == [f"hand:at:{TAN_AN}", *sorted(f"hand:at:{c}" for c in (PHAN, MUI))]
    assert there.ids[3:] == [NONE, SKIP]
    assert there.labels[0] == "Xã Tân Ân, Cà Mau"
    there.text("2")
    assert opened(there).locality == PHAN
    assert opened(there).commune == f"xã Tân Ân, Ngọc Hiển ({atlas.name(PHAN)})"


def test_a_divided_commune_says_so(atlas: Atlas) -> None:
    there = asked(atlas).text("xã Viên An huyện Ngọc Hiển")
    assert there.said == say("place_divided", was="Xã Viên An, Huyện Ngọc Hiển")
    assert len(there.ids) == 4


def test_never_more_than_five_places(atlas: Atlas) -> None:
    there = asked(atlas).text("tan tien")
    assert 2 <= len([c for c in there.ids if c.startswith("hand:at:")]) <= 5
    assert all(len(c.encode()) <= 64 for c in there.ids)
    assert numbered_length(Reply(there.said, there.replies[-1].choices)) < 4096


# Not there --------------------------------------------------------------------------------------


@pytest.mark.parametrize("no", ["không", "khong phai", "tap"])
def test_not_there_types_again(atlas: Atlas, no: str) -> None:
    there = asked(atlas).text("xã Đất Mũi")
    there = there.tap("place_no") if no == "tap" else there.text(no)
    assert there.said == say("place_again")
    assert there.state.slot is Slot.COMMUNE
    there.text("xã Năm Căn").tap("place_yes")
    assert opened(there).locality == "96.32191"


@pytest.mark.parametrize("typed", ["", "xã Đất Mũi", "xã Tân Ân", "asdfgh"])
def test_skipping_always_works(atlas: Atlas, typed: str) -> None:
    there = asked(atlas)
    if typed:
        there.text(typed)
    there.text("bỏ qua")
    assert (opened(there).locality, opened(there).commune) == ("", "")
    assert there.state.homes == {}


def test_what_is_found_nowhere_is_asked_once_more_and_then_passed_on(atlas: Atlas) -> None:
    there = asked(atlas).text("xóm Bờ Đập nhà bà Sáu")
    assert there.said == say("place_unknown")
    there.text("chỗ cây dừa")
    assert (opened(there).locality, opened(there).commune) == ("", "chỗ cây dừa")
    assert effect_of(there, SetLocality) == SetLocality("chỗ cây dừa")


def test_without_a_gazetteer_what_is_typed_is_passed_on() -> None:
    there = asked(Atlas()).text("xã Tân Ân")
    assert (opened(there).locality, opened(there).commune) == ("", "xã Tân Ân")


def test_secrets_do_not_reach_the_helper(atlas: Atlas) -> None:
    there = asked(atlas).text("xã Đất Mũi otp 123456").tap("place_yes")
    assert "123456" not in opened(there).commune
    assert len(opened(there).commune) <= 120
    long = asked(atlas).text("xã Đất Mũi " + "x" * 500).tap("place_yes")
    assert len(opened(long).commune) <= 120


# Too wide ---------------------------------------------------------------------------------------


def test_a_district_alone_offers_or_lists_its_communes(atlas: Atlas) -> None:
    few = asked(atlas).text("huyện Ngọc Hiển")
    assert few.said == say("place_which")
    many = asked(atlas).text("huyện Đại Từ")
    assert many.said.startswith("huyện Đại Từ cũ nay gồm: ")
    assert "xã La Bằng" in many.said
    assert many.ids == [SKIP]
    many.text("la bằng").tap("place_yes")
    assert opened(many).locality == "19.05818"


def test_the_district_said_before_goes_on_to_count(atlas: Atlas) -> None:
    there = asked(atlas).text("huyện Đại Từ").text("phú thịnh")
    assert there.ids[0] == "hand:at:19.05800"


def test_a_province_alone_asks_for_the_commune(atlas: Atlas) -> None:
    there = asked(atlas).text("Cà Mau")
    assert there.said == say("place_province", place="tỉnh Cà Mau")
    assert there.ids == ["hand:at:96", SKIP]
    only = asked(atlas).text("Cà Mau").text("1")
    assert (opened(only).locality, opened(only).commune) == ("96", "Cà Mau (tỉnh Cà Mau)")
    # A province is too wide to be somebody's home.
    assert only.state.homes == {}
    assert opened(there.text("ca mau")).locality == "96"


def test_a_province_elsewhere_is_taken_as_it_is(atlas: Atlas) -> None:
    there = asked(atlas).text("xã Nậm Pồ, Điện Biên")
    assert opened(there).locality == "11"


# What is known ----------------------------------------------------------------------------------


def test_a_known_home_is_asked_with_one_tap(atlas: Atlas) -> None:
    there = asked(atlas, State(greeted=True, homes={"": TAN_AN}))
    assert there.said == say("place_still", place=NAME)
    there.tap("place_yes")
    assert (opened(there).locality, opened(there).commune) == (TAN_AN, NAME)


def test_a_home_that_changed_is_typed_again(atlas: Atlas) -> None:
    there = asked(atlas, State(greeted=True, homes={"": TAN_AN})).tap("place_no")
    there.text("xã Đất Mũi").tap("place_yes")
    assert there.state.homes == {"": MUI}


def test_each_of_the_household_has_a_home(atlas: Atlas) -> None:
    there = asked(atlas, State(greeted=True, homes={"": TAN_AN}, person="mother"))
    assert there.said == say("hand_commune")
    there.text("xã Đất Mũi").tap("place_yes")
    assert there.state.homes == {"": TAN_AN, "mother": MUI}


def test_a_home_that_is_no_place_any_more_is_forgotten(atlas: Atlas) -> None:
    assert asked(atlas, State(greeted=True, homes={"": "96.00001"})).said == say("hand_commune")


def test_erasing_forgets_the_home(atlas: Atlas) -> None:
    there = asked(atlas, State(greeted=True, homes={"": TAN_AN}))
    there.text("xóa dữ liệu").tap("erase")
    assert there.state.homes == {}
    assert effect_of(there, EraseMe) == EraseMe()


@pytest.mark.parametrize("choice", ["at:", "at:96.00001", "at:x", "at:" + "9" * 50, "elsewhere"])
def test_an_odd_button_asks_again(atlas: Atlas, choice: str) -> None:
    there = asked(atlas).press(f"hand:{choice}")
    assert there.said == say("place_again")
    assert there.effects == ()


def test_an_old_button_cannot_stand_in_for_consent(atlas: Atlas) -> None:
    there = talk().know(places=atlas).press("human").press(f"hand:at:{TAN_AN}")
    assert there.said == say("hand_consent")
    assert there.effects == ()


def test_a_button_of_the_place_does_nothing_at_another_question(atlas: Atlas) -> None:
    there = talk().know(places=atlas).press("human").press("hand:yes").press(f"hand:at:{TAN_AN}")
    assert there.effects == ()
    assert there.state.slot is Slot.NAME


# Links ------------------------------------------------------------------------------------------


def test_a_link_sets_the_place_and_says_so(atlas: Atlas) -> None:
    new = Talk(State()).know(places=atlas).event(ev.Start("loc_96_32236"))
    assert new.said == f"{say('place_set', place=NAME)}\n\n{say('greeting')}"
    assert new.state.homes == {"": TAN_AN}
    assert effect_of(new, SetLocality) == SetLocality(NAME, TAN_AN)


def test_somebody_in_a_guide_stays_there(atlas: Atlas) -> None:
    there = walking(QR, 1).know(places=atlas).event(ev.Start("loc_96_32236"))
    assert there.said == f"{say('place_set', place=NAME)}\n\n{step_said(QR, 1)}"


@pytest.mark.parametrize("typed", ["loc_96_32236", "LOC_96_32236", "loc 96 32236"])
def test_the_code_on_the_poster_can_be_typed(atlas: Atlas, typed: str) -> None:
    there = talk().know(places=atlas).text(typed)
    assert there.state.homes == {"": TAN_AN}
    assert there.said.startswith(say("place_set", place=NAME))
    asked_for = asked(atlas).text(typed)
    assert opened(asked_for).locality == TAN_AN


def test_a_hamlets_link(atlas: Atlas) -> None:
    there = talk().know(places=atlas).event(ev.Start("loc_96_32059_ap-4"))
    assert there.state.homes == {"": "96.32059.ap-4"}
    gone = talk().know(places=atlas).event(ev.Start("loc_96_32059_ap-99"))
    assert gone.state.homes == {"": "96.32059"}


@pytest.mark.parametrize("payload", ["loc_96_00001", "loc_00", "loc_77_32236"])
def test_a_link_to_nowhere_is_explained(atlas: Atlas, payload: str) -> None:
    there = talk().know(places=atlas).event(ev.Start(payload))
    assert there.said.startswith(say("place_link_unknown"))
    assert there.state.homes == {}
    assert there.effects == ()


@pytest.mark.parametrize("payload", ["loc_", "loc_x", "", "loc_96;", "x" * 64])
def test_another_payload_greets(atlas: Atlas, payload: str) -> None:
    assert talk().know(places=atlas).event(ev.Start(payload)).said == say("greeting")
