"""The parts of a guide: immutable values with their JSON form.

Optional fields that are empty are left out of the JSON, so that a field added by a later release
leaves the revisions of older content as they are. What is a mapping in JSON is sorted here, since
a database may hand its keys back in another order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeVar

from bot.guides.words import WordSwap

Json = dict[str, Any]


def dense(data: Json) -> Json:
    """The same dictionary without what is empty."""
    return {key: value for key, value in data.items() if value not in (None, "", [], {})}


class _Suited(Protocol):
    @property
    def situations(self) -> tuple[str, ...]: ...


_Part = TypeVar("_Part", bound=_Suited)


def suited(parts: Iterable[_Part], choice: str) -> tuple[_Part, ...]:
    """The parts that are for every reader, or for one of this choice."""
    return tuple(part for part in parts if not part.situations or choice in part.situations)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What people get stuck on at a step (`problem` is a button label), and the way out.

    `situations` are the choices it is for, all when empty; `snippet` is the name of the shared
    text in content/snippets.yml it was taken from, "" when it is the guide's own.
    """

    problem: str
    answer: str
    situations: tuple[str, ...] = ()
    snippet: str = ""

    def reworded(self, swap: WordSwap) -> Self:
        """The same obstacle in local words."""
        return replace(self, problem=swap(self.problem), answer=swap(self.answer))

    def to_json(self) -> Json:
        return dense(
            {
                "problem": self.problem,
                "answer": self.answer,
                "for": list(self.situations),
                "snippet": self.snippet,
            }
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            data["problem"],
            data["answer"],
            tuple(data.get("for", ())),
            data.get("snippet", ""),
        )


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
    """One action. `check` is a yes/no question that tells whether it is done.

    `situations` are the choices it is for, all when empty. `recalled` stands in no file: the step
    was withdrawn, and its text says so.
    """

    title: str
    text: str
    check: str | None = None
    wait: Wait | None = None
    if_stuck: tuple[Obstacle, ...] = ()
    situations: tuple[str, ...] = ()
    recalled: bool = False

    def for_choice(self, choice: str) -> Self:
        """The step with only the obstacles a reader of this choice may meet."""
        return replace(self, if_stuck=suited(self.if_stuck, choice))

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
                "for": list(self.situations),
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
            situations=tuple(data.get("for", ())),
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
