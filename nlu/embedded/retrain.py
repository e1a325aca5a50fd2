"""Training with the labels of staff, and what that changes; run in a process of its own.

`python -m nlu.embedded.retrain --run DIR --data DIR --models DIR [--before DIR/KEY]` reads
`DIR/labels.jsonl`, leaves the model in `--models` (complete, or not at all) and prints one JSON
object a line as it goes, the last one with `"stage": "done"` and the figures. Wrong training data
ends it with code 2 and one line on standard error. It ends when its standard input does: whoever
started it is gone then.
"""

import argparse
import json
import os
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nlu.data_loader import Example, load_training, load_validation
from nlu.embedded import metrics
from nlu.embedded.key import code_key, compute
from nlu.embedded.model import load
from nlu.embedded.train import train
from nlu.embedded.variants import VARIANTS
from nlu.engine import DATA_DIR, DataError, Decision, Engine, EngineError
from nlu.intents import INTENTS, OUT_OF_SCOPE
from nlu.label_check import Labelled, Withheld, as_yaml, sift

LABELS = "labels.jsonl"
TRAINED_FILE = "zz_labels.yml"
#: How far a training has come when a stage begins, in per cent.
STAGES = {
    "read": 1,
    "check": 4,
    "features": 10,
    "calibrate": 30,
    "fit": 55,
    "save": 85,
    "evaluate": 88,
    "done": 100,
}
_NAMED_MOST = 500
_BADLY_TYPED = "one typo, no marks"


def retrain(run: Path, data_dir: Path, models: Path, before: Path | None) -> dict[str, Any]:
    """Train in `run`, move the model to `models`; returns what is printed at the end.

    Raises DataError, EngineError, OSError.
    """
    say("read")
    validation = load_validation()
    say("check")
    kept, withheld = sift(_read(run / LABELS), load_training(data_dir), validation, INTENTS)
    data = _with_labels(run / "data", data_dir, kept)
    key = compute(data)
    if not (models / key).is_dir():
        report = train(data, run / "models", say)
        models.mkdir(parents=True, exist_ok=True)
        report.path.rename(models / key)
    say("evaluate")
    after = load(models, key)
    old = load(before.parent, before.name) if before is not None else None
    return {
        "model": key,
        "code": code_key(),
        "data": compute(data_dir),
        "examples": len(load_training(data)),
        "labels": len(kept),
        "withheld": dict(Counter(why.value for why in withheld.values())),
        "named": _named(withheld),
        **compare(old, after, validation),
    }


def compare(before: Engine | None, after: Engine, examples: Sequence[Example]) -> dict[str, Any]:
    """The figures of two engines on sentences neither was trained on.

    `intents` has for each intent how many sentences it has, and how many of them each finds.
    """
    one, two = (_figures(engine, examples) if engine else None for engine in (before, after))
    rights = [_rights(engine, examples) if engine else Counter() for engine in (before, after)]
    total = Counter(e.intent for e in examples)
    return {
        "before": one,
        "after": two,
        "urgent": list(metrics.URGENT),
        "intents": {n: [total[n], rights[0][n], rights[1][n]] for n in sorted(total)},
    }


def _figures(engine: Engine, examples: Sequence[Example]) -> dict[str, float]:
    found = metrics.outcomes(engine, examples)
    inside = [o for o in found if o.in_scope]
    outside = [o for o in found if not o.in_scope]
    typed = metrics.outcomes(engine, [e for e in examples if e.intent != OUT_OF_SCOPE], _badly)
    figures = {
        "in_scope": metrics.top(inside, 1),
        "all": metrics.top(found, 1),
        "badly_typed": metrics.top(typed, 1),
        "wrong_answers": metrics.wrong_answers(found),
        "in_scope_refused": metrics.decided(inside, Decision.REFUSE),
        "out_of_scope_refused": metrics.decided(outside, Decision.REFUSE),
    }
    return {name: round(100 * value, 2) for name, value in figures.items()}


def _badly(text: str) -> str:
    return VARIANTS[_BADLY_TYPED](text)


def _rights(engine: Engine, examples: Sequence[Example]) -> Counter[str]:
    return Counter(o.intent for o in metrics.outcomes(engine, examples) if o.right)


def _named(withheld: dict[int, Withheld]) -> list[list[Any]]:
    """Which labels were withheld, those that somebody must look at first."""
    order = [Withheld.CONFLICT, Withheld.VALIDATION, Withheld.LONG, Withheld.EMPTY]
    looked = [*order, *(why for why in Withheld if why not in order)]
    rows = sorted(withheld.items(), key=lambda item: (looked.index(item[1]), item[0]))
    return [[number, why.value] for number, why in rows[:_NAMED_MOST]]


def _read(path: Path) -> list[Labelled]:
    with path.open(encoding="utf-8") as file:
        return [Labelled(**json.loads(line)) for line in file]


def _with_labels(folder: Path, data_dir: Path, labels: Sequence[Labelled]) -> Path:
    """A folder of training files: the shipped ones, and the labels in one of their own."""
    folder.mkdir()
    for file in sorted(data_dir.glob("*.yml")):
        shutil.copy(file, folder)
    if labels:
        (folder / TRAINED_FILE).write_text(as_yaml(labels), encoding="utf-8")
    return folder


def say(stage: str) -> None:
    """Tell whoever watches how far it has come."""
    tell({"stage": stage, "progress": STAGES.get(stage, 0)})


def tell(event: dict[str, Any]) -> None:
    """One line of JSON."""
    print(json.dumps(event, ensure_ascii=False), flush=True)


def end_with_starter() -> None:
    """End this process when its standard input ends: nobody waits for what it makes any more."""

    def wait() -> None:
        # Below Python's own reader, whose lock would be held when the interpreter ends.
        while os.read(0, 1024):
            pass
        os._exit(3)

    threading.Thread(target=wait, daemon=True).start()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nlu.embedded.retrain", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of this run")
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="folder of training files")
    parser.add_argument("--models", type=Path, required=True, help="folder the model goes to")
    parser.add_argument("--before", type=Path, help="folder of the model to compare with")
    parser.add_argument("--nice", type=int, default=19, help="how much others go first (0 to 19)")
    options = parser.parse_args(arguments)
    os.nice(options.nice)
    end_with_starter()
    try:
        done = retrain(options.run, options.data, options.models, options.before)
    except (DataError, EngineError) as error:
        print(error, file=sys.stderr)
        return 2
    tell({"stage": "done", "progress": 100, "figures": done})
    return 0


if __name__ == "__main__":
    sys.exit(main())
