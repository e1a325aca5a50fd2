"""`python -m nlu.rasa.tune`: figures and thresholds for Rasa, on the validation sentences.

Asks a running server (`congdanso rasa serve`). Prints the same tables as for the embedded engine;
with `--write` chooses the thresholds and writes `nlu/rasa/thresholds.yml`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nlu.data_loader import VALIDATION_FILE, load_validation
from nlu.embedded import tune
from nlu.embedded.evaluate import report
from nlu.embedded.thresholds import Thresholds, read_thresholds, write_thresholds
from nlu.engine import EngineError
from nlu.rasa.client import RasaClient
from nlu.rasa.files import THRESHOLDS_FILE

_PATIENCE = 30.0


def choose(url: str, validation: Path) -> tuple[Thresholds, list[str]]:
    """The best thresholds for the server's model, and what others would do.

    Raises EngineError when the server does not answer or a sentence's intent is unknown.
    """
    examples = load_validation(validation)
    engine = RasaClient(url, _PATIENCE, Thresholds())
    engine.check()
    found = tune.outcomes(engine, examples)
    chosen = tune.choose(found)
    return chosen, tune.table(found, chosen)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nlu.rasa.tune", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:5005", help="address of the server")
    parser.add_argument("--validation", type=Path, default=VALIDATION_FILE, help="labelled table")
    parser.add_argument("--write", action="store_true", help="choose thresholds and write them")
    options = parser.parse_args(arguments)
    try:
        if options.write:
            chosen, lines = choose(options.url, options.validation)
            print("\n".join([*lines, ""]))
            write_thresholds(chosen, THRESHOLDS_FILE, "nlu.rasa.tune")
            print(f"wrote {THRESHOLDS_FILE}: {chosen}\n")
        engine = RasaClient(options.url, _PATIENCE, read_thresholds(THRESHOLDS_FILE))
        engine.check()
        print("\n".join(report(engine, load_validation(options.validation))))
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
