"""The QR codes in a picture, also in a bad one: blurred, dark, bleached, turned, half in the sun.

zxing-cpp reads; what it does not find at first is made clearer step by step, the cheapest first.
A code is corrected by its own redundancy or refused, so what is read is what was printed.

Errors: PictureError.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.pictures.opening import grey_frames

if TYPE_CHECKING:
    from PIL.Image import Image

CODES_MOST = 10
#: Seconds after which nothing more is tried.
PATIENCE = 1.5
#: Longer sides, in pixels: of what is looked at first, and of what is worked on.
_SIDE_FIRST, _SIDE_WORK, _SIDE_SMALL = 1_600, 1_300, 650


@dataclass(frozen=True, slots=True)
class Found:
    """The texts of the codes, the topmost first, each once; `more` says that there were others."""

    payloads: tuple[str, ...]
    more: bool = False


def find_codes(data: bytes, clock: Callable[[], float] = time.monotonic) -> Found:
    """The QR codes in the bytes of a picture; none when there is none. PictureError.

    Nothing is kept. `clock` counts seconds.
    """
    until = clock() + PATIENCE
    for frame in grey_frames(data):
        for tried in _clearer(frame):
            texts = _read(tried)
            if texts:
                return Found(tuple(texts[:CODES_MOST]), len(texts) > CODES_MOST)
            if clock() > until:
                return Found(())
    return Found(())


def _read(picture: Image) -> list[str]:
    import zxingcpp

    seen = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2),
        text_mode=zxingcpp.TextMode.Plain,
    )
    placed = sorted(seen, key=lambda each: (each.position.top_left.y, each.position.top_left.x))
    return list(dict.fromkeys(_text(each.bytes, each.text) for each in placed))


def _text(raw: bytes, guessed: str) -> str:
    """UTF-8 where it is, since that is what Vietnamese codes are; else the reader's guess."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return guessed


def _clearer(picture: Image) -> Iterator[Image]:
    """The picture, then as others might see it."""
    from PIL import ImageFilter, ImageOps

    first = _at_most(picture, _SIDE_FIRST)
    yield first
    spread = ImageOps.autocontrast(_at_most(first, _SIDE_WORK), cutoff=1)
    yield spread
    if first is not picture:
        yield picture
    small = _at_most(spread, _SIDE_SMALL)
    yield _evened(small).filter(ImageFilter.UnsharpMask(4, 400, 0))
    # Nothing is cut off here: the filter needs the blur as it is.
    soft = ImageOps.autocontrast(_at_most(first, _SIDE_SMALL))
    for radius, noise in ((2.7, 0.001), (3.4, 0.002), (1.8, 0.003)):
        yield _deblurred(soft, radius, noise)
    yield _evened(spread)
    yield ImageOps.equalize(spread)
    yield spread.filter(ImageFilter.MedianFilter(5))
    yield spread.filter(ImageFilter.UnsharpMask(8, 400, 0))
    if max(picture.size) < _SIDE_FIRST:
        yield picture.resize((picture.width * 2, picture.height * 2))
    yield _deblurred(soft, 4.2, 0.0005)


def _at_most(picture: Image, side: int) -> Image:
    from PIL.Image import Resampling

    part = side / max(picture.size)
    if part >= 1:
        return picture
    size = (max(1, round(picture.width * part)), max(1, round(picture.height * part)))
    return picture.resize(size, Resampling.BOX)


def _evened(picture: Image) -> Image:
    """Each pixel by what is around it: shadows and lamps go away."""
    import numpy as np
    from PIL import Image, ImageFilter, ImageOps

    around = picture.filter(ImageFilter.BoxBlur(max(8, max(picture.size) // 30)))
    ratio = (np.asarray(picture, np.float32) + 1) / (np.asarray(around, np.float32) + 1)
    flat = Image.fromarray(np.clip(ratio * 128, 0, 255).astype(np.uint8))
    return ImageOps.autocontrast(flat, cutoff=1)


def _deblurred(picture: Image, radius: float, noise: float) -> Image:
    """The picture as if it had been in focus: Wiener's filter for a round blur of this radius."""
    import numpy as np
    from PIL import Image

    pixels = np.asarray(picture, np.float32)
    high, wide = pixels.shape
    down, across = np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None, :]
    lens = np.exp(-2 * np.pi**2 * radius**2 * (down**2 + across**2))
    sharp = np.fft.irfft2(np.fft.rfft2(pixels) * lens / (lens * lens + noise), s=pixels.shape)
    return Image.fromarray(np.clip(sharp, 0, 255).astype(np.uint8))
