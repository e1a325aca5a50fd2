"""Withdrawing a guide or one of its steps, and telling everybody who read it.

The database alone is asked what was published: at that moment the files may say something else
already, or be half mended.

Errors: BadRequest, in words for the operator.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection

from bot.domain.events import Envelope, GuideRecalled
from bot.domain.recalls import recall_name
from bot.errors import BadRequest
from bot.services.posting import post
from bot.services.runtime import Runtime
from bot.store import audit, guides
from bot.store.guides import Reader, Revision


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was done: `step` by revision (0 the whole guide), and the chats that are being told."""

    guide_id: str
    steps: Mapping[str, int]
    told: Sequence[int]


@dataclass(frozen=True, slots=True)
class Planned:
    """What a withdrawal would do: how many texts it takes, and the chats it would tell by channel;
    `unreachable` of them have blocked us or left."""

    texts: int
    told: Mapping[str, int]
    unreachable: int

    @property
    def total(self) -> int:
        """All chats that would be told."""
        return sum(self.told.values())


class Recalling:
    """Withdraws what citizens must not follow any more. Blocking."""

    def __init__(self, runtime: Runtime, known_ids: Collection[str]) -> None:
        self._runtime = runtime
        self._known = known_ids

    def plan(self, guide_id: str, number: int = 0, *, old: bool = False) -> Planned:
        """What `step` (with a number) or `guide` would do. BadRequest as with these."""

        def work(connection: Connection) -> Planned:
            if number:
                steps = self._places(connection, guide_id, number)[1]
            else:
                steps = {each.name: 0 for each in self._texts(connection, guide_id, old=old)}
            chats = [r.chat_id for r in guides.readers(connection, guide_id, steps, self._since())]
            told, unreachable = guides.reached(connection, chats)
            return Planned(len(steps), told, unreachable)

        return self._runtime.db.read_now(work)

    def guide(self, guide_id: str, why: str, *, old: bool = False, who: str = "") -> Withdrawal:
        """Withdraw every text of a guide so far; with `old` all but the one served now.

        Older texts go too: whoever began with one still reads what is wrong. The guide counts as
        unwritten until a changed file is published. With `old` the file is corrected already.
        """
        said = _reason(why)

        def work(connection: Connection) -> Withdrawal:
            wanted = self._texts(connection, guide_id, old=old)
            event = GuideRecalled(guide_id, wanted[0].name, said, urgent=_urgent(wanted[0]))
            return self._withdraw(connection, event, {each.name: 0 for each in wanted}, {}, who)

        return self._runtime.db.write_now(work)

    def step(self, guide_id: str, number: int, why: str, *, who: str = "") -> Withdrawal:
        """Withdraw one step, numbered as in the file that is being served."""
        said = _reason(why)

        def work(connection: Connection) -> Withdrawal:
            newest, places = self._places(connection, guide_id, number)
            title = str(newest.payload["steps"][number - 1]["title"])
            event = GuideRecalled(
                guide_id, newest.name, said, number, title, urgent=_urgent(newest)
            )
            return self._withdraw(connection, event, places, dict.fromkeys(places, title), who)

        return self._runtime.db.write_now(work)

    def _texts(self, connection: Connection, guide_id: str, *, old: bool) -> list[Revision]:
        """The texts that a withdrawal of the whole guide takes."""
        left = self._left(connection, guide_id)
        if old and not any(each.served for each in left):
            raise BadRequest(f"{guide_id}: no newer text is being served; leave --old out")
        wanted = [each for each in left if not (old and each.served)]
        if not wanted:
            raise BadRequest(f"{guide_id}: there is no older text to withdraw")
        return wanted

    def _places(
        self, connection: Connection, guide_id: str, number: int
    ) -> tuple[Revision, dict[str, int]]:
        """The newest text, and where its step stands in each text that has it."""
        left = self._left(connection, guide_id)
        newest = next((each for each in left if each.served), left[0])
        steps = newest.payload["steps"]
        if not 1 <= number <= len(steps):
            raise BadRequest(
                f"{guide_id}: there is no step {number}; its steps are 1 to {len(steps)}"
            )
        recalled = guides.recalls(connection).get((guide_id, newest.name))
        if recalled and number in recalled.steps:
            why_before = recalled.steps[number].why
            raise BadRequest(f"{guide_id}: step {number} is recalled already ({why_before})")
        return newest, _same_step(left, steps[number - 1]) | {newest.name: number}

    def _since(self) -> datetime:
        runtime = self._runtime
        return runtime.now() - timedelta(days=runtime.settings.recall_days)

    def _left(self, connection: Connection, guide_id: str) -> list[Revision]:
        """The revisions that can still be withdrawn, the newest first; at least one."""
        left = guides.revisions_left(connection, guide_id)
        if left:
            return left
        for row in guides.recall_rows(connection):
            if row.guide_id == guide_id and not row.step:
                day = f"{row.recalled_at:%Y-%m-%d %H:%M} UTC"
                raise BadRequest(f"{guide_id}: is recalled already, since {day} ({row.why})")
        if guide_id in self._known:
            raise BadRequest(
                f"{guide_id}: no text of it was ever published here, so nobody was shown one; "
                "take its file away"
            )
        near = get_close_matches(guide_id, sorted(self._known), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "see the files in content/guides"
        raise BadRequest(f"{guide_id}: there is no guide of this id; {hint}")

    def _withdraw(
        self,
        connection: Connection,
        event: GuideRecalled,
        steps: Mapping[str, int],
        titles: Mapping[str, str],
        who: str,
    ) -> Withdrawal:
        runtime = self._runtime
        now = runtime.now()
        for revision, step in steps.items():
            title = titles.get(revision, "")
            guides.recall(
                connection, event.guide_id, revision, event.why, now, step=step, title=title
            )
        told = guides.readers(connection, event.guide_id, steps, self._since())
        for reader in told:
            self._tell(connection, event, reader, steps)
        guides.note_told(connection, event.guide_id, steps, len(told), who)
        if who:
            subject = f"{event.guide_id} {event.step}" if event.step else event.guide_id
            audit.record(connection, who, "guide.recall", subject, now)
        return Withdrawal(event.guide_id, steps, [reader.chat_id for reader in told])

    def _tell(
        self,
        connection: Connection,
        event: GuideRecalled,
        reader: Reader,
        steps: Mapping[str, int],
    ) -> None:
        revision = reader.revision or event.revision
        mine = GuideRecalled(
            event.guide_id,
            revision,
            event.why,
            steps[revision],
            event.title,
            seen=reader.seen,
            urgent=event.urgent,
        )
        name = recall_name(event.guide_id, event.revision, event.step)
        dedupe = f"recall:{name}:{reader.chat_id}"
        runtime = self._runtime
        post(connection, runtime.vault, reader.chat_id, Envelope(mine), dedupe, runtime.now())


def _reason(why: str) -> str:
    """The reason as it stands in a sentence of ours."""
    said = " ".join(why.split()).rstrip(".!,;: ")
    if not said:
        raise BadRequest("--why: is empty; say to citizens what is wrong, in Vietnamese")
    if len(said) > guides.WHY_MOST:
        raise BadRequest(f"--why: has {len(said)} characters; must have at most {guides.WHY_MOST}")
    return said


def _same_step(revisions: Sequence[Revision], wanted: dict[str, Any]) -> dict[str, int]:
    """Where the same step stands in other revisions, which some are still walking through."""
    return {
        each.name: number
        for each in revisions
        for number, step in enumerate(each.payload["steps"], 1)
        if (step["title"], step["text"]) == (wanted["title"], wanted["text"])
    }


def _urgent(revision: Revision) -> bool:
    """Whether the guide says, to anybody, what to do in the first minutes."""
    question = revision.payload.get("question") or {}
    places = revision.payload.get("provinces") or {}
    parts = [revision.payload, *question.get("choices", ()), *places.values()]
    return any(part.get("emergency") for part in parts)
