"""The engines of commands; the embedded one is trained first when none is there that fits."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.settings import load_settings
from nlu.engine import DATA_DIR, ModelMissing, ModelStale, model_key, train_embedded

if TYPE_CHECKING:
    from nlu.embedded.model import EmbeddedEngine


class Kind(StrEnum):
    """Which engine a command is about."""

    EMBEDDED = "embedded"
    RASA = "rasa"


def ready_engine() -> EmbeddedEngine:
    """The engine of the shipped data. Raises DataError or ModelBroken."""
    from nlu.embedded.model import load

    models = load_settings().var_dir / "models"
    try:
        return load(models, model_key())
    except (ModelMissing, ModelStale):
        print("training first (once for this data)…", file=sys.stderr)
        train_embedded(DATA_DIR, models)
        return load(models, model_key())
