"""nlu explain: why a message is understood as it is, for staff (a table) or machines (JSON)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.nlu_engine import ready_engine
from nlu.engine import DATA_DIR

if TYPE_CHECKING:
    from nlu.embedded.explain import Candidate, Explanation

#: Of a longer message the beginning is shown.
SHOWN_MOST = 300


def explain(
    text: Annotated[str, typer.Argument(help="A message, as a citizen would type it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    top: Annotated[int, typer.Option(min=1, help="How many candidates to explain.")] = 3,
) -> None:
    """Show how a message was read, what was decided, and what spoke for each candidate."""
    from nlu.data_loader import read_training
    from nlu.embedded.explain import explain as explain_message

    engine = ready_engine()
    # The engine is trained: mistakes in the files were reported then.
    examples = read_training(DATA_DIR, lambda mistake: None)
    explained = explain_message(engine, text, examples, top)
    if as_json:
        print(json.dumps(explained.as_dict(), ensure_ascii=False, indent=2))
    else:
        _show(explained)


def _show(explained: Explanation) -> None:
    from rich.console import Console
    from rich.table import Table

    # What people wrote is shown as it is: no markup, no names of emoji.
    console = Console(markup=False, emoji=False, highlight=False)
    read = Table("how the message was read", "", show_header=False, box=None, padding=(0, 2, 0, 0))
    read.add_row("typed", _shown(explained.as_dict()["text"]))
    read.add_row("read as", _shown(explained.normalized.accented) or "(nothing readable)")
    read.add_row("without marks", _shown(explained.normalized.stripped))
    for change in explained.changes:
        read.add_row("changed", f"{change.typed} → {change.meant or '(left out)'} ({change.why})")
    if explained.cut:
        read.add_row("too long", "only the beginning and the end were read")
    read.add_row("decision", f"{explained.decision.value}: {explained.reason}")
    console.print(read)
    table = Table(
        "candidate", "what spoke for it (+) and against (-)", "nearest training sentences"
    )
    for number, candidate in enumerate(explained.candidates, 1):
        table.add_section()
        table.add_row(_head(number, candidate), _features(candidate), _nearest(candidate))
    console.print(table)


def _head(number: int, candidate: Candidate) -> str:
    from nlu.intents import INTENTS

    title = INTENTS[candidate.name].title
    return f"{number}. {candidate.name}\n{title}\n{candidate.confidence:.1%}"


def _features(candidate: Candidate) -> str:
    lines = [f"{f.weight:+.2f} {f.kind}: {f.text!r}" for f in candidate.features]
    return "\n".join(lines) or "-"


def _nearest(candidate: Candidate) -> str:
    lines = [
        f"{n.similarity:.0%} {n.example.text} ({Path(n.example.file).name}:{n.example.line})"
        for n in candidate.neighbours
    ]
    return "\n".join(lines) or "-"


def _shown(text: str) -> str:
    """What can be printed of a message without harm to the terminal, on few lines."""
    plain = "".join(char if char.isprintable() else " " for char in text[:SHOWN_MOST])
    return plain + ("…" if len(text) > SHOWN_MOST else "")
