"""Static files: read once, addressed by their content, so that phones fetch each one once."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).with_name("static")
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    kind: str
    version: str


class Assets:
    """The files of a folder, served under `prefix`."""

    def __init__(self, prefix: str, folder: Path = STATIC) -> None:
        self._prefix = prefix
        self._files = {path.name: _read(path) for path in sorted(folder.iterdir())}

    def url(self, name: str) -> str:
        """The address of a file; it changes with the content."""
        return f"{self._prefix}/{name}?v={self._files[name].version}"

    async def serve(self, request: Request) -> Response:
        """Answer a request whose path ends in the file's `name`."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            return Response("Không có tệp này.", 404, media_type="text/plain")
        current = request.query_params.get("v") == file.version
        cache = _FOREVER if current else "no-cache"
        return Response(file.body, media_type=file.kind, headers={"Cache-Control": cache})


def _read(path: Path) -> _File:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _File(body, kind, hashlib.sha256(body).hexdigest()[:12])
