"""Conversations on a real database with real content; only the engine is a stub."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy import Connection

from bot.domain import events as ev
from bot.domain.effects import OpenTicket
from bot.domain.replies import Reply, decode_reply
from bot.domain.state import State, decode_state
from bot.domain.tickets import ClaimResult, TicketView
from bot.models import schema
from bot.services.conversation import Conversations
from bot.services.handoff import Desk
from bot.services.metrics import Metrics
from bot.services.posting import OUTBOX, STATE
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.services.understanding import Understanding
from bot.store import inbox, tickets
from bot.store.inbox import ChatKey
from nlu.engine import Decision, Parse, Ranked
from nlu.intents import INTENTS, Kind

T = TypeVar("T")
TITLES = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}
WANTED = OpenTicket(False, "Kích hoạt VNeID", "", None, "", "Bà Sáu", "", "", None, None)


class Brain(Understanding):
    """Understands what it was told to; everything else is out of scope."""

    def __init__(self, intents: dict[str, str] | None = None) -> None:
        self._intents = intents or {}
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()

    async def wait_ready(self, seconds: float) -> bool:
        """Ready as soon as `open` is set; says no at once otherwise."""
        self.asked.set()
        await asyncio.sleep(0)
        return self.open.is_set()

    async def parse(self, text: str) -> Parse:
        """By the list."""
        intent = self._intents.get(text, "out_of_scope")
        known = intent != "out_of_scope"
        decision = Decision.ANSWER if known else Decision.REFUSE
        return Parse(text, intent, 0.9, (Ranked(intent, 0.9),), (), decision)


class Held(Brain):
    """Not answering until it is let go, however long that is: a worker that hangs."""

    def __init__(self) -> None:
        super().__init__()
        self.open.clear()

    async def wait_ready(self, seconds: float) -> bool:
        """Hangs."""
        self.asked.set()
        await self.open.wait()
        return True


@dataclass
class World:
    """A database with workers on it."""

    runtime: Runtime
    publisher: Publisher = field(init=False)
    brain: Brain = field(init=False)
    talk: Conversations = field(init=False)
    outgoing: list[tuple[int, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.publisher = Publisher(self.runtime, TITLES)
        self.publisher.start()
        self.brain = Brain()
        self.talk = self.worker(self.runtime.owner, self.brain)
        self._numbers = itertools.count(1)

    def worker(self, owner: str, brain: Brain | None = None) -> Conversations:
        """Another process's conversations on the same database."""
        mine = self.runtime
        runtime = Runtime(mine.settings, mine.db, mine.vault, Metrics(), mine.now, owner)
        return Conversations(runtime, self.publisher, brain or self.brain, self._sent)

    def _sent(self, chat: int, channel: str, priority: int) -> None:
        self.outgoing.append((chat, channel, priority))

    # Doing.

    def do(self, work: Callable[[Connection], T]) -> T:
        return self.runtime.db.write_now(work)

    def chat(self, key: ChatKey) -> int:
        now = self.runtime.now()
        return self.do(lambda c: inbox.chat_id(c, key, now))

    async def accept(
        self,
        key: ChatKey,
        event: ev.Event,
        sender: ev.Sender | None = None,
        worker: Conversations | None = None,
    ) -> bool:
        envelope = ev.Envelope(event, sender or ev.Sender())
        number = f"x{next(self._numbers)}"
        return await (worker or self.talk).accept(key, key.channel, number, envelope)

    async def say(self, key: ChatKey, text: str, sender: ev.Sender | None = None) -> None:
        """A text, handled to the end with everything that comes of it."""
        await self.accept(key, ev.Text(text), sender)
        await self.talk.idle()

    async def press(self, key: ChatKey, choice: str, sender: ev.Sender | None = None) -> None:
        await self.accept(key, ev.Press(choice), sender)
        await self.talk.idle()

    # Looking.

    def replies(self, key: ChatKey) -> list[Reply]:
        """What waits to be sent to a chat."""
        return [
            decode_reply(self.runtime.vault.open(row.payload, OUTBOX))
            for row in self.out_rows(key)
            if row.payload
        ]

    def texts(self, key: ChatKey) -> list[str]:
        return [reply.text for reply in self.replies(key)]

    def out_rows(self, key: ChatKey) -> Sequence[Any]:
        out = schema.outbox
        query = out.select().where(out.c.chat_id == self.chat(key)).order_by(out.c.seq)
        return self.do(lambda c: c.execute(query).all())

    def in_rows(self, key: ChatKey) -> Sequence[Any]:
        box = schema.inbox
        query = box.select().where(box.c.chat_id == self.chat(key)).order_by(box.c.id)
        return self.do(lambda c: c.execute(query).all())

    def chat_row(self, key: ChatKey) -> Any:
        query = schema.chats.select().where(schema.chats.c.id == self.chat(key))
        return self.do(lambda c: c.execute(query).one())

    def state(self, key: ChatKey) -> State:
        sealed = self.chat_row(key).state
        return decode_state(self.runtime.vault.open(sealed, STATE)) if sealed else State()

    # Tickets.

    def team(self, name: str = "Tổ một", group: str = "-1") -> int:
        now = self.runtime.now()
        return self.do(lambda c: tickets.add_team(c, name, "", group, now))

    def member(self, team: int, name: str, telegram: str | None) -> int:
        now = self.runtime.now()
        return self.do(lambda c: tickets.add_member(c, team, name, telegram, now))

    def open_ticket(self, number: int, key: ChatKey, team: int) -> int:
        wanted, chat, now = replace(WANTED, team_id=team), self.chat(key), self.runtime.now()

        def work(connection: Connection) -> set[int]:
            desk = Desk(connection, self.runtime.vault, now, f"open{number}", self.runtime.plan)
            desk.open(number, chat, wanted)
            return desk.wake

        for told in self.do(work):
            self.talk.wake(told)
        return number

    def claim(self, number: int, member: int) -> ClaimResult:
        now = self.runtime.now()

        def work(connection: Connection) -> tuple[ClaimResult, set[int]]:
            desk = Desk(
                connection, self.runtime.vault, now, f"claim{number}:{member}", self.runtime.plan
            )
            return desk.claim(number, member), desk.wake

        result, woken = self.do(work)
        for told in woken:
            self.talk.wake(told)
        return result

    def ticket(self, number: int) -> TicketView:
        found = self.do(lambda c: tickets.find(c, self.runtime.vault, number))
        assert found is not None
        return found


def web(name: str) -> ChatKey:
    """A citizen's chat on the web."""
    return ChatKey("web", name)


def telegram(name: str) -> ChatKey:
    """A private chat."""
    return ChatKey("telegram", name)


def group(name: str = "-1") -> ChatKey:
    """A team's group."""
    return ChatKey("telegram", name, is_group=True)


async def ask_for_help(world: World, key: ChatKey, phone: str = "0900000001") -> None:
    """Somebody asks for a person, with a name and a phone."""
    await world.say(key, "gặp người")
    await world.press(key, "hand:yes")
    await world.say(key, "cô Ba")
    await world.press(key, "hand:phone")
    await world.say(key, phone)
    await world.press(key, "hand:when:any")
    await world.press(key, "hand:nocommune")
