"""Pictures of QR codes as people make them: blurred, dark, turned, from the side, worn by JPEG.

Seeded: the same number gives the same pictures. Used by `bench.qr` and by the tests.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import segno
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from bot.safety.qr.vietqr import make

_WHITE = 255


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture with what stands in it."""

    how: str
    payload: str
    data: bytes


def payload_of(rng: random.Random) -> str:
    """A payload as it is met: mostly transfers, some links, a few others."""
    kind = rng.random()
    account = "".join(rng.choices("0123456789", k=rng.choice((8, 10, 12, 13, 14))))
    if kind < 0.35:
        return make(rng.choice(("970436", "970405", "970422", "970415")), account)
    if kind < 0.7:
        amount = rng.randrange(1, 900) * 1000
        return make("970418", account, amount, rng.choice(("mua tom kho", "tien hang", "coc xe")))
    if kind < 0.9:
        return f"https://{rng.choice(('cho-que', 'vi-du', 'xa-moi'))}.example/{account}?a={account}"
    return rng.choice((f"WIFI:T:WPA;S:Quan {account[:3]};P:{account};;", f"Ban so {account[:2]}"))


def code(payload: str, scale: int = 8, *, error: str = "m") -> Image.Image:
    """The bare code in grey, with its quiet zone."""
    out = io.BytesIO()
    segno.make(payload, error=error, micro=False).save(out, kind="png", scale=scale, border=4)
    return Image.open(out).convert("L")


def _scene(
    rng: random.Random, picture: Image.Image, wide: int = 1000, high: int = 1300
) -> Image.Image:
    """The code printed on a sheet with words above and below, lying on something."""
    scene = Image.new("L", (wide, high), rng.randrange(90, 200))
    pen = ImageDraw.Draw(scene)
    for _ in range(60):
        x, y = rng.randrange(wide), rng.randrange(high)
        pen.rectangle(
            (x, y, x + rng.randrange(5, 90), y + rng.randrange(2, 40)), rng.randrange(256)
        )
    side = min(picture.width + 120, wide - 40)
    left, top = (wide - side) // 2, (high - side - 160) // 2
    pen.rectangle((left, top, left + side, top + side + 160), fill=rng.randrange(225, 256))
    inside = picture.resize((side - 100, side - 100), Image.Resampling.BILINEAR)
    scene.paste(inside, (left + 50, top + 110))
    for row in range(3):
        for column in range(rng.randrange(6, 14)):
            x = left + 60 + column * 44
            pen.rectangle((x, top + 20 + row * 28, x + 30, top + 34 + row * 28), fill=60)
    return scene


def plain(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Straight out of an app."""
    return ImageOps.expand(picture, rng.randrange(0, 80), _WHITE)


def screenshot(rng: random.Random, picture: Image.Image) -> Image.Image:
    """A bank app's page on a phone: bars, a header, buttons, the code in the middle."""
    wide, high = rng.choice(((720, 1560), (1080, 2340)))
    page = Image.new("L", (wide, high), rng.choice((250, 235, 40)))
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, wide, high // 9), fill=rng.randrange(40, 120))
    side = int(wide * rng.uniform(0.45, 0.7))
    left, top = (wide - side) // 2, int(high * rng.uniform(0.2, 0.35))
    pen.rounded_rectangle((left - 40, top - 40, left + side + 40, top + side + 160), 30, _WHITE)
    page.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (left, top))
    for row in range(rng.randrange(2, 6)):
        y = top + side + 220 + row * 90
        pen.rounded_rectangle((60, y, wide - 60, y + 60), 20, fill=rng.randrange(90, 200))
        for x in range(90, wide - 200, 46):
            pen.rectangle((x, y + 20, x + 28, y + 40), fill=rng.randrange(0, 90))
    return page


