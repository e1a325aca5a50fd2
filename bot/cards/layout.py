"""Where everything on a card stands: the largest letters with which all of it fits.

Nothing is ever cut and nothing leaves its margins. A text so long that it does not fit in the
smallest letters has no card.

Errors: CardError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.cards.card import StepCard
from bot.cards.errors import CardError
from bot.cards.letters import Weight, clean, evened, width, wrap, wrap_anywhere
from bot.cards.style import HEIGHT, PLAIN, TEXT_LEAST, WIDTH, Style

_HEAD_LINES = 2
_HEAD_LEAST = 20
_BAND_PAD = 22
_ABOVE_TITLE = 22
_BELOW_TITLE = 16
#: How thick the progress bar is.
_BAR = 18
#: From line to line, in heights of the letters: room for marks above and below.
_LEADING = 1.28
_TITLE_LEADING = 1.2


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. `x` is its left end (its right end with `right`), `y` its baseline."""

    text: str
    weight: Weight
    size: int
    colour: str
    x: int
    y: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A card ready to draw. `top` is how far down its drawn part goes; below is text alone."""

    lines: tuple[Line, ...]
    band: int
    bar_x: int
    bar_y: int
    panel_y: int
    panel_height: int
    text_size: int

    @property
    def top(self) -> int:
        """The height of the part that is drawn from the template."""
        return self.panel_y + self.panel_height

    @property
    def readable(self) -> bool:
        """Whether the letters are as large as an elder needs."""
        return self.text_size >= TEXT_LEAST


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of one kind, with what they take."""

    lines: list[str]
    weight: Weight
    size: int
    leading: int

    @property
    def height(self) -> int:
        return len(self.lines) * self.leading


def lay_out(card: StepCard, style: Style = PLAIN) -> Layout:
    """Place a card's texts. CardError when they do not fit in any size."""
    head = _head(clean(card.guide), style)
    band = 2 * _BAND_PAD + head.height
    label = clean(card.label)
    label_y = band + 20 + style.label_size
    bar_x = style.margin + round(width(label, Weight.STRONG, style.label_size)) + 32
    if bar_x > WIDTH // 2:
        raise CardError("the words for the number of the step are too long")
    panel_y = label_y + 34
    foot_y = HEIGHT - 36
    room = foot_y - style.foot_size - 24 - panel_y
    title, text, panel = _body(card, room, style)

    lines = list(_placed(head, style.margin, _BAND_PAD, style.on_main))
    lines.append(Line(label, Weight.STRONG, style.label_size, style.main, style.margin, label_y))
    at = panel_y + panel + _ABOVE_TITLE
    lines += _placed(title, style.margin, at, style.main)
    lines += _placed(text, style.margin, at + title.height + _BELOW_TITLE, style.ink)
    lines += _foot(card, foot_y, style)
    # The bar stands at half the height of the figures beside it.
    bar_y = label_y - round(0.36 * style.label_size) - _BAR // 2
    return Layout(tuple(lines), band, bar_x, bar_y, panel_y, panel, text.size)


def _body(card: StepCard, room: int, style: Style) -> tuple[_Block, _Block, int]:
    """Title and text in the largest letters that leave the icon its panel, and its height."""
    words = clean(card.title), clean(card.text)
    for sizes in style.sizes:
        least = style.panel_wanted if sizes[0] > style.panel_yields else style.panel_least
        found = _at_size(words, sizes, style)
        if found is None:
            continue
        title, text = found
        panel = room - _ABOVE_TITLE - title.height - _BELOW_TITLE - text.height
        if panel >= least:
            title = _evened(title, words[0], style.inner, style.inner // 2)
            text = _evened(text, words[1], style.inner, style.inner * 4 // 5)
            return title, text, min(panel, style.panel_most)
    raise CardError("the step is too long for a card")


def _at_size(
    words: tuple[str, str], sizes: tuple[int, int], style: Style
) -> tuple[_Block, _Block] | None:
    """Title and text in these letters; None when a word is wider than the card."""
    (title, text), (small, large) = words, sizes
    # Only when all else has failed is a word broken in two, or are paragraphs joined.
    last = sizes == style.sizes[-1]
    way = wrap_anywhere if last else wrap
    titles = way(title, Weight.STRONG, large, style.inner)
    texts = way(text.replace("\n", " ") if last else text, Weight.TEXT, small, style.inner)
    if titles is None or texts is None:
        return None
    return (
        _Block(titles, Weight.STRONG, large, round(large * _TITLE_LEADING)),
        _Block(texts, Weight.TEXT, small, round(small * _LEADING)),
    )


def _evened(block: _Block, text: str, most: int, least: int) -> _Block:
    lines = evened(text, block.weight, block.size, most, least)
    # In the smallest letters the lines may have been made in another way.
    if lines is None or len(lines) > len(block.lines):
        return block
    return replace(block, lines=lines)


def _head(title: str, style: Style) -> _Block:
    """The guide's title on at most two lines, in smaller letters when it is long."""
    title = " ".join(title.split())
    for size in range(style.head_size, _HEAD_LEAST - 1, -2):
        lines = wrap(title, Weight.STRONG, size, style.inner)
        if lines is None and size == _HEAD_LEAST:
            lines = wrap_anywhere(title, Weight.STRONG, size, style.inner)
        if lines is not None and len(lines) <= _HEAD_LINES:
            return _Block(lines or [""], Weight.STRONG, size, round(size * _LEADING))
    raise CardError("the guide's title is too long for a card")


def _foot(card: StepCard, y: int, style: Style) -> Iterator[Line]:
    """Who says so on the left, when it was checked on the right; smaller when both are long."""
    name, checked = clean(card.name), clean(card.checked)
    for size in range(style.foot_size, 11, -2):
        taken = width(name, Weight.TEXT, size) + width(checked, Weight.TEXT, size)
        if taken + size <= style.inner:
            yield Line(name, Weight.TEXT, size, style.quiet, style.margin, y)
            right = WIDTH - style.margin
            yield Line(checked, Weight.TEXT, size, style.quiet, right, y, right=True)
            return
    raise CardError("the words at the foot of the card are too long")


def _placed(block: _Block, x: int, top: int, colour: str) -> Iterator[Line]:
    """The lines of a block that begins at `top`; the baseline leaves room for marks above."""
    # 1.0 above the baseline and 0.265 below is what the font asks for.
    first = top + round((block.leading - 1.265 * block.size) / 2 + block.size)
    for number, text in enumerate(block.lines):
        yield Line(text, block.weight, block.size, colour, x, first + number * block.leading)
