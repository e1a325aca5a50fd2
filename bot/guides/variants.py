"""What a guide says differently: in a province, in a reader's situation, until a day.

Immutable values with their JSON form, like bot/guides/parts.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from bot.guides.parts import Json, Obstacle, Step, dense
from bot.guides.words import WordSwap

PROVINCES = ("ca_mau", "dak_lak", "thai_nguyen")

#: What a question may be about. The answer about the device and the province is remembered, since
#: it holds for the next guide too; the others are asked each time.
ABOUT = ("person", "device", "phone", "place", "case", "province")

#: The choice ids that are fixed, because they mean the same in every guide.
FIXED_CHOICES = {
    "person": ("self", "parent", "elderly", "child", "away"),
    "device": ("android", "iphone"),
    "phone": ("smartphone", "no_smartphone"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """Texts that stand in for the common ones; None means "as everywhere"."""

    answer: str | None = None
    prepare: tuple[str, ...] | None = None
    fee: str | None = None
    time: str | None = None
    emergency: tuple[str, ...] | None = None
    warnings: tuple[str, ...] | None = None

    def texts(self) -> dict[str, Any]:
        """The given texts by the name of the guide's field."""
        found = {name: getattr(self, name) for name in REWRITTEN}
        return {name: value for name, value in found.items() if value is not None}

    def texts_json(self) -> Json:
        """The same with lists for tuples."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.texts().items()
        }

    def reworded(self, swap: WordSwap) -> Self:
        """The same in local words."""
        texts: dict[str, Any] = {
            name: tuple(map(swap, value)) if isinstance(value, tuple) else swap(value)
            for name, value in self.texts().items()
        }
        return replace(self, **texts)


REWRITTEN = ("answer", "prepare", "fee", "time", "emergency", "warnings")


def rewrite_from(data: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a `Rewrite` out of its JSON."""
    return {
        name: tuple(data[name]) if isinstance(data[name], list) else data[name]
        for name in REWRITTEN
        if name in data
    }


@dataclass(frozen=True, slots=True)
class StepOverride:
    """What one province says differently at one step (`number` counts from 1 in the file)."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceOverride(Rewrite):
    """What one province says differently.

    `words` are (common word, local word) pairs, swapped in all citizen text after the rest.
    """

    code: str
    words: tuple[tuple[str, str], ...] = ()
    steps: tuple[StepOverride, ...] = ()

    def to_json(self) -> Json:
        data: Json = {
            "words": dict(self.words) or None,
            **self.texts_json(),
            "steps": {str(step.number): step.to_json() for step in self.steps} or None,
        }
        return {key: value for key, value in data.items() if value is not None}

    @classmethod
    def from_json(cls, code: str, data: Mapping[str, Any]) -> Self:
        steps = [StepOverride.from_json(*item) for item in data.get("steps", {}).items()]
        return cls(
            code=code,
            words=tuple(sorted(data.get("words", {}).items())),
            steps=tuple(sorted(steps, key=lambda step: step.number)),
            **rewrite_from(data),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation(Rewrite):
    """One answer to a guide's question.

    `label` is its button; `words` are phrases which, found in what the person typed, answer the
    question already.
    """

    id: str
    label: str
    words: tuple[str, ...] = ()

    def reworded(self, swap: WordSwap) -> "Situation":
        # Not `super()`: a class with slots is made anew by `dataclass`, and the old one is meant.
        return replace(Rewrite.reworded(self, swap), label=swap(self.label))

    def to_json(self) -> Json:
        return dense({"id": self.id, "label": self.label, "words": list(self.words)}) | (
            self.texts_json()
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            label=data["label"],
            words=tuple(data.get("words", ())),
            **rewrite_from(data),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """The one question that chooses how a guide goes on. The first choice is the usual one.

    About the province there are no choices here: they are `PROVINCES`, and elsewhere.
    """

    about: str
    ask: str
    choices: tuple[Situation, ...] = ()

    def choice(self, choice_id: str) -> Situation | None:
        """The choice of this id."""
        return next((item for item in self.choices if item.id == choice_id), None)

    def waits(self, choice_id: str, province: str) -> bool:
        """Whether a reader who chose this and lives there ("" for neither) has still to answer."""
        return not province if self.about == "province" else self.choice(choice_id) is None

    def reworded(self, swap: WordSwap) -> Self:
        """The same in local words."""
        choices = tuple(item.reworded(swap) for item in self.choices)
        return replace(self, ask=swap(self.ask), choices=choices)

    def to_json(self) -> Json:
        choices = [item.to_json() for item in self.choices]
        return dense({"about": self.about, "ask": self.ask, "choices": choices})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        choices = tuple(Situation.from_json(item) for item in data.get("choices", ()))
        return cls(data["about"], data["ask"], choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Temporary(Rewrite):
    """What is said instead up to and including the day `until`, as while a fee is waived.

    With `situations` only for readers who made one of these choices.
    """

    until: date
    situations: tuple[str, ...] = ()

    def holds(self, today: date, choice: str) -> bool:
        """Whether it is said today, to a reader of this choice ("" for none)."""
        return today <= self.until and (not self.situations or choice in self.situations)

    def to_json(self) -> Json:
        return dense({"until": self.until.isoformat(), "for": list(self.situations)}) | (
            self.texts_json()
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            until=date.fromisoformat(data["until"]),
            situations=tuple(data.get("for", ())),
            **rewrite_from(data),
        )
