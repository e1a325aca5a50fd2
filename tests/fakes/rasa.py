"""A Rasa server on loopback that answers in Rasa 3.6.21's own words, or misbehaves as told.

The answers in `rasa_answers.json` were recorded from the real one by
`python -m tests.fakes.rasa_record`; texts that were not recorded get the answer of an unknown word.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from enum import StrEnum
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from nlu.text import normalize

ANSWERS = Path(__file__).with_name("rasa_answers.json")
UNKNOWN = "zzqx"


class Way(StrEnum):
    """How the server answers."""

    WELL = "well"
    #: Nothing comes, the connection stays open.
    SILENT = "silent"
    #: Well, after a quarter of a second.
    SLOW = "slow"
    #: One byte now and then.
    DRIPPING = "dripping"
    #: As Rasa does when a component raises.
    FAILING = "failing"
    #: As Rasa does before a model is loaded.
    NO_MODEL = "no model"
    #: Not JSON.
    GARBAGE = "garbage"
    #: JSON, and not what was asked for.
    OTHER_JSON = "other json"
    #: Intents that this release does not have.
    OTHER_INTENTS = "other intents"
    NAN = "nan"
    HUGE = "huge"
    #: The connection ends in the middle of the answer.
    CUT = "cut"


@cache
def recorded() -> dict[str, Any]:
    """Rasa's answers by the text asked, which is the normalised one."""
    answers = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return {normalize(text).accented: answer for text, answer in answers.items()}


class FakeRasa:
    """Listens between enter and exit; `stop` and `start` keep the port."""

    def __init__(self) -> None:
        self.way = Way.WELL
        #: Ways of the next answers, before `way`.
        self.next: list[Way] = []
        self.texts: list[str] = []
        self.paths: list[str] = []
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Listen."""
        self.released.clear()
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Refuse connections, and end those there are, as a killed process does."""
        self.released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()  # type: ignore[attr-defined]
            self._server = None

    def take_way(self) -> Way:
        """How to answer now."""
        with self._lock:
            return self.next.pop(0) if self.next else self.way

    def __enter__(self) -> Self:
        """Listen."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, *given: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests."""

    def hang_up(self) -> None:
        """End every connection."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _handler(fake: FakeRasa) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._respond({"model_file": "model-0123456789ab.tar.gz", "model_id": "0" * 32})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.texts.append(asked["text"])
            self._respond(recorded().get(asked["text"], recorded()[UNKNOWN]))

        def _respond(self, answer: Any) -> None:
            fake.paths.append(self.path)
            way = fake.take_way()
            body = json.dumps(answer).encode()
            match way:
                case Way.WELL:
                    self._send(200, body)
                case Way.SLOW:
                    fake.released.wait(0.25)
                    self._send(200, body)
                case Way.SILENT:
                    fake.released.wait(30)
                    self.close_connection = True
                case Way.DRIPPING:
                    self._drip(body)
                case Way.CUT:
                    self._head(200, len(body))
                    self.wfile.write(body[: len(body) // 2])
                    self.close_connection = True
                case _:
                    self._send(*_WRONG[way])

        def _drip(self, body: bytes) -> None:
            self._head(200, len(body))
            for byte in body:
                if fake.released.is_set():
                    break
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.02)
            self.close_connection = True

        def _send(self, status: int, body: bytes) -> None:
            self._head(status, len(body))
            self.wfile.write(body)

        def _head(self, status: int, length: int) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(length))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


def _failure(status: int, reason: str, message: str) -> bytes:
    failure = {"version": "3.6.21", "status": "failure", "message": message, "reason": reason}
    return json.dumps({**failure, "details": {}, "help": None, "code": status}).encode()


def _named(intent: str, confidence: str) -> bytes:
    one = f'{{"name": "{intent}", "confidence": {confidence}}}'
    return f'{{"text": "x", "intent": {one}, "entities": [], "intent_ranking": [{one}]}}'.encode()


_WRONG = {
    Way.FAILING: (500, _failure(500, "ParsingError", "An unexpected error occurred. Error: ")),
    Way.NO_MODEL: (409, _failure(409, "Conflict", "No agent loaded.")),
    Way.GARBAGE: (200, b"<!DOCTYPE html><html lang=en>\xff\xfe"),
    Way.OTHER_JSON: (200, b'[{"recipient_id": "default", "text": "hi"}]'),
    Way.OTHER_INTENTS: (200, _named("order_pizza", "0.99")),
    Way.NAN: (200, _named("greet", "NaN")),
    Way.HUGE: (200, b'{"text": "' + b"a" * 5_000_000 + b'"}'),
}
