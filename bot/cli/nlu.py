"""nlu train, and the nlu commands that stand in modules of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import (
    nlu_check,
    nlu_compare,
    nlu_explain,
    nlu_labels,
    nlu_models,
    nlu_parse,
    nlu_retrain,
    nlu_tune,
)
from bot.cli.nlu_engine import Kind
from bot.settings import load_settings
from nlu.engine import DATA_DIR, train_embedded

group = typer.Typer(help="Train and try what understands messages.", no_args_is_help=True)
group.command()(nlu_check.check)
group.command()(nlu_compare.compare)
group.command()(nlu_explain.explain)
group.command()(nlu_parse.parse)
group.command()(nlu_tune.tune)
group.command()(nlu_retrain.retrain)
group.command("group")(nlu_retrain.group)
group.command()(nlu_models.models)
group.command()(nlu_models.publish)
group.command()(nlu_models.rollback)
group.add_typer(nlu_labels.group, name="labels")


@group.command()
def train(
    data: Annotated[Path, typer.Option(help="Folder of Rasa YAML files.")] = DATA_DIR,
    engine: Annotated[Kind, typer.Option(help="Which engine to train.")] = Kind.EMBEDDED,
    config: Annotated[Path | None, typer.Option(help="Another pipeline for Rasa.")] = None,
) -> None:
    """Train an engine (skipped when a model for this data and code is there)."""
    if config is not None and (engine is not Kind.RASA or not config.is_file()):
        raise typer.BadParameter("--config is a file, and goes with --engine rasa")
    var_dir = load_settings().var_dir
    nlu_check.refuse_mistakes(data)
    if engine is Kind.RASA:
        from nlu.rasa.train import train as train_rasa

        print("training with Rasa takes some minutes…", file=sys.stderr, flush=True)
        report = train_rasa(var_dir, data, config)
    else:
        report = train_embedded(data, var_dir / "models")
    what = "trained" if report.trained else "already trained"
    print(
        f"{what}: {report.intents} intents, {report.examples} examples, {report.seconds:.1f} s, "
        f"{report.path}"
    )
