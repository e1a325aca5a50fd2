"""The shipped content with a few of its guides, and what the content pages need over it.

Reading it takes a third of a second, so it is read once a session; a test that changes files gets
a copy of its own.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

from bot.cards.words import CardWords
from bot.guides.content import Content
from bot.guides.rewriting import read_values, rewrite
from bot.guides.taking_up import first_content
from bot.services import publishing
from bot.services.cards import Cards
from bot.services.editing import Editing, make_editing
from bot.services.publishing import Publisher
from bot.services.reloading import Reloading
from bot.services.runtime import Runtime
from bot.settings import ROOT
from bot.store import releases
from nlu.intents import INTENTS, Kind

FEW = ("digital_citizen", "qr_pay", "scam_link", "vneid_activate")
TITLES = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}


def copy_few(folder: Path) -> Path:
    """The folder made, with these guides in it."""
    shipped = ROOT / "content"
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("guides"))
    (folder / "guides").mkdir()
    for guide_id in FEW:
        text = (shipped / "guides" / f"{guide_id}.yml").read_text(encoding="utf-8")
        values, _ = read_values(text)
        assert values is not None
        # No links to guides that are not here: the check would name them.
        few = rewrite(
            text, values | {"related": [each for each in values["related"] if each in FEW]}
        )
        (folder / "guides" / f"{guide_id}.yml").write_text(few, encoding="utf-8")
    return folder


@cache
def few_folder() -> Path:
    """One folder for all who only read it."""
    return copy_few(Path(tempfile.mkdtemp(prefix="congdanso-few-")) / "content")


@cache
def _read() -> Content:
    return first_content(few_folder(), TITLES, {}, {})[0]


class NoCards(Cards):
    """Cards are not looked at by these pages."""

    def __init__(self) -> None:
        pass

    def use(self, words: CardWords) -> None:
        assert words is not None


def few_guides_editing(runtime: Runtime, folder: Path | None = None) -> Editing:
    """Everything the content pages need; over `folder` when the test changes files."""
    place = folder or few_folder()
    settings = runtime.settings.model_copy(update={"content_dir": place})
    mine = replace(runtime, settings=settings)

    def read(where, titles, edits, stored):  # type: ignore[no-untyped-def]
        if folder is None and not edits:
            return _read(), []
        return first_content(where, titles, edits, stored)

    with patch.object(publishing, "first_content", read):
        publisher = Publisher(mine, TITLES)
    publisher.start()
    mine.db.write_now(publisher._noting())
    publisher.release, publisher.edits = mine.db.read_now(releases.latest)
    return make_editing(mine, publisher, Reloading(mine, publisher, NoCards()))
