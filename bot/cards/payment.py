"""A seller's payment code as a picture to be printed: large, and readable by every bank's app.

The paper is A5 at 150 dots an inch. The code has error correction level M, as VietQR asks for, and
a white border of four modules.

Errors: CardError when it cannot be drawn.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bot.cards.errors import CardError
from bot.cards.letters import Weight, clean, font, width, wrap_anywhere
from bot.cards.style import PLAIN, Style
from bot.domain.replies import PaymentPicture

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 874, 1240
_MARGIN = 48
_HEAD_HIGH = 132
_CODE_SIDE = 640
_HOLDER_SIZES = (72, 64, 56, 48, 42, 36)
_BANK_SIZES = (56, 48, 42, 36)
_LINE_SIZE, _FOOT_SIZE, _HEAD_SIZE = 40, 32, 52
_LINES_MOST = 2
_BORDER = 4


def draw_payment(picture: PaymentPicture, style: Style = PLAIN) -> bytes:
    """The picture as PNG, WIDTH by HEIGHT. CardError when it cannot be drawn."""
    try:
        return _drawn(picture, style)
    except ImportError as error:
        raise CardError(f"a package is not installed: {error}") from error
    except (ValueError, OSError, MemoryError) as error:
        raise CardError(f"cannot be drawn: {type(error).__name__}") from error


def _drawn(picture: PaymentPicture, style: Style) -> bytes:
    from PIL import Image, ImageDraw

    sheet = Image.new("RGB", (WIDTH, HEIGHT), style.paper)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, WIDTH, _HEAD_HIGH), fill=style.main)
    _line(pen, picture.head, _HEAD_HIGH // 2 + 18, _HEAD_SIZE, style.on_main)
    code = _code(picture.payload)
    # The white border of the code is all the room that is needed above and below it.
    top = _HEAD_HIGH
    sheet.paste(code, ((WIDTH - code.width) // 2, top))
    at = top + code.height
    at = _block(pen, picture.holder, at, _HOLDER_SIZES, style.ink)
    at = _block(pen, picture.bank, at, _BANK_SIZES, style.main)
    for line in picture.lines:
        at = _block(pen, line, at, (_LINE_SIZE, 34, 28), style.ink, Weight.TEXT)
    pen.line((_MARGIN, HEIGHT - 78, WIDTH - _MARGIN, HEIGHT - 78), fill=style.line, width=2)
    _line(pen, picture.foot, HEIGHT - 28, _FOOT_SIZE, style.quiet)
    out = io.BytesIO()
    sheet.quantize(32, dither=Image.Dither.NONE).save(out, "PNG", dpi=(150, 150))
    return out.getvalue()


def _code(payload: str) -> Image:
    import segno
    from PIL import Image

    made = segno.make(payload, error="m", micro=False, boost_error=False)
    modules = made.symbol_size(scale=1, border=_BORDER)[0]
    out = io.BytesIO()
    # Whole dots a module: a code scaled by parts has lines of unequal width.
    made.save(out, kind="png", scale=max(1, _CODE_SIDE // modules), border=_BORDER)
    return Image.open(out).convert("RGB")


def _block(
    pen: ImageDraw,
    text: str,
    at: int,
    sizes: tuple[int, ...],
    colour: str,
    weight: Weight = Weight.STRONG,
) -> int:
    """Draw a text centred below `at`, as large as its lines allow; where it ends."""
    text = clean(text)
    lines: list[str] | None = None
    size = sizes[-1]
    for size in sizes:
        lines = wrap_anywhere(text, weight, size, WIDTH - 2 * _MARGIN)
        if lines is not None and len(lines) <= (1 if size > sizes[-2] else _LINES_MOST):
            break
    for line in lines or []:
        at += round(size * 1.22)
        _line(pen, line, at, size, colour, weight)
    return at + 10


def _line(
    pen: ImageDraw,
    text: str,
    at: int,
    size: int,
    colour: str,
    weight: Weight = Weight.STRONG,
) -> None:
    while size > 20 and width(text, weight, size) > WIDTH - 2 * _MARGIN:
        size -= 2
    pen.text((WIDTH // 2, at), text, fill=colour, font=font(weight, size), anchor="ms")
