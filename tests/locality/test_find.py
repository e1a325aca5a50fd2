"""What a text may mean, case by case, and that no text does harm."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.places import crowded, places
from bot.locality.atlas import Atlas
from bot.locality.find import Why, find_places
from bot.locality.gazetteer import Gazetteer, Hamlet
from bot.locality.index import Hamlets

WORDS = ["xã", "huyện", "tp", "ấp", "buôn", "Tân", "An", "Ngọc", "Hiển", "4", ",", "Cư", "Ea", "cũ"]
TAN_AN, PHAN, MUI = "96.32236", "96.32244", "96.32248"


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas(*places())


def codes(atlas: Atlas, text: str, near: str = "", limit: int = 5) -> list[str]:
    return [candidate.code for candidate in atlas.find(text, near, limit)]


def test_a_candidate_says_what_it_was_found_by(atlas: Atlas) -> None:
    first, second, third = atlas.find("xã Tân Ân, huyện Ngọc Hiển")
    assert (first.code, first.why, first.was) == (TAN_AN, Why.COMMUNE, "")
    assert first.name == "xã Tân Ân, tỉnh Cà Mau"
    assert {second.code, third.code} == {PHAN, MUI}
    assert (second.why, second.was) == (Why.OLD, "Xã Tân Ân, Huyện Ngọc Hiển")
    assert 1 >= first.score > second.score > 0.5


def test_marks_that_were_typed_decide(atlas: Atlas) -> None:
    assert codes(atlas, "xã Văn Lăng") == ["19.05665"]
    assert codes(atlas, "xã Văn Lang") == ["19.02143"]
    assert set(codes(atlas, "xa van lang")) == {"19.02143", "19.05665"}


def test_where_the_tone_stands_does_not_matter(atlas: Atlas) -> None:
    assert codes(atlas, "xã Hoà Thịnh") == codes(atlas, "xã Hòa Thịnh") == ["66.22276"]


def test_nearness_decides_between_equals(atlas: Atlas) -> None:
    assert codes(atlas, "tam giang", near="66")[0] == "66.24352"
    assert codes(atlas, "tam giang", near="96")[0] == "96.32206"
    assert len(codes(atlas, "tam giang", near="66")) > 1


def test_an_old_district_is_all_its_communes(atlas: Atlas) -> None:
    # Its name is a commune's too, but "huyện" was said.
    assert {c.why for c in atlas.find("huyện Đại Từ", limit=40)} == {Why.DISTRICT}
    assert atlas.find("huyện Đại Từ")[0].code == "19.05830"
    many = atlas.find("huyện Tuy An", limit=40)
    assert {c.why for c in many} == {Why.DISTRICT}
    assert len(many) == 5
    assert many[0].was == "Huyện Tuy An"


def test_a_province_elsewhere_speaks_against_a_namesake(atlas: Atlas) -> None:
    assert codes(atlas, "xã Tân Ân, tỉnh Long An") == ["80"]


def test_a_hamlet_beats_its_commune_when_it_is_known(atlas: Atlas) -> None:
    assert codes(atlas, "ấp 4 xã Khánh An") == ["96.32059.ap-4"]
    assert codes(atlas, "ấp 5 xã Khánh An") == ["96.32059"]
    bare = Atlas(atlas.gazetteer)
    assert codes(bare, "ấp 4 xã Khánh An") == ["96.32059"]


def test_a_name_everywhere_is_no_place(atlas: Atlas) -> None:
    everywhere = Hamlets(
        Hamlet(f"{code}.tan-hoa", "Ấp Tân Hoa") for code in atlas.gazetteer.communes
    )
    assert codes(Atlas(atlas.gazetteer, everywhere), "ấp tân hoa") == []
    assert codes(Atlas(atlas.gazetteer, everywhere), "ap tan hoa, xa tan an ngoc hien")[0] == (
        f"{TAN_AN}.tan-hoa"
    )


def test_limit_and_empty_gazetteer(atlas: Atlas) -> None:
    assert len(codes(atlas, "phường 1", limit=2)) == 2
    assert find_places("xã Tân Ân", Gazetteer()) == ()
    assert not Atlas()


def test_names_of_places(atlas: Atlas) -> None:
    assert atlas.name("96.32059.ap-4") == "ấp 4, xã Khánh An, tỉnh Cà Mau"
    assert atlas.label("96.32059.ap-4") == "Ấp 4, xã Khánh An, Cà Mau"
    assert atlas.label("96") == "Cà Mau"
    assert atlas.label("01") == "Hà Nội"
    # A hamlet that a later roster does not have any more.
    assert atlas.known("96.32059.ap-99") == "96.32059"
    assert atlas.name("96.00000") == atlas.label("96.00000") == atlas.known("x") == ""
    assert atlas.province("ca_mau") == "96"
    assert atlas.province("elsewhere") == ""


@given(st.text(max_size=200))
def test_any_text_gives_known_places_or_none(text: str) -> None:
    atlas = Atlas(*places())
    found = atlas.find(text)
    assert len(found) <= 5
    assert all(atlas.known(c.code) == c.code and c.name and 0 < c.score <= 1 for c in found)
    assert len({c.code for c in found}) == len(found)


@given(st.lists(st.sampled_from(WORDS)))
def test_words_of_places_in_any_order(words: list[str]) -> None:
    atlas = Atlas(*places())
    assert all(atlas.known(c.code) for c in atlas.find(" ".join(words)))


def test_a_very_long_text_takes_no_longer(atlas: Atlas) -> None:
    begun = time.perf_counter()
    codes(atlas, "xã tân ân tây huyện ngọc hiển " * 5000)
    assert time.perf_counter() - begun < 1


def test_it_is_quick_among_ten_thousand_hamlets() -> None:
    gazetteer, hamlets = crowded()
    assert len(gazetteer.communes) > 1000
    assert len(hamlets.by_code) > 9000
    find_places("", gazetteer, hamlets)
    begun = time.process_time()
    for _ in range(20):
        find_places("ap tan lap xa tan an tay huyen ngoc hien ca mau", gazetteer, hamlets)
    # Ten times what it takes: this machine may be busy, a slow search would be far beyond.
    assert (time.process_time() - begun) / 20 < 0.05
