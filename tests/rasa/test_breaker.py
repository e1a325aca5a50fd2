"""When Rasa is left alone, and when it is asked again."""

from __future__ import annotations

import threading

from nlu.rasa.breaker import Breaker


class Clock:
    """Stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def opened(clock: Clock) -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker(3, 10.0, clock)
    for _ in range(3):
        assert breaker.allow()
        breaker.failed()
    assert not breaker.closed
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    breaker = Breaker(3, 10.0, Clock())
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.closed
    assert breaker.allow()


def test_open_it_lets_nothing_through() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 9.9
    assert not breaker.allow()


def test_half_open_it_lets_one_through() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 10
    assert [breaker.allow() for _ in range(3)] == [True, False, False]


def test_a_trial_that_succeeds_closes() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 10
    assert breaker.allow()
    breaker.succeeded()
    assert breaker.closed
    assert [breaker.allow() for _ in range(3)] == [True, True, True]


def test_a_trial_that_fails_opens_again_for_the_whole_pause() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 10
    assert breaker.allow()
    breaker.failed()
    clock.now += 9.9
    assert not breaker.allow()
    clock.now += 0.1
    assert breaker.allow()


def test_late_failures_do_not_draw_out_the_pause() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 9
    breaker.failed()
    clock.now += 1
    assert breaker.allow()


def test_it_can_open_at_once() -> None:
    breaker = Breaker(3, 10.0, Clock())
    breaker.failed(at_once=True)
    assert not breaker.closed


def test_one_trial_among_many_threads() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 10
    allowed: list[bool] = []
    threads = [threading.Thread(target=lambda: allowed.append(breaker.allow())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 1
