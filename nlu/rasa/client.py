"""Asks a Rasa server over HTTP. Blocking: the bot calls it from threads of its own."""

import time
from collections.abc import Callable, Sequence

import httpx

from nlu.embedded.thresholds import Thresholds
from nlu.engine import Parse, Ranked
from nlu.entities import find_entities
from nlu.intents import OUT_OF_SCOPE
from nlu.rasa.answer import RasaUnavailable, read_model, read_ranking
from nlu.text import normalize

#: 64 intents and the places of 500 words are some 15 kB.
ANSWER_MOST = 256 * 1024
_AT_ONCE = 8


def normalized(text: str) -> str:
    """The words alone: a message that begins with '/' would name an intent itself."""
    return normalize(text).accented


class RasaClient:
    """One server, asked through a few kept connections; safe to share between threads.

    `timeout` is for one message, all `tries` together. What may pass by itself (a connection that
    broke or was refused, a 5xx) is tried again within it; a timeout and a strange answer are not.
    `spell` makes of a message what Rasa gets.
    """

    name = "rasa"

    def __init__(
        self,
        url: str,
        timeout: float,
        thresholds: Thresholds,
        *,
        tries: int = 2,
        spell: Callable[[str], str] = normalized,
    ) -> None:
        self._spell = spell
        self._timeout = timeout
        self._tries = tries
        self._thresholds = thresholds
        self.model_id = ""
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            trust_env=False,
            # Loading the machine's certificates takes 20 ms and is for nothing on plain http.
            verify=url.startswith("https:"),
            limits=httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE),
        )

    def parse(self, text: str) -> Parse:
        """Understand one message. Raises RasaUnavailable.

        Nothing is asked about a message of which no word is left.
        """
        plain = self._spell(text)
        if plain:
            body = self._ask("POST", "/model/parse", {"text": plain})
            ranking = self._thresholds.weigh(read_ranking(body))
        else:
            ranking = [Ranked(OUT_OF_SCOPE, 1.0)]
        best = ranking[0]
        return Parse(
            text=text,
            intent=best.name,
            confidence=best.confidence,
            ranking=tuple(ranking),
            entities=find_entities(text),
            decision=self._thresholds.decide(best),
        )

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        """Understand many messages, one after another. Raises RasaUnavailable."""
        return [self.parse(text) for text in texts]

    def check(self) -> str:
        """The name of the model the server has loaded, kept as `model_id`.

        Raises RasaUnavailable, also when no model is loaded.
        """
        self.model_id = read_model(self._ask("GET", "/status", None))
        return self.model_id

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _ask(self, method: str, path: str, content: dict[str, str] | None) -> bytes:
        deadline = time.monotonic() + self._timeout
        for left in range(self._tries - 1, -1, -1):
            try:
                return self._once(method, path, content, deadline)
            except _Passing as error:
                if not left or time.monotonic() >= deadline:
                    raise RasaUnavailable(error.why) from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(
        self, method: str, path: str, content: dict[str, str] | None, deadline: float
    ) -> bytes:
        remaining = max(0.001, deadline - time.monotonic())
        try:
            with self._http.stream(method, path, json=content, timeout=remaining) as answer:
                if answer.status_code >= 500:
                    raise _Passing("status")
                if answer.status_code != 200:
                    raise RasaUnavailable("status")
                return _read(answer, deadline)
        except httpx.TimeoutException as error:
            raise RasaUnavailable("timeout") from error
        except httpx.TransportError as error:
            raise _Passing("connection") from error
        except httpx.HTTPError as error:
            raise RasaUnavailable("answer") from error


class _Passing(Exception):
    """A failure that another try may not meet."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _read(answer: httpx.Response, deadline: float) -> bytes:
    """The body, as long as it is neither too big nor too slow."""
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > ANSWER_MOST:
            raise RasaUnavailable("answer")
        if time.monotonic() > deadline:
            raise RasaUnavailable("timeout")
    return bytes(body)
