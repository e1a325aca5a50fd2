"""nlu check: what is wrong with the training sentences, by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.engine import DATA_DIR

if TYPE_CHECKING:
    from nlu.data_check import Checked
    from nlu.near_duplicates import Pair


def check(
    data: Annotated[Path, typer.Option(help="Folder of Rasa YAML files.")] = DATA_DIR,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    pairs: Annotated[
        int, typer.Option(min=0, help="How many pairs of nearly the same sentences to list.")
    ] = 10,
) -> None:
    """Check the training sentences; problems are named by file and line, and end with exit code 1.

    So does too large a share of sentences that are nearly the same as another of their intent.
    """
    from nlu.data_check import NEAR_MOST, check_training

    checked = check_training(data)
    for problem in checked.problems:
        print(_short(str(problem)))
    for line in _alike(checked, pairs):
        print(line)
    errors = len(checked.errors)
    files = len({example.file for example in checked.examples})
    intents = len({example.intent for example in checked.examples})
    print(
        f"{len(checked.examples)} sentences in {files} file(s), {intents} intents: "
        f"{errors} error(s), {len(checked.problems) - errors} warning(s); "
        f"{checked.near_rate:.2%} nearly the same as another (at most {NEAR_MOST:.0%})"
    )
    if errors or (strict and checked.problems) or checked.near_rate > NEAR_MOST:
        raise typer.Exit(1)


def refuse_mistakes(data: Path) -> None:
    """What `nlu train` does first: ends with exit code 2 and each mistake's own line."""
    from nlu.data_check import NEAR_MOST, check_training

    checked = check_training(data)
    for problem in checked.errors:
        typer.echo(f"congdanso: {_short(str(problem))}", err=True)
    if checked.errors:
        raise typer.Exit(2)
    if checked.problems or checked.near_rate > NEAR_MOST:
        typer.echo(
            f"{len(checked.problems)} warning(s) on the data, {checked.near_rate:.2%} of it nearly "
            "the same as another sentence; `congdanso nlu check` lists them",
            err=True,
        )


def _alike(checked: Checked, most: int) -> list[str]:
    """The pairs to look at; repeats are left out where they were named as problems before."""
    same = [pair for pair in checked.pairs if pair.one_intent and not pair.repeat][:most]
    other = [pair for pair in checked.pairs if not pair.one_intent][:most]
    lines = ["nearly the same in one intent:", *map(_pair, same)] if same else []
    return lines + (["nearly the same in two intents:", *map(_pair, other)] if other else [])


def _pair(pair: Pair) -> str:
    places = (f"{e.file}:{e.line} {e.intent}: {e.text}" for e in (pair.first, pair.second))
    return "\n  ".join([f"  {pair.share:.2f}", *map(_short, places)])


def _short(line: str) -> str:
    """Paths as seen from the working folder."""
    return line.replace(f"{Path.cwd()}/", "")
