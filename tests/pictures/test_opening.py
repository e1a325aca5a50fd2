"""Pictures opened within limits; everything else refused under a name."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bench.bad_pictures import code
from bot.domain.pictures import PictureFault
from bot.pictures.errors import PictureError
from bot.pictures.opening import BYTES_MOST, FRAMES_MOST, SIDE_READ, grey_frames


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def fault_of(data: bytes) -> PictureFault:
    """Why bytes are no picture here."""
    with pytest.raises(PictureError) as caught:
        list(grey_frames(data))
    return caught.value.fault


def bomb(wide: int, high: int) -> bytes:
    """A PNG of a few hundred bytes that says it is this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    packed = zlib.compress(b"\0" * 100_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_the_usual_formats(form: str) -> None:
    (frame,) = grey_frames(saved(Image.new("RGB", (40, 30), "white"), form))
    assert (frame.mode, frame.size) == ("L", (40, 30))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_sort_of_png(mode: str) -> None:
    (frame,) = grey_frames(saved(Image.new(mode, (20, 20)), "PNG"))
    assert frame.mode == "L"


def test_what_can_be_seen_through_lies_on_white() -> None:
    (frame,) = grey_frames(saved(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG"))
    assert frame.getextrema() == (255, 255)


def test_sixteen_bits_a_pixel_are_not_cut_off() -> None:
    (frame,) = grey_frames(saved(Image.new("I;16", (9, 9), 0x8000), "PNG"))
    assert frame.getextrema() in ((127, 127), (128, 128))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", PictureFault.NOT_A_PICTURE),
        (b"hello", PictureFault.NOT_A_PICTURE),
        (b"<html>", PictureFault.NOT_A_PICTURE),
        (b"%PDF-1.7\n%\xe2", PictureFault.PDF),
        (b"\n\n%PDF-1.4", PictureFault.PDF),
        (b"\0\0\0\x18ftypheic\0\0", PictureFault.UNKNOWN_FORMAT),
        (b"II*\0\x08\0\0\0", PictureFault.UNKNOWN_FORMAT),
        (b"\x89PNG\r\n\x1a\n", PictureFault.NOT_A_PICTURE),
        (b"\0" * (BYTES_MOST + 1), PictureFault.TOO_BIG),
        (bomb(50_000, 50_000), PictureFault.TOO_MANY_PIXELS),
        (bomb(30_000, 10), PictureFault.TOO_MANY_PIXELS),
        (bomb(6_000, 5_000), PictureFault.TOO_MANY_PIXELS),
        (bomb(4_000, 4_000), PictureFault.BROKEN),
    ],
    ids=lambda value: value.value if isinstance(value, PictureFault) else f"{len(value)} bytes",
)
def test_what_is_refused_has_a_name(data: bytes, fault: PictureFault) -> None:
    assert fault_of(data) is fault


def test_a_picture_of_just_the_size_is_opened() -> None:
    data = saved(code("a"), "PNG")
    assert list(grey_frames(data + b"\0" * (BYTES_MOST - len(data))))


def test_an_animation_gives_its_first_frames() -> None:
    frames = [Image.new("L", (30, 30), shade) for shade in range(0, 250, 10)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert len(list(grey_frames(data))) == FRAMES_MOST


def test_a_large_photo_is_opened_small() -> None:
    (frame,) = grey_frames(saved(Image.new("L", (8_000, 6_000)), "JPEG"))
    assert max(frame.size) <= SIDE_READ * 1.5


@settings(max_examples=50)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(saved(code("a", 2), data.draw(st.sampled_from(["PNG", "JPEG", "GIF"]))))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    opened: list[Image.Image] = []
    with contextlib.suppress(PictureError):
        opened += grey_frames(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert all(frame.mode == "L" for frame in opened)
