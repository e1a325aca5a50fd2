"""Guides as staff write them: draft, review by a second person, published.

Nothing that was saved is lost or written over in silence: a draft keeps every text of it, a save
names the version it was made from, and who wrote may not approve, whatever their role.

Errors: `Refusal`, whose `why` is one fixed word; `Clash` when somebody else wrote meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.errors import CongdansoError
from bot.guides.nodes import MAX_BYTES
from bot.guides.taking_up import guide_name
from bot.models.releases import DraftState
from bot.schedule.zone import ICT
from bot.services.proofs import Proof, Proofs
from bot.services.publishing import Publisher
from bot.services.releasing import Act, Moved, Releasing
from bot.services.runtime import Runtime
from bot.store import audit, drafts
from bot.store.drafts import NOTE_MOST, Draft

#: A YAML text that is larger is refused before anything else is done with it.
TEXT_MOST = MAX_BYTES


class Refusal(CongdansoError):
    """It cannot be done; `why` is one fixed word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Clash(CongdansoError):
    """Somebody else saved meanwhile: `theirs` is the draft as it is, `base` what was begun from."""

    def __init__(self, theirs: Draft, base: str) -> None:
        super().__init__("somebody else saved meanwhile")
        self.theirs = theirs
        self.base = base


@dataclass(frozen=True, slots=True)
class Standing:
    """An open draft with what has to be known of it: `authors` may not approve, `moved` says that
    something else is served than what it was begun from."""

    draft: Draft
    authors: frozenset[str]
    moved: bool


