"""`python -m nlu.embedded.evaluate`: how good the model is on sentences it was not trained on.

Trains first when there is no model for the data yet. How else the sentences could be typed:
`nlu.embedded.variants`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nlu.data_loader import VALIDATION_FILE, Example, load_validation
from nlu.embedded import metrics
from nlu.embedded.metrics import Outcome
from nlu.embedded.variants import VARIANTS
from nlu.engine import DATA_DIR, DataError, Decision, Engine, load_embedded, train_embedded
from nlu.intents import DIALOGUE_INTENTS, GUIDE_INTENTS, INTENTS, OUT_OF_SCOPE


def report(engine: Engine, examples: Sequence[Example]) -> list[str]:
    """The tables, as lines of text."""
    by_variant = {
        name: metrics.outcomes(engine, examples, change) for name, change in VARIANTS.items()
    }
    plain = by_variant["as written"]
    lines = [f"{len(examples)} sentences, model {engine.model_id[:12]}", ""]
    lines += _variants(by_variant)
    lines += _kinds(plain)
    lines += _urgent(by_variant)
    lines += _worst(plain)
    return lines + _latency(engine, examples)


def _percent(value: float) -> str:
    return f"{100 * value:5.1f}"


def _variants(by_variant: dict[str, list[Outcome]]) -> list[str]:
    lines = [
        f"{'variant':18} top-1 top-3 in-scope answered wrong-answers in-scope-refused"
        " out-of-scope-refused calibration-error"
    ]
    for name, found in by_variant.items():
        inside = [o for o in found if o.in_scope]
        outside = [o for o in found if not o.in_scope]
        figures = (
            metrics.top(found, 1),
            metrics.top(found, 3),
            metrics.top(inside, 1),
            metrics.decided(inside, Decision.ANSWER),
            metrics.wrong_answers(found),
            metrics.decided(inside, Decision.REFUSE),
            metrics.decided(outside, Decision.REFUSE),
            metrics.calibration_error(found),
        )
        lines.append(f"{name:18} " + " ".join(_percent(value) for value in figures))
    return [*lines, ""]


def _kinds(found: list[Outcome]) -> list[str]:
    kinds = {
        "guide": GUIDE_INTENTS,
        "dialogue": DIALOGUE_INTENTS - {OUT_OF_SCOPE},
        "out_of_scope": frozenset({OUT_OF_SCOPE}),
    }
    lines = [f"{'kind':18} count top-1 top-3"]
    for name, intents in kinds.items():
        held = [o for o in found if o.intent in intents]
        top1, top3 = metrics.top(held, 1), metrics.top(held, 3)
        lines.append(f"{name:18} {len(held):5} {_percent(top1)} {_percent(top3)}")
    return [*lines, ""]


def _urgent(by_variant: dict[str, list[Outcome]]) -> list[str]:
    lines = [f"{'urgent':18} {'variant':18} recall in-top-3 precision"]
    for intent in metrics.URGENT:
        for name, found in by_variant.items():
            figures = (
                metrics.recall(found, intent),
                metrics.recall(found, intent, 3),
                metrics.precision(found, intent),
            )
            cells = " ".join(_percent(value) for value in figures)
            lines.append(f"{intent:18} {name:18} {cells}")
    return [*lines, ""]


def _worst(found: list[Outcome]) -> list[str]:
    recalls = sorted((metrics.recall(found, name), name) for name in INTENTS)
    lines = ["lowest recall"]
    lines += [f"{name:26} {_percent(value)}" for value, name in recalls[:12]]
    lines += ["", "labelled -> given"]
    lines += [
        f"{labelled:26} {given:26} {count}"
        for (labelled, given), count in metrics.confusions(found)[:20]
    ]
    return [*lines, ""]


def _latency(engine: Engine, examples: Sequence[Example]) -> list[str]:
    times = metrics.times_ms(engine, [example.text for example in examples])
    middle, late = metrics.percentile(times, 0.5), metrics.percentile(times, 0.99)
    return [f"one message: p50 {middle:.2f} ms, p99 {late:.2f} ms"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nlu.embedded.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="folder of training files")
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="model folder")
    parser.add_argument("--validation", type=Path, default=VALIDATION_FILE, help="labelled table")
    parser.add_argument("--errors", action="store_true", help="list the mistakes too")
    options = parser.parse_args(arguments)
    try:
        examples = load_validation(options.validation)
        train_embedded(options.data, options.models)
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    engine = load_embedded(options.models, options.data)
    print("\n".join(report(engine, examples)))
    if options.errors:
        print("\n".join(_errors(metrics.outcomes(engine, examples))))
    return 0


def _errors(found: list[Outcome]) -> list[str]:
    wrong = sorted((o for o in found if not o.right), key=lambda o: o.intent)
    return [
        f"{o.intent}\t{o.parse.intent}\t{o.parse.confidence:.2f}\t{o.parse.text}" for o in wrong
    ]


if __name__ == "__main__":
    sys.exit(main())
