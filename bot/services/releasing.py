"""Publishing what staff wrote: an immutable release, taken up by every process.

One transaction makes the release, with everything that belongs to it; this process serves it when
the call returns, the others within two seconds (`Reloading.follow`).

Errors: `Moved` when something else is served by now than what the text was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.domain.content_edits import Edit, Edits, digest_of
from bot.errors import CongdansoError
from bot.guides.errors import ContentError
from bot.guides.loader import dump_guide, load_snippets, parse_guide
from bot.guides.model import Guide
from bot.guides.overlay import Standing, file_digest, in_force, standing_of
from bot.guides.taking_up import guide_name
from bot.services.publishing import Publisher
from bot.services.reloading import Reloading
from bot.services.runtime import Runtime
from bot.store import audit, guides, releases
from bot.store.releases import New

_TRIES = 5
#: What belongs to a release, in its transaction; given the release's number.
Also = Callable[[Connection, int], None]


class Moved(CongdansoError):
    """Something else is served by now."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text that is served of a file, its digest, and that of the file on disk."""

    text: str
    digest: str
    file: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who publishes what, and why: "publish" or "rollback". `base` is the digest of what is served
    as whoever wrote the text knew it, `file` that of the file on disk then.
    """

    who: str
    why: str
    guide: Guide
    text: str
    base: str
    file: str


class Releasing:
    """Makes releases, and has this process take them up."""

    def __init__(self, runtime: Runtime, publisher: Publisher, reloading: Reloading) -> None:
        self._runtime = runtime
        self._publisher = publisher
        self._reloading = reloading

    def source(self, guide_id: str) -> Source | None:
        """The text that is served of a guide; None for one that is not written. Blocking.

        Where the file has a mistake and an older text is served, it is that one.
        """
        publisher = self._publisher
        name = guide_name(guide_id)
        file = file_digest(publisher.folder, name)
        edit = in_force(publisher.edits, publisher.folder).get(name)
        guide = publisher.loaded.guides.get(guide_id)
        if guide is None:
            return None
        for text in (edit.text if edit else None, self._on_disk(name)):
            if text is not None and self._reads(text, guide):
                return Source(text, digest_of(text), file)
        text = dump_guide(guide)
        return Source(text, digest_of(text), file)

    async def publish(self, act: Act, also: Also | None = None) -> int:
        """Serve this text from now on. Returns the number of the release. Raises Moved."""
        name = guide_name(act.guide.id)
        return await self._release(name, act, also)

    async def settle(self, guide_id: str, who: str, *, keep: bool) -> int:
        """End a conflict between file and console: keep the console's text, or follow the file.

        Raises Moved when there is none (any more).
        """
        name = guide_name(guide_id)
        folder = self._publisher.folder

        def edits(held: Edits) -> dict[str, Edit]:
            edit = held.get(name)
            if edit is None or standing_of(edit, folder) is not Standing.CONFLICT:
                raise Moved("there is no conflict any more")
            others = {key: each for key, each in held.items() if key != name}
            if keep:
                others[name] = replace(edit, base=file_digest(folder, name))
            return others

        why = "keep" if keep else "follow"
        return await self._add(who, why, name, edits, None, f"guide.{why}", None)

    async def _release(self, name: str, act: Act, also: Also | None) -> int:
        def edits(held: Edits) -> dict[str, Edit]:
            now = self.source(act.guide.id)
            if (now.digest if now else "") != act.base:
                raise Moved("another text is served by now")
            return {**held, name: Edit(name, act.text, act.file)}

        return await self._add(act.who, act.why, name, edits, act.guide, f"guide.{act.why}", also)

    async def _add(
        self,
        who: str,
        why: str,
        name: str,
        edits: Callable[[Edits], Mapping[str, Edit]],
        guide: Guide | None,
        action: str,
        also: Also | None,
    ) -> int:
        publisher, runtime = self._publisher, self._runtime
        for _ in range(_TRIES):
            await self._reloading.follow()
            held = publisher.release
            # Files are read for it: not while the transaction is open.
            wanted = edits(publisher.edits)
            content = publisher.loaded
            if guide is not None:
                content = replace(content, guides=dict(content.guides) | {guide.id: guide})
            manifest = publisher.manifest(content, wanted)
            new = New(who, why, name, wanted, manifest, publisher.model())

            def work(connection: Connection, held: int = held, new: New = new) -> int | None:
                releases.one_at_a_time(connection)
                if releases.latest_id(connection) != held:
                    return None
                now = runtime.now()
                number = releases.add(connection, new, now)
                if guide is not None:
                    key = (guide.id, guide.revision)
                    guides.keep_revisions(connection, {key: guide.to_json()}, now)
                if also is not None:
                    also(connection, number)
                audit.record(connection, who, action, name, now)
                return number

            number = await runtime.db.write(work)
            if number is not None:
                await self._reloading.follow()
                return number
        raise Moved("others publish all the time; try again")

    def _on_disk(self, name: str) -> str | None:
        try:
            return (self._publisher.folder / name).read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            return None

    def _reads(self, text: str, guide: Guide) -> bool:
        """Whether a text is this guide."""
        publisher = self._publisher
        try:
            snippets = load_snippets(publisher.folder / "snippets.yml")
            read = parse_guide(text, guide.id, publisher.titles.keys(), "", snippets)
        except ContentError:
            return False
        return read.revision == guide.revision
