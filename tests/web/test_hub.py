"""What an open stream is given without a look at the database."""

from __future__ import annotations

from bot.channels.web.hub import Hub
from bot.domain.replies import Reply


def told(*numbers: int) -> list[tuple[int, Reply]]:
    return [(n, Reply(str(n))) for n in numbers]


async def test_the_first_look_is_at_the_database() -> None:
    listener = Hub().listen(1)
    assert listener.take(0) is None
    assert listener.take(0) == []


async def test_what_follows_on_is_given_at_once() -> None:
    hub = Hub()
    listener, other = hub.listen(1), hub.listen(2)
    listener.take(0)
    other.take(0)
    hub.tell(1, told(1, 2))
    assert await listener.woken(1)
    assert listener.take(0) == told(1, 2)
    assert other.take(0) == []


async def test_a_gap_sends_it_to_the_database() -> None:
    hub = Hub()
    listener = hub.listen(1)
    listener.take(0)
    hub.tell(1, told(3))
    assert listener.take(1) is None
    hub.tell(1, told(4))
    hub.tell(1, told(6))
    assert listener.take(3) is None


async def test_what_was_read_already_is_not_given_again() -> None:
    hub = Hub()
    listener = hub.listen(1)
    listener.take(0)
    hub.tell(1, told(1, 2))
    hub.tell(1, told(3))
    assert listener.take(2) == told(3)


async def test_a_wake_is_not_lost_beside_what_is_told() -> None:
    hub = Hub()
    listener = hub.listen(1)
    listener.take(0)
    hub.tell(1, told(1))
    hub.wake(1)
    assert listener.take(0) is None


async def test_a_quiet_stream_looks_at_the_database() -> None:
    listener = Hub().listen(1)
    listener.take(0)
    assert not await listener.woken(0.001)
    assert listener.take(0) is None


async def test_a_stream_that_does_not_read_keeps_nothing_here() -> None:
    hub = Hub()
    listener = hub.listen(1)
    listener.take(0)
    for n in range(1, 100):
        hub.tell(1, told(n))
    assert listener.take(0) is None
