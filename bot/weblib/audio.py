"""A voice note over HTTP, whole or in parts: some browsers play nothing else."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from bot.speech.formats import by_media

_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})", re.ASCII)


def audio_response(request: Request, note_id: int, media: str, audio: bytes) -> Response:
    """The bytes (200), the one part that was asked for (206), or 416 for a part beyond the end."""
    found = by_media(media)
    suffix = found.suffix if found else "bin"
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'inline; filename="tin-thoai-{note_id}.{suffix}"',
    }
    kind = media if found else "application/octet-stream"
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None:
        return Response(audio, media_type=kind, headers=headers)
    first = int(asked[1])
    last = min(int(asked[2]) if asked[2] else len(audio) - 1, len(audio) - 1)
    if first > last:
        headers["Content-Range"] = f"bytes */{len(audio)}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(audio)}"
    return Response(audio[first : last + 1], 206, media_type=kind, headers=headers)
