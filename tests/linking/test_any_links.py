"""Any sequence of linking, parting, erasing, asking for help: nobody is left over, and nobody sees
what is somebody else's."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.models import schema
from bot.services.handoff import Desk
from bot.services.runtime import Runtime
from bot.store import linking
from bot.store.inbox import ChatKey
from tests.linking.people import asked, confirm
from tests.services.support import WANTED, World, telegram, web

_CHATS = 4
_RUN = itertools.count(1)
_TICKET = itertools.count(10_000)

INDEX = st.integers(0, _CHATS - 1)
STEP = st.one_of(
    st.tuples(st.sampled_from(["link", "refuse", "link", "code"]), INDEX, INDEX),
    st.tuples(st.sampled_from(["unlink", "erase", "all", "ticket", "walk", "line"]), INDEX, INDEX),
)


@dataclass
class Model:
    """What ought to be: groups of chats, and whose tickets are open."""

    world: World
    chats: list[ChatKey]
    team: int
    groups: list[set[int]] = field(default_factory=lambda: [{n} for n in range(_CHATS)])
    tickets: dict[int, int] = field(default_factory=dict)

    def group(self, one: int) -> set[int]:
        return next(group for group in self.groups if one in group)

    def part(self, one: int) -> None:
        self.group(one).discard(one)
        self.groups = [group for group in self.groups if group] + [{one}]

    async def do(self, what: str, one: int, other: int) -> None:
        world, key = self.world, self.chats[one]
        match what:
            case "link" | "refuse" if one != other and self._free(one, other):
                await asked(world, key, self.chats[other])
                await confirm(world, key, "yes" if what == "link" else "no")
                if what == "link":
                    self.groups.remove({other})
                    self.group(one).add(other)
            case "link" | "refuse" if len(self.group(one)) < _CHATS:
                # Not free: whatever is said, nothing may come of it.
                await asked(world, key, self.chats[other])
                await world.say(key, "đồng ý liên kết")
            case "code":
                await world.say(key, "liên kết")
            case "unlink":
                await world.say(key, "thôi liên kết")
                self.part(one)
            case "erase":
                await world.say(key, "xóa khỏi máy này")
                await world.press(key, "erase:yes")
                self._drop({one})
                self.part(one)
            case "all":
                await world.say(key, "xóa dữ liệu của tôi")
                group = set(self.group(one))
                await world.press(key, "erase:all" if len(group) > 1 else "erase:yes")
                self._drop(group)
                for each in group:
                    self.part(each)
            case "ticket":
                self._open(one)
                await world.talk.idle()
            case "walk":
                await world.press(key, "guide:qr_pay")
            case "line":
                await self._line(one)

    def _free(self, one: int, other: int) -> bool:
        return len(self.group(other)) == 1 and len(self.group(one)) < _CHATS

    def _drop(self, chats: set[int]) -> None:
        self.tickets = {t: of for t, of in self.tickets.items() if of not in chats}

    def _open(self, one: int) -> None:
        world, number = self.world, next(_TICKET)
        wanted = replace(WANTED, topic=f"chuyện {number}", team_id=self.team)
        chat, now = world.chat(self.chats[one]), world.runtime.now()
        vault, plan = world.runtime.vault, world.runtime.plan
        world.do(lambda c: Desk(c, vault, now, f"o{number}", plan).open(number, chat, wanted))
        self.tickets[number] = one

    async def _line(self, one: int) -> None:
        """A helper writes on a ticket of this chat."""
        mine = [number for number, of in self.tickets.items() if of == one]
        world = self.world
        if not mine:
            return
        ticket, now = world.ticket(mine[-1]), world.runtime.now()
        vault, plan = world.runtime.vault, world.runtime.plan
        name = f"l{next(_TICKET)}"

        def work(connection: object) -> set[int]:
            desk = Desk(connection, vault, now, name, plan)  # type: ignore[arg-type]
            desk.say_to_citizen(ticket, f"riêng {ticket.id}.")
            return desk.wake

        for chat in world.do(work):
            world.talk.wake(chat)
        await world.talk.idle()

    # What must hold.

    def check(self) -> None:
        world = self.world
        ids = {world.chat(key): n for n, key in enumerate(self.chats)}
        for chat, n in ids.items():
            linked = world.do(lambda c, chat=chat: linking.others(c, chat))  # type: ignore[misc]
            assert {ids[each.chat_id] for each in linked} == self.group(n) - {n}
        people, links = schema.people, schema.linked_chats
        persons = world.do(lambda c: list(c.execute(select(people.c.id)).scalars()))
        members = world.do(lambda c: list(c.execute(select(links.c.person_id)).scalars()))
        assert set(persons) == set(members)
        assert all(members.count(person) >= 2 for person in persons)

    async def nobody_sees_what_is_not_theirs(self) -> None:
        world = self.world
        seen = {n: len(world.texts(key)) for n, key in enumerate(self.chats)}
        for key in self.chats:
            await world.say(key, "kết thúc")
            await world.say(key, "phiếu của tôi")
            for number in self.tickets:
                await world.press(key, f"ticket:{number}")
        for n in range(_CHATS):
            await self._line(n)
        for n, key in enumerate(self.chats):
            texts = world.texts(key)[seen[n] :]
            for number, of in self.tickets.items():
                shown = any(f"chuyện {number}" in t or f"riêng {number}." in t for t in texts)
                assert of in self.group(n) or not shown, (number, of, n)


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)


@settings(
    max_examples=12,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, max_size=10))
def test_nobody_is_left_over_and_nobody_sees_too_much(
    world: World, steps: list[tuple[str, int, int]]
) -> None:
    run = next(_RUN)
    names = (telegram(f"{run}1"), web(f"{run}w"), ChatKey("zalo_bot", f"{run}z"), web(f"{run}v"))

    async def play() -> None:
        model = Model(world, list(names), world.team(f"Tổ {run}", f"-{run}"))
        for what, one, other in steps:
            await model.do(what, one, other)
            model.check()
        await model.nobody_sees_what_is_not_theirs()
        for n in range(_CHATS):
            await model.do("erase", n, n)
        model.check()

    asyncio.run(play())
