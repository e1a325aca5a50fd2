"""Limits of sending: never more than allowed in any window, urgent ones first."""

from __future__ import annotations

import asyncio
import selectors
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.replies import Priority
from bot.services.limits import Limiter, Rates, Window

#: Sums of floats are not exact; nobody counts messages to the nanosecond.
EXACT = 1e-9


class _Leap(selectors.SelectSelector):
    """Waiting takes no time: the clock of the loop is put forward instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own."""

    def __init__(self) -> None:
        self._leap = _Leap()
        super().__init__(self._leap)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._leap.now


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await work()

    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(main())


def now() -> float:
    return asyncio.get_running_loop().time()


def most_in(times: Sequence[float], seconds: float) -> int:
    """The most events in any window of that length, its end excluded."""
    ordered = sorted(times)
    return max(
        (
            bisect_right(ordered, start + seconds - EXACT) - first
            for first, start in enumerate(ordered)
        ),
        default=0,
    )


# Windows ----------------------------------------------------------------------------------------


@given(
    most=st.integers(1, 6),
    seconds=st.floats(0.1, 90),
    gaps=st.lists(st.floats(0, 40), max_size=60),
)
def test_never_more_than_allowed_in_any_window(
    most: int, seconds: float, gaps: list[float]
) -> None:
    window = Window(most, seconds)
    at, times = 0.0, []
    for gap in gaps:
        at += gap
        wait = window.wait(at)
        assert 0 <= wait <= seconds + EXACT
        at += wait + (EXACT if wait else 0)
        assert window.wait(at) == 0
        window.record(at)
        times.append(at)
    assert most_in(times, seconds) <= most


@given(st.lists(st.floats(0, 2), max_size=40))
def test_nobody_waits_without_need(gaps: list[float]) -> None:
    window, at, times = Window(3, 1.0), 0.0, list[float]()
    for gap in gaps:
        at += gap
        lately = [t for t in times if t + 1.0 > at]
        assert (window.wait(at) == 0) == (len(lately) < 3)
        if window.wait(at) == 0:
            window.record(at)
            times.append(at)


def test_zero_is_no_limit() -> None:
    window = Window(0, 1.0)
    for _ in range(1000):
        assert window.wait(0.0) == 0
        window.record(0.0)
    assert window.quiet


@pytest.mark.parametrize(
    ("rates", "most", "seconds"),
    [
        (Rates(overall_per_second=30), 30, 1.0),
        (Rates(overall_per_second=0.4), 1, 2.5),
        (Rates(overall_per_second=1.9), 1, 1.0),
        (Rates(overall_per_second=0), None, 1.0),
    ],
)
def test_a_rate_below_one_is_still_a_limit(rates: Rates, most: int | None, seconds: float) -> None:
    window = rates.overall()
    for _ in range(most or 100):
        assert window.wait(0.0) == 0
        window.record(0.0)
    assert window.wait(0.0) == (seconds if most else 0)


# The limiter ------------------------------------------------------------------------------------

Sent = list[tuple[float, int, int]]


async def send(limiter: Limiter, sent: Sent, chat: int, priority: int, *, group: bool) -> None:
    await limiter.acquire(chat, group=group, priority=priority)
    sent.append((now(), chat, priority))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=80))
def test_many_senders_keep_every_limit(chats: list[int]) -> None:
    """Chats 0 and 1 are private, 2 and 3 are groups."""
    sent: Sent = []

    async def work() -> None:
        limiter = Limiter(Rates(5, 1, 20))
        await asyncio.gather(*(send(limiter, sent, c, 2, group=c > 1) for c in chats))

    run(work)
    assert len(sent) == len(chats)
    assert most_in([at for at, _, _ in sent], 1.0) <= 5
    for chat in range(4):
        times = [at for at, c, _ in sent if c == chat]
        most, seconds = (20, 60.0) if chat > 1 else (3, 3.0)
        assert most_in(times, seconds) <= most


def test_urgent_ones_go_first_then_in_the_order_of_asking() -> None:
    sent: Sent = []

    async def work() -> None:
        limiter = Limiter(Rates(1, 0, 0))
        await limiter.acquire(99, group=False, priority=Priority.REPLY)
        wanted = [(1, 4), (2, 2), (3, 3), (4, 2), (5, 0), (6, 1), (7, 0)]
        await asyncio.gather(*(send(limiter, sent, c, p, group=False) for c, p in wanted))

    run(work)
    assert [chat for _, chat, _ in sent] == [5, 7, 6, 2, 4, 3, 1]
    assert [round(at, 6) for at, _, _ in sent] == [1, 2, 3, 4, 5, 6, 7]


def test_a_full_chat_does_not_hold_back_others() -> None:
    sent: Sent = []

    async def work() -> None:
        limiter = Limiter(Rates(30, 1, 20))
        chats = [1] * 6 + [2, 3]
        await asyncio.gather(*(send(limiter, sent, c, 2, group=False) for c in chats))

    run(work)
    assert {chat: at for at, chat, _ in sent if chat > 1} == {2: 0.0, 3: 0.0}
    assert [at for at, chat, _ in sent if chat == 1] == [0, 0, 0, 3, 3, 3]


def test_after_a_pause_everything_goes_on_by_itself() -> None:
    sent: Sent = []

    async def work() -> None:
        limiter = Limiter(Rates(0, 0, 0))
        limiter.pause(5.0)
        limiter.pause(1.0)
        await asyncio.gather(*(send(limiter, sent, c, 2, group=False) for c in range(3)))
        limiter.pause(2.0)
        await send(limiter, sent, 9, 2, group=False)

    run(work)
    assert [at for at, _, _ in sent] == [5.0, 5.0, 5.0, 7.0]


def test_a_sender_that_gave_up_waiting_uses_nothing() -> None:
    sent: Sent = []

    async def work() -> None:
        limiter = Limiter(Rates(1, 0, 0))
        await limiter.acquire(1, group=False, priority=2)
        gone = asyncio.create_task(send(limiter, sent, 2, 0, group=False))
        stays = asyncio.create_task(send(limiter, sent, 3, 2, group=False))
        await asyncio.sleep(0)
        gone.cancel()
        await stays

    run(work)
    assert sent == [(1.0, 3, 2)]


def test_quiet_chats_are_forgotten() -> None:
    async def work() -> None:
        limiter = Limiter(Rates(0, 1, 20))
        for chat in range(5000):
            await limiter.acquire(chat, group=False, priority=2)
            if chat == 4000:
                await asyncio.sleep(100)
        assert len(limiter._chats) < 1500

    run(work)
