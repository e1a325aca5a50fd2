"""From the bytes of a file to grey pictures of a bearable size.

Everything is bounded before it is decoded: the bytes, the format (by its first bytes, never by a
name), the pixels its header announces, the frames of an animation. Pillow's own limits on texts and
profiles inside a file stay as they are.

Errors: PictureError.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.domain.pictures import PictureFault
from bot.pictures.errors import PictureError

if TYPE_CHECKING:
    from PIL.Image import Image

BYTES_MOST = 20_000_000
#: Phones of today take 50 megapixels; JPEG is decoded at a fraction of that (below).
PIXELS_MOST = 60_000_000
#: Other formats are decoded whole: some 100 MB at most.
PIXELS_MOST_WHOLE = 25_000_000
SIDE_MOST = 20_000
FRAMES_MOST = 3
#: A code that fills a tenth of a picture's width still has some three pixels a module.
SIDE_READ = 3_200
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_HEIF = (b"ftypheic", b"ftypheix", b"ftypheim", b"ftyphevc", b"ftypmif1", b"ftypmsf1", b"ftypavif")
_TIFF = (b"II*\0", b"MM\0*")
_WHITE = 255


def grey_frames(data: bytes) -> Iterator[Image]:
    """The picture in grey, the first frames of it if it moves. PictureError, also while iterating.

    A frame's longer side is about SIDE_READ at most.
    """
    with open_picture(data) as picture:
        wide, high = picture.size
        if max(wide, high) >= 2 * SIDE_READ:
            # A JPEG can be decoded at a fraction of its size; other formats take no notice.
            part = max(wide, high) // SIDE_READ
            picture.draft("L", (wide // part, high // part))
        for number in range(min(getattr(picture, "n_frames", 1), FRAMES_MOST)):
            picture.seek(number)
            yield _grey(picture)


@contextmanager
def open_picture(data: bytes) -> Iterator[Image]:
    """The picture, not decoded yet. PictureError, also for what goes wrong while it is open."""
    if len(data) > BYTES_MOST:
        raise PictureError(PictureFault.TOO_BIG)
    _check_kind(data)
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            _check_size(picture)
            yield picture
    except UnidentifiedImageError as error:
        raise PictureError(PictureFault.NOT_A_PICTURE) from error
    except Image.DecompressionBombError as error:
        raise PictureError(PictureFault.TOO_MANY_PIXELS) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        # What Pillow's readers raise on files that end early or contradict themselves.
        raise PictureError(PictureFault.BROKEN) from error


def _check_kind(data: bytes) -> None:
    head = data[:1024]
    if b"%PDF-" in head:
        raise PictureError(PictureFault.PDF)
    if head[4:12] in _HEIF or head[:4] in _TIFF:
        raise PictureError(PictureFault.UNKNOWN_FORMAT)


def _check_size(picture: Image) -> None:
    wide, high = picture.size
    most = PIXELS_MOST if picture.format == "JPEG" else PIXELS_MOST_WHOLE
    if wide * high > most or max(wide, high) > SIDE_MOST:
        raise PictureError(PictureFault.TOO_MANY_PIXELS)


def _grey(picture: Image) -> Image:
    grey = _one_layer(picture)
    part = max(grey.size) // SIDE_READ
    return grey.reduce(part) if part > 1 else grey


def _one_layer(picture: Image) -> Image:
    from PIL import Image

    if picture.has_transparency_data:
        # What can be seen through lies on white, as phones show it.
        ground = Image.new("LA", picture.size, (_WHITE, _WHITE))
        return Image.alpha_composite(ground.convert("RGBA"), picture.convert("RGBA")).convert("L")
    if picture.mode.startswith("I"):
        # Sixteen bits a pixel.
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return picture.convert("L")
