"""content export: the console's edits as files for git, or the guides that are being served."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BadRequest
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.guides.model import Guide
    from bot.services.runtime import Runtime


def export(
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; the content folder itself.")
    ] = None,
    guide: Annotated[str, typer.Argument(help="Write this guide as it is being served.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Write every guide as it is being served.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="With GUIDE or --all: write over files that say else."),
    ] = False,
) -> None:
    """Write what the console has published into the files, ready for git.

    Only changed files are written; with a conflict none is, and the exit code is 1. With GUIDE or
    --all the guides that are being served are written into a folder.
    """
    from bot.app import open_runtime

    settings = load_settings()
    if (guide or every) and out is None:
        raise BadRequest("--out is missing; name the folder to write the guides to")
    if force and not (guide or every):
        raise BadRequest("--force goes with GUIDE or --all; edits are never written over others")
    runtime = open_runtime(settings)
    try:
        if out is not None and (guide or every):
            _export_served(runtime, settings, out, guide, force=force)
        else:
            _export_edits(runtime, settings, out or settings.content_dir)
    finally:
        runtime.db.close()


# The console's edits ----------------------------------------------------------------------------


def _export_edits(runtime: Runtime, settings: Settings, out: Path) -> None:
    from bot.services.exporting import carry_out, plan_export
    from bot.store import releases

    number, edits = runtime.db.read_now(releases.latest)
    plan = plan_export(edits, settings.content_dir, out)
    for name in plan.newer:
        print(f"{name}: the file is newer than the console's text; left as it is")
    for name in plan.conflicts:
        print(
            f"{out / name}: conflict: changed since the console's text was made; nothing was "
            "written. Decide on the guide's page of the console, then export again"
        )
    if plan.conflicts:
        raise typer.Exit(1)
    try:
        for file in carry_out(plan):
            print(f"{file}: written")
    except OSError as error:
        raise BadRequest(f"{out}: cannot be written ({error.strerror})") from error
    print(f"release {number}: {len(plan.write)} file(s) written, {len(plan.same)} as they are")


# The guides being served ------------------------------------------------------------------------


def _export_served(
    runtime: Runtime, settings: Settings, out: Path, guide: str, *, force: bool
) -> None:
    """The served guides as files, as `content/guides` has them."""
    guides = _served(runtime)
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
