"""Codes of places, slugs of hamlets, payloads of links."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.locality.codes import (
    PAYLOAD_MOST,
    code_of_payload,
    commune_of,
    hamlet_code,
    is_code,
    parents,
    payload_of,
)

COMMUNE = "96.32236"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ấp Rạch Gốc", "rach-goc"),
        ("rạch gốc", "rach-goc"),
        ("Ấp 4", "ap-4"),
        ("Khóm 5A", "khom-5a"),
        ("Tổ dân phố 12", "tdp-12"),
        ("TDP 12", "tdp-12"),
        ("Khu phố 3", "kp-3"),
        ("Buôn Akô Dhông", "ako-dhong"),
        ("Buôn M'Duk", "mduk"),
        ("Ƀuôn Čư Êbur", "cu-ebur"),
        ("ភូមិ", "h-bb33eb3caff0"),
        ("Xóm Bản Pò", "ban-po"),
        ("Thôn", "thon"),
    ],
)
def test_a_hamlets_slug(name: str, slug: str) -> None:
    assert hamlet_code(COMMUNE, name) == f"{COMMUNE}.{slug}"


@pytest.mark.parametrize("name", ["", "👍", "…"])
def test_a_hamlet_needs_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="no letter or digit"):
        hamlet_code(COMMUNE, name)


@pytest.mark.parametrize("code", ["", "96", "96.1", f"{COMMUNE}.a", "x"])
def test_a_hamlet_lies_in_a_commune(code: str) -> None:
    with pytest.raises(ValueError, match=r"commune's code"):
        hamlet_code(code, "Ấp 4")


@given(st.text(max_size=300))
def test_any_name_gives_a_code_that_a_link_carries(name: str) -> None:
    try:
        code = hamlet_code(COMMUNE, name)
    except ValueError:
        return
    payload = payload_of(code)
    assert is_code(code)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", payload)
    assert len(payload) <= PAYLOAD_MOST
    assert len(f"hand:at:{code}".encode()) <= 64
    assert code_of_payload(payload) == code
    assert hamlet_code(COMMUNE, name) == code


def test_long_names_stay_apart() -> None:
    one, other = ("Thôn " + "Tân Lập " * 9 + end for end in ("Một", "Hai"))
    assert hamlet_code(COMMUNE, one) != hamlet_code(COMMUNE, other)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("loc_96_32236", COMMUNE),
        ("LOC_96_32236", COMMUNE),
        ("#loc 96 32236", COMMUNE),
        ("loc_96_32236_ap-4", f"{COMMUNE}.ap-4"),
        ("loc_96", "96"),
        ("loc_", None),
        ("loc_96_1", None),
        ("loc_96_32236_x_y", None),
        ("loc_96_32236; drop", None),
        ("join_96_32236", None),
        ("xã Tân Ân", None),
        ("", None),
    ],
)
def test_a_payload_is_read(text: str, code: str | None) -> None:
    assert code_of_payload(text) == code


@given(st.text(max_size=80))
def test_any_payload_is_a_code_or_nothing(text: str) -> None:
    code = code_of_payload(text)
    assert code is None or is_code(code)


def test_a_code_contains_where_it_lies() -> None:
    assert parents(f"{COMMUNE}.ap-4") == (COMMUNE, "96", "")
    assert parents("96") == ("",)
    assert parents("") == ()
    assert commune_of(f"{COMMUNE}.ap-4") == COMMUNE
    assert commune_of("96") == ""


def test_no_payload_without_a_code() -> None:
    with pytest.raises(ValueError, match="no place's code"):
        payload_of("tân ân")
