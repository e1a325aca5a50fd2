"""Any sequence of what two people may do, on a real database with two workers (Hypothesis).

Whatever comes, in whatever order, twice, or with a worker killed in between: every message is
handled once and answered, one step is open at most, nothing is left over, and starting anew or
being forgotten is always possible.
"""

from __future__ import annotations

import asyncio
import itertools
import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from bot.domain import events as ev
from bot.models import schema
from bot.services.conversation import Conversations
from bot.services.runtime import Runtime
from bot.store.inbox import ChatKey
from tests.services.support import World, web
from tests.support import SQLITE, Clock

EXAMPLES = int(os.environ.get("TESTS_CONVERSATIONS", "12"))
GUIDES = ("vneid_level_2", "qr_pay", "scam_link", "digital_citizen")
SAID = (
    "tiếp", "xong", "chưa được", "quay lại", "thôi", "có", "không", "menu", "gặp người", "bắt đầu",
    "phiếu của tôi", "hủy phiếu", "Bà Sáu", "xã Khánh An", "0900 000 001", "xóa dữ liệu", "1", "2",
    "3", "làm sao trả tiền", "định danh mức hai", "ai gửi đường dẫn lạ", "{you}", "\u200b", "👍",
    "mật khẩu là hoamai2026", "mã OTP 123456", "'; DROP TABLE chats; --",
)  # fmt: skip
MADE_UP = ("next:", "prev:", "still:", "guide:nothing", "claim:1", "to:2", "erase:no", "x:y", "")
WHO = st.sampled_from([0, 1])
WORLDS: list[World] = []
_NAMES = itertools.count(1)