class Drafts:
    """The drafts of guides."""

    def __init__(
        self, runtime: Runtime, publisher: Publisher, releasing: Releasing, proofs: Proofs
    ) -> None:
        self._runtime = runtime
        self._publisher = publisher
        self._releasing = releasing
        self._proofs = proofs

    async def find(self, guide_id: str) -> Standing | None:
        """The open draft of a guide."""

        def work(connection: Connection) -> tuple[Draft, set[str]] | None:
            draft = drafts.open_draft(connection, guide_name(guide_id))
            return None if draft is None else (draft, drafts.authors(connection, draft.id))

        found = await self._runtime.db.read(work)
        if found is None:
            return None
        source = await asyncio.to_thread(self._releasing.source, guide_id)
        moved = (source.digest if source else "") != found[0].base
        return Standing(found[0], frozenset(found[1]), moved)

    async def begin(self, guide_id: str, who: str) -> Draft:
        """A draft of what is served; the one there is when somebody has begun it. Refusal."""
        source = await asyncio.to_thread(self._releasing.source, guide_id)
        if source is None:
            raise Refusal("unwritten")
        name, now = guide_name(guide_id), self._runtime.now()

        def work(connection: Connection) -> Draft:
            made = drafts.begin(connection, name, source.text, source.digest, source.file, who, now)
            if made:
                audit.record(connection, who, "draft.begin", name, now)
            draft = drafts.open_draft(connection, name)
            if draft is None:
                raise Refusal("gone")
            return draft

        return await self._runtime.db.write(work)

    async def save(self, guide_id: str, text: str, version: int, who: str) -> Draft:
        """The draft says this from now on. Clash when `version` is not the newest any more."""
        if len(text.encode("utf-8", "replace")) > TEXT_MOST:
            raise Refusal("big")

        def work(connection: Connection, draft: Draft) -> None:
            if draft.version != version:
                base = drafts.saved(connection, draft.id, version)
                raise Clash(draft, draft.text if base is None else base)
            if text != draft.text:
                drafts.save(connection, draft, text, who, self._runtime.now())
                audit.record(connection, who, "draft.save", draft.name, self._runtime.now())

        return await self._change(guide_id, work)

    async def put_aside(self, guide_id: str, text: str, who: str) -> Draft:
        """Keep a text beside the draft, which stays as it is. Refusal."""
        if len(text.encode("utf-8", "replace")) > TEXT_MOST:
            raise Refusal("big")

        def work(connection: Connection, draft: Draft) -> None:
            drafts.put_aside(connection, draft, text, who, self._runtime.now())

        return await self._change(guide_id, work)

    async def rebase(self, guide_id: str, version: int, who: str) -> Draft:
        """The draft was held against what is served now: it stays, and is reviewed again."""
        source = await asyncio.to_thread(self._releasing.source, guide_id)

        def work(connection: Connection, draft: Draft) -> None:
            _same(draft, version)
            digest, file = (source.digest, source.file) if source else ("", "")
            drafts.change(
                connection,
                draft.id,
                base=digest,
                file=file,
                state=DraftState.DRAFT.value,
            )
            audit.record(connection, who, "draft.rebase", draft.name, self._runtime.now())

        return await self._change(guide_id, work)

    async def send(self, guide_id: str, version: int, who: str) -> Proof:
        """To be reviewed, when the check finds nothing wrong. Refusal "check" with what is."""
        proof = await self.proof(guide_id)
        if proof is None or proof.errors:
            raise Refusal("check")

        def work(connection: Connection, draft: Draft) -> None:
            _same(draft, version)
            if draft.state is not DraftState.DRAFT:
                raise Refusal("state")
            if not drafts.authors(connection, draft.id):
                raise Refusal("unchanged")
            drafts.change(connection, draft.id, state=DraftState.REVIEW.value, note="")
            audit.record(connection, who, "draft.send", draft.name, self._runtime.now())

        await self._change(guide_id, work)
        return proof

    async def give_back(self, guide_id: str, version: int, note: str, who: str) -> Draft:
        """Not yet: back to who wrote it, with what is to be done."""
        if len(note) > NOTE_MOST:
            raise Refusal("long")
        if not note:
            raise Refusal("empty")

        def work(connection: Connection, draft: Draft) -> None:
            _same(draft, version)
            if draft.state is not DraftState.REVIEW:
                raise Refusal("state")
            now = self._runtime.now()
            values = {"note": note, "decided_by": who, "decided_at": now}
            drafts.change(connection, draft.id, state=DraftState.DRAFT.value, **values)
            audit.record(connection, who, "draft.return", draft.name, now)

        return await self._change(guide_id, work)

    async def discard(self, guide_id: str, version: int, who: str) -> None:
        """Nobody works on it any more. Its texts are kept."""

        def work(connection: Connection, draft: Draft) -> None:
            _same(draft, version)
            now = self._runtime.now()
            values = {"decided_by": who, "decided_at": now}
            drafts.change(connection, draft.id, state=DraftState.DISCARDED.value, **values)
            audit.record(connection, who, "draft.discard", draft.name, now)

        await self._change(guide_id, work)

    async def approve(self, guide_id: str, version: int, who: str) -> int:
        """Publish a draft that was sent for review, as somebody who wrote none of it.

        Returns the number of the release. Refusal or Moved.
        """
        standing = await self.find(guide_id)
        if standing is None:
            raise Refusal("gone")
        draft = standing.draft
        _same(draft, version)
        self._may_approve(draft, standing.authors, who)
        proof = await self._look(guide_id, draft.text)
        if proof.errors or proof.guide is None:
            raise Refusal("check")

        def also(connection: Connection, release: int) -> None:
            held = drafts.lock(connection, draft.name)
            if held is None or held.id != draft.id:
                raise Refusal("gone")
            _same(held, version)
            self._may_approve(held, frozenset(drafts.authors(connection, held.id)), who)
            drafts.change(
                connection,
                draft.id,
                state=DraftState.PUBLISHED.value,
                decided_by=who,
                decided_at=self._runtime.now(),
                release_id=release,
            )

        act = Act(who, "publish", proof.guide, draft.text, draft.base, draft.file)
        return await self._releasing.publish(act, also)

    async def proof(self, guide_id: str) -> Proof | None:
        """What the check says of the open draft."""
        standing = await self.find(guide_id)
        return None if standing is None else await self._look(guide_id, standing.draft.text)

    async def look(self, guide_id: str, text: str) -> Proof:
        """What the check says of a text that is not saved."""
        return await self._look(guide_id, text)

    async def _look(self, guide_id: str, text: str) -> Proof:
        today = self._runtime.now().astimezone(ICT).date()
        return await asyncio.to_thread(self._proofs.guide, guide_id, text, today)

    @staticmethod
    def _may_approve(draft: Draft, authors: frozenset[str], who: str) -> None:
        if draft.state is not DraftState.REVIEW:
            raise Refusal("state")
        if who in authors:
            raise Refusal("own")

    async def _change(self, guide_id: str, work: Callable[[Connection, Draft], None]) -> Draft:
        name = guide_name(guide_id)

        def locked(connection: Connection) -> Draft:
            draft = drafts.lock(connection, name)
            if draft is None:
                raise Refusal("gone")
            work(connection, draft)
            after = drafts.open_draft(connection, name)
            return draft if after is None else after

        return await self._runtime.db.write(locked)


def _same(draft: Draft, version: int) -> None:
    if draft.version != version:
        raise Refusal("changed")


__all__ = ["Clash", "Drafts", "Moved", "Refusal", "Standing"]
