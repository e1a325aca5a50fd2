"""demo."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from bot.settings import load_settings


def demo(
    questions: Annotated[int, typer.Option(help="How many questions to invent.")] = 10_000,
    tickets: Annotated[int, typer.Option(help="How many tickets at most.")] = 1_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same data.")] = 1,
) -> None:
    """Fill an empty database with invented questions and tickets of a year, to try the console."""
    from bot.app import open_runtime
    from bot.guides.content import load_content
    from bot.services.demo.make import make
    from bot.services.places import Places
    from nlu.intents import INTENTS, Kind

    settings = load_settings()
    titles = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}
    content = load_content(settings.content_dir, titles)
    began = time.monotonic()
    runtime = open_runtime(settings)
    try:
        places = Places(runtime)
        made = make(runtime, content, places.atlas, questions, tickets, seed, _Progress().told)
    finally:
        runtime.db.close()
    spent = time.monotonic() - began
    typer.echo(
        f"{made.questions:,} questions and {made.tickets:,} tickets of {made.people:,} invented "
        f"people in {spent:.0f} s; add a login with: congdanso staff add NAME --role admin"
    )


class _Progress:
    """A line every few seconds, on standard error."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def told(self, what: str, number: int) -> None:
        if time.monotonic() - self._said > 5:
            self._said = time.monotonic()
            typer.echo(f"{what}: {number:,}", err=True)
