"""check link: is this a swindle? The other kinds stand in modules of their own."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.nlu_parse import read_lines
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.safety.links.checker import LinkChecker
    from bot.safety.links.report import LinkFinding

group = typer.Typer(
    help="Is this a swindle? Nothing is asked of the network.", no_args_is_help=True
)


@group.callback()
def _check() -> None:
    """Is this a swindle? Nothing is asked of the network."""


@group.command()
def link(
    urls: Annotated[list[str] | None, typer.Argument(help="Links, or texts with links.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="One link or text a line, UTF-8; - is standard input.")
    ] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """Say of each link what speaks against it, in the order of the input."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Whatever the terminal's language: JSON is UTF-8, and no link ends the run.
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if bool(urls) == (file is not None):
        raise typer.BadParameter("give links, or --file FILE with one a line")
    items: Iterable[str] = urls or lines(file)
    checker = with_lists(load_settings())
    for item in items:
        found = checker.check_item(item)
        print(json.dumps(found.as_json(), ensure_ascii=False) if jsonl else _in_words(found))


def with_lists(settings: Settings) -> LinkChecker:
    """The checker, with the feeds of the database where there is one already."""
    from bot.services.linkcheck import open_checker

    checker, knowledge = open_checker(settings)
    if settings.database_url or (settings.var_dir / "congdanso.db").is_file():
        from bot.app import open_runtime
        from bot.services.feeds import Feeds

        runtime = open_runtime(settings)
        try:
            asyncio.run(Feeds(runtime, checker, knowledge).take_up())
        finally:
            runtime.db.close()
    return checker


def _in_words(found: LinkFinding) -> str:
    reasons = "".join(f"\n  - {reason.text}" for reason in found.reasons)
    return f"{found.verdict.value:10}{found.score:.2f}  {found.shown}{reasons}"


def lines(file: Path | None) -> Iterator[str]:
    """The lines of a file, or of standard input; a file that cannot be read is a wrong argument."""
    if file is None or str(file) == "-":
        return read_lines(sys.stdin.buffer)
    try:
        opened = file.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from error
    return _read(file, opened)


def _read(file: Path, opened: io.BufferedReader) -> Iterator[str]:
    with opened:
        try:
            yield from read_lines(opened)
        except OSError as error:
            raise typer.BadParameter(f"{file}: {error.strerror}") from error
