"""check message: does a forwarded message look like a swindle?"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.check import lines, with_lists
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.safety.checked import Checked


def message(
    texts: Annotated[list[str] | None, typer.Argument(help="Messages.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="One message a line, UTF-8; - is standard input.")
    ] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """Say of each message what speaks for a swindle, in the order of the input."""
    from bot.services.linkcheck import open_checker
    from bot.services.scamcheck import ScamChecker

    if isinstance(sys.stdout, io.TextIOWrapper):
        # Whatever the terminal's language: JSON is UTF-8, and no message ends the run.
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if bool(texts) == (file is not None):
        raise typer.BadParameter("give messages, or --file FILE with one a line")
    items: Iterable[str] = texts or lines(file)
    settings = load_settings()
    checker = ScamChecker.open(settings, with_lists(settings), open_checker(settings)[1])
    for item in items:
        checked = checker.check(item)
        found = checked.message
        told_of = reasons(checked)
        if jsonl:
            told = {
                "verdict": found.verdict.value,
                "score": found.score,
                "kind": found.kind,
                "reasons": told_of,
            }
            print(json.dumps(told, ensure_ascii=False))
        else:
            below = "".join(f"\n  - {reason}" for reason in told_of)
            print(f"{found.verdict.value:10}{found.score:.2f}  {found.kind}{below}")


def reasons(checked: Checked) -> list[str]:
    """At most three: what is said against the worst link, where that is why, then the words."""
    from bot.safety.links.report import Verdict
    from bot.safety.messages.check import REASONS_MOST

    worst = checked.links.worst
    suspect = worst is not None and worst.verdict in (Verdict.DANGEROUS, Verdict.CAUTION)
    of_link = [each.text for each in worst.reasons[:1]] if worst is not None and suspect else []
    return [*of_link, *checked.message.reasons][:REASONS_MOST]
