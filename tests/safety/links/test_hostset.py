"""Lists in memory: what they take, how fast they are, what they find."""

from __future__ import annotations

import time

import pytest

from bot.safety.links.hostset import NO_HOSTS, Hit, HostLists, Source

A, B = Source("A", "1/1/2026"), Source("B", "2/1/2026")


@pytest.fixture(scope="module")
def many() -> HostLists:
    return HostLists([(A, (f"host{n}.example{n % 997}.com" for n in range(500_000)))])


def test_finds_hosts_and_what_is_under_them() -> None:
    lists = HostLists([(A, ["a.evil.xyz"]), (B, ["evil.xyz", "other.com"])])
    assert lists.find("evil.xyz", "evil.xyz") == Hit("B", "2/1/2026")
    assert lists.find("x.a.evil.xyz", "evil.xyz") == Hit("A", "1/1/2026")
    assert lists.find("x.other.com", "other.com") == Hit("B", "2/1/2026")
    assert lists.find("notevil.xyz", "notevil.xyz") is None


def test_the_first_list_is_named() -> None:
    lists = HostLists([(A, ["evil.xyz"]), (B, ["evil.xyz"])])
    assert lists.find("evil.xyz", "evil.xyz") == Hit("A", "1/1/2026")
    assert len(lists) == 1


def test_no_lists() -> None:
    assert NO_HOSTS.find("a.b.c.d.e.f.g.h.i.j.com", "j.com") is None
    assert NO_HOSTS.find("", "") is None


def test_half_a_million_hosts_are_small_and_quick(many: HostLists) -> None:
    assert len(many) == 500_000
    assert many._hashes.nbytes + many._of.nbytes < 10_000_000
    assert many.find("www.host7.example7.com", "example7.com") is not None
    started = time.thread_time()
    for n in range(1_000):
        many.find(f"host{n}.nothing.com", "nothing.com")
    assert (time.thread_time() - started) / 1_000 < 0.000_2
