"""A platform that takes nothing is left alone, asked now and then, and tried with one message."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from telegram.error import InvalidToken

from bot.channels.telegram.client import translate
from bot.errors import ChannelError, NotConnected, NotSent, Rejected
from bot.services.delivery import Delivery, Route
from bot.services.limits import Limiter, Rates
from bot.services.outage import Outage
from bot.store import inbox, outbox, set_back
from tests.services.support import World, telegram
from tests.services.test_delivery import Memory, Post
from tests.support import SQLITE, Clock

A = telegram("a")


class Platform:
    """Answers a probe as told."""

    def __init__(self) -> None:
        self.trouble: ChannelError | None = NotSent("gone")
        self.asked = 0
        self.at = 0.0

    async def probe(self) -> None:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble

    def outage(self) -> Outage:
        return Outage("telegram", self.probe, lambda: self.at)

    async def look(self, outage: Outage) -> None:
        outage.ask()
        await outage.asked()


def fail(outage: Outage, times: int = 3) -> None:
    for _ in range(times):
        assert outage.leave()
        outage.failed()


async def test_after_three_failures_in_a_row_nothing_leaves() -> None:
    outage = Platform().outage()
    fail(outage, 2)
    outage.took()
    fail(outage)
    assert (outage.on, outage.shut, outage.leave()) == (True, True, False)


async def test_it_is_asked_less_and_less_often() -> None:
    platform = Platform()
    outage = platform.outage()
    fail(outage)
    for second in range(3600):
        platform.at = float(second)
        await platform.look(outage)
    assert 3600 / 45 < platform.asked < 3600 / 18


@pytest.mark.parametrize("answer", [None, Rejected("no such chat")])
async def test_when_it_answers_one_message_goes_first(answer: ChannelError | None) -> None:
    platform = Platform()
    outage = platform.outage()
    fail(outage)
    platform.trouble = answer
    await platform.look(outage)
    assert outage.leave()
    assert not outage.leave(), "one"
    outage.took()
    assert not outage.on
    assert outage.leave()


async def test_a_trial_that_fails_waits_again_and_one_that_was_not_used_is_another_s() -> None:
    platform = Platform()
    outage = platform.outage()
    fail(outage)
    platform.trouble = None
    await platform.look(outage)
    assert outage.leave()
    outage.unused()
    assert outage.leave()
    outage.failed()
    await platform.look(outage)
    assert platform.asked == 1, "not at once"
    platform.at = 60.0
    await platform.look(outage)
    assert outage.leave()


async def test_many_failures_at_once_are_one() -> None:
    platform = Platform()
    outage = platform.outage()
    for _ in range(16):
        outage.failed()
    platform.trouble = None
    await platform.look(outage)
    assert outage.leave()


def test_without_a_probe_there_is_no_outage() -> None:
    outage = Outage("web", None, lambda: 0.0)
    fail(outage, 20)
    assert outage.leave()


def test_a_token_that_is_not_accepted_loses_no_message() -> None:
    assert isinstance(translate(InvalidToken("revoked")), NotConnected)


@pytest.fixture
def post(world: World) -> Post:
    return Post(world)


@SQLITE
async def test_an_outage_uses_up_no_tries(post: Post, clock: Clock) -> None:
    platform, memory = Platform(), Memory(troubles={"a": [NotSent("gone")] * 3})
    delivery = Delivery(post.runtime, lambda: clock().timestamp())
    delivery.add("telegram", Route(memory, Limiter(Rates(0, 0, 0)), platform.probe))
    post.write(A, "một", "hai")
    for _ in range(1800):
        clock.forward(2)
        await delivery.tick()
        await delivery.idle()
    assert delivery.away == ["telegram"]
    assert len(memory.tries) == 3
    platform.trouble = None
    for _ in range(60):
        clock.forward(2)
        await delivery.tick()
        await delivery.idle()
    assert memory.texts(A) == ["một", "hai"]
    assert delivery.away == []


@SQLITE
async def test_what_was_sent_is_written_down_when_the_database_is_back(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = outbox.sent, [OperationalError("", None, Exception("disk is full"))] * 2
    slept: list[float] = []

    def sent(*args: Any) -> bool:
        if away:
            raise away.pop()
        return real(*args)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(outbox, "sent", sent)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    post.write(A, "một")
    await post.poll()
    assert post.platform.texts(A) == ["một"]
    assert post.statuses(A) == ["sent"]
    assert len(slept) == 2


async def test_leases_are_let_be_for_a_while_after_the_database_was_away(
    post: Post, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"seconds": 0.0}
    post.write(A, "một")
    delivery = Delivery(post.runtime, lambda: now["seconds"])
    delivery.add("telegram", Route(post.platform, Limiter(Rates(0, 0, 0))))
    chat, lease = post.world.chat(A), post.runtime.settings.lease_seconds
    until = clock() + timedelta(seconds=lease)
    post.world.do(lambda c: outbox.claim(c, chat, "another", clock(), until, tries=8))
    await delivery.tick()

    async def broken() -> None:
        raise OperationalError("", None, Exception("server closed"))

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "poll", broken)
        clock.forward(lease * 3)
        await delivery.tick()
    await delivery.tick()
    await delivery.idle()
    assert post.platform.shown == [], "the other one may have sent it, and will say so"
    now["seconds"] += lease + 1
    for _ in range(2):
        await delivery.tick()
        await delivery.idle()
    assert post.platform.texts(A) == ["một"]


async def test_leases_of_a_time_that_has_not_come_end(post: Post, clock: Clock) -> None:
    chat, now = post.world.chat(A), clock()
    ahead = now + timedelta(hours=1)
    post.write(A, "một")
    until = ahead + timedelta(seconds=6)
    post.world.do(lambda c: outbox.claim(c, chat, "dead", ahead, until, tries=8))
    await post.poll()
    assert post.platform.shown == []
    post.world.do(lambda c: set_back.release(c, now))
    clock.forward(1)
    await post.poll()
    assert post.platform.texts(A) == ["một"]


async def test_events_of_a_time_that_has_not_come_are_found(post: Post, clock: Clock) -> None:
    chat, ahead = post.world.chat(A), clock() + timedelta(hours=1)
    post.world.do(lambda c: inbox.put(c, chat, "telegram", "1", b"", ahead))
    assert post.world.do(lambda c: inbox.orphans(c, clock(), clock())) == [chat]
