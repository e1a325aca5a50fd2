"""The picture itself: its size, its margins, the same for the same card, and small."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.cards import icons, letters
from bot.cards.card import StepCard, look
from bot.cards.draw import draw_step, template_svg
from bot.cards.errors import CardError
from bot.cards.layout import lay_out
from bot.cards.sheet import SHEET_BYTES_MOST, contact_sheet
from bot.cards.style import BYTES_MOST, HEIGHT, PLAIN, WIDTH
from bot.cards.words import load_card_words
from bot.guides.content import load_content
from bot.guides.pictures import all_pictures
from bot.settings import ROOT
from nlu.intents import INTENTS, Kind

TITLES = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}


def opened(png: bytes) -> Image.Image:
    """The picture in full colour."""
    return Image.open(io.BytesIO(png)).convert("RGB")


def test_a_card_is_a_small_png_of_the_size_it_says(card: StepCard) -> None:
    png = draw_step(card)
    picture = Image.open(io.BytesIO(png))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "P", (WIDTH, HEIGHT))
    assert len(png) <= BYTES_MOST


def test_the_same_card_is_the_same_picture(card: StepCard) -> None:
    assert draw_step(card) == draw_step(replace(card))
    assert card.digest == replace(card).digest


@pytest.mark.parametrize(
    "change",
    [
        {"guide": "Kích hoạt VNeID"},
        {"label": "Bước 3/8"},
        {"step": 3},
        {"total": 9},
        {"icon": "eye"},
        {"title": "Xem SIM"},
        {"text": "Gửi 1414."},
        {"name": "Trợ lý"},
        {"checked": "Kiểm tra 22/11/2026"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_card_is_another_picture(card: StepCard, change: dict[str, object]) -> None:
    other = replace(card, **change)  # type: ignore[arg-type]
    assert other.digest != card.digest
    assert draw_step(other) != draw_step(card)


def test_the_name_follows_the_template_and_the_packages(
    card: StepCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = card.digest
    look.cache_clear()
    monkeypatch.setattr("bot.cards.card._PACKAGES", ("pillow", "no-such-package"))
    try:
        assert card.digest != before
    finally:
        look.cache_clear()


def test_every_part_is_where_it_belongs(card: StepCard) -> None:
    picture, layout = opened(draw_step(card)), lay_out(card)
    main, soft, line = PLAIN.main, PLAIN.soft, PLAIN.line
    assert colour(picture, 5, 5) == main
    assert colour(picture, 5, layout.panel_y + 20) == PLAIN.paper
    assert colour(picture, PLAIN.margin + 60, layout.panel_y + 60) == soft
    bar = layout.bar_y + 9
    assert colour(picture, layout.bar_x + 30, bar) == main
    assert colour(picture, WIDTH - PLAIN.margin - 30, bar) == line
    # The icon stands in the middle of its panel, and letters below it.
    middle = (200, layout.panel_y, WIDTH - 200, layout.top)
    assert main in colours(picture.crop(middle))
    below = (0, layout.top, WIDTH, HEIGHT - 60)
    assert {PLAIN.ink, main} <= colours(picture.crop(below))


def test_nothing_is_drawn_in_the_margins(card: StepCard) -> None:
    long = replace(card, text="Ra Công an xã, phường nơi đang ở. " * 8)
    picture, layout = opened(draw_step(long)), lay_out(long)
    for left in (0, WIDTH - PLAIN.margin // 2):
        edge = picture.crop((left, layout.band + 1, left + PLAIN.margin // 2, HEIGHT))
        assert colours(edge) == {PLAIN.paper}


def test_a_character_the_font_has_not_leaves_no_trace(card: StepCard) -> None:
    with_emoji = replace(card, title=f"👍 {card.title} 漢", text=f"{card.text} 🎉")
    assert draw_step(with_emoji) == draw_step(card)


@pytest.mark.parametrize("text", ["<script>&amp;</text>", '"><image href="x"/>', "{{ style }}"])
def test_signs_of_markup_are_only_letters(card: StepCard, text: str) -> None:
    assert draw_step(replace(card, text=text, title=text, guide=text, name=text))
    assert text not in template_svg(card, lay_out(card))


def test_an_icon_there_is_not(card: StepCard) -> None:
    with pytest.raises(CardError, match="no-such-icon"):
        draw_step(replace(card, icon="no-such-icon"))


@pytest.mark.parametrize("missing", ["resvg_py", "PIL.Image", "fontpkg_be_vietnam_pro", "PIL"])
def test_without_a_package_there_is_no_card(
    card: StepCard, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches: list[Callable[[], None]] = [letters.font.cache_clear, letters.font_file.cache_clear]
    for clear in caches:
        clear()
    letters.width.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, missing, None)
    with pytest.raises(CardError):
        draw_step(card)


def test_icons_are_shapes_without_a_frame() -> None:
    assert {"qr-code", "id-card", "smartphone"} <= icons.names()
    assert "<path" in icons.shapes("qr-code")
    assert "svg" not in icons.shapes("qr-code")


def test_the_longest_steps_of_the_guides_are_small_enough() -> None:
    """`congdanso content build` draws all of them; here those with most to say."""
    content = load_content(ROOT / "content", TITLES)
    words = load_card_words(ROOT / "content" / "cards.yml", [g.id for g in content.menu])
    pictures = [p for g in content.guides.values() for p in all_pictures(content, g)]
    assert pictures
    longest = sorted(pictures, key=lambda p: len(p.text) + len(p.title))[-4:]
    for card in (words.card(picture, "") for picture in longest):
        assert lay_out(card).readable
        assert len(draw_step(card)) <= BYTES_MOST


def test_a_sheet_shows_many_cards_and_is_not_too_large(card: StepCard) -> None:
    png = draw_step(card)
    one, many = contact_sheet([png]), contact_sheet([png] * 24)
    assert opened(one).size < opened(many).size
    assert len(many) <= SHEET_BYTES_MOST
    with pytest.raises(CardError):
        contact_sheet([])
    with pytest.raises(CardError):
        contact_sheet([b"not a picture"])


def colour(picture: Image.Image, x: int, y: int) -> str:
    """The colour of a point as #rrggbb."""
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return "#" + "".join(f"{part:02x}" for part in found)


def colours(picture: Image.Image) -> set[str]:
    """Every colour there is."""
    found = picture.getcolors(picture.width * picture.height)
    assert found is not None
    return {"#" + "".join(f"{part:02x}" for part in rgb) for _, rgb in found}  # type: ignore[union-attr]


def test_the_template_is_beside_the_code() -> None:
    assert (Path(icons.__file__).parent / "card.svg").is_file()
