"""content/poster.yml: the words on a poster.

Errors: ContentError with every problem of the file, named by line and field.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path

from bot.guides.errors import ContentError, Problem
from bot.guides.nodes import Faults
from bot.guides.record import Record, open_record

_BLANKS = {"team": {"team"}, "zalo_send": {"code"}, "web_type": {"address"}}
_WARNINGS_MOST = 4


@dataclass(frozen=True, slots=True)
class PosterWords:
    """The checked content of poster.yml."""

    title: str
    subtitle: str
    scan: str
    team: str
    telegram: str
    zalo: str
    web: str
    zalo_send: str
    web_type: str
    warnings: tuple[str, ...]
    machine: str


def load_poster_words(file: Path) -> PosterWords:
    """Read poster.yml. Raises ContentError."""
    faults = Faults(str(file))
    top = open_record(file, faults)
    words = _read(top) if top else None
    faults.raise_any()
    assert words is not None, "a file that cannot be read has a problem"
    return words


def poster_problems(content_dir: Path) -> tuple[Problem, ...]:
    """What is wrong with a folder's poster.yml."""
    try:
        load_poster_words(content_dir / "poster.yml")
    except ContentError as error:
        return error.problems
    return ()


def _read(top: Record) -> PosterWords:
    words = PosterWords(
        title=top.text("title", 40),
        subtitle=top.text("subtitle", 90),
        scan=top.text("scan", 60),
        team=_sentence(top, "team", 40),
        telegram=top.text("telegram", 40),
        zalo=top.text("zalo", 40),
        web=top.text("web", 40),
        zalo_send=_sentence(top, "zalo_send", 40),
        web_type=_sentence(top, "web_type", 50),
        warnings=top.texts("warnings", 100, _WARNINGS_MOST),
        machine=top.text("machine", 90),
    )
    top.close()
    return words


def _sentence(record: Record, name: str, limit: int) -> str:
    text = record.text(name, limit)
    try:
        found = {blank for _, blank, _, _ in string.Formatter().parse(text) if blank is not None}
    except ValueError as error:
        found = {str(error)}
    if text and found != _BLANKS[name]:
        right = ", ".join("{" + blank + "}" for blank in sorted(_BLANKS[name]))
        record.fault(name, f"has the wrong blanks; use: {right}")
    return text
