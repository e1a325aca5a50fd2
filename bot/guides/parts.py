"""The parts of a guide: immutable values with their JSON form.

Optional fields that are empty are left out of the JSON, so that a field added by a later release
leaves the revisions of older content as they are. What is a mapping in JSON is sorted here, since
a database may hand its keys back in another order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from bot.guides.words import WordSwap

Json = dict[str, Any]


def dense(data: Json) -> Json:
    """The same dictionary without what is empty."""
    return {key: value for key, value in data.items() if value not in (None, "", [], {})}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What people get stuck on at a step (`problem` is a button label), and the way out."""

    problem: str
    answer: str

    def reworded(self, swap: WordSwap) -> Self:
        """The same obstacle in local words."""
        return replace(self, problem=swap(self.problem), answer=swap(self.answer))

    def to_json(self) -> Json:
        return {"problem": self.problem, "answer": self.answer}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["problem"], data["answer"])


@dataclass(frozen=True, slots=True)
class Wait:
    """A step that takes days: after `days` (working days or not) the bot asks `ask`."""

    days: int
    working: bool
    ask: str

    def reworded(self, swap: WordSwap) -> Self:
        """The same wait in local words."""
        return replace(self, ask=swap(self.ask))

    def to_json(self) -> Json:
        return {"days": self.days, "working": self.working, "ask": self.ask}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["days"], data["working"], data["ask"])


@dataclass(frozen=True, slots=True)
class Step:
    """One action. `check` is a yes/no question that tells whether it is done."""

    title: str
    text: str
    check: str | None = None
    wait: Wait | None = None
    if_stuck: tuple[Obstacle, ...] = ()

    def reworded(self, swap: WordSwap) -> Self:
        """The same step in local words."""
        return replace(
            self,
            title=swap(self.title),
            text=swap(self.text),
            check=swap(self.check) if self.check else None,
            wait=self.wait.reworded(swap) if self.wait else None,
            if_stuck=tuple(obstacle.reworded(swap) for obstacle in self.if_stuck),
        )

    def to_json(self) -> Json:
        return dense(
            {
                "title": self.title,
                "text": self.text,
                "check": self.check,
                "wait": self.wait.to_json() if self.wait else None,
                "if_stuck": [obstacle.to_json() for obstacle in self.if_stuck],
            }
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        wait = data.get("wait")
        return cls(
            title=data["title"],
            text=data["text"],
            check=data.get("check"),
            wait=Wait.from_json(wait) if wait else None,
            if_stuck=tuple(Obstacle.from_json(item) for item in data.get("if_stuck", ())),
        )


@dataclass(frozen=True, slots=True)
class Official:
    """The genuine app, its publisher in the app store, the web domain and the hotline."""

    app: str | None = None
    publisher: str | None = None
    domain: str | None = None
    hotline: str | None = None

    def to_json(self) -> Json:
        names = ("app", "publisher", "domain", "hotline")
        return dense({name: getattr(self, name) for name in names})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read; `date` is YYYY, YYYY-MM or YYYY-MM-DD."""

    title: str
    url: str
    date: str

    def to_json(self) -> Json:
        return {"title": self.title, "url": self.url, "date": self.date}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["title"], data["url"], data["date"])


@dataclass(frozen=True, slots=True)
class StepOverride:
    """What one province says differently at one step (`number` counts from 1)."""

    number: int
    title: str | None = None
    text: str | None = None
    if_stuck: tuple[Obstacle, ...] | None = None

    def apply(self, step: Step) -> Step:
        """The step with the given fields replaced; a list of obstacles is replaced whole."""
        return replace(
            step,
            title=step.title if self.title is None else self.title,
            text=step.text if self.text is None else self.text,
            if_stuck=step.if_stuck if self.if_stuck is None else self.if_stuck,
        )

    def to_json(self) -> Json:
        stuck = self.if_stuck
        obstacles = None if stuck is None else [item.to_json() for item in stuck]
        data = {"title": self.title, "text": self.text, "if_stuck": obstacles}
        return {key: value for key, value in data.items() if value is not None}

    @classmethod
    def from_json(cls, number: str, data: Mapping[str, Any]) -> Self:
        stuck = data.get("if_stuck")
        obstacles = None if stuck is None else tuple(Obstacle.from_json(item) for item in stuck)
        return cls(int(number), data.get("title"), data.get("text"), obstacles)


@dataclass(frozen=True, slots=True)
class ProvinceOverride:
    """What one province says differently; None means "as everywhere".

    `words` are (common word, local word) pairs, swapped in all citizen text after the rest.
    """

    code: str
    words: tuple[tuple[str, str], ...] = ()
    answer: str | None = None
    prepare: tuple[str, ...] | None = None
    fee: str | None = None
    time: str | None = None
    warnings: tuple[str, ...] | None = None
    steps: tuple[StepOverride, ...] = ()

    def to_json(self) -> Json:
        data: Json = {
            "words": dict(self.words) or None,
            "answer": self.answer,
            "prepare": as_list(self.prepare),
            "fee": self.fee,
            "time": self.time,
            "warnings": as_list(self.warnings),
            "steps": {str(step.number): step.to_json() for step in self.steps} or None,
        }
        return {key: value for key, value in data.items() if value is not None}

    @classmethod
    def from_json(cls, code: str, data: Mapping[str, Any]) -> Self:
        steps = [StepOverride.from_json(*item) for item in data.get("steps", {}).items()]
        return cls(
            code=code,
            words=tuple(sorted(data.get("words", {}).items())),
            answer=data.get("answer"),
            prepare=as_tuple(data.get("prepare")),
            fee=data.get("fee"),
            time=data.get("time"),
            warnings=as_tuple(data.get("warnings")),
            steps=tuple(sorted(steps, key=lambda step: step.number)),
        )


def as_list(items: tuple[str, ...] | None) -> list[str] | None:
    return None if items is None else list(items)


def as_tuple(items: list[str] | None) -> tuple[str, ...] | None:
    return None if items is None else tuple(items)
