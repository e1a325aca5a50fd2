"""A webhook on loopback, to see what a fake messenger delivers."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Hook:
    """A webhook that records what it gets and answers as told (then 200 for ever)."""

    def __init__(self) -> None:
        """Bind a port; listen once entered."""
        self.seen: list[tuple[int, str | None]] = []
        self.bodies: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.reply: dict[str, Any] | None = None
        self.together = 0
        self.most_together = 0
        self.hold: threading.Barrier | None = None
        self.lock = threading.Condition()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                secret = self.headers.get("X-Telegram-Bot-Api-Secret-Token")
                status, answer = hook.take(json.loads(body), secret)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def wait(self, count: int, timeout: float = 10.0) -> None:
        """Block until that many deliveries came."""
        with self.lock:
            if not self.lock.wait_for(lambda: len(self.seen) >= count, timeout):
                raise TimeoutError(f"{len(self.seen)} of {count} deliveries came")

    def take(self, body: dict[str, Any], secret: str | None) -> tuple[int, bytes]:
        """Record a delivery and return the status and body to answer with."""
        with self.lock:
            self.bodies.append(body)
            self.seen.append((body["update_id"], secret))
            self.lock.notify_all()
            status = self.statuses.pop(0) if self.statuses else 200
            self.together += 1
            self.most_together = max(self.most_together, self.together)
            answer = json.dumps(self.reply).encode() if self.reply else b""
            self.reply = None
        if self.hold:
            self.hold.wait(10)
        with self.lock:
            self.together -= 1
        return status, answer

    @property
    def ids(self) -> list[int]:
        """The update ids in the order they came."""
        return [update_id for update_id, _ in self.seen]
