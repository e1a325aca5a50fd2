"""When to answer, when to ask back, when to say that it is out of scope.

The figures live in `nlu/thresholds.yml`, written by `congdanso nlu tune --write`.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import yaml

from nlu.engine import Decision, ModelBroken, Ranked
from nlu.intents import OUT_OF_SCOPE

THRESHOLDS_FILE = Path(__file__).resolve().parent.parent / "thresholds.yml"
TUNE_COMMAND = "congdanso nlu tune --write"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences from 0 to 1: answer from `answer` up, refuse below `refuse`.

    `out_of_scope` is how sure the engine must be of that intent to refuse; below it, it asks.
    `out_of_scope_odds` multiplies that intent's odds: training has few sentences of all the
    things people may say, so the bare model gives it too little.
    """

    answer: float = 0.5
    refuse: float = 0.05
    out_of_scope: float = 0.3
    out_of_scope_odds: float = 1.0

    def weigh(self, ranking: Iterable[Ranked]) -> list[Ranked]:
        """The same intents with the odds of out of scope as tuned, best first."""
        odds = {OUT_OF_SCOPE: self.out_of_scope_odds}
        chances = [(r.name, r.confidence * odds.get(r.name, 1.0)) for r in ranking]
        total = sum(chance for _, chance in chances)
        weighed = [Ranked(name, chance / total) for name, chance in chances]
        return sorted(weighed, key=lambda ranked: -ranked.confidence)

    def decide(self, best: Ranked) -> Decision:
        """What to do with a message whose best intent is this."""
        if best.name == OUT_OF_SCOPE:
            return Decision.REFUSE if best.confidence >= self.out_of_scope else Decision.ASK
        if best.confidence >= self.answer:
            return Decision.ANSWER
        return Decision.REFUSE if best.confidence < self.refuse else Decision.ASK


def read_thresholds(path: Path = THRESHOLDS_FILE) -> Thresholds:
    """The thresholds of the file. Raises ModelBroken when it is missing or not complete."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Thresholds(**{f.name: float(raw[f.name]) for f in fields(Thresholds)})
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ModelBroken(f"{path}: {error!r}: run congdanso nlu tune --write") from error


def write_thresholds(
    thresholds: Thresholds, path: Path = THRESHOLDS_FILE, command: str = TUNE_COMMAND
) -> None:
    """Replace the file; `command` is what chose them."""
    lines = [f"# Written by {command}, from the validation sentences."]
    lines += [f"{name}: {value:.3f}" for name, value in asdict(thresholds).items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
