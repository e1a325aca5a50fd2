"""Many cards in one picture, small, side by side: for editors and for documents.

Errors: CardError when a card is not a picture.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from bot.cards.errors import CardError
from bot.cards.style import HEIGHT, WIDTH

SHEET_BYTES_MOST = 600_000
SHEET_CARDS_MOST = 30
_COLUMNS = 6
_GAP = 24
_BEHIND = "#8b9895"
_COLOURS = 48
#: Widths of one card, the first with which the sheet is small enough.
_WIDTHS = (400, 340, 280, 220, 160)


def contact_sheet(cards: Sequence[bytes]) -> bytes:
    """The cards (PNG each), row by row, as one PNG of at most SHEET_BYTES_MOST bytes.

    CardError when one of them cannot be read, or there is none.
    """
    if not cards:
        raise CardError("there is no card to show on the sheet")
    sheet = b""
    for width in _WIDTHS:
        sheet = _sheet(cards, width)
        if len(sheet) <= SHEET_BYTES_MOST:
            break
    return sheet


def _sheet(cards: Sequence[bytes], width: int) -> bytes:
    from PIL import Image

    height = round(width * HEIGHT / WIDTH)
    columns = min(_COLUMNS, len(cards))
    rows = -(-len(cards) // columns)
    size = (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _BEHIND)
    for number, png in enumerate(cards):
        row, column = divmod(number, columns)
        try:
            card = Image.open(io.BytesIO(png)).convert("RGB")
        except OSError as error:
            raise CardError(f"a card cannot be read: {error}") from error
        place = (_GAP + column * (width + _GAP), _GAP + row * (height + _GAP))
        sheet.paste(card.resize((width, height), Image.Resampling.LANCZOS), place)
    out = io.BytesIO()
    few = sheet.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    return out.getvalue()
