"""roster import, roster export, roster join-link, roster join-links."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BadRequest
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.rosters.plan import Plan
    from bot.rosters.roster import Problem
    from bot.services.rosters import Checked, Rosters

group = typer.Typer(
    help="Rosters of teams and members: spreadsheets in and out, links to join with.",
    no_args_is_help=True,
)

#: Lines of a list that are printed; the rest is counted.
_LINES_MOST = 50


@group.callback()
def _roster() -> None:
    """Rosters of teams and members."""


@group.command("import")
def import_roster(
    file: Annotated[Path, typer.Argument(help="A .xlsx or .csv in the form of docs/rosters.md.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook; the first when empty.")] = "",
    remove_missing: Annotated[
        bool,
        typer.Option(
            "--remove-missing",
            help="Remove whom the file lacks in the communes it is about; else they are listed.",
        ),
    ] = False,
) -> None:
    """Import teams and members: all of the file, or nothing when a row is wrong."""
    from bot.app import open_runtime
    from bot.services.rosters import Rosters

    runtime = open_runtime(load_settings())
    try:
        rosters = Rosters(runtime)
        if not dry_run:
            _finish(rosters)
        checked = rosters.check(file, sheet, remove_missing=remove_missing)
        for note in checked.roster.notes:
            print(f"note: {note}")
        if checked.problems:
            _print_problems(file, checked.problems)
            raise typer.Exit(1)
        _print_plan(checked.plan)
        if dry_run:
            print("dry run: nothing was changed")
        else:
            _run(rosters, checked)
    finally:
        runtime.db.close()


def _finish(rosters: Rosters) -> None:
    left = rosters.finish()
    if left:
        print(f"an import that was interrupted is finished: {left} changes")


def _run(rosters: Rosters, checked: Checked) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        made = rosters.run(
            checked, lambda done, total: bar.update(task, completed=done, total=total)
        )
    print(f"done: {made} changes" if made else "nothing to change")


def _print_problems(file: Path, problems: list[Problem]) -> None:
    for problem in problems[:_LINES_MOST]:
        print(f"{file}: {problem}")
    if len(problems) > _LINES_MOST:
        print(f"{file}: … and {len(problems) - _LINES_MOST} more")
    print(f"{file}: {len(problems)} problem(s); nothing was changed")


def _print_plan(plan: Plan) -> None:
    from bot.rosters.plan import What

    for what in What:
        lines = [line for line in plan.lines if line.what is what]
        for line in lines[:_LINES_MOST]:
            of_team = f" ({line.of_team})" if line.of_team else ""
            fields = f": {', '.join(line.fields)}" if line.fields else ""
            kind = "team" if line.is_team else "member"
            print(f"{what.value}\t{kind}\t{line.name}{of_team}{fields}")
        if len(lines) > _LINES_MOST:
            print(f"{what.value}\t… and {len(lines) - _LINES_MOST} more")
    print(f"the file: {plan.teams} teams, {plan.members} members")
    for is_team, kind in ((True, "teams"), (False, "members")):
        counted = [f"{plan.count(what, is_team=is_team)} {what.value}" for what in What]
        print(f"{kind}: {', '.join(counted)}")
    if plan.count(What.MISSING, is_team=False) or plan.count(What.MISSING, is_team=True):
        print("missing ones stay as they are; --remove-missing removes them")


@group.command("export")
def export_roster(
    file: Annotated[Path, typer.Argument(help="A .xlsx or .csv to write; replaced if there.")],
) -> None:
    """Write the roster in the form that is imported. With an empty database: the empty form."""
    from bot.app import open_runtime
    from bot.services.rosters import Rosters

    runtime = open_runtime(load_settings())
    try:
        written = Rosters(runtime).export(file)
    finally:
        runtime.db.close()
    left_out = f"; {written.left_out} team(s) of no place left out" if written.left_out else ""
    print(f"{file}: {written.teams} teams, {written.members} members{left_out}")


@group.command("join-link")
def join_link(
    member: Annotated[str, typer.Argument(help="The member's key in the roster, or number.")],
) -> None:
    """Print a link with which a member joins: it works once, for seven days."""
    from bot.app import open_runtime
    from bot.services.joining import Joining

    runtime = open_runtime(load_settings())
    try:
        made = Joining(runtime).link_for(member)
    finally:
        runtime.db.close()
    print(made.telegram or "Telegram: set CONGDANSO_TELEGRAM_NAME to the bot's name")
    print(made.web)
    if runtime.settings.zalo:
        print(f"Zalo: the member sends this to the bot: {made.typed}")


@group.command("join-links")
def join_links(
    out: Annotated[Path, typer.Option(help="A .xlsx or .csv to write; for its owner only.")],
) -> None:
    """Write a link for every member who has not joined, to be given to each alone."""
    from bot.app import open_runtime
    from bot.services.joining import Joining

    if out.suffix.lower() not in (".xlsx", ".csv"):
        raise BadRequest(f"{out}: must end with .xlsx or .csv")
    runtime = open_runtime(load_settings())
    try:
        count = Joining(runtime).write_links(out)
    finally:
        runtime.db.close()
    print(f"{out}: {count} link(s); each works once, for seven days")
