"""The same cases against the embedded engine, Rasa's client and the two together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nlu.engine import Engine, RasaServer, with_rasa
from tests.fakes.rasa import FakeRasa
from tests.rasa.conftest import Watcher, client_of
from tests.rasa.contract import EngineContract


@pytest.fixture(params=["embedded", "rasa", "both", "both, rasa down"])
def engine(request: pytest.FixtureRequest, embedded: Engine, watcher: Watcher) -> Iterator[Engine]:
    """Each engine there is."""
    if request.param == "embedded":
        yield embedded
        return
    with FakeRasa() as fake:
        if request.param == "rasa":
            client = client_of(fake.url)
            client.check()
            yield client
            client.close()
            return
        if "down" in request.param:
            fake.stop()
        both = with_rasa(RasaServer(fake.url, timeout=0.5), embedded, watcher)
        both.check()
        yield both
        both.close()


class TestEveryEngine(EngineContract):
    """The contract, held by each engine there is."""
