"""roster contributions, roster times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import load_settings

_Month = Annotated[str, typer.Option(help="The month, such as 2026-11.")]


def contributions(
    month: _Month,
    out: Annotated[Path, typer.Option(help="The file to write, .xlsx or .csv.")],
) -> None:
    """Write what each member did in a month (tickets, visits, hours), for stipends."""
    from bot.app import open_runtime
    from bot.services.contributions import write_contributions

    runtime = open_runtime(load_settings())
    try:
        number = write_contributions(runtime, month, out)
    finally:
        runtime.db.close()
    typer.echo(f"{out}: {number} members with something done in {month}")


def times(
    month: _Month,
    by: Annotated[str, typer.Option(help="hamlet, commune or member.")] = "commune",
    out: Annotated[
        Path | None, typer.Option(help="The file to write, .xlsx or .csv; else it is printed.")
    ] = None,
) -> None:
    """How long citizens waited for a first reply and for the end of it: median, and nine in ten."""
    from bot.app import open_runtime
    from bot.errors import BadRequest
    from bot.handoff.contributions import By
    from bot.services.contributions import (
        TIMES_HEADINGS,
        times_of_month,
        times_row,
        write_times,
    )

    if by not in list(By):
        raise BadRequest(f"--by {by!r}: must be hamlet, commune or member")
    runtime = open_runtime(load_settings())
    try:
        if out is not None:
            number = write_times(runtime, month, By(by), out)
            typer.echo(f"{out}: {number} rows")
            return
        found = times_of_month(runtime, month, By(by))
    finally:
        runtime.db.close()
    from rich.console import Console
    from rich.table import Table

    table = Table(*TIMES_HEADINGS)
    for each, name in found:
        table.add_row(*times_row(each, name))
    Console().print(table)
