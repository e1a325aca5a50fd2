"""Canned replies: sentences a helper sends with one tap (content/canned_replies.yml).

Errors: ContentError from `load_canned`, with every problem of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot.guides.nodes import Faults
from bot.guides.record import Record, open_record

_MOST = 20
_TITLE_MOST = 40
_TEXT_MOST = 280
_ID = re.compile(r"[a-z][a-z_]{0,19}", re.ASCII)
_BLANK = re.compile(r"\{([^{}]*)\}")
_KNOWN = frozenset({"you", "You", "me", "Me"})


@dataclass(frozen=True, slots=True)
class Canned:
    """One reply. `title` is what the helper sees; `text` has blanks for the form of address."""

    id: str
    title: str
    text: str


def load_canned(file: Path) -> tuple[Canned, ...]:
    """Read the replies, in the order of the file; none where there is no file.

    Raises ContentError.
    """
    if not file.exists():
        return ()
    faults = Faults(str(file))
    top = open_record(file, faults)
    found: list[Canned] = []
    for record in top.records("replies", 1, _MOST) if top else ():
        found.append(_reply(record, [reply.id for reply in found]))
    if top:
        top.close()
    faults.raise_any()
    return tuple(found)


def _reply(record: Record, before: list[str]) -> Canned:
    reply = Canned(
        record.matching("id", _ID, "a short name of the letters a-z and _"),
        record.text("title", _TITLE_MOST),
        record.text("text", _TEXT_MOST),
    )
    if reply.id in before:
        record.fault("id", f"is there twice ({reply.id}); must be another")
    unknown = sorted(set(_BLANK.findall(reply.text)) - _KNOWN)
    if unknown:
        record.fault("text", f"has the blank {{{unknown[0]}}}; must be {{you}}, {{You}} or none")
    record.close()
    return reply
