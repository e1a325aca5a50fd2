"""Drawing a card: what is graphic from the SVG template, the letters on it, a PNG of few colours.

The SVG renderer keeps Python's lock while it works, so it is given the small part of the card that
needs it; letters and compression let other threads run meanwhile.

Errors: CardError.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cards import icons
from bot.cards.card import StepCard
from bot.cards.errors import CardError
from bot.cards.layout import Layout, lay_out
from bot.cards.letters import font
from bot.cards.style import BYTES_MOST, HEIGHT, PLAIN, WIDTH, Style

if TYPE_CHECKING:
    from jinja2 import Template
    from PIL.Image import Image

_TEMPLATE = Path(__file__).with_name("card.svg")
_ICON_MOST = 320
_GAP = 10
#: Quick, and within a few bytes of the best that zlib can do with so few colours.
_COMPRESSION = 6
_HARDER = 9


def draw_step(card: StepCard, style: Style = PLAIN) -> bytes:
    """The card as PNG, WIDTH by HEIGHT. CardError when it cannot be drawn."""
    layout = lay_out(card, style)
    try:
        picture = _ground(card, layout, style)
        _write(picture, layout)
        few = _few_colours(picture, style)
    except ImportError as error:
        raise CardError(f"a package is not installed: {error}") from error
    except (ValueError, OSError, MemoryError) as error:
        raise CardError(f"cannot be drawn: {error}") from error
    png = _encoded(few, _COMPRESSION)
    return png if len(png) <= BYTES_MOST else _encoded(few, _HARDER)


def template_svg(card: StepCard, layout: Layout, style: Style = PLAIN) -> str:
    """The graphic part of a card as SVG."""
    side = min(layout.panel_height - 48, _ICON_MOST)
    return _template().render(
        style=style,
        layout=layout,
        width=WIDTH,
        top=layout.top,
        segments=list(_segments(card, layout, style)),
        icon=icons.shapes(card.icon),
        icon_scale=side / icons.SIDE,
        # A large icon with the strokes of a small one looks coarse.
        icon_stroke=1.75 if side > 200 else 2,
        icon_x=(WIDTH - side) / 2,
        icon_y=layout.panel_y + (layout.panel_height - side) / 2,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, autoescape=False)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))


def _segments(card: StepCard, layout: Layout, style: Style) -> Iterator[dict[str, Any]]:
    """The progress bar: one piece a step, those done and the current one filled."""
    total = max(card.total, 1)
    each = (WIDTH - style.margin - layout.bar_x + _GAP) / total
    for number in range(total):
        yield {
            "x": round(layout.bar_x + number * each, 1),
            "width": round(each - _GAP, 1),
            "done": number < card.step,
        }


def _ground(card: StepCard, layout: Layout, style: Style) -> Image:
    import resvg_py
    from PIL import Image

    svg = template_svg(card, layout, style)
    graphic = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    picture = Image.new("RGB", (WIDTH, HEIGHT), style.paper)
    picture.paste(Image.open(io.BytesIO(graphic)).convert("RGB"), (0, 0))
    return picture


def _write(picture: Image, layout: Layout) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    for line in layout.lines:
        pen.text(
            (line.x, line.y),
            line.text,
            fill=line.colour,
            font=font(line.weight, line.size),
            anchor="rs" if line.right else "ls",
        )


def _few_colours(picture: Image, style: Style) -> Image:
    from PIL.Image import Dither

    return picture.quantize(palette=_palette(style), dither=Dither.NONE)


@cache
def _palette(style: Style) -> Image:
    """The colours of the style and the shades between them: a fixed list, so that equal colours
    look equal on every card, and finding them takes no time."""
    from PIL import Image

    colours = list(dict.fromkeys(_shades(style)))
    picture = Image.new("P", (1, 1))
    picture.putpalette(list(chain.from_iterable(colours)))
    return picture


def _shades(style: Style) -> Iterator[tuple[int, int, int]]:
    from PIL import ImageColor

    for first, second, between in style.ramps():
        a, b = ImageColor.getrgb(first), ImageColor.getrgb(second)
        for number in range(between + 2):
            part = number / (between + 1)
            red, green, blue = (round(x + (y - x) * part) for x, y in zip(a, b, strict=True))
            yield red, green, blue


def _encoded(picture: Image, level: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=level)
    return out.getvalue()
