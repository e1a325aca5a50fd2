"""Step cards for the channels: drawn once, found again by name, never in the way."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.cache import whole_png
from bot.cards.errors import CardError
from bot.cards.words import load_card_words
from bot.guides.errors import ContentError
from bot.guides.pictures import all_pictures, step_picture
from bot.services.cards import Cards
from bot.services.metrics import Metrics
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.settings import ROOT
from tests.services.support import TITLES
from tests.support import SQLITE

pytestmark = SQLITE


@pytest.fixture
def publisher(runtime: Runtime) -> Publisher:
    """The shipped content."""
    return Publisher(runtime, TITLES)


@pytest.fixture
def cards(runtime: Runtime, publisher: Publisher) -> Iterator[Cards]:
    """The service, with an empty folder."""
    made = Cards(runtime, publisher)
    yield made
    made.stop()


def counted(runtime: Runtime, result: str) -> float:
    """How many cards ended so."""
    labels = {"result": result}
    return runtime.metrics.registry.get_sample_value("congdanso_cards_total", labels) or 0


def another_process(runtime: Runtime, publisher: Publisher, var: Path | None = None) -> Cards:
    """The same program, started again (with its files elsewhere)."""
    settings = runtime.settings
    settings = settings.model_copy(update={"var_dir": var or settings.var_dir})
    return Cards(replace(runtime, settings=settings, metrics=Metrics()), publisher)


async def test_a_card_is_drawn_once_and_kept(
    runtime: Runtime, publisher: Publisher, cards: Cards
) -> None:
    picture = step_picture(publisher.content.guides["qr_pay"], 0, str)
    shown = cards.show(picture)
    assert (shown.width, shown.height) == (1080, 1350)
    assert picture.title in shown.alt
    assert shown.alt == cards.alt(picture)
    first, second = await asyncio.gather(cards.png(shown.digest), cards.png(shown.digest))
    assert first == second
    assert whole_png(first)
    assert (counted(runtime, "drawn"), counted(runtime, "kept")) == (1, 1)
    kept = runtime.settings.var_dir / "cards" / f"{shown.digest}.png"
    assert kept.read_bytes() == first


async def test_a_damaged_file_is_drawn_again(
    runtime: Runtime, publisher: Publisher, cards: Cards
) -> None:
    shown = cards.show(step_picture(publisher.content.guides["qr_pay"], 0, str))
    png = await cards.png(shown.digest)
    kept = runtime.settings.var_dir / "cards" / f"{shown.digest}.png"
    kept.write_bytes(png[:1000])
    assert await cards.png(shown.digest) == png
    assert kept.read_bytes() == png


async def test_what_is_published_is_found_by_name_alone(
    runtime: Runtime, publisher: Publisher, cards: Cards, tmp_path: Path
) -> None:
    """A browser comes back to a process that never showed it this card."""
    content = publisher.content
    pictures = list(all_pictures(content, content.guides["vneid_level_2"]))
    digests = [cards.show(picture).digest for picture in pictures]
    assert len(set(digests)) == len(digests) > 8
    other = another_process(runtime, publisher, tmp_path / "elsewhere")
    assert whole_png(await other.png(digests[-1]))
    other.stop()


async def test_what_was_drawn_outlives_its_guide(
    runtime: Runtime, publisher: Publisher, cards: Cards
) -> None:
    old = step_picture(publisher.content.guides["qr_pay"], 0, str)
    digest = cards.show(replace(old, text="Lời của bản cũ.")).digest
    png = await cards.png(digest)
    other = another_process(runtime, publisher)
    assert await other.png(digest) == png
    other.stop()


@pytest.mark.parametrize("digest", ["", "x", "0" * 64, "../../etc/passwd", "0" * 63 + "G"])
async def test_a_card_there_never_was(runtime: Runtime, cards: Cards, digest: str) -> None:
    with pytest.raises(CardError):
        await cards.png(digest)
    # Anybody can ask for one: that is no failure of ours.
    assert counted(runtime, "failed") == 0


async def test_a_card_that_cannot_be_drawn_is_counted(
    runtime: Runtime, publisher: Publisher, cards: Cards
) -> None:
    picture = step_picture(publisher.content.guides["qr_pay"], 0, str)
    shown = cards.show(replace(picture, text="dài quá " * 500))
    with pytest.raises(CardError, match="too long"):
        await cards.png(shown.digest)
    assert counted(runtime, "failed") == 1


async def test_a_folder_that_cannot_be_written_is_no_failure(
    runtime: Runtime, publisher: Publisher, cards: Cards
) -> None:
    runtime.settings.var_dir.mkdir(parents=True, exist_ok=True)
    (runtime.settings.var_dir / "cards").write_text("in the way")
    shown = cards.show(step_picture(publisher.content.guides["qr_pay"], 0, str))
    assert whole_png(await cards.png(shown.digest))


async def test_drawing_lets_others_go_on(publisher: Publisher, cards: Cards) -> None:
    shown = cards.show(step_picture(publisher.content.guides["qr_pay"], 0, str))
    drawing = asyncio.ensure_future(cards.png(shown.digest))
    turns = 0
    while not drawing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 3
    assert await drawing


async def test_other_words_are_other_cards_at_once(publisher: Publisher, cards: Cards) -> None:
    picture = step_picture(publisher.content.guides["qr_pay"], 0, str)
    before = cards.show(picture)
    assert await cards.png(before.digest)
    words = load_card_words(publisher.folder / "cards.yml", None)
    cards.use(replace(words, name="Máy trả lời", alt="{title}|{text}|{step}|{total}"))
    after = cards.show(picture)
    assert after.digest != before.digest
    assert after.alt.startswith(f"{picture.title}|")
    assert await cards.png(after.digest) != await cards.png(before.digest)


def test_wrong_words_stop_the_start(runtime: Runtime, publisher: Publisher, tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    shutil.copy(ROOT / "content" / "cards.yml", content)
    (content / "cards.yml").write_text("name: x\n", encoding="utf-8")
    settings = runtime.settings.model_copy(update={"content_dir": content})
    with pytest.raises(ContentError, match=r"cards\.yml"):
        Cards(replace(runtime, settings=settings), publisher)


def test_every_reader_of_a_guide_has_pictures_of_their_own(publisher: Publisher) -> None:
    content = publisher.content
    asked = next(g for g in content.guides.values() if g.question and g.question.choices)
    pictures = list(all_pictures(content, asked))
    assert len(pictures) == len(set(pictures))
    assert asked.question is not None
    for choice in asked.question.choices:
        for province in ("", "ca_mau", "dak_lak", "thai_nguyen"):
            shown = asked.for_province(province).for_choice(choice.id)
            for number in range(len(shown.steps)):
                assert step_picture(shown, number, content.phrases.fill) in pictures
