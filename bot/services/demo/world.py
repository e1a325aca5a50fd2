"""Who asks, where and about what: drawn once from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bot.guides.content import Content
from bot.locality.atlas import Atlas

DAYS = 365
CHANNELS = ("telegram", "web", "zalo_oa", "zalo_bot")
_CHANNEL_SHARES = (0.45, 0.3, 0.2, 0.05)
#: Monday to Sunday: people ask on working days.
_WEEK = (1.15, 1.1, 1.05, 1.0, 1.0, 0.85, 0.7)
#: Hours of the day, 0 to 23: an early start, a rest at noon, an evening on the phone.
_HOURS = (1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 9, 6, 4, 5, 7, 8, 8, 8, 10, 12, 10, 6, 3, 2)
#: No place known; only the province; the commune.
_UNPLACED, _PROVINCE_ONLY = 0.25, 0.05
#: The theme that rises: in the last seven days, in one province.
RISING, RISING_IN, _RISE = "scam_call", "96", 4.0
FALLING, _FALL = "traffic_fine", 0.35
_STEPS_MOST = 8
#: Guides at one of whose steps many stop, and which.
STUCK = {"vneid_level_2": 3, "public_service_submit": 4, "bank_biometrics": 2}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class World:
    """`areas[n]` is a code with its words; `chat_area` and `chat_channel` say where each invented
    person lives and writes; `steps` how long each guide is."""

    topics: tuple[str, ...]
    titles: tuple[str, ...]
    steps: Ints
    weights: Floats
    areas: tuple[tuple[str, str], ...]
    chat_area: Ints
    chat_channel: Ints
    first: date
    per_day: Ints

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.chat_area)


def make_world(
    content: Content, atlas: Atlas, questions: int, today: date, dice: Generator
) -> World:
    """A year of questions that ends yesterday, in all provinces whose communes are known."""
    topics = tuple(sorted(content.titles))
    weights = dice.permutation(1.0 / np.arange(2, len(topics) + 2) ** 0.8)
    areas = _areas(atlas)
    people = max(50, questions // 6)
    shares = _area_shares(areas, dice)
    return World(
        topics,
        tuple(content.title(topic) for topic in topics),
        np.array([_steps(content, topic) for topic in topics]),
        weights / weights.sum(),
        areas,
        dice.choice(len(areas), people, p=shares),
        dice.choice(len(CHANNELS), people, p=_CHANNEL_SHARES),
        today - timedelta(days=DAYS),
        _days(questions, today, dice),
    )


def _steps(content: Content, topic: str) -> int:
    """How many steps somebody reads; of a guide with several ways, so many as one may have."""
    guide = content.guides.get(topic)
    return min(len(guide.steps), _STEPS_MOST) if guide else 0


def _areas(atlas: Atlas) -> tuple[tuple[str, str], ...]:
    places = atlas.gazetteer
    codes = ["", *sorted(places.loaded)]
    codes += [c.code for code in sorted(places.loaded) for c in places.of_province(code)]
    return tuple((code, atlas.name(code)) for code in codes)


def _area_shares(areas: Sequence[tuple[str, str]], dice: Generator) -> Floats:
    """Most people say their commune, and communes are of very different sizes."""
    kind = np.array([0 if not code else 1 if "." not in code else 2 for code, _ in areas])
    size: Floats = np.where(kind == 2, dice.pareto(1.6, len(areas)) + 0.05, 1.0)
    parts = (_UNPLACED, _PROVINCE_ONLY, 1 - _UNPLACED - _PROVINCE_ONLY)
    for number, share in enumerate(parts):
        chosen = kind == number
        if chosen.any():
            size[chosen] *= share / size[chosen].sum()
    shares: Floats = size / size.sum()
    return shares


def _days(questions: int, today: date, dice: Generator) -> Ints:
    first = today - timedelta(days=DAYS)
    rhythm = np.array([_WEEK[(first + timedelta(days=n)).weekday()] for n in range(DAYS)])
    growth = np.linspace(0.8, 1.2, DAYS) * np.exp(dice.normal(0, 0.06, DAYS))
    share = rhythm * growth
    counts: Any = dice.multinomial(questions, share / share.sum())
    return counts  # type: ignore[no-any-return]


def topic_weights(world: World, day: int, dice: Generator) -> tuple[Floats, Floats]:
    """The topics' shares on a day: everywhere, and in the province where one rises."""
    weights = world.weights * np.exp(dice.normal(0, 0.1, len(world.topics)))
    local = weights.copy()
    if day >= DAYS - 7:
        if FALLING in world.topics:
            weights[world.topics.index(FALLING)] *= _FALL
            local[world.topics.index(FALLING)] *= _FALL
        if RISING in world.topics:
            local[world.topics.index(RISING)] *= _RISE
    return weights / weights.sum(), local / local.sum()


def seconds(number: int, dice: Generator) -> Ints:
    """Moments of a day, in order, as seconds since its beginning."""
    shares = np.array(_HOURS) / sum(_HOURS)
    found: Any = np.sort(dice.choice(24, number, p=shares) * 3600 + dice.integers(0, 3600, number))
    return found  # type: ignore[no-any-return]
