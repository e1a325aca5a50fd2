"""nlu parse: what the engine makes of messages, one after another, in little memory.

Any bytes are a message: what is not UTF-8 becomes U+FFFD, an empty line is a message too, so line
n of the output is about line n of the input.
"""

from __future__ import annotations

import io
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from bot.cli.nlu_engine import ready_engine
from nlu.engine import Decision, Parse

#: Bytes of one line that are kept; what follows them in the line is passed over.
LINE_MOST = 1_000_000


def parse(
    text: Annotated[str | None, typer.Argument(help="One message.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="One message a line, UTF-8; - is standard input.")
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON object a line; reads standard input.")
    ] = False,
    stats: Annotated[
        bool, typer.Option("--stats", help="Then say on standard error how fast it went.")
    ] = False,
) -> None:
    """Show what the engine understands, in the order of the input."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Whatever the terminal's language: JSON is UTF-8, and no message ends the run.
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    messages = _messages(text, file, jsonl)
    engine = ready_engine()
    counts: Counter[Decision] = Counter()
    started = time.perf_counter()
    for message in messages:
        found = engine.parse(message)
        counts[found.decision] += 1
        # At once: whoever writes into the pipe may wait for the answer.
        print(found.as_jsonl() if jsonl else _in_words(found), flush=_is_standard(file))
    if stats:
        print(_speed(counts, time.perf_counter() - started), file=sys.stderr)


def _in_words(found: Parse) -> str:
    best = ", ".join(f"{r.name} {r.confidence:.2f}" for r in found.ranking[:3])
    return f"{found.decision.value:7} {best}  <- {found.text}"


def _speed(counts: Counter[Decision], seconds: float) -> str:
    total = counts.total()
    shares = ", ".join(f"{d.value} {counts[d] / max(total, 1):.1%}" for d in Decision)
    rate = total / seconds if seconds else 0.0
    return f"{total} messages in {seconds:.2f} s, {rate:.0f} a second: {shares}"


def _messages(text: str | None, file: Path | None, jsonl: bool) -> Iterator[str]:
    if text is not None and file is not None:
        raise typer.BadParameter("give one message or --file, not both")
    if text is not None:
        return iter([text])
    if file is None and not jsonl:
        raise typer.BadParameter(
            "give one message, or --file FILE with one message a line, or --jsonl and lines on "
            "standard input"
        )
    # Opened here and not with the first message, so that a wrong name is said before training.
    return _read(file, _open(file))


def _is_standard(file: Path | None) -> bool:
    return file is None or str(file) == "-"


def _open(file: Path | None) -> BinaryIO | None:
    if file is None or _is_standard(file):
        return None
    try:
        return file.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from error


def _read(file: Path | None, opened: BinaryIO | None) -> Iterator[str]:
    with opened or nullcontext(sys.stdin.buffer) as stream:
        try:
            yield from read_lines(stream)
        except OSError as error:
            raise typer.BadParameter(f"{file or 'standard input'}: {error.strerror}") from error


def read_lines(stream: BinaryIO) -> Iterator[str]:
    """The lines of a stream as text, whatever its bytes; a line over `LINE_MOST` is cut."""
    # Line ends are \n only: other Unicode line separators may stand inside a message.
    encoding = "utf-8-sig"
    while raw := stream.readline(LINE_MOST):
        rest = raw
        while len(rest) == LINE_MOST and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_MOST)
        yield raw.decode(encoding, "replace").removesuffix("\n").removesuffix("\r")
        encoding = "utf-8"
