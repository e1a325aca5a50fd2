"""content build: every step card of every guide, drawn beforehand and looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BadRequest
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.cards.cache import CardCache
    from bot.cards.card import StepCard
    from bot.guides.content import Content

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class _Named:
    """A card with the name of its file: guide, step, and a number for other readers' versions."""

    name: str
    card: StepCard
    version: int


@dataclass(slots=True)
class _Result:
    """What came of it."""

    drawn: int = 0
    bytes_of: dict[str, int] = field(default_factory=dict)
    letters: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def build(
    folder: Annotated[Path | None, typer.Argument(help="Content folder; the shipped one.")] = None,
    guide: Annotated[
        list[str] | None, typer.Option(help="Only this guide; may be given again.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the cards to as well, named.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="File to write a picture of many cards to.")
    ] = None,
) -> None:
    """Draw every step card; one that is too large or does not fit ends with exit code 1."""
    from bot.app import guide_titles
    from bot.cards.cache import CardCache
    from bot.guides.content import load_content

    settings = load_settings()
    place = folder or settings.content_dir
    content = load_content(place, guide_titles())
    unknown = sorted(set(guide or ()) - set(content.guides))
    if unknown:
        raise BadRequest(f"{', '.join(unknown)}: no written guide has this id")
    cards = list(_cards(content, place / "cards.yml", guide or list(content.guides)))
    cache = CardCache(settings.var_dir / "cards", settings.cards_mb * _MEGABYTE)
    result = _draw_all(cards, cache, out)
    if sheet:
        _write_sheet(sheet, cards, cache)
    _report(result, settings.cards_mb)
    if result.problems:
        raise typer.Exit(1)


def _cards(content: Content, words_file: Path, chosen: list[str]) -> Iterator[_Named]:
    """A card for everything that anybody may be shown of the chosen guides."""
    from bot.cards.words import load_card_words
    from bot.guides.pictures import all_pictures

    words = load_card_words(words_file, [group.id for group in content.menu])
    groups = {guide_id: group.id for group in content.menu for guide_id in group.guides}
    seen: Counter[str] = Counter()
    for guide_id in dict.fromkeys(chosen):
        for picture in all_pictures(content, content.guides[guide_id]):
            name = f"{guide_id}-{picture.step:02}"
            seen[name] += 1
            version = seen[name]
            card = words.card(picture, groups.get(guide_id, ""))
            yield _Named(f"{name}-{version}" if version > 1 else name, card, version)


def _draw_all(cards: list[_Named], cache: CardCache, out: Path | None) -> _Result:
    from rich.progress import track

    from bot.cards.errors import CardError

    result = _Result()
    if out:
        out.mkdir(parents=True, exist_ok=True)
    for named in track(cards, "Step cards"):
        try:
            png = _draw(named, cache, result)
        except CardError as error:
            result.problems.append(f"{named.name}: {error}")
            continue
        if out:
            (out / f"{named.name}.png").write_bytes(png)
    return result


def _draw(named: _Named, cache: CardCache, result: _Result) -> bytes:
    from bot.cards.draw import draw_step
    from bot.cards.layout import lay_out
    from bot.cards.style import BYTES_MOST, TEXT_LEAST

    layout = lay_out(named.card)
    digest = named.card.digest
    png = cache.get(digest)
    if png is None:
        png = draw_step(named.card)
        cache.put(digest, png)
        result.drawn += 1
    result.bytes_of[named.name] = len(png)
    result.letters.append(layout.text_size)
    if len(png) > BYTES_MOST:
        result.problems.append(f"{named.name}: has {len(png)} bytes; at most {BYTES_MOST}")
    if not layout.readable:
        what = f"fits only with letters of {layout.text_size} pixels; at least {TEXT_LEAST}"
        result.problems.append(f"{named.name}: {what}; shorten the step")
    return png


def _write_sheet(file: Path, cards: list[_Named], cache: CardCache) -> None:
    """The first steps of each guide, as many as there is room for."""
    from bot.cards.sheet import SHEET_CARDS_MOST, contact_sheet

    # Of a guide that goes on differently for different people, one way.
    totals: dict[str, int] = {}
    for named in cards:
        totals.setdefault(named.card.guide, named.card.total)
    each = max(1, SHEET_CARDS_MOST // max(1, len(totals)))
    wanted = [
        named
        for named in cards
        if named.version == 1
        and named.card.total == totals[named.card.guide]
        and named.card.step <= each
    ]
    pngs = (cache.get(c.card.digest) for c in wanted[:SHEET_CARDS_MOST])
    file.write_bytes(contact_sheet([png for png in pngs if png]))


def _report(result: _Result, limit_mb: int) -> None:
    for problem in result.problems:
        print(problem)
    if not result.bytes_of:
        return
    total = sum(result.bytes_of.values())
    largest = max(result.bytes_of, key=lambda name: result.bytes_of[name])
    print(
        f"{len(result.bytes_of)} step cards, {result.drawn} of them drawn now; "
        f"{total / _MEGABYTE:.1f} MB, the largest {largest} with "
        f"{result.bytes_of[largest] / 1000:.1f} kB; letters of {min(result.letters)} pixels or more"
    )
    if total > limit_mb * _MEGABYTE:
        print(f"They do not all stay: CONGDANSO_CARDS_MB is {limit_mb}.")
