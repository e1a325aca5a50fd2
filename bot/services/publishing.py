"""What may be said at this moment: the files with the console's edits, less what was recalled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from bot.domain.content_edits import Edits
from bot.domain.recalls import Recalls, merged
from bot.guides.content import CANNED, Content
from bot.guides.errors import Problem
from bot.guides.fingerprint import fingerprint
from bot.guides.model import Guide
from bot.guides.overlay import Standing, conflicts, file_digest, in_force, standing_of
from bot.guides.taking_up import first_content
from bot.services.places import Places
from bot.services.runtime import Runtime
from bot.store import guides, releases
from bot.store.releases import Manifest, New

#: The form of address is filled in when the text is shown, as in any text of a guide.
_OPEN = {name: f"{{{name}}}" for name in ("you", "You", "me", "Me")}
#: The files that a release names beside the guides.
_FILES = (
    "alert_texts.yml",
    "allowed.yml",
    CANNED,
    "cards.yml",
    "glossary.yml",
    "menu.yml",
    "path.yml",
    "people.yml",
    "phrases.yml",
    "snippets.yml",
)


class Publisher:
    """Holds the current release; swapping it is one assignment, so readers never see half of it.

    `loaded` is what the files and `edits` said when they were last all right, `content` the same
    less what was recalled, `problems` why some file is not served as it is now. `edits` are the
    files that the console has written as of `release`, the number of the release that is served.
    `places` is what is known of places; `model` names what understands messages.
    """

    def __init__(self, runtime: Runtime, titles: Mapping[str, str]) -> None:
        self._runtime = runtime
        self.titles = titles
        self.folder = runtime.settings.content_dir
        # Taken first: what changes while it is read will be seen as a change.
        self.files = fingerprint(self.folder)
        self.edits: Edits
        self.release, self.edits = runtime.db.read_now(releases.latest)
        self.loaded, wrong = first_content(
            self.folder, titles, in_force(self.edits, self.folder), self._published()
        )
        self.model: Callable[[], str] = str
        self.places = Places(runtime)
        self.recalls: Recalls = {}
        self.content: Content = self.loaded
        self.problems: tuple[Problem, ...] = (*wrong, *conflicts(self.edits, self.folder))
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
        await self.note()

    async def publish(
        self,
        content: Content,
        problems: tuple[Problem, ...],
        release: tuple[int, Edits] | None = None,
    ) -> None:
        """Serve this content from now on, with the edits of a release when it is one.

        `problems` say what of the files is not in it.
        """
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
            if release is not None:
                self.release, self.edits = release

    async def note(self) -> None:
        """Make a release of what the files brought: the record names all that was ever served."""
        made = await self._runtime.db.write(self._noting())
        if made is not None:
            with self._lock:
                self.release, self.edits = made

    def manifest(self, content: Content, edits: Edits, before: Manifest | None = None) -> Manifest:
        """What a release of this content and these edits names.

        Of a file that is not served as it is, the digest of `before` stays.
        """
        wrong = {problem.file for problem in self.problems}
        force = in_force(edits, self.folder)
        files: dict[str, str] = {}
        for name in _FILES:
            if name in wrong and name not in force and before is not None:
                files[name] = before.files.get(name, "")
            else:
                files[name] = (
                    force[name].digest if name in force else file_digest(self.folder, name)
                )
        return Manifest({g.id: g.revision for g in content.guides.values()}, files)

    def _noting(self) -> Callable[[Connection], tuple[int, Edits] | None]:
        held, edits = self.release, self.edits
        taken = {
            name: replace(edit, taken=True)
            if standing_of(edit, self.folder) is Standing.TAKEN
            else edit
            for name, edit in edits.items()
        }

        def work(connection: Connection) -> tuple[int, Edits] | None:
            releases.one_at_a_time(connection)
            if releases.latest_id(connection) != held:
                # Somebody has published meanwhile: that is taken up first.
                return None
            before = releases.latest_manifest(connection)
            manifest = self.manifest(self.loaded, taken, before[0] if before else None)
            if before is not None and before[0] == manifest and taken == edits:
                return None
            new = New("", "files", "", taken, manifest, self.model())
            return releases.add(connection, new, self._runtime.now()), taken

        return work

    def _published(self) -> dict[str, Guide]:
        """The guides of the newest release that the console has written, as they were then."""
        if not self.edits:
            return {}

        def work(connection: Connection) -> dict[str, Guide]:
            latest = releases.latest_manifest(connection)
            names = latest[0].guides if latest else {}
            wanted = {key: name for key, name in names.items() if f"guides/{key}.yml" in self.edits}
            found = {key: guides.payload(connection, key, name) for key, name in wanted.items()}
            return {key: Guide.from_json(data) for key, data in found.items() if data}

        return self._runtime.db.read_now(work)

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
