"""nlu tune: choose when to answer, ask back or refuse, on sentences no model was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.nlu_engine import Kind, ready_engine
from bot.settings import load_settings
from nlu.engine import DATA_DIR, ModelBroken

if TYPE_CHECKING:
    from rich.table import Table

    from nlu.embedded.metrics import Outcome
    from nlu.embedded.thresholds import Thresholds
    from nlu.embedded.tune import Point

#: Seconds a Rasa server may take for one message here: nobody waits for it.
_PATIENCE = 30.0
_SHARES = (
    "in scope\nanswered",
    "wrong\nanswers",
    "in scope\nrefused",
    "out of scope\nrefused",
    "top-1",
)


def tune(
    engine: Annotated[Kind, typer.Option(help="Whose thresholds.")] = Kind.EMBEDDED,
    write: Annotated[
        bool, typer.Option("--write/--dry-run", help="Write them, or only show them.")
    ] = False,
    validation: Annotated[
        Path, typer.Option(help="Labelled sentences, as in nlu/data/validation.tsv.")
    ] = DATA_DIR / "validation.tsv",
    url: Annotated[
        str | None, typer.Option(help="The Rasa server; by default CONGDANSO_RASA_URL.")
    ] = None,
) -> None:
    """Show what thresholds would do and which are best within the limits.

    The embedded engine is trained first when it has to be; a Rasa server must be running
    (congdanso rasa serve).
    """
    from rich.console import Console

    from nlu.embedded import tune as tuning
    from nlu.embedded.thresholds import THRESHOLDS_FILE, write_thresholds
    from nlu.rasa import files

    if url is not None and engine is not Kind.RASA:
        raise typer.BadParameter("--url goes with --engine rasa")
    file = THRESHOLDS_FILE if engine is Kind.EMBEDDED else files.THRESHOLDS_FILE
    now = _in_use(file, write)
    found = _outcomes(engine, validation, url)
    chosen = tuning.choose(found)
    console = Console()
    for table in _tables(found, chosen, now):
        console.print(table)
    if write:
        write_thresholds(chosen, file, _command(engine))
        print(f"wrote {file}")
    else:
        print(f"{file} is left as it is; --write writes those chosen")


def _in_use(file: Path, write: bool) -> Thresholds:
    """Those of the file; a broken file is replaced when it is written anyway."""
    from nlu.embedded.thresholds import Thresholds, read_thresholds, write_thresholds

    try:
        return read_thresholds(file)
    except ModelBroken:
        if not write:
            raise
        # An engine is not loaded without them.
        write_thresholds(Thresholds(), file)
        return Thresholds()


def _outcomes(engine: Kind, validation: Path, url: str | None) -> list[Outcome]:
    from nlu.data_loader import load_validation
    from nlu.embedded import tune as tuning
    from nlu.embedded.thresholds import Thresholds

    examples = load_validation(validation)
    if engine is Kind.EMBEDDED:
        embedded = ready_engine()
        embedded.thresholds = Thresholds()
        return tuning.outcomes(embedded, examples)
    from nlu.rasa.client import RasaClient

    rasa = RasaClient(url or load_settings().rasa_url, _PATIENCE, Thresholds())
    try:
        rasa.check()
        return tuning.outcomes(rasa, examples)
    finally:
        rasa.close()


def _command(engine: Kind) -> str:
    from nlu.embedded.thresholds import TUNE_COMMAND

    return TUNE_COMMAND + (" --engine rasa" if engine is Kind.RASA else "")


def _tables(found: Sequence[Outcome], chosen: Thresholds, now: Thresholds) -> list[Table]:
    from nlu.embedded import tune as tuning

    answering = _table("answer", "What other thresholds for an answer would do")
    for point in tuning.answers(found, chosen):
        _row(answering, f"{point.thresholds.answer:.2f}", point)
    refusing = _table("odds, out_of_scope", "What can be refused, by what is refused of the rest")
    for point in tuning.curve(tuning.refusals(found, chosen)):
        _row(refusing, _refusal(point.thresholds), point)
    summary = _table("thresholds", f"{len(found)} messages, as written and badly typed")
    for name, limits in (("in use", now), ("chosen", chosen)):
        values = f"{limits.answer:.2f}, {limits.refuse:.2f}, {_refusal(limits)}"
        _row(summary, f"{name}: {values}", tuning.point(found, limits))
    return [answering, refusing, summary]


def _refusal(limits: Thresholds) -> str:
    return f"{limits.out_of_scope_odds:g}, {limits.out_of_scope:.2f}"


def _table(first: str, title: str) -> Table:
    from rich.table import Table

    table = Table(first, title=title, title_justify="left")
    for head in _SHARES:
        table.add_column(head, justify="right")
    return table


def _row(table: Table, name: str, point: Point) -> None:
    shares = (
        point.answered, point.wrong, point.inside_refused, point.outside_refused, point.top,
    )  # fmt: skip
    table.add_row(name, *(f"{share:.1%}" for share in shares))
