"""A server of blocklists on loopback, with the ill manners that such servers have."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class FeedServer:
    """Serves `body` with an ETag; `statuses` come first, one a request; `endless` never stops."""

    def __init__(self) -> None:
        """Bind a port; listen once entered."""
        self.body = b""
        self.etag = '"1"'
        self.kind = "text/plain"
        self.statuses: list[int] = []
        self.location = ""
        self.endless = False
        self.asked: list[dict[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append({name.lower(): value for name, value in self.headers.items()})
                server.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """The address of the list."""
        return f"http://127.0.0.1:{self._server.server_port}/list.txt"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """One answer."""
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200 and request.headers.get("If-None-Match") == self.etag:
            status = 304
        request.send_response(status)
        if 300 <= status < 304:
            request.send_header("Location", self.location)
        request.send_header("Content-Type", self.kind)
        request.send_header("ETag", self.etag)
        request.end_headers()
        if status == 200:
            self._write(request)

    def _write(self, request: BaseHTTPRequestHandler) -> None:
        try:
            request.wfile.write(self.body)
            while self.endless:
                request.wfile.write(b"evil.xyz\n" * 1000)
        except OSError:
            return  # the reader had enough

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
