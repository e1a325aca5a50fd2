"""The seam between the bot and what understands a message.

The bot imports `nlu.text` and this module, nothing else of the package. Importing it is cheap:
no numeric library is loaded before an engine is.

Errors: EngineError
        +- ModelMissing   no trained model in the folder: train one
        +- ModelStale     a model is there, trained from other data or other code
        +- ModelBroken    the model's files cannot be read or do not fit together
        +- DataError      a training file is wrong (file, line, message)
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

NLU_DIR = Path(__file__).resolve().parent
DATA_DIR = NLU_DIR / "data"


class EngineError(Exception):
    """Anything that keeps an engine from being trained or loaded."""


class ModelMissing(EngineError):
    """The folder holds no trained model."""


class ModelStale(EngineError):
    """The only models there were trained from other data or other code."""


class ModelBroken(EngineError):
    """The model is there, but its files cannot be read or do not fit together."""


class DataError(EngineError):
    """A training file is wrong; the message says where and what would be right."""

    def __init__(self, file: str | Path, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = str(file)
        self.line = line
        self.message = message


class Decision(StrEnum):
    """What the bot should do with a parse."""

    ANSWER = "answer"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate intent; confidence is a probability from 0 to 1."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A piece of the message, `text[start:end]` as it came; `value` is its plain form."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parse:
    """What an engine understood of one message; `ranking` is best first, `intent` its head."""

    text: str
    intent: str
    confidence: float
    ranking: tuple[Ranked, ...]
    entities: tuple[Entity, ...]
    decision: Decision

    def as_dict(self) -> dict[str, Any]:
        """The shape of Rasa's `/model/parse` answer, with `decision` added."""
        return {
            "text": _encodable(self.text),
            "intent": {"name": self.intent, "confidence": self.confidence},
            "intent_ranking": _ranking(self.ranking),
            "entities": [
                {"entity": e.kind, "value": e.value, "start": e.start, "end": e.end}
                for e in self.entities
            ],
            "decision": self.decision.value,
        }

    def as_jsonl(self) -> str:
        """One line of JSON, without the line end, for batch output and evaluation."""
        return json.dumps(
            {
                "text": _encodable(self.text),
                "intent": self.intent,
                "confidence": self.confidence,
                "ranking": _ranking(self.ranking),
                "decision": self.decision.value,
            },
            ensure_ascii=False,
        )


class Engine(Protocol):
    """Understands messages. `parse` never raises for any text, however broken or long."""

    @property
    def name(self) -> str:
        """Short name of the kind of engine, such as `embedded`."""

    @property
    def model_id(self) -> str:
        """Identity of the trained model, for logs and stored parses."""

    def parse(self, text: str) -> Parse:
        """Understand one message."""

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        """Understand many messages at once; same results and order as `parse` on each."""


class RasaEngine(Engine, Protocol):
    """An engine whose messages a Rasa server understands while it answers."""

    @property
    def up(self) -> bool:
        """Whether the server answers now; while it does not, the engine behind it does."""

    def check(self) -> None:
        """Ask the server how it is; blocks at most its timeout, raises nothing."""

    def close(self) -> None:
        """Close the connections to the server."""


class RasaWatcher(Protocol):
    """Is told what becomes of the server, from any thread; never what was said."""

    def parsed(self, engine: str) -> None:
        """A message was understood by `rasa` or by the engine behind it."""

    def failed(self, why: str) -> None:
        """The server gave no usable answer; `why` is one of a few short words."""

    def switched(self, up: bool, why: str, model: str) -> None:
        """The server answers from now on, or no longer."""


@dataclass(frozen=True, slots=True)
class RasaServer:
    """Where it is and how patiently it is asked.

    `timeout` is in seconds for one message. After `failures` in a row the server is left alone for
    `pause` seconds.
    """

    url: str
    timeout: float = 1.0
    failures: int = 3
    pause: float = 10.0


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training run made; `seconds` is wall time, `path` the folder of the model."""

    model_id: str
    path: Path
    intents: int
    examples: int
    seconds: float
    trained: bool


def load_embedded(model_dir: Path, data_dir: Path = DATA_DIR) -> Engine:
    """Load the model that fits this data and code from `model_dir`.

    Raises ModelMissing, ModelStale or ModelBroken.
    """
    from nlu.embedded.model import load

    return load(model_dir, model_key(data_dir))


def load_trained(model_dir: Path, key: str) -> Engine:
    """The model `key` of `model_dir`, whatever it was trained on; its code must be `code_key()`.

    Raises ModelMissing, ModelStale or ModelBroken.
    """
    from nlu.embedded.model import load

    return load(model_dir, key)


def code_key() -> str:
    """sha256 (hex) over the code that makes and serves a model."""
    from nlu.embedded.key import code_key

    return code_key()


def model_key(data_dir: Path = DATA_DIR) -> str:
    """sha256 (hex) over the training files and the code that makes and serves a model."""
    from nlu.embedded.key import compute

    return compute(data_dir)


def train_embedded(data_dir: Path, model_dir: Path) -> TrainReport:
    """Train from `data_dir` into `model_dir/<key>/`, or find it already there.

    Deterministic for the same data and code; the folder appears complete or not at all. Needs
    scikit-learn and takes tens of seconds of CPU: run it in a subprocess. Raises DataError.
    """
    from nlu.embedded.train import train

    return train(data_dir, model_dir)


def with_rasa(server: RasaServer, behind: Engine, watcher: RasaWatcher) -> RasaEngine:
    """The server as an engine, with `behind` for whatever it does not answer.

    Talks to nobody yet. Raises ModelBroken when the thresholds for Rasa cannot be read.
    """
    from nlu.rasa.fallback import connect

    return connect(server, behind, watcher)


def _encodable(text: str) -> str:
    """The text with what UTF-8 cannot carry (lone surrogates) replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _ranking(ranking: Sequence[Ranked]) -> list[dict[str, Any]]:
    return [{"name": r.name, "confidence": r.confidence} for r in ranking]
