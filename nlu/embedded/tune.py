"""`python -m nlu.embedded.tune`: choose the thresholds on the validation sentences.

Prints a table of what each threshold would do and writes `nlu/thresholds.yml`.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nlu.data_loader import VALIDATION_FILE, Example, load_validation
from nlu.embedded import metrics
from nlu.embedded.augment import stripped, with_typos
from nlu.embedded.metrics import Outcome
from nlu.embedded.thresholds import THRESHOLDS_FILE, Thresholds, write_thresholds
from nlu.engine import (
    DATA_DIR,
    DataError,
    Decision,
    Engine,
    Parse,
    load_embedded,
    train_embedded,
)

# A wrong guide costs an elder more than a question back: at most this share of answers is
# wrong, on sentences that are kinder than what people will really type.
MAX_WRONG_ANSWERS = 0.03
# Refusing someone who asks for a thing we do help with is the worst: half of the 4 % allowed.
MAX_IN_SCOPE_REFUSED = 0.02

ODDS_GRID = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0]
ANSWER_GRID = [n / 100 for n in range(20, 91, 2)]
OUT_OF_SCOPE_GRID = [n / 10 for n in range(2, 7)]
# Below this no intent stands out at all, and three guesses would look silly.
REFUSE = 0.06
_TYPO_SEED = 8


def tune(engine: Engine, validation: Sequence[Example]) -> Thresholds:
    """The thresholds that refuse and answer as much as the two limits above allow.

    The engine must have been given `out_of_scope_odds` of 1.
    """
    return choose(outcomes(engine, validation))


def choose(found: Sequence[Outcome]) -> Thresholds:
    """The same from outcomes at hand."""
    chosen = _choose_refusal(found)
    for answer in ANSWER_GRID:
        chosen = replace(chosen, answer=answer)
        if metrics.wrong_answers(decide_again(found, chosen)) <= MAX_WRONG_ANSWERS:
            break
    return chosen


def outcomes(engine: Engine, validation: Sequence[Example]) -> list[Outcome]:
    """The sentences as written and as badly typed as they come, so that both kinds count."""
    return [
        *metrics.outcomes(engine, validation),
        *metrics.outcomes(engine, validation, lambda text: stripped(with_typos(text, _TYPO_SEED))),
    ]


def decide_again(found: Sequence[Outcome], thresholds: Thresholds) -> list[Outcome]:
    """The same outcomes as these thresholds would have them."""
    return [Outcome(o.intent, reconsider(o.parse, thresholds)) for o in found]


def reconsider(parse: Parse, thresholds: Thresholds) -> Parse:
    """The parse with other odds of out of scope, and decided again."""
    ranked = thresholds.weigh(parse.ranking)
    best = ranked[0]
    return replace(
        parse,
        intent=best.name,
        confidence=best.confidence,
        ranking=tuple(ranked),
        decision=thresholds.decide(best),
    )


def _choose_refusal(found: Sequence[Outcome]) -> Thresholds:
    """Refuse as many out-of-scope messages as the limit on in-scope refusals allows."""
    best, best_refused = Thresholds(), -1.0
    for odds in ODDS_GRID:
        for out_of_scope in OUT_OF_SCOPE_GRID:
            candidate = Thresholds(0.5, REFUSE, out_of_scope, odds)
            inside, outside = refused(decide_again(found, candidate))
            if inside <= MAX_IN_SCOPE_REFUSED and outside > best_refused:
                best, best_refused = candidate, outside
    return best


def refused(found: Sequence[Outcome]) -> tuple[float, float]:
    """Shares refused of the in-scope and of the out-of-scope messages."""
    return (
        metrics.decided((o for o in found if o.in_scope), Decision.REFUSE),
        metrics.decided((o for o in found if not o.in_scope), Decision.REFUSE),
    )


def table(found: Sequence[Outcome], chosen: Thresholds) -> list[str]:
    """What other values around the chosen ones would do."""
    lines = ["answer  in-scope-answered  wrong-answers"]
    for answer in ANSWER_GRID[::5]:
        again = decide_again(found, replace(chosen, answer=answer))
        answered = metrics.decided((o for o in again if o.in_scope), Decision.ANSWER)
        lines.append(f"{answer:6.2f} {answered:18.3f} {metrics.wrong_answers(again):14.3f}")
    lines += ["", "odds  out_of_scope  in-scope-refused  out-of-scope-refused  top-1"]
    for odds in ODDS_GRID:
        for out_of_scope in OUT_OF_SCOPE_GRID[::2]:
            candidate = replace(chosen, out_of_scope=out_of_scope, out_of_scope_odds=odds)
            again = decide_again(found, candidate)
            inside, outside = refused(again)
            figures = f"{inside:17.3f} {outside:21.3f} {metrics.top(again, 1):6.3f}"
            lines.append(f"{odds:4.1f} {out_of_scope:13.2f} {figures}")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m nlu.embedded.tune", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="folder of training files")
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="model folder")
    parser.add_argument("--validation", type=Path, default=VALIDATION_FILE, help="labelled table")
    options = parser.parse_args(arguments)
    try:
        validation = load_validation(options.validation)
        train_embedded(options.data, options.models)
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    write_thresholds(Thresholds())
    engine = load_embedded(options.models, options.data)
    chosen = tune(engine, validation)
    print("\n".join(table(outcomes(engine, validation), chosen)))
    write_thresholds(chosen)
    print(f"\nwrote {THRESHOLDS_FILE}: {chosen}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
