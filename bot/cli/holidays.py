"""congdanso holidays."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.settings import load_settings


def holidays(
    year: Annotated[int | None, typer.Option(help="Only this year's.", min=1900, max=2100)] = None,
) -> None:
    """List the days that count as holidays, and warn when the calendar ends soon."""
    from rich.console import Console
    from rich.table import Table

    from bot.schedule.zone import WEEKDAYS, local
    from bot.services.holidays import load_holidays

    now = datetime.now(UTC)
    found = load_holidays(load_settings(), now)
    table = Table("day", "weekday", "name")
    for day, name in sorted(found.days.items()):
        if year is None or day.year == year:
            table.add_row(day.isoformat(), WEEKDAYS[day.weekday()], name)
    Console().print(table)
    end = found.known_until()
    typer.echo(f"known until: {end.isoformat() if end else 'no complete year'}")
    if warning := found.runs_out(local(now).date()):
        typer.echo(f"warning: {warning}", err=True)
