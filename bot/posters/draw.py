"""Drawing a poster: one A4 page as PDF, all of it vectors and letters, for any printer.

QR codes have error correction Q: a quarter of one may be torn or wet.

Errors: CardError when the font is not installed; PosterError when a text does not fit.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from bot.cards.letters import Weight, clean, font_file
from bot.errors import CongdansoError
from bot.posters.words import PosterWords

_WIDTH, _HEIGHT = A4
_EDGE = 15 * mm
_INSIDE = _WIDTH - 2 * _EDGE
_BAND = 52 * mm
_BOX = 78 * mm
_BOX_FOOT = 18 * mm
_TEXT, _STRONG = "poster-text", "poster-strong"
_DARK, _ALARM, _PAPER = HexColor("#14532d"), HexColor("#991b1b"), HexColor("#ffffff")
_INK = HexColor("#111111")
#: Printed smaller a code is hard to scan from a wall; larger takes the words' room.
_QR_SIDES = {1: 84 * mm, 2: 70 * mm, 3: 58 * mm}
_SMALLEST = 8.0
_WARNING, _WARNING_LEAST = 21.0, 14.0
_LEADING, _APART = 1.2, 2 * mm


class PosterError(CongdansoError):
    """A poster cannot be drawn; the text says what is too long."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code: what it holds, its caption, and a line on what to do besides ("" for none)."""

    holds: str
    caption: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Poster:
    """What a poster says. `team` is "" when no team is known."""

    place: str
    team: str
    codes: tuple[Code, ...]
    typed: str = ""


def draw_poster(poster: Poster, words: PosterWords) -> bytes:
    """The poster as PDF. ValueError without a code or with more than three."""
    if len(poster.codes) not in _QR_SIDES:
        raise ValueError(f"has {len(poster.codes)} codes; must have 1 to 3")
    _fonts()
    out = io.BytesIO()
    # The same poster is the same file: no date, no random id.
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setTitle(f"{words.title} {poster.place}")
    canvas.setAuthor("congdanso")
    _head(canvas, words)
    below = _where(canvas, poster, words, _HEIGHT - _BAND - 9 * mm)
    _codes(canvas, poster, words, below)
    _warnings(canvas, words)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(TTFont(_TEXT, font_file(Weight.TEXT)))
    pdfmetrics.registerFont(TTFont(_STRONG, font_file(Weight.STRONG)))


def _head(canvas: Canvas, words: PosterWords) -> None:
    canvas.setFillColor(_DARK)
    canvas.rect(0, _HEIGHT - _BAND, _WIDTH, _BAND, stroke=0, fill=1)
    canvas.setFillColor(_PAPER)
    top = _lines(canvas, words.title, _STRONG, 40, _HEIGHT - 10 * mm, 1)
    _lines(canvas, words.subtitle, _TEXT, 18, top - 2 * mm, 2)


def _where(canvas: Canvas, poster: Poster, words: PosterWords, top: float) -> float:
    canvas.setFillColor(_INK)
    top = _lines(canvas, poster.place, _STRONG, 32, top, 2)
    if poster.team:
        top = _lines(canvas, words.team.format(team=poster.team), _TEXT, 19, top - 2 * mm, 2)
    return top


def _codes(canvas: Canvas, poster: Poster, words: PosterWords, top: float) -> None:
    canvas.setFillColor(_DARK)
    top = _lines(canvas, words.scan, _STRONG, 17, top - 6 * mm, 1) - 4 * mm
    room = top - _BOX - 32 * mm
    side = min(_QR_SIDES[len(poster.codes)], room)
    column = _INSIDE / len(poster.codes)
    for number, code in enumerate(poster.codes):
        middle = _EDGE + column * (number + 0.5)
        _qr(canvas, code.holds, middle - side / 2, top - side, side)
        canvas.setFillColor(_INK)
        below = _column(canvas, code.caption, _STRONG, 14, top - side - 3 * mm, middle, column)
        if code.note:
            _column(canvas, code.note, _TEXT, 12, below - 1 * mm, middle, column)
    if poster.typed:
        canvas.setFillColor(_INK)
        typed = words.web_type.format(address=poster.typed)
        _lines(canvas, typed, _TEXT, 13, _BOX + 9 * mm, 1)


def _warnings(canvas: Canvas, words: PosterWords) -> None:
    canvas.setStrokeColor(_ALARM)
    canvas.setLineWidth(2)
    canvas.roundRect(_EDGE, _BOX_FOOT, _INSIDE, _BOX - _BOX_FOOT, 4 * mm, stroke=1, fill=0)
    canvas.setFillColor(_ALARM)
    size, warnings = _fitting(words.warnings)
    canvas.setFont(_STRONG, size)
    top = _BOX - 4 * mm
    for lines in warnings:
        canvas.drawString(_EDGE + 5 * mm, top - size * 0.95, "•")
        for line in lines:
            top -= size * _LEADING
            canvas.drawString(_EDGE + 11 * mm, top + size * 0.25, line)
        top -= _APART
    canvas.setFillColor(_INK)
    _lines(canvas, words.machine, _TEXT, 11, 14 * mm, 1)


def _fitting(warnings: Sequence[str]) -> tuple[float, list[list[str]]]:
    """The largest letters in which the warnings fit their box, and their lines."""
    room = _BOX - _BOX_FOOT - 8 * mm
    size = _WARNING
    while size >= _WARNING_LEAST:
        lines = [simpleSplit(clean(w), _STRONG, size, _INSIDE - 16 * mm) for w in warnings]
        if sum(len(each) * size * _LEADING + _APART for each in lines) <= room:
            return size, lines
        size -= 0.5
    raise PosterError("poster.yml: the warnings are too long for their box; shorten them")


def _qr(canvas: Canvas, holds: str, left: float, bottom: float, side: float) -> None:
    """A code as black squares, one path for the whole, with the quiet zone around it."""
    rows = [bytes(row) for row in segno.make(holds, error="q", micro=False).matrix_iter(border=4)]
    unit = side / len(rows)
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        at = bottom + side - (number + 1) * unit
        for start, length in _runs(row):
            path.rect(left + start * unit, at, length * unit, unit)
    canvas.setFillColor(HexColor("#000000"))
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """(start, length) of what is dark: whole bars leave no hair lines between squares."""
    runs: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((at, 1))
    return runs


def _lines(canvas: Canvas, text: str, face: str, size: float, top: float, most: int) -> float:
    """Centred lines across the page, in smaller letters when they do not fit; where they end."""
    return _set(canvas, text, face, size, top, most, _WIDTH / 2, _INSIDE)


def _column(
    canvas: Canvas, text: str, face: str, size: float, top: float, middle: float, width: float
) -> float:
    return _set(canvas, text, face, size, top, 2, middle, width - 4 * mm)


def _set(
    canvas: Canvas,
    text: str,
    face: str,
    size: float,
    top: float,
    most: int,
    middle: float,
    width: float,
) -> float:
    shown = clean(text)
    while True:
        lines = simpleSplit(shown, face, size, width)
        wide = max((pdfmetrics.stringWidth(line, face, size) for line in lines), default=0)
        if len(lines) <= most and wide <= width:
            break
        size -= 0.5
        if size < _SMALLEST:
            raise PosterError(f"{text!r}: is too long for its place; shorten it")
    canvas.setFont(face, size)
    for line in lines:
        top -= size * _LEADING
        canvas.drawCentredString(middle, top + size * 0.25, line)
    return top
