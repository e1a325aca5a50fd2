"""nlu labels import, nlu labels export: sentences that staff labelled, in and out."""

from __future__ import annotations

import getpass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import BadRequest
from bot.settings import load_settings
from nlu.engine import DATA_DIR

if TYPE_CHECKING:
    from bot.services.runtime import Runtime
    from nlu.label_check import Labelled

group = typer.Typer(help="Sentences that staff labelled.", no_args_is_help=True)
_NAMED_MOST = 20


@group.command("import")
def take(
    file: Annotated[Path, typer.Argument(help="CSV with columns intent and text, or JSONL.")],
    author: Annotated[str, typer.Option(help="Who labelled; yourself when left out.")] = "",
) -> None:
    """Keep the sentences of a file as labels; rows that are wrong are named and left out."""
    from bot.app import open_runtime
    from bot.services.labels import import_labels, read_rows
    from bot.store import labels as store
    from nlu.intents import INTENTS

    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadRequest(f"{file}: cannot be read ({error.strerror})") from error
    runtime = open_runtime(load_settings())
    try:
        known = {*INTENTS, *runtime.db.read_now(store.wanted_intents)}
        rows = read_rows(data, str(file))
        done = import_labels(runtime, rows, known, author or getpass.getuser())
    finally:
        runtime.db.close()
    for fault in done.faults[:_NAMED_MOST]:
        print(f"{file}: row {fault.row}: not taken ({_WHY[fault.why.value]})")
    refused = sum(done.refused.values())
    print(f"{done.rows} rows: {done.kept} labels kept, {done.known} known, {refused} not taken")
    if refused:
        raise typer.Exit(1)


_WHY = {
    "intent": "no such intent; see nlu/intents.yml",
    "empty": "no letters",
    "long": "more than 300 characters",
    "private": "holds a phone, ID, card or account number, a code or a password; take it out",
    "conflict": "the same sentence has another intent already",
}


@group.command("export")
def export(
    out: Annotated[Path, typer.Option(help="File to write, such as nlu/data/labels.yml.")],
    new: Annotated[
        bool, typer.Option("--new", help="Only the sentences of intents that are not shipped yet.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over the file.")] = False,
) -> None:
    """Write the labels as a training file in Rasa's format, ready to be read and committed.

    What `nlu retrain` would not train on is left out, and counted.
    """
    from bot.app import open_runtime

    if out.exists() and not force:
        raise BadRequest(f"{out}: is there already; nothing was written. Use --force to replace it")
    runtime = open_runtime(load_settings())
    try:
        kept, left = _sifted(runtime, new)
        wanted = _wanted(runtime) if new else []
    finally:
        runtime.db.close()
    _write(out, kept, wanted)
    counted = ", ".join(f"{number} {why}" for why, number in sorted(left.items()))
    print(f"{out}: {len(kept)} sentence(s)" + (f"; left out: {counted}" if counted else ""))


def _sifted(runtime: Runtime, new: bool) -> tuple[list[Labelled], dict[str, int]]:
    from collections import Counter

    from bot.services.labels import INTENT_LEAST
    from bot.store import audit
    from bot.store import labels as store
    from nlu.data_loader import load_training, load_validation
    from nlu.intents import INTENTS
    from nlu.label_check import Labelled, sift

    after, labels = 0, list[Labelled]()
    while found := runtime.db.read_now(partial(store.every, after=after)):
        after = found[-1].id
        labels += [
            Labelled(each.id, each.text, each.intent, each.author, each.at.date().isoformat())
            for each in found
        ]
    wanted = runtime.db.read_now(store.wanted_intents)
    known = set(wanted) if new else set(INTENTS)
    kept, withheld = sift(labels, load_training(DATA_DIR), load_validation(), known)
    if new:
        enough = Counter(label.intent for label in kept)
        few = {name for name, number in enough.items() if number < INTENT_LEAST}
        for name in sorted(few):
            print(f"{name}: {enough[name]} of at least {INTENT_LEAST} sentences; left out")
        kept = [label for label in kept if label.intent not in few]
    now = runtime.now()
    runtime.db.write_now(
        lambda c: audit.record(c, "cli", "label.export", f"{len(kept)} labels", now)
    )
    return kept, dict(Counter(why.value for why in withheld.values()))


def _wanted(runtime: Runtime) -> list[str]:
    """The entries that intents.yml needs for the new intents."""
    from bot.store import labels as store

    lines = ["Entries for nlu/intents.yml:"]
    for intent in runtime.db.read_now(store.wanted_intents).values():
        lines += [f"{intent.id}:", "  kind: guide"]
        lines += [f'  title: "{_quoted(intent.title)}"', f'  covers: "{_quoted(intent.covers)}"']
    return lines


def _quoted(text: str) -> str:
    return text.replace("\\", " ").replace('"', "'")


def _write(out: Path, kept: list[Labelled], notes: list[str]) -> None:
    from nlu.label_check import as_yaml

    note = "\n".join(["Sentences labelled by staff: read them before they are committed.", *notes])
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    part.write_text(as_yaml(kept, note), encoding="utf-8", newline="\n")
    part.replace(out)