class AnyConversation(RuleBasedStateMachine):
    """Two people and two workers; what they did is worked off when a rule ends."""

    def __init__(self) -> None:
        super().__init__()
        (self.world,) = WORLDS
        clock = self.world.runtime.now
        assert isinstance(clock, Clock)
        self.clock = clock
        self.name = number = next(_NAMES)
        self.people = [web(f"{number}-an"), web(f"{number}-binh")]
        self.workers = [self.world.talk, self.world.worker(f"second {number}")]
        self.ids = itertools.count(1)
        self.loop = asyncio.new_event_loop()
        #: Events of people that a reply is owed to, and those that were repeated.
        self.owed = 0

    def teardown(self) -> None:
        self._run()
        self.loop.close()

    @initialize()
    def both_open_the_chat(self) -> None:
        for key in self.people:
            self._comes(key, ev.Hello())
        self._run()

    # What people do.

    @rule(who=WHO, text=st.one_of(st.sampled_from(SAID), st.text(max_size=30)))
    def says(self, who: int, text: str) -> None:
        self._answered(self.people[who], ev.Text(text))

    @rule(who=WHO, which=st.integers(0, 7))
    def presses_what_is_offered(self, who: int, which: int) -> None:
        replies = self.world.replies(self.people[who])
        choices = [choice.id for reply in replies[-3:] for choice in reply.choices]
        if choices:
            self._comes(self.people[who], ev.Press(choices[which % len(choices)]))
            self._run()

    @rule(who=WHO, choice=st.one_of(st.sampled_from(MADE_UP), st.text()))
    def presses_something_made_up(self, who: int, choice: str) -> None:
        self._comes(self.people[who], ev.Press(choice[:64]))
        self._run()

    @rule(who=WHO, guide=st.sampled_from(GUIDES))
    def opens_a_guide(self, who: int, guide: str) -> None:
        self._comes(self.people[who], ev.Press(f"guide:{guide}"))
        self._run()

    @rule(who=WHO, what=st.sampled_from(["photo", "sticker", "voice", "?"]))
    def sends_no_text(self, who: int, what: str) -> None:
        self._answered(self.people[who], ev.Attachment(what))

    @rule(who=WHO, texts=st.lists(st.sampled_from(SAID), min_size=2, max_size=5))
    def says_much_at_once(self, who: int, texts: list[str]) -> None:
        """To both workers, before either has answered."""
        key = self.people[who]
        before = self._out(key)
        for text in texts:
            self._comes(key, ev.Text(text))
        self._run()
        talked = self.world.state(key).relay is not None
        assert talked or self._out(key) >= before + len(texts)

    @rule(who=WHO, text=st.sampled_from(SAID))
    def a_platform_says_it_again(self, who: int, text: str) -> None:
        key, number = self.people[who], f"{self.name}-{next(self.ids)}"

        async def twice() -> list[bool]:
            envelope = ev.Envelope(ev.Text(text))
            return [
                await worker.accept(key, key.channel, number, envelope)
                for worker in (*self.workers, *self.workers)
            ]

        assert self.loop.run_until_complete(twice()) == [True, False, False, False]
        self._run()

    @rule(who=WHO, text=st.sampled_from(SAID), turns=st.integers(0, 12))
    def a_worker_dies_over_it(self, who: int, text: str, turns: int) -> None:
        """Its lease ends, and the other goes on."""
        key = self.people[who]

        async def die() -> None:
            dying = self.world.worker(f"dying {next(_NAMES)}")
            await dying.accept(
                key, key.channel, f"{self.name}-{next(self.ids)}", ev.Envelope(ev.Text(text))
            )
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in list(dying._running.values()):
                task.cancel()
            await asyncio.gather(*dying._running.values(), return_exceptions=True)

        self.loop.run_until_complete(die())
        self.clock.forward(self.world.runtime.settings.lease_seconds + 1)
        self._run()

    @rule(hours=st.sampled_from([0.1, 5, 30, 200]))
    def time_passes(self, hours: float) -> None:
        self.clock.forward(hours * 3600)

    # What is always possible.

    @rule(who=WHO)
    def starts_anew(self, who: int) -> None:
        key = self.people[who]
        self._answered(key, ev.Text("menu"))
        assert self.world.state(key).slot is None
        assert self.world.replies(key)[-1].choices

    @rule(who=WHO)
    def is_forgotten(self, who: int) -> None:
        key = self.people[who]
        self._comes(key, ev.Text("xóa dữ liệu của tôi"))
        self._run()
        offered = [c.id for c in self.world.replies(key)[-1].choices if c.id.startswith("erase:")]
        assert offered
        self._comes(key, ev.Press(next(each for each in offered if each != "erase:no")))
        self._run()
        chat = self.world.chat(key)
        table = schema.questions
        query = (
            select(func.count())
            .select_from(table)
            .where(table.c.chat_id == chat, table.c.text.is_not(None))
        )
        assert self.world.do(lambda c: c.execute(query).scalar_one()) == 0
        assert self.world.state(key).session is None
        self._comes(key, ev.Start())
        self._run()
        assert self.world.replies(key)

    # What always holds.

    @invariant()
    def everything_was_handled(self) -> None:
        for key in self.people:
            rows = self.world.in_rows(key)
            assert all(row.handled_at is not None for row in rows), [row.id for row in rows]
            assert [row.error for row in rows if row.error] == []

    @invariant()
    def nobody_holds_a_conversation(self) -> None:
        for key in self.people:
            row = self.world.chat_row(key)
            assert row.lease_owner is None or row.lease_until <= self.clock()

    @invariant()
    def replies_are_numbered_without_a_gap_in_their_order(self) -> None:
        for key in self.people:
            numbers = [row.seq for row in self.world.out_rows(key)]
            assert numbers == sorted(set(numbers))
            if numbers:
                assert self.world.chat_row(key).next_seq == numbers[-1] + 1
                assert numbers == list(range(numbers[0], numbers[-1] + 1))

    @invariant()
    def one_step_is_open_at_most(self) -> None:
        for key in self.people:
            state = self.world.state(key)
            walks = [w.guide_id for w in (state.session, state.suspended, *state.parked) if w]
            assert len(set(walks)) == len(walks)
            if state.session is not None:
                guide = self.world.publisher.content.guides[state.session.guide_id]
                assert 0 <= state.session.step <= len(guide.steps)

    @invariant()
    def no_ticket_is_an_orphan(self) -> None:
        tickets, chats = schema.tickets, schema.chats
        open_ones = tickets.c.status.in_(["waiting", "claimed"])
        lost = (
            select(func.count())
            .select_from(tickets)
            .where(
                open_ones,
                tickets.c.chat_id.is_(None) | tickets.c.chat_id.not_in(select(chats.c.id)),
            )
        )
        assert self.world.do(lambda c: c.execute(lost).scalar_one()) == 0

    # Inside.

    def _comes(self, key: ChatKey, event: ev.PersonEvent) -> None:
        number = next(self.ids)
        worker: Conversations = self.workers[number % 2]
        accepted = worker.accept(key, key.channel, f"{self.name}-{number}", ev.Envelope(event))
        assert self.loop.run_until_complete(accepted)

    def _answered(self, key: ChatKey, event: ev.PersonEvent) -> None:
        before, talked = self._out(key), self.world.state(key).relay is not None
        self._comes(key, event)
        self._run()
        assert talked or self._out(key) > before

    def _out(self, key: ChatKey) -> int:
        """The number of the last reply; after being forgotten numbers go on."""
        return int(self.world.chat_row(key).next_seq)

    def _run(self) -> None:
        """Work everything off, as the rounds of both workers do."""

        async def rounds() -> None:
            for _ in range(3):
                for worker in self.workers:
                    await worker.poll()
                    await worker.idle()

        self.loop.run_until_complete(rounds())


@SQLITE
def test_any_conversation(runtime: Runtime) -> None:
    WORLDS[:] = [World(runtime)]
    run_state_machine_as_test(
        AnyConversation,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    query = select(func.count()).select_from(schema.inbox)
    handled = runtime.db.read_now(lambda c: c.execute(query).scalar_one())
    print(f"{EXAMPLES} conversations of two, {handled} events on disk")
    assert handled > 5 * EXAMPLES
