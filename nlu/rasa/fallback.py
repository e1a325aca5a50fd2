"""Rasa while it answers, the embedded engine while it does not: no message stays unanswered."""

import threading
from collections.abc import Sequence

from nlu.embedded.thresholds import read_thresholds
from nlu.engine import Engine, Parse, RasaServer, RasaWatcher
from nlu.rasa.answer import RasaUnavailable
from nlu.rasa.breaker import Breaker
from nlu.rasa.client import RasaClient
from nlu.rasa.files import THRESHOLDS_FILE


def connect(server: RasaServer, behind: Engine, watcher: RasaWatcher) -> "FallbackEngine":
    """The server with its own thresholds and a breaker; see `nlu.engine.with_rasa`."""
    client = RasaClient(server.url, server.timeout, read_thresholds(THRESHOLDS_FILE))
    return FallbackEngine(client, behind, Breaker(server.failures, server.pause), watcher)


class FallbackEngine:
    """An engine of two: `parse` never raises, whatever becomes of the server."""

    def __init__(
        self, client: RasaClient, behind: Engine, breaker: Breaker, watcher: RasaWatcher
    ) -> None:
        self._client = client
        self._behind = behind
        self._breaker = breaker
        self._watcher = watcher
        self._lock = threading.Lock()
        self._up: bool | None = None

    @property
    def name(self) -> str:
        """Which of the two answers now."""
        return self._client.name if self.up else self._behind.name

    @property
    def model_id(self) -> str:
        """The model that answers now."""
        return self._client.model_id if self.up else self._behind.model_id

    @property
    def up(self) -> bool:
        """Whether Rasa answers: not before it was first heard of."""
        return self._up is True and self._breaker.closed

    def parse(self, text: str) -> Parse:
        """Understand one message; by the embedded engine when Rasa gives no answer in time."""
        if self._breaker.allow():
            try:
                found = self._client.parse(text)
            except RasaUnavailable as error:
                self._failed(error)
            else:
                self._succeeded()
                self._watcher.parsed(self._client.name)
                return found
        self._watcher.parsed(self._behind.name)
        return self._behind.parse(text)

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        """Understand many messages."""
        return [self.parse(text) for text in texts]

    def check(self) -> None:
        """Ask the server how it is, so that a change is known without a message paying for it."""
        if not self._breaker.allow():
            return
        try:
            self._client.check()
        except RasaUnavailable as error:
            # What was never heard of is not waited for by the first messages.
            self._failed(error, at_once=self._up is None)
        else:
            self._succeeded()

    def close(self) -> None:
        """Close the connections to the server."""
        self._client.close()

    def _succeeded(self) -> None:
        self._breaker.succeeded()
        self._switch(True, "")

    def _failed(self, error: RasaUnavailable, *, at_once: bool = False) -> None:
        self._watcher.failed(error.why)
        self._breaker.failed(at_once)
        if not self._breaker.closed:
            self._switch(False, error.why)

    def _switch(self, up: bool, why: str) -> None:
        """Tell the watcher once for each change."""
        with self._lock:
            if self._up is not up:
                self._up = up
                self._watcher.switched(up, why, self._client.model_id if up else "")
