"""Reads the answers of a Rasa server; whatever is not as Rasa 3.6 writes it is turned down.

Source of the shape: `POST /model/parse` of Rasa 3.6.21 (rasa/server.py).
"""

import json
import math
from typing import Any

from nlu.engine import EngineError, Ranked
from nlu.intents import INTENTS, OUT_OF_SCOPE


class RasaUnavailable(EngineError):
    """Rasa gave no answer that can be used; `why` is one short fixed word for metrics and logs."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Rasa cannot be used: {why}")
        self.why = why


def read_ranking(body: bytes) -> list[Ranked]:
    """The intents of an answer with their confidences, in its order; never empty.

    An answer that names no intent at all (no word was known) is out of scope. Raises
    RasaUnavailable("answer") for anything else that is not an answer to a parse.
    """
    try:
        found = json.loads(body)
        named = found["intent"]["name"]
        ranking = [_ranked(entry) for entry in found["intent_ranking"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RasaUnavailable("answer") from error
    if named is None and not ranking:
        return [Ranked(OUT_OF_SCOPE, 1.0)]
    names = {ranked.name for ranked in ranking}
    # Intents of another release, or a made-up list: better the engine that is at hand.
    if len(names) != len(ranking) or not names or not names <= INTENTS.keys():
        raise RasaUnavailable("answer")
    if sum(ranked.confidence for ranked in ranking) <= 0:
        raise RasaUnavailable("answer")
    return ranking


def read_model(body: bytes) -> str:
    """The name of the model's file in an answer of `/status`. Raises RasaUnavailable."""
    try:
        name = json.loads(body)["model_file"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RasaUnavailable("answer") from error
    if not isinstance(name, str) or not name:
        raise RasaUnavailable("answer")
    return name.rpartition("/")[2].removesuffix(".tar.gz")[:80]


def _ranked(entry: dict[str, Any]) -> Ranked:
    name, confidence = entry["name"], entry["confidence"]
    if not isinstance(name, str) or isinstance(confidence, bool):
        raise TypeError("not an intent")
    chance = float(confidence)
    if not math.isfinite(chance) or not 0.0 <= chance <= 1.0 + 1e-6:
        raise ValueError("not a probability")
    return Ranked(name, min(chance, 1.0))
