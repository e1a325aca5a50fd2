"""What a channel needs in this suite: how somebody there finds the bot, writes, taps and reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from bot.store.inbox import ChatKey
from tests.parity.house import House
from tests.parity.looks import Look, Seen, number_of


@dataclass
class Someone:
    """A person on a channel. `handle` is what the driver knows them by; `seen` was read already."""

    key: ChatKey
    handle: Any
    seen: list[Seen] = field(default_factory=list)
    read: int = 0


class Driver(ABC):
    """A channel with its platform's fake and a program behind it: `with Driver(...) as driver`."""

    name: ClassVar[str]
    look: ClassVar[Look]
    #: A team's member can write here.
    accounts: ClassVar[bool] = True

    def __init__(self, var_dir: Path, content: Path, house: House | None = None) -> None:
        """With a program of its own, or beside another channel in the `house` of that one."""
        self._stack = ExitStack()
        given = self._settings()
        self.house = house or self._stack.enter_context(House(var_dir, content, **given))
        self.connected()

    def __enter__(self) -> Self:
        """Ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self._stack.close()

    # What a channel is, to be written for a new one.

    def _settings(self) -> dict[str, Any]:
        """Start the fake; the settings with which the program finds it."""
        return {}

    def connected(self) -> None:  # noqa: B027 - most channels need no more
        """What else there is to do once the program runs."""

    @abstractmethod
    def person(self, name: str) -> Someone:
        """Somebody new, who has found the bot and not written yet."""

    @abstractmethod
    def open(self, who: Someone) -> None:
        """The person opens the chat: START, a follow, a page."""

    @abstractmethod
    def write(self, who: Someone, text: str) -> None:
        """The person sends a text."""

    @abstractmethod
    def tap(self, who: Someone, label: str) -> None:
        """The person taps a button, or types the number that stands before the choice."""

    def show(self, who: Someone, picture: bytes) -> None:
        """The person sends a picture."""
        raise NotImplementedError(f"{self.name} takes no pictures")

    @abstractmethod
    def shown(self, who: Someone) -> Sequence[Seen]:
        """Everything the person was ever shown, in order."""

    # The same for all.

    def news(self, who: Someone) -> list[Seen]:
        """What came since it was read last."""
        every = list(self.shown(who))
        who.seen, new = every, every[who.read :]
        who.read = len(every)
        return new

    def newest_with(self, who: Someone, label: str) -> Seen:
        """The newest message that offers a choice."""
        found = [each for each in who.seen if self.look.offers(each, label)]
        assert found, f"{label!r} is not offered to them on {self.name}"
        return found[-1]

    def type_number(self, who: Someone, label: str) -> None:
        """Type the number of a choice."""
        self.write(who, number_of(self.newest_with(who, label).text, label))
