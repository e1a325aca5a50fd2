"""Files that the console has written, laid over the files of a content folder.

An `Edit` remembers the file it was made from, so that a file which changed afterwards is noticed.
What holds then (docs/content-guide.md, "Files and the console"):

- the file is the one it was made from, or says the same: the edit is served;
- the file says something else and had taken the edit up before (`taken`): the file is newer;
- the file says something else: a conflict. The edit is served until somebody decides.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from bot.domain.content_edits import NO_FILE, Edit, Edits
from bot.guides.errors import Problem
from bot.guides.fingerprint import passed_over


def file_digest(folder: Path, name: str) -> str:
    """The same of a file, `NO_FILE` when it cannot be read."""
    try:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()
    except OSError:
        return NO_FILE


class Standing(StrEnum):
    """How an edit and the file on disk stand to each other."""

    HELD = "held"
    TAKEN = "taken"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict"


def standing_of(edit: Edit, folder: Path) -> Standing:
    """How an edit stands to the file of a folder."""
    found = file_digest(folder, edit.name)
    if found == edit.digest:
        return Standing.TAKEN
    if found == edit.base:
        return Standing.HELD
    return Standing.SUPERSEDED if edit.taken else Standing.CONFLICT


def in_force(edits: Edits, folder: Path) -> dict[str, Edit]:
    """The edits that are served over the files of this folder."""
    return {
        name: edit
        for name, edit in edits.items()
        if standing_of(edit, folder) is not Standing.SUPERSEDED
    }


def conflicts(edits: Edits, folder: Path) -> list[Problem]:
    """A problem for each edit whose file says something else by now."""
    what = (
        "was changed although the console has published another text, which is served; "
        "decide on the guide's page, or see `content status`"
    )
    return [
        Problem(name, 1, "-", what)
        for name, edit in sorted(edits.items())
        if standing_of(edit, folder) is Standing.CONFLICT
    ]


@contextmanager
def laid_over(folder: Path, edits: Edits) -> Iterator[Path]:
    """A folder that says what `folder` does, but for the edits; the folder itself without any.

    It holds links to the files, and is gone afterwards.
    """
    if not edits:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="congdanso-content-") as made:
        top = Path(made)
        _link(folder.resolve(), top, {name.partition("/")[0] for name in edits})
        for name, edit in edits.items():
            file = top / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.write_text(edit.text, encoding="utf-8", newline="")
        yield top


def _link(folder: Path, top: Path, opened: set[str]) -> None:
    """Links to everything in a folder; the folders in `opened` are made, and what is in them
    linked."""
    if not folder.is_dir():
        return
    for item in folder.iterdir():
        if passed_over(item.name):
            continue
        if item.is_dir() and item.name in opened:
            (top / item.name).mkdir()
            _link(item, top / item.name, set())
        else:
            (top / item.name).symlink_to(item)
