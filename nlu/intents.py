"""The intents there are, read once from `intents.yml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

INTENTS_FILE = Path(__file__).with_name("intents.yml")
OUT_OF_SCOPE = "out_of_scope"
# The C loader is some ten times faster; wheels have it, a source build of PyYAML may not.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Kind(StrEnum):
    """Whether an intent is answered by a guide or is a move in the conversation."""

    GUIDE = "guide"
    DIALOGUE = "dialogue"


@dataclass(frozen=True, slots=True)
class Intent:
    """One intent; `title` and `covers` are Vietnamese, for people."""

    id: str
    kind: Kind
    title: str
    covers: str


def read_intents(path: Path = INTENTS_FILE) -> Mapping[str, Intent]:
    """All intents by id, in the order of the file. Raises OSError, KeyError or ValueError."""
    raw = yaml.load(path.read_text(encoding="utf-8"), _LOADER)
    return MappingProxyType(
        {
            name: Intent(name, Kind(entry["kind"]), entry["title"], entry["covers"])
            for name, entry in raw.items()
        }
    )


INTENTS: Mapping[str, Intent] = read_intents()
GUIDE_INTENTS = frozenset(i.id for i in INTENTS.values() if i.kind is Kind.GUIDE)
DIALOGUE_INTENTS = frozenset(i.id for i in INTENTS.values() if i.kind is Kind.DIALOGUE)
