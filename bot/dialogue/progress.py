"""What each person of a chat has finished, and what the path still asks of them.

A person is a role in the household ("mother"), "" for whoever writes: nothing is kept of who they
are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.dialogue.calendar import VIETNAM
from bot.dialogue.turn import Turn


def finished(turn: Turn, person: str) -> Mapping[str, date]:
    """What somebody has finished, by guide, with the day."""
    return turn.state.family.get(person, {}) if person else turn.state.finished


def record(turn: Turn, person: str, guide_id: str) -> None:
    """Somebody has finished a guide today."""
    day = turn.facts.now.astimezone(VIETNAM).date()
    done = {**finished(turn, person), guide_id: day}
    if person:
        turn.set(family={**turn.state.family, person: done})
    else:
        turn.set(finished=done)


def wanted(turn: Turn) -> list[str]:
    """The guides that count on the path, in its order."""
    return [guide for stage in turn.content.path for guide in stage.guides]


def ahead(turn: Turn, person: str) -> list[str]:
    """What somebody has still to do; guides that are written come first."""
    done = finished(turn, person)
    left = [guide for guide in wanted(turn) if guide not in done]
    return sorted(left, key=lambda guide: guide not in turn.content.guides)
