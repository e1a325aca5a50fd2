"""What was registered, by the public suffix list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.links.names import Name, split


@pytest.mark.parametrize(
    ("host", "sub", "label", "suffix"),
    [
        ("dichvucong.gov.vn", "", "dichvucong", "gov.vn"),
        ("www.shop.example.com.vn", "www.shop", "example", "com.vn"),
        ("com.vn", "", "", "com.vn"),
        # Private owners hand out names too, by rules with a star, without one, and with exceptions.
        ("bank.github.io", "", "bank", "github.io"),
        ("www.bank.any.ck", "www", "bank", "any.ck"),
        ("www.ck", "", "www", "ck"),
        # The same suffix in letters and in punycode.
        ("bank.公司.cn", "", "bank", "公司.cn"),
        ("bank.xn--55qx5d.cn", "", "bank", "xn--55qx5d.cn"),
        ("router.nowhere", "router", "nowhere", ""),
        ("localhost", "", "localhost", ""),
        ("203.0.113.7", "", "203.0.113.7", ""),
        ("[2001:db8::1]", "", "[2001:db8::1]", ""),
        ("1.2.3.999", "1.2.3", "999", ""),
        ("", "", "", ""),
    ],
)
def test_parts_of_a_host(host: str, sub: str, label: str, suffix: str) -> None:
    assert split(host) == Name(host, sub, label, suffix)


_LABELS = st.sampled_from(["www", "*", "!www", "xn--", "xn--99999999999"]) | st.text(
    st.characters(exclude_characters="."), min_size=1
)


@given(st.lists(_LABELS), st.sampled_from(["com.vn", "ck", "公司.cn", "nowhere"]))
def test_nothing_of_a_host_is_lost(labels: list[str], end: str) -> None:
    host = ".".join([*labels, end]).lower()
    name = split(host)
    assert ".".join(part for part in (name.sub, name.label, name.suffix) if part) == host


@given(st.text())
def test_any_text(text: str) -> None:
    assert split(text.lower()).host == text.lower()
