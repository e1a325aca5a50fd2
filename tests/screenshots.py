"""Pictures of pages, small enough to keep."""

from __future__ import annotations

import io

from PIL import Image

_COLOURS = 64


def small(png: bytes, tallest: int | None = None) -> bytes:
    """A picture, or its top so many pixels, in few colours: text stays sharp, the file small."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    if tallest is not None:
        picture = picture.crop((0, 0, picture.width, min(picture.height, tallest)))
    out = io.BytesIO()
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
