"""Files: what a message shows of them, uploads, size limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import ApiError, Json, Params, StoredFile, bad

if TYPE_CHECKING:
    from .state import World

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024

# method -> (argument and message field, extra fields its object requires)
MEDIA: dict[str, tuple[str, Json]] = {
    "sendPhoto": ("photo", {}),
    "sendDocument": ("document", {}),
    "sendVoice": ("voice", {"duration": 3}),
    "sendVideo": ("video", {"width": 640, "height": 480, "duration": 3}),
    "sendAudio": ("audio", {"duration": 3}),
    "sendAnimation": ("animation", {"width": 320, "height": 240, "duration": 2}),
    "sendSticker": (
        "sticker",
        {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": "👍",
        },
    ),
}
_EXTRA = dict(MEDIA.values())


def file_json(stored: StoredFile) -> Json:
    """Return the fields every file object has."""
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
    }


def media_content(world: World, stored: StoredFile) -> Json | list[Json]:
    """Return the message field of a file: an object, or the sizes of a photo."""
    if stored.kind == "photo":
        small = world.add_file("photo", stored.data[:64], stored.name, stored.mime)
        return [
            {**file_json(small), "width": 90, "height": 67},
            {**file_json(stored), "width": 1280, "height": 960},
        ]
    out = {**file_json(stored), **_EXTRA.get(stored.kind, {})}
    if stored.kind != "sticker":
        out["mime_type"] = stored.mime
    if stored.name and stored.kind not in ("sticker", "voice"):
        out["file_name"] = stored.name
    return out


def take_file(world: World, p: Params, kind: str) -> StoredFile:
    """Return the file a send method means: an upload, attach://name or a known file_id."""
    value = p.text(kind)
    name = value.removeprefix("attach://") if value.startswith("attach://") else kind
    upload = p.files.get(name)
    if upload is not None:
        size = len(upload.data)
        if size == 0:
            raise bad("file must be non-empty")
        if kind == "photo" and size > PHOTO_LIMIT:
            raise bad(
                f"file of size {size} bytes is too big for a photo; "
                f"the maximum size is {PHOTO_LIMIT} bytes"
            )
        if size > UPLOAD_LIMIT:
            raise ApiError(413, "Request Entity Too Large")
        return world.add_file(kind, upload.data, upload.filename, upload.content_type)
    if not value or value.startswith("attach://"):
        raise bad(f"there is no {kind} in the request")
    if value.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    stored = world.files.get(value)
    if stored is None:
        raise bad("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad(f"can't use file of type {stored.kind.title()} as {kind.title()}")
    return stored
