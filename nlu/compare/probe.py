"""`python -m nlu.compare.probe --models DIR --data DIR`: what the embedded engine costs to serve.

In a process of its own, as the bot is: nothing that training needs is loaded. Reads messages as a
JSON list on standard input and prints one JSON object with the fields of `Serving`.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nlu.compare.memory import resident_mb
from nlu.embedded.metrics import percentile, times_ms
from nlu.engine import load_embedded


@dataclass(frozen=True, slots=True)
class Serving:
    """Seconds until an engine answers, milliseconds of a message, memory in MB if known."""

    load_seconds: float
    p50_ms: float
    p99_ms: float
    memory_mb: float | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nlu.compare.probe", description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="model folder")
    parser.add_argument("--data", type=Path, required=True, help="folder of training files")
    options = parser.parse_args(arguments)
    texts = json.load(sys.stdin)
    before = resident_mb()
    started = time.perf_counter()
    engine = load_embedded(options.models, options.data)
    seconds = time.perf_counter() - started
    times = times_ms(engine, texts)
    after = resident_mb()
    added = after - before if before is not None and after is not None else None
    serving = Serving(seconds, percentile(times, 0.5), percentile(times, 0.99), added)
    print(json.dumps(asdict(serving)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
