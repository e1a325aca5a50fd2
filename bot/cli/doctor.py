"""doctor."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from bot.settings import load_settings

_MARKS = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "bad": "[red]bad[/]"}


def doctor(
    online: Annotated[bool, typer.Option("--online", help="Ask the platforms too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Look at settings, database, content, disk, clock and more, and say what to do.

    Changes nothing. Exit code 1 when something is bad.
    """
    from rich.console import Console
    from rich.markup import escape

    from bot.cli.content import problems_of
    from bot.guides.errors import Severity
    from bot.services.doctor import Counted, examine, worst
    from bot.services.findings import Verdict

    settings = load_settings()

    def content() -> Counted:
        problems = problems_of(settings.content_dir)
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        return Counted(errors, len(problems) - errors)

    found = examine(settings, content, online=online)
    if as_json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=1))
    else:
        console = Console(soft_wrap=True)
        for each in found:
            line = f"{_MARKS[each.verdict]:<16} {each.what}: {escape(each.said)}"
            console.print(line + (f" -> {escape(each.todo)}" if each.todo else ""))
    if worst(found) is Verdict.BAD:
        raise typer.Exit(1)
