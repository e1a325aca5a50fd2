"""content recall, content recalls: taking back what was published, and what was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BadRequest
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.store.guides import RecallRow


def recall(
    guide: Annotated[str, typer.Argument(help="The guide's id.")],
    why: Annotated[str, typer.Option(help="What is wrong; said to citizens, in Vietnamese.")],
    step: Annotated[
        int | None, typer.Option(min=1, help="Withdraw this step only: its number in the file.")
    ] = None,
    old: Annotated[
        bool,
        typer.Option("--old", help="The file is corrected already: withdraw the texts before it."),
    ] = False,
) -> None:
    """Withdraw a guide, or a step of it, at once, and tell whoever is in it or read it lately."""
    from bot.app import guide_titles, open_runtime
    from bot.services.recalling import Recalling

    if step and old:
        raise BadRequest("--step and --old do not go together; a changed file has its own steps")
    runtime = open_runtime(load_settings())
    try:
        recalling = Recalling(runtime, guide_titles())
        done = recalling.step(guide, step, why) if step else recalling.guide(guide, why, old=old)
    finally:
        runtime.db.close()
    what = f"step {step}" if step else f"{len(done.steps)} text(s)"
    print(f"{guide}: {what} recalled; {len(done.told)} conversation(s) are being told")


def recalls() -> None:
    """List what is withdrawn, the newest first."""
    from bot.app import open_runtime
    from bot.store import guides

    runtime = open_runtime(load_settings())
    try:
        rows = runtime.db.read_now(guides.recall_rows)
        served = {(r.guide_id, r.name) for r in runtime.db.read_now(guides.served_revisions)}
        ids = {guide_id for guide_id, _ in served}
    finally:
        runtime.db.close()
    for row in rows:
        print(_line(row, row.guide_id in ids and (row.guide_id, row.revision) not in served))
    if not rows:
        print("nothing is recalled")


def _line(row: RecallRow, corrected: bool) -> str:
    what = f"step {row.step}" if row.step else "all"
    now = "another text is served now" if corrected else "not corrected yet"
    when = f"{row.recalled_at:%Y-%m-%d %H:%M} UTC"
    return f"{row.guide_id}\t{row.revision}\t{what}\t{when}\t{now}\t{row.why}"
