"""No address leads inside: not by a name, a redirect, another spelling, or a moment later."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.fetching import Fetcher
from bot.errors import SettingsError
from bot.safety.links.feedtext import FeedRefused
from bot.services.feedsource import FeedSource
from bot.services.outside import (
    AsyncOutsideTransport,
    Forbidden,
    Guard,
    OutsideTransport,
    forbidden,
    intranet,
    public,
)
from bot.services.pictures import NotFetched
from bot.store.feeds import Feed
from tests.fakes.feed import FeedServer

INSIDE = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:db8::1",
]
OUTSIDE = ["8.8.8.8", "203.113.131.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address: str) -> None:
    assert not public(ipaddress.ip_address(address))
    with pytest.raises(Forbidden, match="no address of the public internet"):
        Guard().pick("lists.example.vn", [address])


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside(address: str) -> None:
    assert Guard().pick("lists.example.vn", [address]) == address


@given(st.ip_addresses(v=4))
def test_no_wrapping_makes_an_address_public(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for wrapped in (
        f"::ffff:{address}",
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),
        str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | number)),
    ):
        assert public(ipaddress.ip_address(wrapped)) <= public(address)


def test_one_address_inside_spoils_the_name() -> None:
    with pytest.raises(Forbidden):
        Guard().pick("mixed.example.vn", ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Forbidden, match="has no address"):
        Guard().pick("nothing.example.vn", [])


def test_what_the_operator_allows() -> None:
    guard = Guard(intranet("10.20.0.0/16, lists.tinh.vn, ::1"))
    assert guard.pick("a", ["10.20.3.4"]) == "10.20.3.4"
    assert guard.pick("a", ["::1"]) == "::1"
    assert guard.pick("lists.tinh.vn", ["192.168.7.7"]) == "192.168.7.7"
    for host, address in (("a", "10.21.0.1"), ("lists.tinh.vn.evil.example", "192.168.7.7")):
        with pytest.raises(Forbidden):
            guard.pick(host, [address])
    assert intranet("") == ()
    with pytest.raises(SettingsError, match=r"CONGDANSO_INTRANET: 10\.20\.0\.0/64 is no network"):
        intranet("10.20.0.0/64")


class Names:
    """Names of the tests' own; each look at one takes its next answer."""

    def __init__(self, **answers: list[str]) -> None:
        self._answers = {name.replace("_", "."): list(each) for name, each in answers.items()}
        self.asked: list[str] = []

    def look(self, host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        name = host if isinstance(host, str) else host.decode()
        self.asked.append(name)
        left = self._answers.get(name)
        address = (left.pop(0) if len(left) > 1 else left[0]) if left else name
        try:
            ipaddress.ip_address(address)
        except ValueError as error:
            raise socket.gaierror("no such name") from error
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as made:
        made.body = b"bad.example.com\n"
        yield made


def feed(source: str) -> Feed:
    return Feed(
        name="list",
        title="Danh sách",
        source=source,
        format="plain",
        plain_http=True,
        enabled=True,
        etag="",
        modified="",
        hosts=0,
        digest="",
        fetched_at=None,
        checked_at=None,
        problem="",
        failures=0,
    )


def source(*allow: str) -> FeedSource:
    return FeedSource(sleep=lambda _: None, allow=allow)


def port(server: FeedServer) -> str:
    return server.url.rpartition(":")[2].partition("/")[0]


def test_a_feed_by_its_address(server: FeedServer) -> None:
    with pytest.raises(FeedRefused, match="CONGDANSO_INTRANET names what else is asked"):
        source().fetch(feed(server.url))
    assert server.asked == []
    assert source("127.0.0.0/8").fetch(feed(server.url)).raw == server.body


@pytest.mark.parametrize("spelled", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_a_feed_by_another_spelling(server: FeedServer, spelled: str) -> None:
    with pytest.raises(FeedRefused):
        source().fetch(feed(f"http://{spelled}:{port(server)}/list.txt"))
    assert server.asked == []


def test_a_feed_by_a_name_that_leads_inside(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(inside_example_vn=["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", names.look)
    with pytest.raises(FeedRefused, match=r"inside\.example\.vn is no address of the public"):
        source().fetch(feed(f"http://inside.example.vn:{port(server)}/list.txt"))
    assert server.asked == []


def test_a_redirect_inside(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a host that may be asked to one that may not."""
    names = Names(allowed_example_vn=["127.0.0.1"], inside_example_vn=["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", names.look)
    server.statuses = [302]
    server.location = f"http://inside.example.vn:{port(server)}/list.txt"
    with pytest.raises(FeedRefused, match=r"inside\.example\.vn is no address of the public"):
        source("allowed.example.vn").fetch(feed(f"http://allowed.example.vn:{port(server)}/"))
    assert len(server.asked) == 1


def test_a_name_that_leads_elsewhere_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was looked at is the one that is connected to; the name is asked once."""
    names = Names(rebind_example_vn=["203.113.131.1", "127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", names.look)
    connected: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        connected.append(address)
        raise OSError("not in a test")

    monkeypatch.setattr(socket, "create_connection", connect)
    with (
        httpx.Client(transport=OutsideTransport(Guard())) as client,
        pytest.raises(httpx.ConnectError),
    ):
        client.get("http://rebind.example.vn/")
    assert connected == [("203.113.131.1", 80)]
    assert names.asked == ["rebind.example.vn"]


def test_nothing_goes_by_a_proxy_of_the_environment(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("ALL_PROXY", server.url)
    with pytest.raises(FeedRefused):
        source().fetch(feed("http://10.0.0.1/list.txt"))
    assert server.asked == []


def test_pictures_too(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of the messenger's list whose name leads inside."""
    connected: list[str] = []

    async def asked() -> None:
        loop = asyncio.get_running_loop()

        async def look(host: str, number: int, **_: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", number))]

        async def connect(*_: Any, **__: Any) -> None:
            connected.append("connected")
            raise OSError

        monkeypatch.setattr(loop, "getaddrinfo", look)
        monkeypatch.setattr(loop, "create_connection", connect)
        fetcher = Fetcher(["zdn.vn"])
        try:
            with pytest.raises(NotFetched):
                await fetcher.fetch("https://photo.zdn.vn/latest/meta-data")
        finally:
            await fetcher.close()
        async with httpx.AsyncClient(transport=AsyncOutsideTransport(Guard())) as client:
            with pytest.raises(httpx.ConnectError) as caught:
                await client.get("https://photo.zdn.vn/")
        assert "no address of the public internet" in forbidden(caught.value)

    asyncio.run(asked())
    assert connected == []
