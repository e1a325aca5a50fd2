"""content recall, content recalls, content export: what was published, and taking it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BadRequest
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.guides.model import Guide
    from bot.services.runtime import Runtime
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


def export(
    out: Annotated[Path, typer.Option(help="Folder to write to; made when it is not there.")],
    guide: Annotated[str, typer.Argument(help="One guide's id; all when left out.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that say something else.")
    ] = False,
) -> None:
    """Write the guides that are being served as files, as `content/guides` has them."""
    from bot.app import open_runtime

    settings = load_settings()
    runtime = open_runtime(settings)
    try:
        guides = _served(runtime)
    finally:
        runtime.db.close()
    if guide:
        guides = {name: item for name, item in guides.items() if name == guide}
        if not guides:
            raise BadRequest(f"{guide}: no guide of this id is being served")
    texts = _texts(guides, settings.content_dir)
    other = [name for name, text in texts.items() if _says_something_else(out / name, text)]
    if other and not force:
        raise BadRequest(
            f"{', '.join(str(out / name) for name in other)}: says something else; nothing was "
            "written. Move it away, or write over it with --force"
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{out}: {len(texts)} guide(s)")


def _served(runtime: Runtime) -> dict[str, Guide]:
    """What is being served, by id; what the files say when nothing ever was."""
    from bot.app import guide_titles
    from bot.guides.content import load_content
    from bot.guides.model import Guide
    from bot.store import guides

    revisions = runtime.db.read_now(guides.served_revisions)
    withdrawn = runtime.db.read_now(guides.recalls)
    if revisions:
        found = [Guide.from_json(item.payload) for item in revisions]
    else:
        found = list(load_content(runtime.settings.content_dir, guide_titles()).guides.values())
    whole = {key for key, item in withdrawn.items() if item.why}
    return {item.id: item for item in found if (item.id, item.revision) not in whole}


def _texts(guides: dict[str, Guide], content_dir: Path) -> dict[str, str]:
    """The files by name, each read back and found to be the guide it was made from."""
    from bot.app import guide_titles
    from bot.guides.loader import dump_guide, load_snippets, parse_guide

    snippets = load_snippets(content_dir / "snippets.yml")
    texts: dict[str, str] = {}
    for guide_id, guide in guides.items():
        text = dump_guide(guide)
        read = parse_guide(text, guide_id, guide_titles(), f"{guide_id}.yml", snippets)
        if read != guide:
            raise BadRequest(
                f"{guide_id}: what it has of {content_dir / 'snippets.yml'} says something else "
                "there now; put that back first"
            )
        texts[f"{guide_id}.yml"] = text
    return texts


def _says_something_else(file: Path, text: str) -> bool:
    try:
        return file.read_bytes() != text.encode()
    except FileNotFoundError:
        return False
