"""No message unanswered, whatever becomes of Rasa, and the switch is told once."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from nlu.engine import Engine, RasaEngine, RasaServer, with_rasa
from tests.fakes.rasa import FakeRasa, Way
from tests.rasa.conftest import Watcher

TEXT = "làm thẻ căn cước"


def both(fake: FakeRasa, embedded: Engine, watcher: Watcher, pause: float = 60.0) -> RasaEngine:
    """The two engines, Rasa checked once."""
    server = RasaServer(fake.url, timeout=0.3, failures=3, pause=pause)
    engine = with_rasa(server, embedded, watcher)
    engine.check()
    return engine


def test_rasa_answers_while_it_is_up(fake: FakeRasa, embedded: Engine, watcher: Watcher) -> None:
    engine = both(fake, embedded, watcher)
    assert engine.parse(TEXT).intent == "chip_id_card"
    assert (engine.up, engine.name, engine.model_id) == (True, "rasa", "model-0123456789ab")
    assert watcher.engines == ["rasa"]
    assert watcher.switches == [(True, "")]


@pytest.mark.parametrize("way", [way for way in Way if way not in (Way.WELL, Way.SLOW)])
def test_the_embedded_engine_answers_what_rasa_does_not(
    way: Way, fake: FakeRasa, embedded: Engine, watcher: Watcher
) -> None:
    engine = both(fake, embedded, watcher)
    fake.way = way
    for _ in range(5):
        assert engine.parse(TEXT) == embedded.parse(TEXT)
    assert watcher.engines == ["embedded"] * 5
    assert len(watcher.failures) == 3
    assert [up for up, _ in watcher.switches] == [True, False]
    assert (engine.up, engine.name, engine.model_id) == (False, "embedded", embedded.model_id)


def test_an_open_breaker_costs_no_time(fake: FakeRasa, embedded: Engine, watcher: Watcher) -> None:
    engine = both(fake, embedded, watcher)
    fake.way = Way.SILENT
    for _ in range(3):
        engine.parse(TEXT)
    asked = len(fake.texts)
    started = time.monotonic()
    engine.parse_many([TEXT] * 50)
    assert time.monotonic() - started < 1
    assert len(fake.texts) == asked


def test_rasa_takes_over_again(fake: FakeRasa, embedded: Engine, watcher: Watcher) -> None:
    engine = both(fake, embedded, watcher, pause=0.05)
    fake.stop()
    for _ in range(3):
        engine.parse(TEXT)
    assert not engine.up
    fake.start()
    time.sleep(0.06)
    engine.check()
    assert engine.up
    assert engine.parse(TEXT).intent == "chip_id_card"
    assert watcher.engines[-1] == "rasa"
    assert watcher.switches == [(True, ""), (False, "connection"), (True, "")]


def test_a_server_never_heard_of_is_not_waited_for(
    fake: FakeRasa, embedded: Engine, watcher: Watcher
) -> None:
    """One failed check is enough at the start; the first message goes to the engine at hand."""
    fake.way = Way.SILENT
    engine = both(fake, embedded, watcher)
    assert not engine.up
    started = time.monotonic()
    engine.parse(TEXT)
    assert time.monotonic() - started < 0.2
    assert fake.texts == []


def test_one_slow_check_does_not_switch(fake: FakeRasa, embedded: Engine, watcher: Watcher) -> None:
    engine = both(fake, embedded, watcher)
    fake.next = [Way.SILENT]
    engine.check()
    assert engine.up


def test_killed_under_load(fake: FakeRasa, embedded: Engine, watcher: Watcher) -> None:
    """Eight threads, and the server goes and comes back: every message is understood."""
    engine = both(fake, embedded, watcher, pause=0.05)
    understood: list[str] = []

    def ask() -> None:
        understood.extend(engine.parse(TEXT).intent for _ in range(60))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    fake.stop()
    time.sleep(0.1)
    fake.start()
    for thread in threads:
        thread.join()
    assert understood == ["chip_id_card"] * 480
    assert len(watcher.engines) == 480
    # It may go and come more than once, always in turn.
    ups = [up for up, _ in watcher.switches]
    assert all(one is not other for one, other in pairwise(ups))
