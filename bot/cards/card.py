"""A step card as a value: everything that is drawn on it, and the name that follows from that."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

_HERE = Path(__file__).parent

#: What decides how a card looks: the code and the template of this package, and these packages.
_CODE = ("*.py", "*.svg")
_PACKAGES = ("resvg-py", "pillow", "fontpkg-be-vietnam-pro", "lucide", "jinja2")


@dataclass(frozen=True, slots=True)
class StepCard:
    """All that is drawn: texts with every blank filled in, and the name of an icon."""

    guide: str
    label: str
    step: int
    total: int
    icon: str
    title: str
    text: str
    name: str
    checked: str

    @property
    def digest(self) -> str:
        """64 hex digits of a SHA-256: the same for the same picture, in every process."""
        drawn = json.dumps([asdict(self), look()], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(drawn.encode()).hexdigest()


@cache
def look() -> str:
    """What stands for the template and the packages; another value draws every card anew.

    A package that is missing counts as none: its cards cannot be drawn anyway.
    """
    found = hashlib.sha256()
    for pattern in _CODE:
        for file in sorted(_HERE.glob(pattern)):
            found.update(file.read_bytes())
    for package in _PACKAGES:
        found.update(f"{package}=={_version(package)}".encode())
    return found.hexdigest()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"
