"""Shared data: a tiny made-up training folder, and one engine trained on the shipped sentences."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nlu.data_loader import Example, load_validation
from nlu.engine import Engine, load_embedded
from nlu.intents import INTENTS
from tests.process import trained_models


def tiny_yaml() -> str:
    """A valid training file with a few sentences for each intent, from its own description."""
    lines = ['version: "3.1"', "nlu:"]
    for intent in INTENTS.values():
        lines += [f"- intent: {intent.id}", "  examples: |"]
        pieces = [piece.strip() for piece in intent.covers.split(",")][:3]
        lines += [f"    - {intent.title} {piece}" for piece in pieces]
        lines += [f"    - cho hỏi {intent.title.lower()}"]
    return "\n".join(lines) + "\n"


@pytest.fixture
def tiny_data(tmp_path: Path) -> Path:
    """A folder with one small training file that covers every intent."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "tiny.yml").write_text(tiny_yaml(), encoding="utf-8")
    return folder


@pytest.fixture
def training_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Writes a training file called bad.yml and gives its folder."""

    def write(content: str | bytes) -> Path:
        folder = tmp_path / "bad"
        folder.mkdir(exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        (folder / "bad.yml").write_bytes(raw)
        return folder

    return write


@pytest.fixture(scope="session")
def models() -> Path:
    """A model folder with a model of the shipped data."""
    return trained_models()


@pytest.fixture(scope="session")
def engine(models: Path) -> Engine:
    """The engine on the shipped data."""
    return load_embedded(models)


@pytest.fixture(scope="session")
def validation() -> list[Example]:
    """The shipped sentences that no model is trained on."""
    return load_validation()
