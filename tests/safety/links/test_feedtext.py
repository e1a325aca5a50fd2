"""Blocklists as they are published, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.safety.links.checker import LinkChecker
from bot.safety.links.feedtext import FeedRefused, FeedText, Format, check_feed, read_feed
from bot.safety.links.knowledge import Knowledge

HOSTS = """# a list
127.0.0.1 localhost
::1 localhost
0.0.0.0 evil-one.xyz evil-two.xyz # note
0.0.0.0\tevil-three.xyz
"""
PLAIN = "# list\nevil-one.xyz\nhttps://evil-two.xyz/path?x=1\n*.evil-three.xyz\n\n"
ADBLOCK = """[Adblock Plus]
! comment
||evil-one.xyz^
||evil-two.xyz^$third-party,important
||evil-three.xyz
@@||good.com^
shop.com##.banner
/ads/*.js
"""
CSV = '﻿"id";"url";"note"\n1;"https://evil-one.xyz/";"a"\n2;evil-two.xyz;b\n3;http://evil-three.xyz;c\n'
CSV_BARE = "evil-one.xyz,a\nevil-two.xyz,b\nevil-three.xyz\n"
THREE = ["evil-one.xyz", "evil-three.xyz", "evil-two.xyz"]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.HOSTS, HOSTS),
        (Format.PLAIN, PLAIN),
        (Format.ADBLOCK, ADBLOCK),
        (Format.CSV, CSV),
        (Format.CSV, CSV_BARE),
        (Format.PLAIN, PLAIN.replace("\n", "\r\n")),
    ],
)
def test_formats(knowledge: Knowledge, form: Format, text: str) -> None:
    assert read_feed(text.encode(), form, knowledge).hosts == THREE


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"<!DOCTYPE html><html><body>evil.xyz</body></html>", "web page"),
        (b"\xef\xbb\xbf  <HTML>", "web page"),
        (b"", "no host"),
        (b"# nothing\n\n", "no host"),
        (b"evil.xyz\nwhat is\nthis text\nabout\n", "are no host"),
        (b"\x00\xff\xfe" * 100, "no host"),
    ],
)
def test_what_is_no_list_is_refused(knowledge: Knowledge, raw: bytes, why: str) -> None:
    with pytest.raises(FeedRefused, match=why):
        read_feed(raw, Format.PLAIN, knowledge)


def test_places_for_everybody_are_left_out(knowledge: Knowledge) -> None:
    text = b"evil.xyz\nfacebook.com\nbit.ly\nphishing.weebly.com\nevil2.xyz\ncom.vn\n"
    read = read_feed(text, Format.PLAIN, knowledge)
    assert read.hosts == ["evil.xyz", "evil2.xyz", "phishing.weebly.com"]
    assert read.left_out == 3


def test_half_gone_is_refused(shipped: LinkChecker) -> None:
    hosts = [f"evil{n}.xyz" for n in range(49)]
    with pytest.raises(FeedRefused, match="more than half are gone"):
        check_feed(FeedText(hosts, 0), 100, shipped.is_official)
    check_feed(FeedText(hosts, 0), 98, shipped.is_official)
    check_feed(FeedText(["evil.xyz"], 0), 19, shipped.is_official)


def test_an_official_host_is_refused(shipped: LinkChecker) -> None:
    hosts = ["evil.xyz", "online.vietcombank.com.vn", "thue.gov.vn"]
    with pytest.raises(FeedRefused, match=r"2 official host\(s\): online\.vietcombank\.com\.vn"):
        check_feed(FeedText(hosts, 0), 0, shipped.is_official)


@given(st.binary(max_size=300), st.sampled_from(list(Format)))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(knowledge: Knowledge, raw: bytes, form: Format) -> None:
    try:
        read = read_feed(raw, form, knowledge)
    except FeedRefused:
        return
    assert read.hosts == sorted(set(read.hosts))
