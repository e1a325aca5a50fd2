"""nlu train, nlu parse."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import load_settings
from nlu.engine import DATA_DIR, Engine, ModelMissing, ModelStale, load_embedded, train_embedded

group = typer.Typer(help="Train and try what understands messages.", no_args_is_help=True)


@group.command()
def train(
    data: Annotated[Path, typer.Option(help="Folder of Rasa YAML files.")] = DATA_DIR,
) -> None:
    """Train the embedded engine (skipped when a model for this data and code is there)."""
    models = load_settings().var_dir / "models"
    report = train_embedded(data, models)
    what = "trained" if report.trained else "already trained"
    print(
        f"{what}: {report.intents} intents, {report.examples} examples, {report.seconds:.1f} s, "
        f"{report.path}"
    )


@group.command()
def parse(
    text: Annotated[str | None, typer.Argument(help="One message.")] = None,
    file: Annotated[Path | None, typer.Option(help="One message a line, UTF-8.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """Show what the engine understands, in the order of the input."""
    messages = _messages(text, file)
    for found in _engine().parse_many(messages):
        if jsonl:
            print(found.as_jsonl())
        else:
            best = ", ".join(f"{r.name} {r.confidence:.2f}" for r in found.ranking[:3])
            print(f"{found.decision.value:7} {best}  <- {found.text}")


def _messages(text: str | None, file: Path | None) -> list[str]:
    if (text is None) == (file is None):
        raise typer.BadParameter("give one message, or --file FILE with one message a line")
    if text is not None:
        return [text]
    assert file is not None
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from error
    # Line ends are \n only: other Unicode line separators may stand inside a message.
    lines = raw.decode("utf-8", errors="replace").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _engine() -> Engine:
    models = load_settings().var_dir / "models"
    try:
        return load_embedded(models)
    except (ModelMissing, ModelStale):
        print("training first (once for this data)…", file=sys.stderr)
        train_embedded(DATA_DIR, models)
        return load_embedded(models)
