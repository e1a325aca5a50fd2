"""Pictures for alerts: small, upright, without what the camera wrote in, or refused."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.domain.pictures import PictureFault
from bot.pictures.errors import PictureError
from bot.pictures.shrink import SIDE_MOST, shrink


def encoded(picture: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_small_whatever_it_was(kind: str, mode: str) -> None:
    if mode == "P" and kind in ("JPEG", "WEBP"):
        mode = "RGB"
    made = shrink(
        encoded(Image.new(mode, (3_000, 1_500), 90 if mode != "RGB" else (9, 9, 9)), kind)
    )
    assert (made.width, made.height) == (SIDE_MOST, SIDE_MOST // 2)
    assert opened(made.data).format == "JPEG"
    assert opened(made.data).size == (made.width, made.height)


def test_a_small_one_keeps_its_size() -> None:
    made = shrink(encoded(Image.new("RGB", (40, 30))))
    assert (made.width, made.height) == (40, 30)


def test_upright_and_without_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "Máy ảnh"
    made = shrink(encoded(Image.new("RGB", (60, 20)), "JPEG", exif=exif))
    assert (made.width, made.height) == (20, 60)
    assert not opened(made.data).getexif()


def test_what_can_be_seen_through_lies_on_white() -> None:
    made = shrink(encoded(Image.new("RGBA", (10, 10), (0, 0, 0, 0))))
    assert opened(made.data).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", PictureFault.NOT_A_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureFault.NOT_A_PICTURE),
        (b"%PDF-1.7", PictureFault.PDF),
        (encoded(Image.new("RGB", (400, 400)), "JPEG")[:400], None),
        (encoded(Image.new("1", (9_000, 9_000))), PictureFault.TOO_MANY_PIXELS),
    ],
)
def test_refused(data: bytes, fault: PictureFault | None) -> None:
    with pytest.raises(PictureError) as caught:
        shrink(data)
    assert fault in (None, caught.value.fault)
