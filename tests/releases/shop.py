"""A process with its own connection to a shared database and its own content files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.guides.rewriting import Plain, read_values, rewrite
from bot.services.editing import Editing, make_editing
from bot.services.publishing import Publisher
from bot.services.reloading import Reloading
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from tests.console.few import NoCards
from tests.guides.helpers import IDS, Shelf
from tests.services.test_reloading import CARDS
from tests.support import Clock

QR, NAME = "qr_pay", "guides/qr_pay.yml"
NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def make_folder(folder: Path) -> Path:
    """A small content folder that the check finds right."""
    folder.mkdir(parents=True)
    Shelf.make(folder)
    (folder / "cards.yml").write_text(CARDS, encoding="utf-8")
    return folder


class Process:
    """One running program, as far as content goes."""

    def __init__(self, url: str, folder: Path, var: Path) -> None:
        clock = Clock(NOW)
        self.db = Database(make_engine(url))
        settings = Settings(_env_file=None, var_dir=var, content_dir=folder)
        self.runtime = Runtime(settings, self.db, Vault(bytes(range(32))), now=clock)
        self.folder = folder
        self.publisher = Publisher(self.runtime, IDS)
        self.publisher.start()
        self.reloading = Reloading(self.runtime, self.publisher, NoCards())
        self.editing: Editing = make_editing(self.runtime, self.publisher, self.reloading)

    async def serve(self) -> None:
        await self.publisher.serve()

    async def tick(self) -> None:
        """What the scheduler does every few seconds."""
        await self.reloading.follow()
        await self.reloading.tick()

    @property
    def title(self) -> str:
        return self.publisher.content.guides[QR].title

    @property
    def text(self) -> str:
        return (self.folder / NAME).read_text(encoding="utf-8")

    def change_file(self, **values: str) -> None:
        """As somebody does with a text editor, or git."""
        new = with_values(self.text, **values)
        (self.folder / NAME).write_text(new, encoding="utf-8")

    async def write(self, who: str, **values: str) -> int:
        """A draft with these values, saved; returns its version."""
        await self.editing.drafts.begin(QR, who)
        standing = await self.editing.drafts.find(QR)
        assert standing is not None
        text = with_values(standing.draft.text, **values)
        draft = await self.editing.drafts.save(QR, text, standing.draft.version, who)
        return draft.version

    async def publish(self, **values: str) -> int:
        """From draft to release, by two people."""
        version = await self.write("lan", **values)
        await self.editing.drafts.send(QR, version, "lan")
        return await self.editing.drafts.approve(QR, version, "minh")

    def close(self) -> None:
        self.db.close()


def with_values(text: str, **values: str) -> str:
    found, faults = read_values(text)
    assert found is not None, faults.problems
    kept = {k: Plain(v) if k == "review_by" else v for k, v in values.items()}
    return rewrite(text, found | kept)


@contextmanager
def processes(url: str, tmp: Path, number: int = 2, shared: bool = True) -> Iterator[list[Process]]:
    """Programs on one database; each with files of its own unless they are `shared`."""
    first = make_folder(tmp / "content-0")
    folders = [first]
    for other in range(1, number):
        folders.append(first if shared else Path(shutil.copytree(first, tmp / f"content-{other}")))
    made = [Process(url, folder, tmp / "var") for folder in folders]
    try:
        yield made
    finally:
        for each in made:
            each.close()


__all__ = ["NAME", "QR", "Process", "make_folder", "processes", "with_values"]
