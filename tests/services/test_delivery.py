"""Delivery: in order per chat, honest about doubt, through every kind of refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.replies import Choice, Priority, Reply, encode_reply
from bot.domain.tickets import ClaimResult
from bot.errors import (
    ChannelError,
    ChatMoved,
    NotSent,
    RateLimited,
    Rejected,
    Uncertain,
    Unreachable,
)
from bot.models import schema
from bot.services.delivery import Delivery, Route
from bot.services.limits import Limiter, Rates
from bot.services.metrics import Metrics
from bot.services.posting import OUTBOX
from bot.services.runtime import Runtime
from bot.store import inbox, outbox
from bot.store.inbox import ChatKey
from bot.store.outbox import NewMessage
from tests.services.support import World, group, telegram, web
from tests.support import START, Clock

A, B = telegram("a"), telegram("b")


@dataclass
class Memory:
    """A platform in memory. `troubles` are raised, one a send, before anything is shown."""

    shown: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[Choice, ...]] = field(default_factory=list)
    troubles: dict[str, list[ChannelError]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    tries: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None
    busy: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, key: ChatKey, reply: Reply) -> str | None:
        self.tries.append(key.external_id)
        self.busy.set()
        if self.hold is not None:
            await self.hold.wait()
        if key.external_id in self.gone:
            raise Unreachable("blocked")
        waiting = self.troubles.get(key.external_id, [])
        if waiting:
            trouble = waiting.pop(0)
            if isinstance(trouble, Uncertain):
                self.shown.append((key.external_id, reply.text))
            raise trouble
        self.shown.append((key.external_id, reply.text))
        self.choices.append(reply.choices)
        return f"m{len(self.shown)}"

    def texts(self, key: ChatKey) -> list[str]:
        return [text for chat, text in self.shown if chat == key.external_id]


class Post:
    """A delivery with its platform, on a world."""

    def __init__(self, world: World, owner: str = "one") -> None:
        mine = world.runtime
        self.world = world
        self.runtime = Runtime(mine.settings, mine.db, mine.vault, Metrics(), mine.now, owner)
        self.platform = Memory()
        self.delivery = Delivery(self.runtime)
        self.delivery.add("telegram", Route(self.platform, Limiter(Rates(0, 0, 0))))
        self.delivery.wake = world.talk.wake

    def write(self, key: ChatKey, *texts: str, **how: Any) -> None:
        self.put(key, *(Reply(text, **how) for text in texts))

    def put(self, key: ChatKey, *replies: Reply, not_before: Any = None) -> None:
        chat, vault = self.world.chat(key), self.runtime.vault
        messages = [
            NewMessage(
                vault.seal(encode_reply(r), OUTBOX), r.priority, r.ticket_id, r.coalesce, not_before
            )
            for r in replies
        ]

        def work(connection: Any) -> None:
            row = schema.chats.c.id == chat
            first = connection.execute(select(schema.chats.c.next_seq).where(row)).scalar_one()
            after = outbox.add(connection, chat, first, messages, self.runtime.now())
            connection.execute(update(schema.chats).where(row).values(next_seq=after))

        self.world.do(work)

    async def poll(self) -> None:
        await self.delivery.poll()
        await self.delivery.idle()

    def rows(self, key: ChatKey) -> Sequence[Any]:
        return self.world.out_rows(key)

    def statuses(self, key: ChatKey) -> list[str]:
        return [row.status for row in self.rows(key)]

    def count(self, result: str) -> float:
        value: float = self.runtime.metrics.sends.labels("telegram", result)._value.get()
        return value


@pytest.fixture
def post(world: World) -> Post:
    return Post(world)


# When it goes well ------------------------------------------------------------------------------


async def test_messages_leave_in_order_and_are_wiped(post: Post) -> None:
    post.write(A, "một", "hai", "ba")
    post.write(B, "khác")
    await post.poll()
    assert post.platform.texts(A) == ["một", "hai", "ba"]
    assert post.platform.texts(B) == ["khác"]
    assert [(r.status, r.payload, r.attempts) for r in post.rows(A)] == [("sent", None, 1)] * 3
    assert post.world.chat_row(A).send_owner is None
    assert post.count("sent") == 4


async def test_a_wake_up_sends_at_once_and_what_comes_meanwhile_follows(post: Post) -> None:
    chat = post.world.chat(A)
    post.write(A, "một")
    post.delivery.notify(chat, "telegram", Priority.REPLY)
    post.write(A, "hai")
    post.delivery.notify(chat, "telegram", Priority.URGENT)
    await post.delivery.idle()
    assert post.platform.texts(A) == ["một", "hai"]


async def test_channels_that_pull_are_left_alone(post: Post) -> None:
    post.write(web("a"), "một")
    post.delivery.notify(post.world.chat(web("a")), "web", Priority.REPLY)
    await post.poll()
    assert post.platform.tries == []
    assert post.statuses(web("a")) == ["pending"]


async def test_waiting_cards_become_one_bubble_with_all_their_buttons(post: Post) -> None:
    cards = [Reply(f"phiếu {n}", (Choice(f"claim:{n}", "Nhận"),), coalesce="card") for n in (1, 2)]
    post.put(group(), *cards)
    post.write(group(), "khác")
    await post.poll()
    assert post.platform.texts(group()) == ["phiếu 1\n\nphiếu 2", "khác"]
    assert [c.id for c in post.platform.choices[0]] == ["claim:1", "claim:2"]
    first, second, _ = post.rows(group())
    assert first.external_id == second.external_id == "m1"


async def test_a_held_reminder_lets_replies_pass_and_leaves_in_the_morning(
    post: Post, clock: Clock
) -> None:
    morning = START + timedelta(hours=9)
    post.put(A, Reply("nhắc", priority=Priority.REMINDER), not_before=morning)
    post.write(A, "trả lời")
    await post.poll()
    assert post.platform.texts(A) == ["trả lời"]
    clock.at = morning
    await post.poll()
    assert post.platform.texts(A) == ["trả lời", "nhắc"]


async def test_two_processes_send_everything_once_and_in_order(post: Post) -> None:
    other = Post(post.world, "two")
    other.platform = post.platform
    other.delivery.add("telegram", Route(post.platform, Limiter(Rates(0, 0, 0))))
    keys = [telegram(f"c{n}") for n in range(6)]
    for key in keys:
        post.write(key, *(f"{key.external_id} {n}" for n in range(5)))
    await asyncio.gather(post.poll(), other.poll())
    await post.poll()
    for key in keys:
        assert post.platform.texts(key) == [f"{key.external_id} {n}" for n in range(5)]


# When it does not -------------------------------------------------------------------------------


async def test_what_was_not_sent_is_tried_again_later_and_holds_its_place(
    post: Post, clock: Clock
) -> None:
    post.platform.troubles["a"] = [NotSent("no route"), NotSent("no route")]
    post.write(A, "một", "hai")
    post.write(B, "khác")
    await post.poll()
    assert post.platform.shown == [("b", "khác")]
    # Not before its time, however often one looks.
    await post.poll()
    assert post.platform.tries.count("a") == 1
    clock.forward(0.66)
    await post.poll()
    assert post.platform.tries.count("a") == 2
    clock.forward(0.66)
    await post.poll()
    assert post.platform.tries.count("a") == 2
    clock.forward(0.66)
    await post.poll()
    assert post.platform.texts(A) == ["một", "hai"]
    assert post.count("not_sent") == 2


async def test_the_waits_grow_and_have_an_end(post: Post, clock: Clock) -> None:
    post.platform.troubles["a"] = [NotSent("no route")] * 50
    post.write(A, "một")
    waits = []
    while post.statuses(A) == ["pending"]:
        await post.poll()
        after = post.world.chat_row(A).send_after
        if after is None:
            break
        waits.append((after - clock.at).total_seconds())
        clock.at = after
    attempts = post.runtime.settings.send_attempts
    assert len(post.platform.tries) == attempts
    assert len(waits) == attempts - 1
    for number, wait in enumerate(waits):
        assert 0.7 * 0.5 * 2**number <= wait <= 1.3 * 0.5 * 2**number
    (row,) = post.rows(A)
    assert (row.status, row.error, row.payload) == ("failed", "too many attempts", None)


async def test_after_giving_up_the_next_message_goes(post: Post, clock: Clock) -> None:
    post.platform.troubles["a"] = [Rejected("bad markup")]
    post.write(A, "một", "hai")
    await post.poll()
    assert post.platform.texts(A) == ["hai"]
    assert post.statuses(A) == ["failed", "sent"]
    assert post.count("rejected") == 1


async def test_a_rate_limit_is_waited_out_however_often_and_is_no_failure(
    post: Post, clock: Clock
) -> None:
    post.platform.troubles["-1"] = [RateLimited(30.0) for _ in range(20)]
    post.write(group(), "một")
    for _ in range(20):
        await post.poll()
        clock.forward(29)
        await post.poll()
        clock.forward(1)
    assert len(post.platform.tries) == 20
    await post.poll()
    assert post.platform.texts(group()) == ["một"]
    assert post.rows(group())[0].attempts == 1
    assert post.count("limited") == 20


async def test_an_uncertain_send_is_tried_a_few_times(post: Post, clock: Clock) -> None:
    tries = outbox.DOUBTS_MOST
    assert tries < post.runtime.settings.send_attempts
    post.platform.troubles["a"] = [Uncertain("timeout")] * tries
    post.write(A, "một", "hai")
    for _ in range(tries + 2):
        await post.poll()
        clock.forward(300)
    assert post.platform.texts(A) == [*["một"] * tries, "hai"]
    first, second = post.rows(A)
    assert (first.status, first.error, first.uncertain) == ("failed", outbox.TOO_OFTEN, tries)
    assert second.status == "sent"
    assert post.count("uncertain") == tries
    assert post.world.do(outbox.counts)["uncertain"] == 1


async def test_an_answer_in_doubt_again_and_again_is_not_lost(post: Post, clock: Clock) -> None:
    post.platform.troubles["a"] = [Uncertain("timeout"), NotSent("no route"), Uncertain("timeout")]
    post.write(A, "một")
    for _ in range(6):
        await post.poll()
        clock.forward(60)
    assert post.platform.texts(A) == ["một"] * 3
    assert [(row.status, row.uncertain) for row in post.rows(A)] == [("sent", 2)]


async def test_a_message_left_in_sending_by_a_kill_is_sent_once_more(
    post: Post, clock: Clock
) -> None:
    post.write(A, "một", "hai")
    chat = post.world.chat(A)
    until = clock.at + timedelta(seconds=90)
    # The dead worker's claim, and nothing after it.
    post.world.do(lambda c: outbox.claim(c, chat, "dead", START, until, tries=8))
    await post.poll()
    assert post.platform.tries == []
    clock.forward(91)
    await post.poll()
    assert post.platform.texts(A) == ["một", "hai"]
    assert [row.uncertain for row in post.rows(A)] == [1, 0]


async def test_killed_every_time_at_the_same_message_it_is_given_up(
    post: Post, clock: Clock
) -> None:
    post.write(A, "một", "hai")
    chat, tries = post.world.chat(A), post.runtime.settings.send_attempts
    for number in range(outbox.DOUBTS_MOST):
        now = clock.at
        until = now + timedelta(seconds=90)
        post.world.do(
            lambda c, o=f"dead {number}", n=now, u=until: outbox.claim(  # type: ignore[misc]
                c, chat, o, n, u, tries=tries
            )
        )
        clock.forward(91)
    await post.poll()
    await post.poll()
    assert post.platform.texts(A) == ["hai"]
    assert post.rows(A)[0].error == outbox.TOO_OFTEN


async def test_stopping_lets_the_send_in_hand_finish_and_keeps_the_rest(post: Post) -> None:
    post.platform.hold = asyncio.Event()
    post.write(A, "một", "hai")
    await post.delivery.poll()
    await post.platform.busy.wait()
    stopping = asyncio.create_task(post.delivery.stop())
    await asyncio.sleep(0)
    post.platform.hold.set()
    await stopping
    assert post.platform.texts(A) == ["một"]
    assert post.statuses(A) == ["sent", "pending"]
    post.delivery.notify(post.world.chat(A), "telegram", Priority.REPLY)
    await post.delivery.idle()
    assert post.platform.texts(A) == ["một"]
    post.world.do(lambda c: inbox.give_back(c, "one"))
    later = Post(post.world, "two")
    await later.poll()
    assert later.platform.texts(A) == ["hai"]


# Groups that move -------------------------------------------------------------------------------


async def test_a_group_that_moved_is_followed_at_once(post: Post) -> None:
    team = post.world.team()
    post.platform.troubles["-1"] = [ChatMoved("-100")]
    post.write(group(), "một", "hai")
    await post.poll()
    assert post.platform.texts(group("-100")) == ["một", "hai"]
    found = post.world.do(lambda c: schema_team(c, team))
    assert found == "-100"


def schema_team(connection: Any, team: int) -> str:
    query = select(schema.teams.c.telegram_group).where(schema.teams.c.id == team)
    return str(connection.execute(query).scalar_one())


async def test_a_group_that_moved_and_spoke_already_is_followed_too(post: Post) -> None:
    post.world.chat(group("-100"))
    post.platform.troubles["-1"] = [ChatMoved("-100")] * 3
    post.write(group(), "một", "hai")
    await post.poll()
    await post.poll()
    assert post.platform.texts(group("-100")) == ["một", "hai"]
    assert post.platform.tries == ["-1", "-100", "-100"]
    assert post.rows(group()) == []


async def test_a_group_that_moves_in_circles_is_given_up(post: Post) -> None:
    post.platform.troubles["-1"] = [ChatMoved("-2")] * 99
    post.platform.troubles["-2"] = [ChatMoved("-1")] * 99
    post.write(group(), "một")
    await post.poll()
    assert len(post.platform.tries) == post.runtime.settings.send_attempts


# People who cannot be reached -------------------------------------------------------------------


async def claimed_ticket(post: Post, citizen: ChatKey) -> None:
    """Ticket 900, in the hands of a member with the Telegram account 501."""
    world = post.world
    team = world.team()
    member = world.member(team, "Hoa", "501")
    world.open_ticket(900, citizen, team)
    await world.talk.idle()
    assert world.claim(900, member) is ClaimResult.WON
    await world.talk.idle()
    await settle(post)
    post.platform.shown.clear()
    post.platform.tries.clear()


async def settle(post: Post) -> None:
    """Until nobody has anything to do, but not for ever."""
    for _ in range(6):
        await post.poll()
        await post.world.talk.idle()


async def test_a_citizen_who_blocked_the_bot_is_told_to_the_helper(post: Post) -> None:
    await claimed_ticket(post, A)
    post.platform.gone.add("a")
    post.write(A, "một", "hai")
    await settle(post)
    assert post.platform.tries.count("a") == 1
    assert post.statuses(A)[-2:] == ["failed", "failed"]
    (line,) = post.platform.texts(telegram("501"))
    assert "900" in line
    chat = post.world.chat(A)
    assert not post.world.do(lambda c: inbox.reachable(c, chat))


async def test_a_helper_whose_chat_is_closed_is_told_to_group_and_citizen(post: Post) -> None:
    await claimed_ticket(post, A)
    post.platform.gone.add("501")
    post.write(telegram("501"), "lời của dân", ticket_id=900)
    await settle(post)
    (to_group,) = post.platform.texts(group())
    (to_citizen,) = post.platform.texts(A)
    assert "900" in to_group
    assert "900" in to_citizen


async def test_when_both_are_gone_the_notices_come_to_an_end(post: Post) -> None:
    await claimed_ticket(post, A)
    post.platform.gone |= {"a", "501"}
    post.write(telegram("501"), "lời của dân", ticket_id=900)
    await settle(post)
    before = list(post.platform.tries)
    await settle(post)
    assert post.platform.tries == before
    assert before.count("a") + before.count("501") <= 3
    assert "900" in post.platform.texts(group())[-1]


async def test_whoever_writes_again_can_be_reached_again(post: Post) -> None:
    post.platform.gone.add("a")
    post.write(A, "một")
    await post.poll()
    post.platform.gone.clear()
    await post.world.say(A, "tôi quay lại đây")
    await post.poll()
    assert len(post.platform.texts(A)) == 1
    assert post.world.chat_row(A).unreachable_at is None


async def test_a_group_that_threw_the_bot_out_tells_nobody(post: Post) -> None:
    await claimed_ticket(post, A)
    post.platform.gone.add("-1")
    post.write(group(), "phiếu", ticket_id=900)
    await settle(post)
    assert post.platform.texts(A) == []
    assert post.statuses(group())[-1] == "failed"
