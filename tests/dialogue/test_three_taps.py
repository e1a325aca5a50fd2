"""No guide is more than three taps away from the front page."""

from __future__ import annotations

from bot.domain import events as ev
from bot.domain.state import State
from tests.dialogue.helpers import Talk, content

TAPS = 3


def test_every_guide_is_three_taps_away_at_most() -> None:
    """By the buttons that are offered, and no other way."""
    reached: set[str] = set()
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        taps = waiting.pop()
        for choice in _offered(taps):
            name, _, guide_id = choice.partition(":")
            if name == "guide":
                reached.add(guide_id)
            elif name in ("all", "group") and len(taps) + 1 < TAPS:
                waiting.append((*taps, choice))
    listed = {guide_id for group in content().menu for guide_id in group.guides}
    assert listed - reached == set()
    assert len(listed) == len(content().titles)


def _offered(taps: tuple[str, ...]) -> list[str]:
    there = Talk(State()).event(ev.Start())
    for choice in taps:
        assert choice in there.ids
        there.press(choice)
    return there.ids
