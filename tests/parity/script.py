"""What is said in a script: a table in scripts.yml, one line an act."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
#: The one who asks; everybody else is a member of the team.
CITIZEN = "bác"
_TAP = re.compile(r"\[(.+)\]\Z")
_OTHER = re.compile(r"(Lan|Hùng): (.+)\Z")
_DO = re.compile(r"\((\w+)(?: (.+))?\)\Z")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class Act:
    """What somebody does: `how` is "say", "tap", "picture" or "open"; or what happens: "later",
    "alert" or "join"."""

    who: str
    how: str
    what: str = ""


@dataclass(frozen=True)
class Script:
    """A conversation. `place` is where its team is, "" without a team; `unless` says why a channel
    cannot play it."""

    id: str
    about: str
    acts: tuple[Act, ...]
    place: str = ""
    unless: dict[str, str] = field(default_factory=dict)


def scripts() -> list[Script]:
    """Every script, in the table's order."""
    rows = yaml.safe_load((FOLDER / "scripts.yml").read_text(encoding="utf-8"))
    return [_script(row) for row in rows]


def _script(row: dict[str, Any]) -> Script:
    acts = [_act(line) for line in row["play"].strip().splitlines()]
    first = [Act("", "join", "Lan")] if row.get("place") else []
    acts = [*first, Act(CITIZEN, "open"), *acts]
    return Script(row["id"], row["about"], tuple(acts), row.get("place", ""), row.get("unless", {}))


def _act(line: str) -> Act:
    if found := _DO.match(line):
        return Act(
            "" if found[1] in ("later", "alert", "join") else CITIZEN, found[1], found[2] or ""
        )
    who, words = CITIZEN, line
    if found := _OTHER.match(line):
        who, words = found[1], found[2]
    if found := _TAP.match(words):
        return Act(who, "tap", found[1])
    return Act(who, "say", words)


def seconds(words: str) -> float:
    """ "3d", "30m", "2h" in seconds."""
    return float(words[:-1]) * _SECONDS[words[-1]]
