"""A form with a file: its fields, and the bytes of the one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.weblib.pages import Refused

#: More than a phone's photo has.
FILE_MOST = 8_000_000
_BODY_MOST = FILE_MOST + 100_000
#: For the route: the general limit does not hold, since ours is kept where it can be said in words.
ROUTE_MOST = 2**40
_LENGTH_DIGITS = 12
_MOST_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent; `data` is empty when no file was chosen, `name` is what it was called."""

    fields: Mapping[str, str]
    data: bytes
    name: str = ""


async def upload(request: Request, name: str) -> Upload:
    """The form of a request with its file `name`; empty when the body is no such form.

    Refused before it is read when it is too large, or does not say how large it is.
    """
    told = request.headers.get("content-length", "")
    if not told.isdecimal() or len(told) > _LENGTH_DIGITS or int(told) > _BODY_MOST:
        raise Refused(413, "big")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return Upload({}, b"")
    try:
        form = await request.form(max_files=1, max_fields=_MOST_FIELDS)
    except HTTPException:
        # A form that contradicts itself: it is refused like one without its token.
        return Upload({}, b"")
    try:
        file = form.get(name)
        data = await file.read() if isinstance(file, UploadFile) else b""
        called = (file.filename or "") if isinstance(file, UploadFile) else ""
        texts = {key: value for key, value in form.items() if isinstance(value, str)}
    finally:
        await form.close()
    return Upload(texts, data, called)
