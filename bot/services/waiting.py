"""Answering those who asked what nobody answered: written once, sent in portions, to each once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.calendar import out_of_quiet
from bot.domain.events import Envelope, StaffAnswered
from bot.errors import StoreError
from bot.safety.links.checker import LinkChecker
from bot.safety.links.report import Verdict
from bot.safety.masking import mask
from bot.services.posting import post
from bot.services.runtime import Runtime
from bot.store import audit
from bot.store import waiting as store

log = structlog.get_logger(__name__)

TEXT_MOST = 700
#: Ten a second at most, well below what platforms take; answers to others go first.
PORTION = 50
EVERY = 5.0


class TextFault(StrEnum):
    """Why a text is not sent to people."""

    EMPTY = "empty"
    LONG = "long"
    LINK = "link"
    PRIVATE = "private"


def text_fault(text: str, checker: LinkChecker) -> TextFault | None:
    """What is wrong with a text that many people are to get; None when nothing is."""
    if not text:
        return TextFault.EMPTY
    if len(text) > TEXT_MOST:
        return TextFault.LONG
    links = checker.check_text(text).findings
    if any(each.verdict is not Verdict.OFFICIAL for each in links):
        return TextFault.LINK
    return TextFault.PRIVATE if mask(text).kinds else None


async def send(
    runtime: Runtime,
    cluster_id: int,
    text: str,
    guide_id: str,
    who: str,
    scope: Sequence[str],
    seen: int,
) -> int | None:
    """Keep a faultless reply for everybody of a cluster who waits; how many they are.

    None when they are not as many as were shown (`seen`): then whoever sends looks once more.
    """
    now = runtime.now()

    def work(connection: Connection) -> int | None:
        to = store.waiting(connection, cluster_id, scope)
        if len(to) != seen or not to:
            return None
        store.write(connection, cluster_id, text, guide_id, who, to, now)
        audit.record(connection, who, "cluster.reply", f"cluster {cluster_id}: {len(to)}", now)
        return len(to)

    return await runtime.db.write(work)


class WaitingReplies:
    """The clock's part. `wake` is called with each chat that was told something."""

    def __init__(self, runtime: Runtime, wake: Callable[[int], None]) -> None:
        self._runtime = runtime
        self._wake = wake

    async def tick(self) -> int:
        """Give a portion, by day. Returns how many were told."""
        now = self._runtime.now()
        if out_of_quiet(now) > now:
            return 0
        try:
            told = await self._runtime.db.write(self._give)
        except (SQLAlchemyError, StoreError) as error:
            log.warning("replies not sent", error=type(error).__name__)
            return 0
        for chat in told:
            self._wake(chat)
        return len(told)

    def _give(self, connection: Connection) -> list[int]:
        now, vault = self._runtime.now(), self._runtime.vault
        due = store.take_due(connection, now, PORTION)
        for each in due:
            envelope = Envelope(StaffAnswered(each.text, each.guide_id, each.asked))
            name = f"staff:{each.reply_id}:{each.chat_id}"
            post(connection, vault, each.chat_id, envelope, name, now)
        return [each.chat_id for each in due]
