"""A picture that staff send to many: made small, turned upright, without what the camera wrote in.

Errors: PictureError.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from bot.domain.pictures import PictureFault
from bot.pictures.errors import PictureError
from bot.pictures.opening import open_picture

#: Wide enough for a phone, light enough for a slow network (some 200 kB).
SIDE_MOST = 1_280
_QUALITY = 82
_WHITE = (255, 255, 255, 255)


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A JPEG and its size in pixels."""

    data: bytes
    width: int
    height: int


def shrink(data: bytes) -> Jpeg:
    """The picture as a small JPEG. PictureError when the bytes are none that is read here."""
    from PIL import Image, ImageOps

    with open_picture(data) as opened:
        opened.draft("RGB", (2 * SIDE_MOST, 2 * SIDE_MOST))
        upright = ImageOps.exif_transpose(opened)
        if upright.has_transparency_data:
            ground = Image.new("RGBA", upright.size, _WHITE)
            upright = Image.alpha_composite(ground, upright.convert("RGBA"))
        small = upright.convert("RGB")
        small.thumbnail((SIDE_MOST, SIDE_MOST))
        if min(small.size) < 1:
            raise PictureError(PictureFault.BROKEN)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Jpeg(out.getvalue(), small.width, small.height)
