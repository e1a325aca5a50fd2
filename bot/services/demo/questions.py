"""Invented questions, a day at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from numpy.random import Generator

from bot.schedule.zone import at
from bot.services.demo import words
from bot.services.demo.world import (
    CHANNELS,
    RISING_IN,
    STUCK,
    World,
    seconds,
    topic_weights,
)
from bot.store.questions import place_columns, topic_of

_MISSED, _CLARIFIED, _NO_GUIDE, _WALKS = 0.12, 0.08, 0.15, 0.4
#: What becomes of those who go step by step: finished, stopped, handed over; the rest is silent.
_FINISHED, _STOPPED, _HANDED = 0.38, 0.15, 0.2
#: Handed over without a step.
_ASKS_HUMAN = 0.1
COLUMNS = (
    *("id", "chat_id", "asked_at", "channel", "locality", "text", "intent", "confidence"),
    *("outcome", "guide_id", "step", "area", "commune", "province", "topic"),
)


@dataclass(frozen=True, slots=True)
class Handed:
    """A question that was handed over: what a ticket is made of."""

    question: int
    chat: int
    at: datetime
    area: str
    place: str
    title: str
    step: int | None


def of_day(
    world: World, day: int, first_id: int, first_chat: int, dice: Generator, handed: list[Handed]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a day under `COLUMNS`; those handed over are added to `handed`."""
    number = int(world.per_day[day])
    begin = at(world.first + timedelta(days=day))
    moments = seconds(number, dice)
    people = dice.integers(0, world.people, number)
    everywhere, local = topic_weights(world, day, dice)
    usual = dice.choice(len(world.topics), number, p=everywhere)
    rising = dice.choice(len(world.topics), number, p=local)
    luck = dice.random((5, number))
    picks = dice.integers(0, 1 << 30, (4, number))
    for n in range(number):
        person = int(people[n])
        code, place = world.areas[world.chat_area[person]]
        topic = int(rising[n] if code[:2] == RISING_IN else usual[n])
        outcome, guide, step = _fate(world, topic, luck[:, n], int(picks[3, n]))
        missed = outcome == "not_understood"
        text = _text(world.titles[topic], missed, [int(p) for p in picks[:, n]])
        intent = world.topics[topic]
        confidence = 0.2 + 0.3 * luck[4, n] if missed else 0.6 + 0.4 * luck[4, n]
        asked = begin + timedelta(seconds=int(moments[n]))
        columns = place_columns(code)
        if outcome == "handed_over":
            handed.append(
                Handed(
                    first_id + n, first_chat + person, asked, code, place, world.titles[topic], step
                )
            )
        yield (
            first_id + n,
            first_chat + person,
            asked,
            CHANNELS[world.chat_channel[person]],
            place or None,
            text,
            intent,
            round(float(confidence), 3),
            outcome,
            guide,
            step,
            columns["area"],
            columns["commune"],
            columns["province"],
            topic_of(guide, intent, outcome),
        )


def _fate(world: World, topic: int, luck: Any, pick: int) -> tuple[str, str, int | None]:
    """(outcome, guide, step) of one question."""
    if luck[0] < _MISSED:
        return "not_understood", "", None
    outcome = "clarified" if luck[0] < _MISSED + _CLARIFIED else "answered"
    steps = int(world.steps[topic])
    if luck[1] < _NO_GUIDE or not steps:
        return ("handed_over" if luck[3] < _ASKS_HUMAN else outcome), "", None
    guide = world.topics[topic]
    if luck[2] >= _WALKS:
        return ("handed_over" if luck[3] < _ASKS_HUMAN else outcome), guide, None
    step = 1 + pick % steps
    if guide in STUCK and luck[4] < 0.5:
        step = min(STUCK[guide], steps)
    elif luck[3] < _FINISHED:
        return "finished", guide, steps
    if luck[3] < _FINISHED + _STOPPED:
        return "stopped", guide, step
    if luck[3] < _FINISHED + _STOPPED + _HANDED:
        return "handed_over", guide, step
    return outcome, guide, max(2, step)


def _text(title: str, missed: bool, picks: list[int]) -> str:
    if missed and picks[0] % 10 < 3:
        return words.NOISE[picks[1] % len(words.NOISE)]
    about = words.UNKNOWN[picks[1] % len(words.UNKNOWN)] if missed else title
    text = words.PATTERNS[picks[2] % len(words.PATTERNS)].format(x=about[:1].lower() + about[1:])
    begin = words.BEGINNINGS[picks[0] % len(words.BEGINNINGS)]
    return begin + text + words.ENDINGS[picks[3] % len(words.ENDINGS)]
