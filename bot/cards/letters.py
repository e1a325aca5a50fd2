"""Letters: the font, how wide a text is, which characters can be drawn, where lines break.

The font is Be Vietnam Pro (OFL), out of its package. Widths are measured with the same library
that draws, so a line that is said to fit does fit.

Errors: CardError when the font or the library is not installed.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.cards.errors import CardError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_NBSP = "\u00a0"
_NOTDEF = "\uffff"
#: What the font lacks and something it has says as well.
_INSTEAD = str.maketrans(
    {
        "‼": "!!",
        "⁉": "!?",
        "→": "›",
        "➜": "›",
        "➡": "›",
        "←": "‹",
        "№": "số ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2212": "-",
        "\u202f": _NBSP,
        "✓": "",
        "✔": "",
        "\t": " ",
        "\r": "",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)
_SPACES = re.compile(r"[^\S\n\u00a0]+")
_AROUND_BREAK = re.compile(r"[^\S\u00a0]*\n\s*")
#: The groups of a phone number are read as one.
_GLUED = re.compile(r"(?<=\d) (?=\d)")


class Weight(StrEnum):
    """The cuts that are used; heavy ones, which are read more easily on a bad screen."""

    TEXT = "Medium"
    STRONG = "Bold"


@cache
def font_file(weight: Weight) -> str:
    """The path of a cut's file. CardError when the package is missing."""
    try:
        import fontpkg_be_vietnam_pro as package
    except ImportError as error:
        raise CardError("the package fontpkg-be-vietnam-pro is not installed") from error
    return str(package.ROOT / "files" / f"BeVietnamPro-{weight.value}.ttf")


@lru_cache(maxsize=64)
def font(weight: Weight, size: int) -> FreeTypeFont:
    """A cut at a size in pixels. CardError when it cannot be had."""
    try:
        from PIL import ImageFont
    except ImportError as error:
        raise CardError("the package pillow is not installed") from error
    try:
        # The basic engine is the same on every machine; the other depends on what is installed.
        return ImageFont.truetype(font_file(weight), size, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise CardError(f"the font cannot be read: {error}") from error


@lru_cache(maxsize=20_000)
def width(word: str, weight: Weight, size: int) -> float:
    """How wide a text on one line is, in pixels."""
    return font(weight, size).getlength(word)


@lru_cache(maxsize=4_000)
def drawable(char: str) -> bool:
    """Whether the font has the character: what it has not would be drawn as a box."""
    if unicodedata.category(char)[0] in "CM":
        return False
    return char.isspace() or _shape(char) != _shape(_NOTDEF)


def _shape(char: str) -> tuple[tuple[int, int], bytes]:
    mask = font(Weight.TEXT, 40).getmask(char)
    return mask.size, bytes(mask)


def clean(text: str) -> str:
    """The text as it is drawn: composed letters, no character the font has not, single spaces.

    Line breaks stay.
    """
    text = unicodedata.normalize("NFC", text).translate(_INSTEAD)
    text = "".join(char for char in text if char == "\n" or drawable(char))
    text = _AROUND_BREAK.sub("\n", _SPACES.sub(" ", text)).strip()
    return _GLUED.sub(_NBSP, text)


def wrap(text: str, weight: Weight, size: int, most: int) -> list[str] | None:
    """The lines of a cleaned text, each at most `most` wide; None when a word alone is wider."""
    space = width(" ", weight, size)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        words: list[str] = []
        taken = 0.0
        # Not `split()`: what a no-break space holds together is one word.
        for word in filter(None, paragraph.split(" ")):
            # Without kerning a line is as wide as its parts.
            wide = width(word, weight, size)
            if wide > most:
                return None
            if words and taken + space + wide > most:
                lines.append(" ".join(words))
                words, taken = [], 0.0
            taken += wide + (space if words else 0.0)
            words.append(word)
        if words:
            lines.append(" ".join(words))
    return lines


def wrap_anywhere(text: str, weight: Weight, size: int, most: int) -> list[str] | None:
    """The same where a word that is too wide is broken between two letters."""
    paragraphs = (
        " ".join(_pieces(word, weight, size, most) for word in paragraph.split(" "))
        for paragraph in text.split("\n")
    )
    return wrap("\n".join(paragraphs), weight, size, most)


def _pieces(word: str, weight: Weight, size: int, most: int) -> str:
    pieces: list[str] = [""]
    for char in word:
        if pieces[-1] and width(pieces[-1] + char, weight, size) > most:
            pieces.append("")
        pieces[-1] += char
    return " ".join(pieces)


def evened(text: str, weight: Weight, size: int, most: int, least: int) -> list[str] | None:
    """As `wrap`, and no more lines, but in the narrowest column from `least` on: no line that ends
    far before the others, no single word on the last."""
    lines = wrap(text, weight, size, most)
    low, high = least, most
    while lines is not None and high - low > 6:
        middle = (low + high) // 2
        tried = wrap(text, weight, size, middle)
        if tried is not None and len(tried) <= len(lines):
            lines, high = tried, middle
        else:
            low = middle
    return lines
