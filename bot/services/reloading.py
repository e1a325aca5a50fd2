"""Noticing that files changed or somebody published, and serving what is right in it.

A file that is wrong never takes the bot down: what was last right stays, and the operator and the
editors are told which file, line and field. No text of the content is logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.cards.words import CardWords, load_card_words
from bot.domain.content_edits import Edits
from bot.errors import StoreError
from bot.guides.content import Content
from bot.guides.errors import ContentError, Problem
from bot.guides.fingerprint import fingerprint
from bot.guides.overlay import conflicts, in_force, laid_over
from bot.guides.release import below, next_release
from bot.guides.taking_up import take_up
from bot.services.cards import Cards
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.store import releases

log = structlog.get_logger(__name__)

#: An editor's program writes a file in several goes: what still changes is not read yet.
_SETTLE_SECONDS = 0.3
_LOGGED_MOST = 20


@dataclass(frozen=True, slots=True)
class _Read:
    content: Content
    words: CardWords | None
    problems: tuple[Problem, ...]


class Reloading:
    """Keeps what is served like the files and the newest release."""

    def __init__(self, runtime: Runtime, publisher: Publisher, cards: Cards) -> None:
        self._runtime = runtime
        self._publisher = publisher
        self._cards = cards
        self._seen = publisher.files
        self._turn = asyncio.Lock()

    async def tick(self) -> bool:
        """Look at the files; True when something else is served from now on."""
        async with self._turn:
            return await self._look()

    async def follow(self) -> bool:
        """Take up the newest release, ours or another process's; True when something else is
        served from now on."""
        db, publisher = self._runtime.db, self._publisher
        if await db.read(releases.latest_id) == publisher.release:
            return False
        async with self._turn:
            release = await db.read(releases.latest)
            if release[0] == publisher.release:
                return False
            read = await asyncio.to_thread(self._take_up, release[1])
            return await self._publish(read, release)

    async def _look(self) -> bool:
        folder = self._publisher.folder
        look = await asyncio.to_thread(fingerprint, folder)
        if look == self._seen:
            return False
        await asyncio.sleep(_SETTLE_SECONDS)
        read = await asyncio.to_thread(self._read)
        if await asyncio.to_thread(fingerprint, folder) != look:
            # Still being written; the next look finds it finished.
            return False
        try:
            changed = await self._publish(read)
        except (SQLAlchemyError, StoreError) as error:
            log.warning("content not published", error=type(error).__name__)
            return False
        self._seen = look
        await self._publisher.note()
        return changed

    def _take_up(self, edits: Edits) -> _Read:
        """What a release changes, on a thread: what was checked before is only read."""
        publisher = self._publisher
        before = in_force(publisher.edits, publisher.folder)
        after = in_force(edits, publisher.folder)
        if before.keys() - after.keys():
            # A file is as it is on disk again, where it may be anything.
            return self._read(edits)
        names = [name for name, edit in after.items() if before.get(name) != edit]
        content, problems = take_up(
            publisher.loaded, publisher.folder, after, names, publisher.titles
        )
        told = conflicts(publisher.edits, publisher.folder)
        left = [p for p in publisher.problems if p.file not in names and p not in told]
        return self._with_conflicts(content, None, [*left, *problems], edits)

    def _read(self, release: Edits | None = None) -> _Read:
        """Everything, on a thread of its own: it takes a second or two."""
        publisher = self._publisher
        edits = publisher.edits if release is None else release
        with laid_over(publisher.folder, in_force(edits, publisher.folder)) as place:
            read = self._read_folder(place)
        here = f"{place}/"
        problems = [replace(p, message=p.message.replace(here, "")) for p in read.problems]
        return self._with_conflicts(read.content, read.words, problems, edits)

    def _with_conflicts(
        self,
        content: Content,
        words: CardWords | None,
        problems: Sequence[Problem],
        edits: Edits,
    ) -> _Read:
        every = {*problems, *conflicts(edits, self._publisher.folder)}
        return _Read(content, words, tuple(sorted(every)))

    def _read_folder(self, folder: Path) -> _Read:
        publisher = self._publisher
        try:
            release = next_release(folder, publisher.titles, publisher.loaded)
        except Exception as error:  # noqa: BLE001 - a file nobody thought of: what is served stays
            what = f"cannot be read ({type(error).__name__}); undo the last change"
            return _Read(publisher.loaded, None, (Problem(".", 1, "-", what),))
        problems = list(release.problems)
        words = None
        try:
            groups = [group.id for group in release.content.menu]
            words = load_card_words(folder / "cards.yml", groups)
        except ContentError as error:
            problems += below(folder, error.problems)
        return _Read(release.content, words, tuple(sorted(set(problems))))

    async def _publish(self, read: _Read, release: tuple[int, Edits] | None = None) -> bool:
        publisher, metrics = self._publisher, self._runtime.metrics
        before = publisher.loaded
        await publisher.publish(read.content, read.problems, release)
        if read.words is not None:
            self._cards.use(read.words)
        metrics.content_loads.labels("stale" if read.problems else "ok").inc()
        metrics.content_stale.set(len(read.problems))
        for problem in read.problems[:_LOGGED_MOST]:
            # Not the message: it may quote the content.
            log.warning(
                "content not served", file=problem.file, line=problem.line, field=problem.field
            )
        changed = read.content != before
        if changed:
            log.info("content published", guides=_changed(before, read.content))
        return changed


def _changed(before: Content, after: Content) -> list[str]:
    """The guides that are new or another text now."""
    old = {guide_id: guide.revision for guide_id, guide in before.guides.items()}
    return [each for each, guide in after.guides.items() if old.get(each) != guide.revision]
