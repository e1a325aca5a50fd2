"""What a look at an installation finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a look ended."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `what` was looked at, what was `said`, and what to do (`todo`, "" when well)."""

    what: str
    verdict: Verdict
    said: str
    todo: str = ""
