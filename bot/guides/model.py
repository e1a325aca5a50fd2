"""A guide, as the rest of the program sees it: immutable values, no files, no clock.

The shape of `Guide.to_json` is the shape of a file in content/guides/, plus `revision`; so a
stored revision can be read back, and written as a file again.

Errors: ContentError, from `Guide.from_json` only.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bot.guides.errors import ContentError, Problem
from bot.guides.parts import Json, Obstacle, Official, Source, Step, Wait, dense, suited
from bot.guides.variants import (
    PROVINCES,
    ProvinceOverride,
    Question,
    Situation,
    StepOverride,
    Temporary,
)
from bot.guides.words import WordSwap

__all__ = [
    "PROVINCES",
    "Guide",
    "MenuGroup",
    "Obstacle",
    "Official",
    "ProvinceOverride",
    "Question",
    "Situation",
    "Source",
    "Stage",
    "Step",
    "StepOverride",
    "Temporary",
    "Wait",
]


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide. `revision` names its content: 12 hex digits of a SHA-256.

    What is made of it for one reader keeps the revision of the guide it was made from, since that
    is what is stored and what a session holds on to.
    """

    id: str
    title: str
    answer: str
    fee: str
    time: str
    steps: tuple[Step, ...]
    sources: tuple[Source, ...]
    verified_on: date
    review_by: date
    owner: str
    prepare: tuple[str, ...] = ()
    emergency: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    official: Official | None = None
    related: tuple[str, ...] = ()
    valid_until: date | None = None
    question: Question | None = None
    temporary: tuple[Temporary, ...] = ()
    provinces: tuple[ProvinceOverride, ...] = ()
    revision: str = field(default="")

    def __post_init__(self) -> None:
        if not self.revision:
            object.__setattr__(self, "revision", _digest(self.to_json()))

    def for_reader(self, province: str, choice: str, today: date) -> "Guide":
        """The guide as somebody of a province and in a situation should read it on a day.

        `province` is a code and `choice` the id of a choice; "" and unknown ones change nothing.
        """
        local = self.for_province(province).for_choice(choice)
        texts: dict[str, Any] = {}
        for item in local.temporary:
            if item.holds(today, choice):
                texts |= item.texts()
        return replace(local, **texts) if texts else local

    def for_province(self, code: str | None) -> "Guide":
        """The guide as people of a province should read it; unchanged for any other code."""
        override = next((item for item in self.provinces if item.code == code), None)
        if override is None:
            return self
        steps = {item.number: item for item in override.steps}
        local = replace(
            self,
            steps=tuple(
                steps[number].apply(step) if number in steps else step
                for number, step in enumerate(self.steps, 1)
            ),
            provinces=(),
            **override.texts(),
        )
        return _swap_words(local, WordSwap(override.words)) if override.words else local

    def for_choice(self, choice: str) -> "Guide":
        """The guide with the texts and steps of one choice; unchanged for any other id."""
        chosen = self.question.choice(choice) if self.question else None
        if chosen is None:
            return self
        steps = tuple(step.for_choice(choice) for step in suited(self.steps, choice))
        return replace(self, steps=steps, **chosen.texts())

    def without_step(self, number: int, text: str) -> "Guide":
        """The guide with nothing left of step `number` (from 1) but its title and `text`.

        For every reader: what provinces say at this step is left out too.
        """
        steps = list(self.steps)
        old = steps[number - 1]
        steps[number - 1] = Step(old.title, text, situations=old.situations, recalled=True)
        provinces = tuple(
            replace(item, steps=tuple(step for step in item.steps if step.number != number))
            for item in self.provinces
        )
        return replace(self, steps=tuple(steps), provinces=provinces)

    def to_json(self) -> Json:
        """A JSON-ready dictionary, from which `from_json` makes an equal guide."""
        return dense(
            {
                "id": self.id,
                "title": self.title,
                "answer": self.answer,
                "prepare": list(self.prepare),
                "fee": self.fee,
                "time": self.time,
                "emergency": list(self.emergency),
                "question": self.question.to_json() if self.question else None,
                "steps": [step.to_json() for step in self.steps],
                "warnings": list(self.warnings),
                "temporary": [item.to_json() for item in self.temporary],
                "official": self.official.to_json() if self.official else None,
                "related": list(self.related),
                "sources": [source.to_json() for source in self.sources],
                "verified_on": self.verified_on.isoformat(),
                "review_by": self.review_by.isoformat(),
                "valid_until": self.valid_until.isoformat() if self.valid_until else None,
                "owner": self.owner,
                "provinces": {item.code: item.to_json() for item in self.provinces},
                "revision": self.revision,
            }
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Guide":
        """A guide from what `to_json` made, possibly by an older release.

        Raises ContentError when `data` is not that.
        """
        try:
            return _guide_from_json(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"cannot be read ({error!r}); must be what Guide.to_json makes"
            raise ContentError((Problem("<stored guide>", 1, "-", what),)) from error


def _digest(data: Json) -> str:
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _guide_from_json(data: Mapping[str, Any]) -> Guide:
    official = data.get("official")
    until = data.get("valid_until")
    provinces = sorted(data.get("provinces", {}).items())
    return Guide(
        id=data["id"],
        title=data["title"],
        answer=data["answer"],
        fee=data["fee"],
        time=data["time"],
        steps=tuple(Step.from_json(step) for step in data["steps"]),
        sources=tuple(Source.from_json(source) for source in data["sources"]),
        verified_on=date.fromisoformat(data["verified_on"]),
        review_by=date.fromisoformat(data["review_by"]),
        owner=data["owner"],
        prepare=tuple(data.get("prepare", ())),
        emergency=tuple(data.get("emergency", ())),
        warnings=tuple(data.get("warnings", ())),
        official=Official.from_json(official) if official else None,
        related=tuple(data.get("related", ())),
        valid_until=date.fromisoformat(until) if until else None,
        question=Question.from_json(data["question"]) if data.get("question") else None,
        temporary=tuple(Temporary.from_json(item) for item in data.get("temporary", ())),
        provinces=tuple(ProvinceOverride.from_json(code, item) for code, item in provinces),
        revision=data.get("revision", ""),
    )


def _swap_words(guide: Guide, swap: WordSwap) -> Guide:
    return replace(
        guide,
        answer=swap(guide.answer),
        prepare=tuple(map(swap, guide.prepare)),
        fee=swap(guide.fee),
        time=swap(guide.time),
        emergency=tuple(map(swap, guide.emergency)),
        warnings=tuple(map(swap, guide.warnings)),
        steps=tuple(step.reworded(swap) for step in guide.steps),
        question=guide.question.reworded(swap) if guide.question else None,
        temporary=tuple(item.reworded(swap) for item in guide.temporary),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the way to becoming a digital citizen; `guides` are the ones that count."""

    id: str
    title: str
    description: str
    guides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """One group of the menu with the ids of its guides, in the order they are shown."""

    id: str
    title: str
    guides: tuple[str, ...]
