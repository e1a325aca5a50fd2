"""What a guide said before, who published it, and going back to it.

Errors: `Refusal` and `Moved`, as with drafts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.guides.loader import dump_guide
from bot.guides.model import Guide
from bot.guides.rewriting import read_values, rewrite
from bot.guides.taking_up import guide_name
from bot.services.drafts import Drafts, Refusal
from bot.services.publishing import Publisher
from bot.services.releasing import Act, Releasing
from bot.services.runtime import Runtime
from bot.store import drafts, guides, releases
from bot.store.drafts import Draft
from bot.store.guides import Kept
from bot.store.releases import Release

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Past:
    """One text of a guide. `release` is how the console published it first, None for a file;
    `written_by` are those who wrote the draft of it."""

    kept: Kept
    served: bool
    why_gone: str
    release: Release | None
    written_by: tuple[str, ...]


class GuideHistory:
    """The texts of guides, the newest first."""

    def __init__(
        self, runtime: Runtime, publisher: Publisher, releasing: Releasing, texts: Drafts
    ) -> None:
        self._runtime = runtime
        self._publisher = publisher
        self._releasing = releasing
        self._drafts = texts

    async def of(self, guide_id: str) -> list[Past]:
        """Every text there was."""
        name = guide_name(guide_id)

        def work(
            connection: Connection,
        ) -> tuple[Sequence[Kept], list[Release], list[Draft], dict[int, set[str]]]:
            past = drafts.drafts_of(connection, name, _SHOWN)
            wrote = {d.id: drafts.authors(connection, d.id) for d in past if d.release_id}
            kept = guides.kept(connection, guide_id, _SHOWN)
            return kept, releases.history(connection, _SHOWN, name), past, wrote

        kept, made, past, wrote = await self._runtime.db.read(work)
        first: dict[str, Release] = {}
        for release in made:
            first[release.manifest.guides.get(guide_id, "")] = release
        by_release = {d.release_id or 0: tuple(sorted(wrote[d.id])) for d in past if d.release_id}
        served = self._publisher.loaded.guides.get(guide_id)
        return [
            self._past(guide_id, each, first.get(each.name), by_release, served) for each in kept
        ]

    def _past(
        self,
        guide_id: str,
        kept: Kept,
        release: Release | None,
        authors: Mapping[int, tuple[str, ...]],
        served: Guide | None,
    ) -> Past:
        now = served is not None and served.revision == kept.name
        why = self._why_gone(guide_id, kept.name)
        return Past(kept, now, why, release, authors.get(release.id, ()) if release else ())

    async def text(self, guide_id: str, revision: str) -> str | None:
        """A text of a guide as YAML; None when there is none of that name."""
        found = await self._runtime.db.read(lambda c: guides.payload(c, guide_id, revision))
        return None if found is None else dump_guide(Guide.from_json(found))

    async def go_back(self, guide_id: str, revision: str, now: str, who: str) -> int:
        """Publish an earlier text again, by the same check; `now` is what is served as `who` saw
        it. Returns the number of the release. Refusal or Moved.
        """
        if self._why_gone(guide_id, revision):
            raise Refusal("withdrawn")
        wanted = await self._runtime.db.read(lambda c: guides.payload(c, guide_id, revision))
        if wanted is None:
            raise Refusal("gone")
        served = self._publisher.loaded.guides.get(guide_id)
        source = await asyncio.to_thread(self._releasing.source, guide_id)
        if source is None or served is None or served.revision != now:
            raise Refusal("changed")
        if served.revision == revision:
            raise Refusal("same")
        text = rewrite(source.text, _values(Guide.from_json(wanted)))
        proof = await self._drafts.look(guide_id, text)
        if proof.guide is None or proof.errors:
            raise Refusal("check")
        act = Act(who, "rollback", proof.guide, text, source.digest, source.file)
        return await self._releasing.publish(act)

    def _why_gone(self, guide_id: str, revision: str) -> str:
        recall = self._publisher.recalls.get((guide_id, revision))
        if recall is None:
            return ""
        return recall.why or "; ".join(step.why for step in recall.steps.values())


def _values(guide: Guide) -> dict[str, Any]:
    values, _ = read_values(dump_guide(guide))
    return values or {}
