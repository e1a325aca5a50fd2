"""Feeds on a real database, from a real server: fetched, refused, taken up, told of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import CongdansoError
from bot.safety.links.report import Verdict
from bot.services.feeds import REFRESH_HOURS, Feeds, add_feed, decide_host
from bot.services.feedsource import FeedSource
from bot.services.linkcheck import open_checker
from bot.services.runtime import Runtime
from bot.store import feeds as store
from bot.store.feeds import Feed
from tests.fakes.feed import FeedServer
from tests.support import SQLITE, Clock

LIST = "".join(f"listed{n}.example.com\n" for n in range(40))


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server with a list of forty hosts."""
    with FeedServer() as made:
        made.body = LIST.encode()
        yield made


def feeds_of(runtime: Runtime, **limits: Any) -> Feeds:
    """A process of its own over the runtime's database."""
    source = FeedSource(sleep=lambda _: None, allow=["127.0.0.1"], **limits)
    return Feeds(runtime, *open_checker(runtime.settings), source)


def add(runtime: Runtime, source: str, **fields: Any) -> None:
    """The feed of these tests."""
    given = {"name": "list", "title": "Danh sách thử", "format": "plain", "plain_http": True}
    add_feed(runtime, "lan", source=source, **{**given, **fields})


async def feed_now(runtime: Runtime) -> Feed:
    """The feed as the database has it."""
    return (await runtime.db.read(store.feeds))[0]


async def test_fetched_and_named_in_the_answer(runtime: Runtime, server: FeedServer) -> None:
    add(runtime, server.url)
    feeds = feeds_of(runtime)
    assert await feeds.tick() == 1
    found = feeds.checker.check("https://listed7.example.com/a")
    assert found.verdict is Verdict.DANGEROUS
    assert "Danh sách thử (cập nhật 22/11/2025)" in found.reasons[0].text
    assert (await feed_now(runtime)).hosts == 40


async def test_due_again_after_hours_and_only_when_it_changed(
    runtime: Runtime, server: FeedServer, clock: Clock
) -> None:
    add(runtime, server.url)
    feeds = feeds_of(runtime)
    await feeds.tick()
    assert await feeds.tick() == 0
    clock.forward(REFRESH_HOURS * 3600 + 1)
    assert await feeds.tick() == 1
    assert [asked.get("if-none-match") for asked in server.asked] == [None, '"1"']
    feed = await feed_now(runtime)
    assert (feed.hosts, feed.problem) == (40, "")


async def test_one_of_two_processes_fetches_and_both_know(
    runtime: Runtime, server: FeedServer
) -> None:
    add(runtime, server.url)
    one, two = feeds_of(runtime), feeds_of(runtime)
    assert await one.tick() + await two.tick() == 1
    for feeds in (one, two):
        assert feeds.checker.check("listed1.example.com").verdict is Verdict.DANGEROUS


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"body": LIST.encode()[: len(LIST) // 3]}, "more than half are gone"),
        ({"body": LIST.encode() + b"www.vietcombank.com.vn\n"}, "official host"),
        ({"body": b"<html><body>moved</body></html>"}, "web page"),
        ({"kind": "text/html; charset=utf-8"}, "web page"),
        ({"body": b""}, "no host"),
        ({"statuses": [404]}, "status 404"),
        ({"statuses": [500, 502, 503]}, "did not answer in 3 attempts"),
        ({"endless": True}, "larger than 100000 bytes"),
        ({"statuses": [302] * 9, "location": "/list.txt"}, "leads on more than 3 times"),
        ({"statuses": [302], "location": "file:///etc/passwd"}, "must begin with"),
    ],
)
@SQLITE
async def test_refused_and_the_last_good_list_stays(
    runtime: Runtime, server: FeedServer, change: dict[str, Any], why: str
) -> None:
    add(runtime, server.url)
    feeds = feeds_of(runtime, most=100_000)
    await feeds.tick()
    server.etag = '"2"'
    for name, value in change.items():
        setattr(server, name, value)
    feed = await feeds.refresh("list")
    server.endless = False
    assert feed is not None
    assert why in feed.problem
    assert (feed.hosts, feed.failures) == (40, 1)
    assert feeds.checker.check("listed7.example.com").verdict is Verdict.DANGEROUS


@SQLITE
async def test_a_slow_stream_is_given_up(runtime: Runtime, server: FeedServer) -> None:
    add(runtime, server.url)
    server.endless = True
    feed = await feeds_of(runtime, seconds=0.0).refresh("list")
    server.endless = False
    assert feed is not None
    assert "was not read in 0 seconds" in feed.problem


@SQLITE
async def test_a_server_that_is_busy_first(runtime: Runtime, server: FeedServer) -> None:
    add(runtime, server.url)
    server.statuses = [503, 429]
    feed = await feeds_of(runtime).refresh("list")
    assert feed is not None
    assert (feed.hosts, feed.problem) == (40, "")


@SQLITE
async def test_a_failed_feed_is_tried_again_sooner_and_whole(
    runtime: Runtime, server: FeedServer, clock: Clock
) -> None:
    add(runtime, server.url)
    feeds = feeds_of(runtime)
    server.statuses = [404]
    await feeds.tick()
    clock.forward(31 * 60)
    assert await feeds.tick() == 1
    assert "if-none-match" not in server.asked[-1]
    assert (await feed_now(runtime)).problem == ""


