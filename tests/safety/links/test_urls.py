"""Links taken apart as browsers do."""

from __future__ import annotations

import pytest

from bot.safety.links.names import split, under
from bot.safety.links.urls import parse


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("https://momo.vn/a", "momo.vn"),
        ("momo.vn:8080/a", "momo.vn"),
        ("http://vietcombank.com.vn@evil.xyz/", "evil.xyz"),
        ("http://a:b@c@evil.xyz/", "evil.xyz"),
        ("https:\\\\evil.xyz\\@momo.vn", "evil.xyz"),
        ("https://evil.xyz#@momo.vn", "evil.xyz"),
        ("https://evil.xyz?momo.vn", "evil.xyz"),
        ("https:///evil.xyz", "evil.xyz"),
        ("ht\ttps://ev\nil.xyz/", "evil.xyz"),
        ("HTTPS://EVIL.XYZ.", "evil.xyz"),
        ("http://evil%2Exyz/", "evil.xyz"),
        ("http://ｅｖｉｌ．ｘｙｚ", "evil.xyz"),
        ("http://evil。xyz", "evil.xyz"),
        ("http://e\u200bvil.xyz", "evil.xyz"),
        ("javascript:alert(1)", ""),
        ("", ""),
        ("://", ""),
    ],
)
def test_host(raw: str, host: str) -> None:
    assert parse(raw).host == host


@pytest.mark.parametrize(
    ("raw", "address", "disguised"),
    [
        ("http://203.0.113.7/x", "203.0.113.7", False),
        ("http://3405803783/", "203.0.113.7", True),
        ("http://0xcb007107", "203.0.113.7", True),
        ("http://0313.0.0161.7", "203.0.113.7", True),
        ("http://203.28935", "203.0.113.7", True),
        ("http://[2001:db8::1]:80/", "2001:db8::1", False),
        ("http://999.1.1.1", "", False),
        ("http://1.2.3.4.5", "", False),
        ("http://[zz]", "", False),
    ],
)
def test_addresses_in_numbers(raw: str, address: str, disguised: bool) -> None:
    link = parse(raw)
    assert (link.address, link.disguised) == (address, disguised)


def test_parts() -> None:
    link = parse("http://user:pw@Momo.vn:8443/a/b?c=%2F%2Fx.vn&d=1#e")
    assert (link.user, link.port, link.path) == ("user:pw", "8443", "/a/b")
    assert ("c", "//x.vn") in link.parameters


def test_punycode_is_read_and_kept() -> None:
    link = parse("http://xn--vetcombank-3e9c.com/")
    assert link.written == "xn--vetcombank-3e9c.com"
    assert link.host != link.written
    assert not link.host.isascii()


@pytest.mark.parametrize("label", ["xn--", "xn--\udcff", "xn--99999999999", "xn--a.b", "xn---"])
def test_wrong_punycode_stays_as_it_is(label: str) -> None:
    assert parse(f"http://{label}.com").host.endswith(".com")


@pytest.mark.parametrize(
    ("host", "registered"),
    [
        ("www.shop.vietcombank.com.vn", "vietcombank.com.vn"),
        ("dichvucong.gov.vn.online", "vn.online"),
        ("congan.hanoi.gov.vn", "hanoi.gov.vn"),
        ("abc.blogspot.com", "abc.blogspot.com"),
        ("gov.vn", ""),
        ("nothing", ""),
    ],
)
def test_what_was_registered(host: str, registered: str) -> None:
    assert split(host).registered == registered


def test_under_finds_whole_labels_only() -> None:
    entries = frozenset(("t.me", "docs.google.com"))
    assert under("t.me", entries) == "t.me"
    assert under("a.t.me", entries) == "t.me"
    assert under("chat.me", entries) == ""
    assert under("google.com", entries) == ""
