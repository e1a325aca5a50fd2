"""The atlas that this process works with: files of the content, hamlets of the database."""

from __future__ import annotations

import asyncio

from bot.locality.atlas import Atlas
from bot.locality.files import load_gazetteer
from bot.locality.gazetteer import Gazetteer, Hamlet
from bot.locality.index import Hamlets
from bot.services.runtime import Runtime
from bot.store.places import all_hamlets

FOLDER = "localities"


class Places:
    """Holds the atlas; `refresh` takes up what a roster brought. Files are read once.

    Made at first need: most commands have none. Raises LocalityError when a file is wrong.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._gazetteer: Gazetteer | None = None
        self._rows: tuple[tuple[str, str], ...] = ()
        self._hamlets = Hamlets()

    @property
    def atlas(self) -> Atlas:
        """What is known of places now."""
        if self._gazetteer is None:
            self._gazetteer = load_gazetteer(self._runtime.settings.content_dir / FOLDER)
        return Atlas(self._gazetteer, self._hamlets)

    def start(self) -> None:
        """Read files and hamlets. Blocking; for commands."""
        self._take(self._runtime.db.read_now(all_hamlets))

    async def refresh(self) -> None:
        """Read the hamlets again; when they changed, make the index anew, off the event loop."""
        rows = await self._runtime.db.read(all_hamlets)
        await asyncio.to_thread(self._take, rows)

    def _take(self, rows: tuple[tuple[str, str], ...]) -> None:
        # Its first search makes the index: nobody shall wait for that with a transaction open.
        self.atlas.find("")
        if rows != self._rows:
            self._hamlets = Hamlets(Hamlet(code, name) for code, name in rows)
            self._rows = rows
