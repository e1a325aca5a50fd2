"""What may be said at this moment: the loaded content less what was recalled."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from bot.domain.recalls import Recalls, merged
from bot.guides.content import Content, load_content
from bot.guides.errors import Problem
from bot.guides.fingerprint import fingerprint
from bot.guides.model import Guide
from bot.services.places import Places
from bot.services.runtime import Runtime
from bot.store import guides

#: The form of address is filled in when the text is shown, as in any text of a guide.
_OPEN = {name: f"{{{name}}}" for name in ("you", "You", "me", "Me")}


class Publisher:
    """Holds the current release; swapping it is one assignment, so readers never see half of it.

    `loaded` is what the files said when they were last all right, `content` the same less what was
    recalled, `problems` why some file is not served as it is now. `places` is what is known of
    places.
    """

    def __init__(self, runtime: Runtime, titles: Mapping[str, str]) -> None:
        self._runtime = runtime
        self.titles = titles
        self.folder = runtime.settings.content_dir
        # Taken first: what changes while it is read will be seen as a change.
        self.files = fingerprint(self.folder)
        self.loaded = load_content(self.folder, titles)
        self.places = Places(runtime)
        self.recalls: Recalls = {}
        self.content: Content = self.loaded
        self.problems: tuple[Problem, ...] = ()
        # Recalls are learnt of on the event loop and inside transactions.
        self._lock = threading.Lock()

    def start(self) -> None:
        """Remember the loaded revisions and learn what was recalled. Blocking; at start only."""
        self._runtime.db.write_now(self._keep_new)
        self.learn(self._runtime.db.read_now(guides.recalls))

    async def serve(self) -> None:
        """Say in the database that what is loaded is what citizens are shown from now on."""
        await self.places.refresh()
        names, now = list(_by_name(self.loaded)), self._runtime.now()
        await self._runtime.db.write(lambda c: guides.serve_revisions(c, names, now))

    async def publish(self, content: Content, problems: tuple[Problem, ...]) -> None:
        """Serve this content from now on. `problems` say what of the files is not in it."""
        # Kept before anybody can begin with one of them.
        revisions = {name: guide.to_json() for name, guide in _by_name(content).items()}
        now = self._runtime.now()
        await self._runtime.db.write(
            lambda c: guides.keep_revisions(c, revisions, now, served=True)
        )
        with self._lock:
            self.loaded = content
            self.content = self._left(content, self.recalls)
            self.problems = problems

    async def refresh(self) -> None:
        """Learn of recalls made by other processes."""
        self.learn(await self._runtime.db.read(guides.recalls))

    def learn(self, recalls: Recalls) -> None:
        """These were withdrawn. What is once is for good: an older look takes nothing back."""
        with self._lock:
            known = merged(self.recalls, recalls)
            if known == self.recalls:
                return
            self.recalls = known
            self.content = self._left(self.loaded, known)

    def as_served(self, guide: Guide) -> Guide:
        """A revision less its withdrawn steps."""
        return self._less(guide, self.content, self.recalls)

    def _left(self, content: Content, recalls: Recalls) -> Content:
        kept = {
            guide_id: self._less(guide, content, recalls)
            for guide_id, guide in content.guides.items()
            if not _whole(recalls, guide)
        }
        return replace(content, guides=kept)

    @staticmethod
    def _less(guide: Guide, content: Content, recalls: Recalls) -> Guide:
        recall = recalls.get((guide.id, guide.revision))
        for number, step in recall.steps.items() if recall else ():
            text = content.phrases.addressed(_OPEN).say("step_recalled", why=step.why)
            guide = guide.without_step(number, text)
        return guide

    def _keep_new(self, connection: Connection) -> None:
        """Remember what is loaded and was not before: at most starts that is nothing."""
        known = guides.known_revisions(connection)
        new = {k: g.to_json() for k, g in _by_name(self.loaded).items() if k not in known}
        guides.keep_revisions(connection, new, self._runtime.now())


def _by_name(content: Content) -> dict[tuple[str, str], Guide]:
    """The guides by id and revision."""
    return {(guide.id, guide.revision): guide for guide in content.guides.values()}


def _whole(recalls: Recalls, guide: Guide) -> bool:
    recall = recalls.get((guide.id, guide.revision))
    return recall is not None and bool(recall.why)
