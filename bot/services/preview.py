"""A guide as somebody would be walked through it: the real dialogue, with nobody there. Pure.

Errors: BadRequest naming what there is, for a guide, province or choice there is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.decide import decide
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Decision
from bot.domain.events import Press
from bot.domain.replies import Reply
from bot.domain.state import State
from bot.errors import BadRequest
from bot.guides.content import Content
from bot.guides.model import Guide

#: More than any guide can need: steps, waits and their answers.
_MOST = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """One message, and what it is."""

    what: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom: a province's code, the id of a choice; "" takes what is usual.

    `stuck` asks for what is said to whoever gets stuck, too.
    """

    province: str = ""
    choice: str = ""
    stuck: bool = False


def rehearse(content: Content, guide_id: str, reader: Reader, now: datetime) -> list[Shown]:
    """Everything a citizen is shown who does every step of a guide."""
    guide = content.guides.get(guide_id)
    if guide is None:
        raise BadRequest(f"{guide_id}: no written guide has this id; {_one_of(content.guides)}")
    _check_reader(content, guide, reader)
    return list(_Walk(content, guide, reader, now).messages())


def other_choices(guide: Guide, reader: Reader, content: Content) -> list[str]:
    """The answers to the guide's question that are not shown."""
    question = guide.question
    if question is None:
        return []
    if question.about == "province":
        every, taken = list(content.people.provinces), reader.province
    else:
        every, taken = [item.id for item in question.choices], reader.choice
    return [each for each in every if each != (taken or every[0])]


def _check_reader(content: Content, guide: Guide, reader: Reader) -> None:
    if reader.province and reader.province not in content.people.provinces:
        known = _one_of(content.people.provinces)
        raise BadRequest(f"--province {reader.province}: there is no such province; {known}")
    if not reader.choice:
        return
    choices = [item.id for item in guide.question.choices] if guide.question else []
    if not choices:
        asks = "asks for the province only; use --province" if guide.question else "asks nothing"
        raise BadRequest(f"--choice {reader.choice}: {guide.id} {asks}")
    if reader.choice not in choices:
        raise BadRequest(
            f"--choice {reader.choice}: {guide.id} has no such choice; {_one_of(choices)}"
        )


def _one_of(ids: Collection[str]) -> str:
    return f"must be one of {', '.join(ids)}"


class _Walk:
    """One walk, from the first message to the last."""

    def __init__(self, content: Content, guide: Guide, reader: Reader, now: datetime) -> None:
        self._guide = guide
        self._reader = reader
        self._state = State(greeted=True, province=reader.province)
        self._facts = Facts(now, 1, content)

    def messages(self) -> Iterator[Shown]:
        """All of them, in order."""
        choice = f"guide:{self._guide.id}"
        for _ in range(_MOST):
            reply = self._press(choice)
            if reply is None:
                return
            yield Shown(self._what(choice, reply), reply)
            if self._reader.stuck:
                yield from self._when_stuck(reply)
            choice = self._next(reply)
            if not choice:
                return

    def _press(self, choice: str) -> Reply | None:
        decision = self._decide(self._state, choice)
        self._state = decision.state
        return decision.replies[-1] if decision.replies else None

    def _decide(self, state: State, choice: str) -> Decision:
        return decide(state, Press(choice), self._facts)

    def _next(self, reply: Reply) -> str:
        """What to press to come further: the question's answer, done, or "it has come"."""
        offered = [item.id for item in reply.choices]
        cases = [each for each in offered if each.startswith("case:")]
        wanted = [each for each in cases if each.endswith(f":{self._reader.choice}")]
        onward = [each for each in offered if each.partition(":")[0] in ("next", "ready")]
        return next(iter([*wanted, *cases, *onward]), "")

    def _what(self, choice: str, reply: Reply) -> str:
        ids = [item.id for item in reply.choices]
        action = choice.partition(":")[0]
        begin = "overview and " if action in ("guide", "case") else ""
        if any(each.startswith("case:") for each in ids):
            return "answer and question"
        at = next((each for each in ids if each.startswith("next:")), "")
        if at:
            return f"{begin}step {int(at.rpartition(':')[2]) + 1}"
        return "waiting" if any(each.startswith("ready:") for each in ids) else "the end"

    def _when_stuck(self, reply: Reply) -> Iterator[Shown]:
        """The obstacles of a step and the advice on each, from where the walk stands now."""
        stuck = next((item.id for item in reply.choices if item.id.startswith("stuck:")), "")
        if not stuck:
            return
        asked = self._decide(self._state, stuck)
        for said in asked.replies:
            yield Shown("stuck", said)
            for choice in said.choices:
                if choice.id.startswith("why:"):
                    for advice in self._decide(asked.state, choice.id).replies:
                        yield Shown(f"stuck: {choice.label}", advice)
