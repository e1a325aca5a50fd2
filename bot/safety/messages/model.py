"""Linear models over the features of a message: which of them speak for a swindle, and how much.

Two of them: one tells swindles from honest messages, the other from what people ask the assistant
in their own words, which looks like neither. A text file of terms with their weights, so that
anybody can read why a message was judged as it was, and serving needs no library.
`congdanso safety train-messages` writes it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.safety.messages.features import Seen
from bot.safety.messages.knowledge import MessagesError

MODEL_FILE = "messages_model.json"
_ODDS_MOST = 30.0
#: How far a doubt that this is a message at all lowers the score: with a half it is still 0.77.
_TALK_POWER = 0.37


@dataclass(frozen=True, slots=True)
class Linear:
    """`signs`: log-odds by feature. `terms`: (how rare a term is, its weight): what they say
    together is divided by their length as a vector, so that long messages count as short ones."""

    signs: Mapping[str, float]
    terms: Mapping[str, tuple[float, float]]
    bias: float

    def score(self, seen: Seen) -> float:
        """The probability, 0 to 1, that a message is a swindle."""
        odds = self.bias + math.fsum(self.signs.get(each, 0.0) for each in seen.signs)
        known = [each for each in map(self.terms.get, seen.terms) if each is not None]
        length = math.sqrt(math.fsum(rare * rare for rare, _ in known))
        if length:
            odds += math.fsum(rare * weight for rare, weight in known) / length
        return 1.0 / (1.0 + math.exp(-max(-_ODDS_MOST, min(_ODDS_MOST, odds))))


@dataclass(frozen=True, slots=True)
class Model:
    """`dangerous` and `caution` are thresholds; `made_from` is the hash of the training files."""

    honest: Linear
    talk: Linear
    dangerous: float
    caution: float
    made_from: str

    def score(self, seen: Seen) -> float:
        """From 0 to 1: like a swindle, and neither like an honest message nor like a question."""
        return combined(self.honest.score(seen), self.talk.score(seen))


def combined(honest: float, talk: float) -> float:
    """One score of both."""
    return float(min(honest, talk**_TALK_POWER))


def load_model(folder: Path) -> Model:
    """The model of `content/safety`. Raises MessagesError."""
    path = folder / MODEL_FILE
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return Model(
            _linear(read["honest"]),
            _linear(read["talk"]),
            float(read["dangerous"]),
            float(read["caution"]),
            str(read["made_from"]),
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        told = f"{path} is not a model of messages ({type(error).__name__})"
        raise MessagesError(f"{told}; `congdanso safety train-messages` makes it anew") from None


def _linear(read: Any) -> Linear:
    return Linear(
        {str(name): float(weight) for name, weight in read["signs"].items()},
        {str(name): (float(rare), float(weight)) for name, (rare, weight) in read["terms"].items()},
        float(read["bias"]),
    )


def save_model(folder: Path, model: Model) -> Path:
    """Write the model, one weight a line, the same bytes for the same model. Raises OSError."""
    path = folder / MODEL_FILE
    new = path.with_suffix(".new")
    new.write_text("".join(_lines(model)), encoding="utf-8")
    new.replace(path)
    return path


def _lines(model: Model) -> list[str]:
    lines = [f'{{"made_from": "{model.made_from}",\n']
    for name, linear in (("honest", model.honest), ("talk", model.talk)):
        lines.append(f'"{name}": {{"bias": {linear.bias:.4f},\n')
        lines.append(f'"signs": {{\n{_weights(linear.signs)}}},\n')
        lines.append(f'"terms": {{\n{_weights(linear.terms)}}}}},\n')
    lines.append(f'"dangerous": {model.dangerous:.4f}, "caution": {model.caution:.4f}}}\n')
    return lines


def _weights(weights: Mapping[str, object]) -> str:
    return ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(weight)}"
        for name, weight in sorted(weights.items())
    )