def blurred(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Out of focus."""
    scene = _scene(rng, picture)
    return scene.filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 6.5)))


def moved(rng: random.Random, picture: Image.Image) -> Image.Image:
    """The hand moved: blurred along one direction."""
    pixels = np.asarray(_scene(rng, picture), dtype=np.float32)
    steps, across = rng.randrange(3, 18), rng.random() < 0.5
    shifted = [np.roll(pixels, step, axis=int(across)) for step in range(steps)]
    return Image.fromarray(np.mean(shifted, axis=0).astype(np.uint8))


def dark(rng: random.Random, picture: Image.Image) -> Image.Image:
    """In the evening: little light, unevenly, and grain."""
    scene = ImageEnhance.Brightness(_scene(rng, picture)).enhance(rng.uniform(0.04, 0.3))
    return _grain(rng, _shade(rng, scene), rng.uniform(1, 4))


def rotated(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Held askew."""
    return _scene(rng, picture).rotate(
        rng.uniform(0, 360), Image.Resampling.BICUBIC, expand=True, fillcolor=128
    )


def perspective(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Seen from the side."""
    scene = _scene(rng, picture)
    wide, high = scene.size
    most = rng.uniform(0.1, 0.32)

    def off(size: int) -> float:
        return rng.uniform(0, most) * size

    corners = [
        (off(wide), off(high)),
        (wide - off(wide), off(high)),
        (wide - off(wide), high - off(high)),
        (off(wide), high - off(high)),
    ]
    whole = [(0, 0), (wide, 0), (wide, high), (0, high)]
    return scene.transform(
        scene.size,
        Image.Transform.PERSPECTIVE,
        _matrix(corners, whole),
        Image.Resampling.BICUBIC,
        fillcolor=120,
    )


def worn(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Sent on many times: small and with the squares of JPEG."""
    scene = _scene(rng, picture)
    small = scene.resize((scene.width // 2, scene.height // 2), Image.Resampling.BILINEAR)
    return _jpeg(small, rng.randrange(4, 25))


def noisy(rng: random.Random, picture: Image.Image) -> Image.Image:
    """A cheap camera: grain all over."""
    return _grain(rng, _scene(rng, picture), rng.uniform(15, 90))


def faint(rng: random.Random, picture: Image.Image) -> Image.Image:
    """A bleached print: hardly any contrast."""
    low = rng.randrange(120, 170)
    high = low + rng.randrange(10, 60)
    return _grain(rng, _scene(rng, picture).point(lambda v: low + v * (high - low) // 255), 1.5)


def inverted(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Light on dark, as dark-mode pages draw it."""
    return ImageOps.invert(plain(rng, picture))


def shadowed(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Half in the sun."""
    scene = _scene(rng, picture)
    shadow = Image.new("L", scene.size, 255)
    edge = rng.randrange(scene.width // 3, 2 * scene.width // 3)
    ImageDraw.Draw(shadow).polygon(
        [(0, 0), (edge, 0), (edge + rng.randrange(-200, 200), scene.height), (0, scene.height)],
        fill=rng.randrange(35, 130),
    )
    soft = shadow.filter(ImageFilter.GaussianBlur(rng.uniform(2, 12)))
    pixels = np.asarray(scene, dtype=np.float32) * np.asarray(soft, dtype=np.float32) / 255
    return Image.fromarray(pixels.astype(np.uint8))


def everything(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Several of these, each a little."""
    seen = perspective(rng, picture).rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC)
    seen = seen.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 1.6)))
    seen = ImageEnhance.Brightness(seen).enhance(rng.uniform(0.35, 0.7))
    return _jpeg(_grain(rng, seen, rng.uniform(2, 8)), rng.randrange(35, 70))


WAYS: dict[str, Callable[[random.Random, Image.Image], Image.Image]] = {
    way.__name__: way
    for way in (
        plain,
        screenshot,
        blurred,
        moved,
        dark,
        rotated,
        perspective,
        worn,
        noisy,
        faint,
        inverted,
        shadowed,
        everything,
    )
}


def samples(count: int, seed: int) -> list[Sample]:
    """So many pictures, the ways in turn."""
    rng = random.Random(seed)
    ways = list(WAYS)
    made = []
    for number in range(count):
        how = ways[number % len(ways)]
        payload = payload_of(rng)
        picture = WAYS[how](rng, code(payload, rng.randrange(7, 13), error=rng.choice("lmq")))
        made.append(Sample(how, payload, encoded(picture, "JPEG" if rng.random() < 0.7 else "PNG")))
    return made


def encoded(picture: Image.Image, form: str = "PNG", quality: int = 85) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, form, **({"quality": quality} if form == "JPEG" else {}))
    return out.getvalue()


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(encoded(picture, "JPEG", quality))).convert("L")


def _grain(rng: random.Random, picture: Image.Image, strength: float) -> Image.Image:
    pixels = np.asarray(picture, dtype=np.float32)
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, strength, pixels.shape)
    return Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))


def _shade(rng: random.Random, picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture, dtype=np.float32)
    side = np.linspace(1, rng.uniform(0.5, 0.9), pixels.shape[1], dtype=np.float32)
    return Image.fromarray((pixels * side).astype(np.uint8))


def _matrix(to: list[tuple[float, float]], of: list[tuple[int, int]]) -> list[float]:
    """The eight numbers with which Pillow maps the points `to` of the result onto `of`."""
    rows, right = [], []
    for (x, y), (u, v) in zip(to, of, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return [float(n) for n in np.linalg.solve(np.array(rows, float), np.array(right, float))]
