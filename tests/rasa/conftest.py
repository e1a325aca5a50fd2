"""Both engines for the contract, and a watcher that remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from nlu.embedded.thresholds import read_thresholds
from nlu.engine import Engine, load_embedded
from nlu.rasa.client import RasaClient
from nlu.rasa.files import THRESHOLDS_FILE
from tests.fakes.rasa import FakeRasa
from tests.process import trained_models


@dataclass
class Watcher:
    """What an engine told."""

    engines: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    switches: list[tuple[bool, str]] = field(default_factory=list)

    def parsed(self, engine: str) -> None:
        """Remember."""
        self.engines.append(engine)

    def failed(self, why: str) -> None:
        """Remember."""
        self.failures.append(why)

    def switched(self, up: bool, why: str, model: str) -> None:
        """Remember."""
        assert bool(model) == up
        self.switches.append((up, why))


@pytest.fixture
def watcher() -> Watcher:
    """Remembers what it is told."""
    return Watcher()


@pytest.fixture(scope="session")
def embedded() -> Engine:
    """The engine behind."""
    return load_embedded(trained_models())


@pytest.fixture
def fake() -> Iterator[FakeRasa]:
    """A Rasa server of our own making."""
    with FakeRasa() as server:
        yield server


def client_of(url: str, timeout: float = 0.5, tries: int = 2) -> RasaClient:
    """A client with the shipped thresholds."""
    return RasaClient(url, timeout, read_thresholds(THRESHOLDS_FILE), tries=tries)


@pytest.fixture
def client(fake: FakeRasa) -> Iterator[RasaClient]:
    """A client of the fake."""
    made = client_of(fake.url)
    yield made
    made.close()
