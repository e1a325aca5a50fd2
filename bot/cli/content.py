"""content check, and the content commands that stand in modules of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import (
    content_build,
    content_export,
    content_preview,
    content_publish,
    content_status,
)
from bot.guides.errors import Problem
from bot.settings import load_settings

group = typer.Typer(help="Check, look at, draw and withdraw guides.", no_args_is_help=True)
group.command()(content_build.build)
group.command()(content_preview.preview)
group.command()(content_publish.recall)
group.command()(content_publish.recalls)
group.command()(content_export.export)
group.command()(content_status.status)


def problems_of(place: Path) -> list[Problem]:
    """Every problem of a content folder, its own kinds of files included."""
    from bot.app import guide_titles
    from bot.cards.words import card_problems
    from bot.cli.locality import place_problems
    from bot.guides.check import check_content
    from bot.handoff.files import handoff_problems
    from bot.posters.words import poster_problems
    from bot.safety.qr.banks import bank_problems

    titles = guide_titles()
    return [
        *check_content(place, titles),
        *card_problems(place, titles),
        *handoff_problems(place),
        *poster_problems(place),
        *place_problems(place),
        *bank_problems(place),
    ]


@group.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="Content folder; the shipped one.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Check every file; problems are named by file, line and field. Errors end with exit code 1."""
    from bot.guides.errors import Severity

    settings = load_settings()
    place = folder or settings.content_dir
    problems = problems_of(place)
    if folder is None:
        problems += content_status.published_otherwise(settings)
    for problem in problems:
        print(problem)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if problems:
        print(f"{errors} error(s), {len(problems) - errors} warning(s)")
    else:
        print(f"{place}: no problems")
    if errors or (strict and problems):
        raise typer.Exit(1)
