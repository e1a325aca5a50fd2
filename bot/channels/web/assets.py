"""Files as they are served: kept in memory, compressed once, told apart by their content."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request, Response

_COMPRESSED = ("text/", "application/json", "application/manifest+json")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes and media type. `packed` is the same with gzip, where that is smaller."""

    body: bytes
    media: str
    packed: bytes = field(init=False, repr=False)
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        packed = gzip.compress(self.body, 9, mtime=0) if self.media.startswith(_COMPRESSED) else b""
        object.__setattr__(self, "packed", packed if 0 < len(packed) < len(self.body) else b"")
        object.__setattr__(self, "tag", hashlib.sha256(self.body).hexdigest()[:16])

    def response(self, request: Request, headers: Mapping[str, str]) -> Response:
        """The file, or 304 when the browser has it; with gzip for a browser that takes it."""
        told = {**headers, "ETag": f'"{self.tag}"', "Vary": "Accept-Encoding"}
        # A proxy that compresses marks the tag as weak, and it comes back so.
        known = request.headers.get("If-None-Match", "").replace("W/", "")
        if f'"{self.tag}"' in known.split(", "):
            return Response(status_code=304, headers=told)
        if self.packed and takes_gzip(request):
            told["Content-Encoding"] = "gzip"
            return Response(self.packed, media_type=self.media, headers=told)
        return Response(self.body, media_type=self.media, headers=told)


def takes_gzip(request: Request) -> bool:
    """Whether the browser says that it can read gzip (`gzip;q=0` says that it cannot)."""
    for each in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = each.replace(" ", "").partition(";q=")
        if name in ("gzip", "*"):
            return weight.strip("0.") != "" or weight == ""
    return False


def version_of(assets: Mapping[str, Asset]) -> str:
    """A short name for exactly these files."""
    told = "".join(f"{name}:{asset.tag};" for name, asset in sorted(assets.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:12]
