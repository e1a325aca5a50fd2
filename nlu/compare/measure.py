"""What is measured of an engine on labelled sentences that nothing was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu.compare.contestants import Contestant
from nlu.data_loader import Example
from nlu.embedded import metrics, tune
from nlu.embedded.metrics import Bin, Outcome
from nlu.embedded.thresholds import Thresholds
from nlu.embedded.tune import Point
from nlu.embedded.variants import VARIANTS
from nlu.engine import Decision

#: How the same messages could have been typed.
SHOWN = ("as written", "no marks", "one typo", "one typo, no marks", "teencode")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares from 0 to 1; `inside` is top-1 of what is in scope, `top1` and `top3` of all."""

    top1: float
    top3: float
    inside: float
    wrong_answers: float
    inside_refused: float
    outside_refused: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything about one engine; `refusing` is its out-of-scope curve."""

    contestant: Contestant
    thresholds: Thresholds
    variants: Mapping[str, Accuracy]
    f1: Mapping[str, float]
    urgent: Mapping[str, float]
    refusing: Sequence[Point]
    reliability: Sequence[Bin]
    confusions: Sequence[tuple[tuple[str, str], int]]

    @property
    def name(self) -> str:
        """The engine's."""
        return self.contestant.name.value

    @property
    def error(self) -> float:
        """Share of the messages as written whose first intent is wrong."""
        return 1 - self.variants[SHOWN[0]].top1


def measure(contestant: Contestant, examples: Sequence[Example]) -> Measured:
    """Parse everything in every spelling, with thresholds chosen by the same rule for each engine.

    The rule is that of `congdanso nlu tune`, on the same sentences.
    """
    engine = contestant.engine
    plain = {name: metrics.outcomes(engine, examples, VARIANTS[name]) for name in SHOWN}
    basis = [*plain["as written"], *plain["one typo, no marks"]]
    thresholds = tune.choose(basis)
    decided = {name: tune.decide_again(found, thresholds) for name, found in plain.items()}
    written = decided[SHOWN[0]]
    points = tune.refusals(plain[SHOWN[0]], thresholds)
    return Measured(
        contestant,
        thresholds,
        {name: accuracy(found) for name, found in decided.items()},
        {name: metrics.f1(written, name) for name in sorted({e.intent for e in examples})},
        {name: metrics.recall(written, name) for name in metrics.URGENT},
        tune.curve(points),
        metrics.reliability(written),
        metrics.confusions(written),
    )


def accuracy(found: Sequence[Outcome]) -> Accuracy:
    """The shares of one spelling."""
    inside = [o for o in found if o.in_scope]
    return Accuracy(
        metrics.top(found, 1),
        metrics.top(found, 3),
        metrics.top(inside, 1),
        metrics.wrong_answers(found),
        metrics.decided(inside, Decision.REFUSE),
        metrics.decided((o for o in found if not o.in_scope), Decision.REFUSE),
        metrics.calibration_error(found),
    )
