"""The link checker of a running program: what it knows comes with the content, its model too."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.safety.links.checker import LinkChecker
from bot.safety.links.knowledge import Knowledge, load_knowledge
from bot.safety.links.model import load_model
from bot.settings import ROOT, Settings

FOLDER = "safety"
MODEL = "links_model.npz"


def knowledge_folder(settings: Settings) -> Path:
    """`safety` of the content folder; the shipped one where a content folder has none."""
    own = settings.content_dir / FOLDER
    return own if own.is_dir() else ROOT / "content" / FOLDER


def model_path(settings: Settings) -> Path:
    """Where `safety train` writes; a model there comes before the shipped one."""
    return settings.var_dir / "models" / MODEL


def open_checker(settings: Settings) -> tuple[LinkChecker, Knowledge]:
    """A checker without lists, and what it knows. Raises KnowledgeError."""
    folder = knowledge_folder(settings)
    trained = model_path(settings)
    path = trained if trained.is_file() else folder / MODEL
    knowledge = _known(folder, _changed(folder))
    return LinkChecker(knowledge, load_model(path, path.stat().st_mtime_ns)), knowledge


@lru_cache(maxsize=2)
def _known(folder: Path, _version: tuple[tuple[str, int], ...]) -> Knowledge:
    return load_knowledge(folder)


def _changed(folder: Path) -> tuple[tuple[str, int], ...]:
    return tuple((f.name, f.stat().st_mtime_ns) for f in sorted(folder.glob("*.yml")))
