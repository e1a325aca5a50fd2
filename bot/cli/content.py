"""content check, content recall."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import load_settings

group = typer.Typer(help="Check and withdraw guides.", no_args_is_help=True)


@group.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="Content folder; the shipped one.")] = None,
) -> None:
    """Check every file; problems are named by file, line and field, and end with exit code 1."""
    from bot.app import guide_titles
    from bot.guides.check import check_content
    from bot.guides.errors import ContentError
    from bot.guides.phrases import load_phrases

    place = folder or load_settings().content_dir
    titles = guide_titles()
    problems = list(check_content(place, titles))
    try:
        load_phrases(place / "phrases.yml")
    except ContentError as error:
        problems.extend(error.problems)
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem(s)")
        raise typer.Exit(1)
    print(f"{place}: no problems")


@group.command()
def recall(
    guide: Annotated[str, typer.Argument(help="The guide's id.")],
    why: Annotated[str, typer.Option(help="Said to citizens, in Vietnamese.")],
) -> None:
    """Withdraw the current text of a guide at once, and tell whoever is in it."""
    from bot.app import guide_titles, open_runtime
    from bot.errors import BadRequest
    from bot.services.publishing import Publisher

    runtime = open_runtime(load_settings())
    try:
        publisher = Publisher(runtime, guide_titles())
        publisher.start()
        told = publisher.recall(guide, why)
    finally:
        runtime.db.close()
    if told is None:
        raise BadRequest(f"{guide}: is not a written guide, or was recalled already")
    print(f"{guide}: recalled; {len(told)} conversation(s) are being told")
