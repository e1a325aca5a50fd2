"""Our reading of the public suffix list gives what tldextract gives."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tldextract import TLDExtract

from bot.safety.links import suffixes
from bot.safety.links.suffixes import split_host

_THEIRS = TLDExtract(
    suffix_list_urls=(),
    cache_dir=None,
    fallback_to_snapshot=True,
    include_psl_private_domains=True,
)
_RULES = sorted(_THEIRS.tlds)
_LABELS = st.one_of(
    st.sampled_from(["www", "a", "*", "!www", "", "xn--", "xn--p1ai", "xn--99999999999", "COM"]),
    st.text(max_size=5),
    st.integers(0, 300).map(str),
)


def theirs(host: str) -> tuple[str, str, str]:
    found = _THEIRS(host)
    return found.subdomain, found.domain, found.suffix


def test_every_rule_of_the_list() -> None:
    assert len(_RULES) > 9_000
    bare = [rule.lstrip("*.!") for rule in _RULES]
    hosts = chain.from_iterable((each, f"x.{each}", f"www.shop.{each}") for each in bare)
    wrong = [host for host in hosts if split_host(host) != theirs(host)]
    assert wrong == []


@given(st.lists(_LABELS, max_size=4), st.sampled_from([*_RULES, "nowhere", "1.2", ""]))
def test_any_text(labels: list[str], rule: str) -> None:
    host = ".".join([*labels, rule])
    assert split_host(host) == theirs(host)


@pytest.mark.parametrize(
    "host",
    ["203.0.113.7", "203.0.113.07", "1.2.3.999", "٣.1.1.1", "[2001:db8::1]", "2001:db8::1", ""],
)
def test_addresses_in_numbers(host: str) -> None:
    assert split_host(host) == theirs(host)


def test_a_host_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """What citizens send is answered without the 12 MB."""
    monkeypatch.setattr(suffixes, "_library", None)
    assert split_host("www.dichvucong.gov.vn") == ("www", "dichvucong", "gov.vn")
