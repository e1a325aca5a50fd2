"""report."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.services.report import Report


def report(
    month: Annotated[str, typer.Option(help="The month, such as 2026-10.")],
    area: Annotated[
        list[str] | None,
        typer.Option(help="Code of a province (96) or commune (96.32083); as often as wanted."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The file to write, .xlsx; else it is printed.")
    ] = None,
) -> None:
    """What people asked in a month and what became of it: the figures of the console's page."""
    from bot.app import open_runtime
    from bot.errors import BadRequest
    from bot.guides.content import load_content
    from bot.services.channel_words import CHANNELS
    from bot.services.periods import parse_month
    from bot.services.places import Places
    from bot.services.report import Names, workbook
    from bot.services.report import report as make_report
    from nlu.intents import INTENTS, Kind

    first = parse_month(month)
    if first is None:
        raise BadRequest(f"--month {month!r}: must be a month such as 2026-10")
    if out is not None and out.suffix.lower() != ".xlsx":
        raise BadRequest(f"--out {out}: must end with .xlsx")
    settings = load_settings()
    titles = {i.id: i.title for i in INTENTS.values()}
    guides = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}
    content = load_content(settings.content_dir, guides)
    runtime = open_runtime(settings)
    try:
        atlas = Places(runtime).atlas
        wanted = tuple(dict.fromkeys(area or ()))
        for code in wanted:
            if code.count(".") > 1 or not atlas.known(code):
                raise BadRequest(f"--area {code!r}: must be a province or commune, such as 96")
        topics = {**titles, **{id: guide.title for id, guide in content.guides.items()}}
        names = Names(lambda code: atlas.label(code) or code, topics, CHANNELS)
        made = runtime.db.read_now(lambda c: make_report(c, first, wanted, content, names))
    finally:
        runtime.db.close()
    if out is None:
        _print(made)
    else:
        _write(out, workbook(made))
        typer.echo(f"{out}: {made.title}")


def _write(path: Path, body: bytes) -> None:
    """The whole file or none."""
    from bot.errors import CongdansoError

    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as draft:
            draft.write(body)
        os.replace(draft.name, path)
    except OSError as error:
        raise CongdansoError(f"{path}: cannot be written ({error.strerror})") from error


def _print(made: Report) -> None:
    from rich.console import Console
    from rich.table import Table

    from bot.services.report import HIDDEN

    console = Console()
    console.print(made.title)
    for table in made.tables:
        shown = Table(*table.headings, title=table.title, title_justify="left")
        for row in table.rows:
            shown.add_row(*(HIDDEN if value is None else str(value) for value in row))
        console.print(shown)
