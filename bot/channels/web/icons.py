"""The icon of the installed web chat, drawn when it is first asked for."""

from __future__ import annotations

import io
from functools import cache

#: A speech bubble; the page's own small icon (templates/head.html) is the same drawing.
_BUBBLE = "M6 7h12v8h-6l-4 3v-3H6z"
_COLOUR = "#0b5d57"
#: Two colours and what lies between them at the edges: a third of the bytes of every colour.
_SHADES = 16
#: Side in pixels and whether the platform cuts it to a shape of its own, by name.
#: https://www.w3.org/TR/appmanifest/#icon-masks: what matters is in the middle 80 %.
ICONS = {"192": (192, False), "512": (512, False), "180": (180, True), "maskable-512": (512, True)}


@cache
def icon_png(name: str) -> bytes:
    """The icon as PNG. KeyError for a name that is not in ICONS."""
    side, cut = ICONS[name]
    import resvg_py
    from PIL import Image

    corner, scale = (0, 0.8) if cut else (5, 1)
    shift = 12 * (1 - scale)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<rect width="24" height="24" rx="{corner}" fill="{_COLOUR}"/>'
        f'<g transform="translate({shift} {shift}) scale({scale})">'
        f'<path d="{_BUBBLE}" fill="#fff"/>'
        f'<path d="M9 11h6" stroke="{_COLOUR}" stroke-width="1.4" stroke-linecap="round"/>'
        "</g></svg>"
    )
    drawn = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=side, height=side))
    picture = Image.open(io.BytesIO(drawn)).quantize(_SHADES, Image.Quantize.FASTOCTREE)
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    return small.getvalue()
