"""What may be said at this moment: the loaded content less what was recalled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from bot.domain.events import Envelope, GuideRecalled
from bot.guides.content import Content, load_content
from bot.services.posting import post
from bot.services.runtime import Runtime
from bot.store import records


class Publisher:
    """Holds the current release; swapping it is one assignment, so readers never see half of it."""

    def __init__(self, runtime: Runtime, titles: Mapping[str, str]) -> None:
        self._runtime = runtime
        self._loaded = load_content(runtime.settings.content_dir, titles)
        self._recalled: dict[tuple[str, str], str] = {}
        self.content: Content = self._loaded

    def start(self) -> None:
        """Remember the loaded revisions and learn which were recalled. Blocking; at start only."""
        runtime = self._runtime

        def work(connection: Connection) -> dict[tuple[str, str], str]:
            revisions = {(g.id, g.revision): g.to_json() for g in self._loaded.guides.values()}
            records.keep_revisions(connection, revisions, runtime.now())
            return records.recalled(connection)

        self._apply(runtime.db.write_now(work))

    async def refresh(self) -> None:
        """Learn of recalls made by other processes."""
        self._apply(await self._runtime.db.read(records.recalled))

    def why_recalled(self, guide_id: str, revision: str) -> str | None:
        """The reason a revision was withdrawn for, or None."""
        return self._recalled.get((guide_id, revision))

    def _apply(self, recalled: dict[tuple[str, str], str]) -> None:
        if recalled == self._recalled:
            return
        kept = {
            guide_id: guide
            for guide_id, guide in self._loaded.guides.items()
            if (guide_id, guide.revision) not in recalled
        }
        self._recalled = recalled
        self.content = replace(self._loaded, guides=kept)

    def recall(self, guide_id: str, why: str) -> list[int] | None:
        """Withdraw the loaded revision of a guide and tell everybody who is in it. Blocking.

        Returns the chats that were told, or None when there is no such guide to withdraw.
        """
        guide = self._loaded.guides.get(guide_id)
        if guide is None:
            return None
        runtime = self._runtime

        def work(connection: Connection) -> list[int] | None:
            now = runtime.now()
            if not records.recall(connection, guide_id, guide.revision, why, now):
                return None
            inside = records.chats_in(connection, guide_id)
            event = Envelope(GuideRecalled(guide_id, guide.revision, why))
            for chat in inside:
                dedupe = f"recall:{guide_id}:{guide.revision}:{chat}"
                post(connection, runtime.vault, chat, event, dedupe, now)
            return inside

        return runtime.db.write_now(work)
