"""content status: what is served, what the console has changed, what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.guides.errors import Problem

_WORDS = {
    "held": "served; the file is as it was: `content export` writes it",
    "taken": "served; the file says the same",
    "superseded": "the file is newer and is served",
    "conflict": "CONFLICT: the file was changed too; the console's text is served",
}
_RELEASES = 5


def status() -> None:
    """Show the release that is served, what the console changed, and drafts. Conflicts: exit 1."""
    from bot.app import open_runtime
    from bot.guides.overlay import standing_of
    from bot.store import drafts, releases

    settings = load_settings()
    runtime = open_runtime(settings)
    try:
        number, edits = runtime.db.read_now(releases.latest)
        history = runtime.db.read_now(lambda c: releases.history(c, _RELEASES))
        waiting = runtime.db.read_now(drafts.open_drafts)
    finally:
        runtime.db.close()
    print(f"release {number}" if number else "no release yet: nothing has been served")
    for item in history:
        when = f"{item.made_at:%Y-%m-%d %H:%M} UTC"
        print(f"  {item.id}\t{when}\t{item.why}\t{item.name or '-'}\t{item.made_by or '-'}")
    conflict = False
    for name, edit in sorted(edits.items()):
        standing = standing_of(edit, settings.content_dir)
        conflict = conflict or standing == "conflict"
        print(f"{name}: {_WORDS[standing]}")
    for draft in waiting:
        when = f"{draft.changed_at:%Y-%m-%d %H:%M} UTC"
        print(f"{draft.name}: {draft.state}, by {draft.changed_by}, {when}")
    if conflict:
        raise typer.Exit(1)


def published_otherwise(settings: Settings) -> Iterator[Problem]:
    """The conflicts of files and console, where there is a database already."""
    if not settings.database_url and not (settings.var_dir / "congdanso.db").is_file():
        return
    from bot.app import open_runtime
    from bot.guides.overlay import conflicts
    from bot.store import releases

    runtime = open_runtime(settings)
    try:
        edits = runtime.db.read_now(releases.latest)[1]
    finally:
        runtime.db.close()
    for problem in conflicts(edits, settings.content_dir):
        yield replace(problem, file=str(settings.content_dir / problem.file))
