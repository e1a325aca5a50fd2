"""One turn being built: the state as it changes, what is said, what is to be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.dialogue.facts import Facts
from bot.domain.effects import Effect
from bot.domain.events import Event
from bot.domain.replies import Choice, Priority, Reply
from bot.domain.state import State


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of an event."""

    state: State
    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...]


class Turn:
    """Collects a decision. Mutable inside one call of `decide`, never seen outside it."""

    def __init__(self, state: State, event: Event, facts: Facts) -> None:
        self.state = state
        self.event = event
        self.facts = facts
        self.content = facts.content
        self.phrases = facts.content.phrases
        self._replies: list[Reply] = []
        self._effects: list[Effect] = []
        self._notes: list[str] = []

    @property
    def spoke(self) -> bool:
        """Whether anything was said in this turn."""
        return bool(self._replies)

    def set(self, **changes: Any) -> None:
        """Change fields of the state."""
        self.state = replace(self.state, **changes)

    def do(self, effect: Effect) -> None:
        """Ask for something to be done with the new state."""
        self._effects.append(effect)

    def note(self, key: str, **values: object) -> None:
        """A sentence to stand before whatever is said next, in the same bubble."""
        self._notes.append(self.phrases.say(key, **values))

    def text(self, key: str, **values: object) -> str:
        """A sentence of the bot's own."""
        return self.phrases.say(key, **values)

    def choice(self, choice_id: str, label: str, **values: object) -> Choice:
        """A choice with one of the bot's own labels."""
        return Choice(choice_id, self.phrases.button(label, **values))

    def say(
        self,
        key: str,
        choices: Iterable[Choice] = (),
        *,
        yes: str = "",
        no: str = "",
        priority: Priority = Priority.REPLY,
        **values: object,
    ) -> None:
        """Say a sentence of the bot's own."""
        self.put(self.text(key, **values), choices, yes=yes, no=no, priority=priority)

    def put(
        self,
        text: str,
        choices: Iterable[Choice] = (),
        *,
        yes: str = "",
        no: str = "",
        priority: Priority = Priority.REPLY,
        ticket_id: int | None = None,
        coalesce: str = "",
    ) -> None:
        """Say a text. Its choices are what a typed number or yes/no will mean from now on."""
        offered = tuple(choices)
        body = "\n\n".join([*self._notes, text]) if self._notes else text
        self._notes.clear()
        self._replies.append(Reply(body, offered, priority, ticket_id, coalesce))
        if offered:
            self.set(offered=tuple(c.id for c in offered), yes=yes, no=no)

    def done(self) -> Decision:
        """The decision as it stands."""
        if self._notes:
            self.put(self._notes.pop(0))
        return Decision(self.state, tuple(self._replies), tuple(self._effects))