@SQLITE
async def test_a_file(runtime: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text(LIST)
    add(runtime, str(file))
    feeds = feeds_of(runtime)
    await feeds.tick()
    assert feeds.checker.check("listed3.example.com").verdict is Verdict.DANGEROUS
    file.write_text(LIST + "listed99.example.com\n")
    os.utime(file, (1_000_000, 1_000_000))
    feed = await feeds.refresh("list")
    assert feed is not None
    assert feed.hosts == 41
    file.unlink()
    feed = await feeds.refresh("list")
    assert feed is not None
    assert "is no file" in feed.problem
    assert feed.hosts == 41


@SQLITE
async def test_a_device_that_never_ends(runtime: Runtime) -> None:
    add(runtime, "/dev/zero")
    feed = await feeds_of(runtime).refresh("list")
    assert feed is not None
    assert "is no file" in feed.problem


@SQLITE
async def test_no_such_feed(runtime: Runtime) -> None:
    assert await feeds_of(runtime).refresh("other") is None


@SQLITE
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "Á"}, "a feed's name"),
        ({"format": "xml"}, "the format must be hosts, plain, adblock, csv"),
        ({"source": "http://a.example/l", "plain_http": False}, "must begin with https://"),
        ({"source": "ftp://a.example/l"}, "must begin with https:// or http://"),
        ({"source": "https://[x"}, "must begin with https://"),
        ({"title": "a" * 121}, "at most 120"),
    ],
)
def test_a_wrong_feed_is_not_added(runtime: Runtime, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(CongdansoError, match=why):
        add(runtime, **{"source": "/tmp/list", **fields})
    assert runtime.db.read_now(store.feeds) == []


async def test_staff_decide_on_hosts(runtime: Runtime, server: FeedServer) -> None:
    add(runtime, server.url)
    feeds = feeds_of(runtime)
    await feeds.tick()
    assert decide_host(runtime, "https://listed1.example.com/x", False, "lan", "đã gọi hỏi") == (
        "listed1.example.com"
    )
    decide_host(runtime, "www.quan-an-ngon.vn", True, "lan", "bà con báo")
    assert await feeds.take_up()
    assert not await feeds.take_up()
    assert feeds.checker.check("listed1.example.com").verdict is Verdict.UNKNOWN
    assert feeds.checker.check("quan-an-ngon.vn").verdict is Verdict.DANGEROUS
    rows = await runtime.db.read(store.audit)
    assert [(row.who, row.act, row.subject) for row in rows] == [
        ("lan", "host_bad", "quan-an-ngon.vn"),
        ("lan", "host_cleared", "listed1.example.com"),
        ("lan", "feed_put", "list"),
    ]
    now = runtime.now()
    assert await runtime.db.write(lambda c: store.forget_host(c, "quan-an-ngon.vn", "lan", now))
    assert not await runtime.db.write(lambda c: store.forget_host(c, "quan-an-ngon.vn", "lan", now))
    await feeds.take_up()
    assert feeds.checker.check("quan-an-ngon.vn").verdict is Verdict.UNKNOWN


@SQLITE
@pytest.mark.parametrize(
    ("host", "why", "said"),
    [("quan an", "x", "is no host"), ("com.vn", "x", "is no host"), ("a.vn", " ", "say why")],
)
def test_a_wrong_decision_is_not_kept(runtime: Runtime, host: str, why: str, said: str) -> None:
    with pytest.raises(CongdansoError, match=said):
        decide_host(runtime, host, True, "lan", why)
    assert runtime.db.read_now(store.audit) == []


async def test_a_removed_feed_says_nothing_more(runtime: Runtime, server: FeedServer) -> None:
    add(runtime, server.url)
    feeds = feeds_of(runtime)
    await feeds.tick()
    now = runtime.now()
    assert await runtime.db.write(lambda c: store.remove_feed(c, "list", "lan", now))
    assert not await runtime.db.write(lambda c: store.remove_feed(c, "list", "lan", now))
    await feeds.take_up()
    assert feeds.checker.check("listed7.example.com").verdict is not Verdict.DANGEROUS


@SQLITE
async def test_a_feed_that_is_changed_is_read_anew(
    runtime: Runtime, server: FeedServer, tmp_path: Path
) -> None:
    add(runtime, server.url)
    feeds = feeds_of(runtime)
    await feeds.tick()
    file = tmp_path / "other.txt"
    file.write_text("another2.example.com\n")  # far fewer than half, of another source
    add(runtime, str(file), title="Khác")
    assert await feeds.tick() == 1
    assert feeds.checker.check("another2.example.com").verdict is Verdict.DANGEROUS
    assert feeds.checker.check("listed2.example.com").verdict is not Verdict.DANGEROUS
    assert (await feed_now(runtime)).title == "Khác"


@SQLITE
async def test_a_long_list_is_kept_whole(runtime: Runtime) -> None:
    hosts = [f"h{n}.example{n % 31}.com" for n in range(60_000)]
    now = runtime.now()
    add(runtime, "/tmp/none")
    await runtime.db.write(lambda c: store.keep(c, "list", hosts, "", "", now))
    packed = await runtime.db.read(lambda c: store.content(c, "list"))
    assert packed is not None
    assert list(store.unpack(packed)) == hosts
