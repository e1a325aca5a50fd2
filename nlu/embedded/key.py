"""The identity of a model: a hash of everything that decides what training gives."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

_NLU = Path(__file__).resolve().parent.parent
_CODE = (
    "text.py",
    "syllable.py",
    "lexicon.py",
    "intents.yml",
    "data_loader.py",
    "embedded/cues.py",
    "embedded/features.py",
    "embedded/hashing.py",
    "embedded/augment.py",
    "embedded/train.py",
    "embedded/model.py",
)


def compute(data_dir: Path) -> str:
    """sha256 in hex over the training files and the code that trains and serves."""
    return _digest(chain(_code(), _data(data_dir)))


def code_key() -> str:
    """sha256 in hex over the code alone: a model is served by the code it was trained with."""
    return _digest(_code())


def _digest(inputs: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in inputs:
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _code() -> Iterator[tuple[str, Path]]:
    for name in _CODE:
        yield f"code/{name}", _NLU / name


def _data(data_dir: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(data_dir.glob("*.yml")):
        yield f"data/{path.name}", path
