"""nlu compare: engines trained on the same sentences, measured on the same unseen ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import nlu_check
from bot.settings import load_settings
from nlu.engine import DATA_DIR

if TYPE_CHECKING:
    from nlu.compare.contestants import Name
    from nlu.compare.measure import Measured
    from nlu.compare.tables import Sheet


_VALIDATION = DATA_DIR / "validation.tsv"


def compare(
    engine: Annotated[
        str, typer.Option(help="Engines with commas: embedded, rasa, diet, rasa-default.")
    ] = "embedded,rasa",
    out: Annotated[
        Path | None, typer.Option(help="A Markdown page to write, with images/ beside it.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs of DIET, instead of its pipeline's.")
    ] = None,
    data_per_intent: Annotated[
        int | None, typer.Option(min=2, help="Train on so many sentences an intent only.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder of Rasa YAML files.")] = DATA_DIR,
    validation: Annotated[
        Path, typer.Option(help="Labelled sentences, as in nlu/data/validation.tsv.")
    ] = _VALIDATION,
) -> None:
    """Train engines on the same sentences and compare them on others, in spellings of all kinds.

    Takes a minute for embedded, five for rasa, and for DIET 40 s an epoch on 4,500 sentences.
    Models stay under var_dir/compare and are not trained again for the same data.
    """
    from nlu.compare.tables import sheets

    names = _names(engine)
    nlu_check.refuse_mistakes(data)
    measured = _measure(names, data, validation, epochs, data_per_intent)
    tables = sheets(measured)
    _show(tables)
    if out is not None:
        from nlu.compare.page import write

        how = _told(engine, epochs, data_per_intent, data, validation, out)
        written = write(out, measured, tables, how)
        print("wrote " + ", ".join(str(path) for path in written))


def _names(engines: str) -> list[Name]:
    from nlu.compare.contestants import Name

    known = {name.value: name for name in Name}
    asked = [word.strip() for word in engines.split(",") if word.strip()]
    unknown = [word for word in asked if word not in known]
    if unknown or not asked:
        raise typer.BadParameter(f"--engine {engines!r}: expected some of {', '.join(known)}")
    return [known[word] for word in dict.fromkeys(asked)]


def _measure(
    names: list[Name], data: Path, validation: Path, epochs: int | None, per_intent: int | None
) -> list[Measured]:
    from nlu.compare import sample
    from nlu.compare.contestants import Ring, enter
    from nlu.compare.measure import measure
    from nlu.data_loader import load_training, load_validation

    examples = load_validation(validation)
    texts = [example.text for example in examples]
    work = load_settings().var_dir / "compare"
    if per_intent is not None:
        smaller = work / f"data-{per_intent}"
        sample.write(sample.some(load_training(data), per_intent), smaller)
        data = smaller
    ring = Ring(load_settings().var_dir, work, data, epochs)
    measured = []
    for name in names:
        print(f"{name.value}: training and serving…", file=sys.stderr, flush=True)
        with enter(ring, name, texts) as contestant:
            measured.append(measure(contestant, examples))
    return measured


def _show(tables: list[Sheet]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for sheet in tables:
        table = Table(title=sheet.title, title_justify="left")
        for number, head in enumerate(sheet.head):
            name = number < sheet.names
            table.add_column(head, justify="left" if name else "right", no_wrap=name)
        for row in sheet.rows:
            table.add_row(*row)
        console.print(table)


def _told(
    engines: str, epochs: int | None, per_intent: int | None, data: Path, table: Path, out: Path
) -> str:
    """The command that gives the same page."""
    words = ["uv run congdanso nlu compare --engine", engines]
    words += ["--epochs", str(epochs)] if epochs is not None else []
    words += ["--data-per-intent", str(per_intent)] if per_intent is not None else []
    words += ["--data", str(data)] if data != DATA_DIR else []
    words += ["--validation", str(table)] if table != _VALIDATION else []
    return " ".join([*words, "--out", str(out)])
