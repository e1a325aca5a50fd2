"""Writing what the console has published into the files of a content folder, for git.

Only files that the console has written, and only where nobody else did meanwhile: with one
conflict nothing at all is written.

Errors: OSError when a file cannot be written; what was not put in its place by then is not.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.domain.content_edits import NO_FILE, Edit, Edits
from bot.guides.overlay import Standing, file_digest, standing_of


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export would do: the edits to write, the files that say so already, those that are
    newer than the console's text, and those that somebody else changed."""

    out: Path
    write: tuple[Edit, ...]
    same: tuple[str, ...]
    newer: tuple[str, ...]
    conflicts: tuple[str, ...]


def plan_export(edits: Edits, folder: Path, out: Path) -> Plan:
    """What writing the edits over `folder` into `out` (which may be `folder`) would do."""
    write: list[Edit] = []
    same: list[str] = []
    newer: list[str] = []
    wrong: list[str] = []
    here = out.resolve() == folder.resolve()
    for name, edit in sorted(edits.items()):
        standing = standing_of(edit, folder)
        there = file_digest(out, name)
        if standing is Standing.SUPERSEDED:
            newer.append(name)
        elif standing is Standing.CONFLICT:
            wrong.append(name)
        elif there == edit.digest:
            same.append(name)
        elif there == edit.base or (there == NO_FILE and not here):
            write.append(edit)
        else:
            wrong.append(name)
    return Plan(out, tuple(write), tuple(same), tuple(newer), tuple(wrong))


def carry_out(plan: Plan) -> list[Path]:
    """Write the files; each is there whole or as it was. Nothing is written with a conflict."""
    if plan.conflicts:
        return []
    ready = [
        (_beside(plan.out / edit.name, edit.text), plan.out / edit.name) for edit in plan.write
    ]
    try:
        for new, file in ready:
            os.replace(new, file)
    finally:
        _forget(new for new, _ in ready)
    return [file for _, file in ready]


def _beside(file: Path, text: str) -> Path:
    """The text in a hidden file beside `file`, which editors and the program pass over."""
    file.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    with os.fdopen(number, "w", encoding="utf-8", newline="") as made:
        made.write(text)
    Path(name).chmod(0o644)
    return Path(name)


def _forget(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
