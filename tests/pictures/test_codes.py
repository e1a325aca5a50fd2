"""Codes found in pictures: one and many, bad ones, hostile ones; never a wrong one."""

from __future__ import annotations

import io
import itertools

import pytest
import segno
from PIL import Image

from bench.bad_pictures import WAYS, Sample, code, encoded, samples
from bot.pictures.codes import CODES_MOST, PATIENCE, find_codes
from bot.safety.qr.vietqr import make

#: Two of each way a picture goes bad.
SAMPLES = samples(2 * len(WAYS), seed=7)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.how)
def test_a_bad_picture_is_read_rightly(sample: Sample) -> None:
    assert find_codes(sample.data).payloads == (sample.payload,)


def test_the_same_seed_gives_the_same_pictures() -> None:
    assert samples(3, seed=7) == SAMPLES[:3]


def sheet(payloads: list[str], columns: int = 4) -> Image.Image:
    """Codes in rows."""
    pictures = [code(payload, 4) for payload in payloads]
    side = max(picture.width for picture in pictures) + 20
    rows = -(-len(pictures) // columns)
    page = Image.new("L", (side * columns, side * rows), 255)
    for number, picture in enumerate(pictures):
        page.paste(picture, ((number % columns) * side, (number // columns) * side))
    return page


def test_ten_codes_are_all_read_from_the_top() -> None:
    payloads = [make("970405", f"{n:010}") for n in range(10)]
    found = find_codes(encoded(sheet(payloads)))
    assert sorted(found.payloads) == payloads
    assert found.payloads[0] in payloads[:4]
    assert not found.more


def test_more_than_ten_are_cut_and_said_to_be() -> None:
    found = find_codes(encoded(sheet([f"ban so {n}" for n in range(14)])))
    assert len(found.payloads) == CODES_MOST
    assert found.more


def test_the_same_code_twice_is_one() -> None:
    assert find_codes(encoded(sheet(["a", "a"]))).payloads == ("a",)


@pytest.mark.parametrize("payload", ["A" * 4_000, "đồng " * 300])
def test_a_code_full_to_the_brim(payload: str) -> None:
    out = io.BytesIO()
    segno.make(payload, error="l", micro=False).save(out, kind="png", scale=4)
    assert find_codes(out.getvalue()).payloads == (payload,)


def test_vietnamese_letters_are_read_as_utf_8() -> None:
    out = io.BytesIO()
    segno.make("mua cá đồng", encoding="utf-8", eci=False, micro=False).save(out, "png", scale=5)
    assert find_codes(out.getvalue()).payloads == ("mua cá đồng",)


def test_no_code_is_no_code() -> None:
    noise = Image.effect_noise((300, 300), 80)
    assert find_codes(encoded(noise)).payloads == ()


def test_other_sorts_of_codes_are_not_taken_for_one() -> None:
    out = io.BytesIO()
    segno.make_micro("12345").save(out, "png", scale=8)
    assert find_codes(out.getvalue()).payloads == ()


def test_a_code_in_a_later_frame_of_an_animation() -> None:
    picture = code("a b c").convert("P")
    blank = Image.new("P", picture.size)
    out = io.BytesIO()
    blank.save(out, "GIF", save_all=True, append_images=[picture], duration=100)
    assert find_codes(out.getvalue()).payloads == ("a b c",)


def test_patience_ends() -> None:
    ticks = itertools.count()
    looked = find_codes(encoded(Image.new("L", (3000, 3000), 200)), lambda: next(ticks) * PATIENCE)
    assert looked.payloads == ()
    assert next(ticks) < 5


def test_a_picture_of_one_pixel() -> None:
    assert find_codes(encoded(Image.new("L", (1, 1)))).payloads == ()
