"""rasa install, rasa serve."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from bot.settings import load_settings

group = typer.Typer(
    help="A Rasa server that understands messages instead (see docs/nlu.md).", no_args_is_help=True
)


@group.command()
def install() -> None:
    """Make Rasa's own environment under var_dir (2.5 GB; skipped when it is there)."""
    from nlu.rasa import environment, files

    var_dir = load_settings().var_dir
    made = environment.install(var_dir, lambda line: print(line, file=sys.stderr, flush=True))
    print(f"{'made' if made else 'already there'}: {files.environment_dir(var_dir)}")


@group.command()
def serve(
    port: Annotated[
        int | None, typer.Option(help="Port on 127.0.0.1; by default that of CONGDANSO_RASA_URL.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The pipeline it was trained with.")] = None,
) -> None:
    """Serve the trained Rasa model on this machine until stopped."""
    from nlu.rasa.serve import launch

    settings = load_settings()
    chosen = port if port is not None else urlsplit(settings.rasa_url).port or 5005
    start = launch(settings.var_dir, chosen, config)
    print(f"congdanso: Rasa with {start.model} on 127.0.0.1:{chosen}", file=sys.stderr, flush=True)
    # Rasa takes this process's place, so that signals and exit codes are its own.
    os.chdir(start.folder)
    os.execve(start.command[0], start.command, start.variables)
