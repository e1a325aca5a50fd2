"""Noticing that files of the content changed, and publishing what is right in them.

A file that is wrong never takes the bot down: what was last right stays, and the operator and the
editors are told which file, line and field. No text of the content is logged.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.cards.words import CardWords, load_card_words
from bot.errors import StoreError
from bot.guides.content import Content
from bot.guides.errors import ContentError, Problem
from bot.guides.fingerprint import fingerprint
from bot.guides.release import below, next_release
from bot.services.cards import Cards
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime

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
    """Keeps what is served like the files. One `tick` at a time."""

    def __init__(self, runtime: Runtime, publisher: Publisher, cards: Cards) -> None:
        self._runtime = runtime
        self._publisher = publisher
        self._cards = cards
        self._seen = publisher.files

    async def tick(self) -> bool:
        """Look at the files; True when something else is served from now on."""
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
        return changed

    def _read(self) -> _Read:
        """Everything, on a thread of its own: it takes a second or two."""
        publisher = self._publisher
        try:
            release = next_release(publisher.folder, publisher.titles, publisher.loaded)
        except Exception as error:  # noqa: BLE001 - a file nobody thought of: what is served stays
            what = f"cannot be read ({type(error).__name__}); undo the last change"
            return _Read(publisher.loaded, None, (Problem(".", 1, "-", what),))
        problems = list(release.problems)
        words = None
        try:
            groups = [group.id for group in release.content.menu]
            words = load_card_words(publisher.folder / "cards.yml", groups)
        except ContentError as error:
            problems += below(publisher.folder, error.problems)
        return _Read(release.content, words, tuple(sorted(set(problems))))

    async def _publish(self, read: _Read) -> bool:
        publisher, metrics = self._publisher, self._runtime.metrics
        before = publisher.loaded
        await publisher.publish(read.content, read.problems)
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
