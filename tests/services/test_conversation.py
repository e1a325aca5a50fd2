"""Conversations: in order, one reply each, nothing lost, whatever breaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot.dialogue.decide import decide as real_decide
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Decision
from bot.domain import events as ev
from bot.domain.effects import SetTimer
from bot.domain.replies import Priority, Reply
from bot.domain.state import State
from bot.models import schema
from bot.services import conversation
from bot.services.conversation import Conversations
from bot.services.posting import seal_event
from bot.store import health, inbox, records
from bot.store.inbox import ChatKey
from tests.databases import file_bytes
from tests.services.support import Brain, Held, World, group, web
from tests.support import POSTGRESQL, SQLITE, START, Clock

A, B = web("a"), web("b")
LEASE = 15.0


def asked(world: World, key: ChatKey) -> list[str | None]:
    """The questions of a chat as they were logged, in order."""
    table = schema.questions
    query = select(table.c.text).where(table.c.chat_id == world.chat(key)).order_by(table.c.id)
    return list(world.do(lambda c: c.execute(query).scalars().all()))


async def until(happened: Callable[[], bool]) -> None:
    """Let the others work until it happened."""
    for _ in range(10_000):
        if happened():
            return
        await asyncio.sleep(0)
    pytest.fail("it never happened")


async def kill(worker: Conversations) -> None:
    """What SIGKILL leaves: nothing given back, nothing finished."""
    for task in list(worker._running.values()):
        task.cancel()
    await asyncio.gather(*worker._running.values(), return_exceptions=True)


# In ---------------------------------------------------------------------------------------------


async def test_a_message_is_answered_and_leaves_nothing_behind(world: World) -> None:
    await world.say(A, "thời tiết mai sao")
    assert len(world.replies(A)) == 1
    assert asked(world, A) == ["thời tiết mai sao"]
    (row,) = world.in_rows(A)
    assert (row.payload, row.error, row.attempts) == (None, None, 0)
    assert row.handled_at == START
    chat = world.chat_row(A)
    assert (chat.lease_owner, chat.lease_until, chat.next_seq) == (None, None, 2)
    assert world.outgoing == [(chat.id, "web", Priority.REPLY)]


async def test_a_repeated_delivery_is_answered_once(world: World) -> None:
    envelope = ev.Envelope(ev.Text("thời tiết"))
    kept = [await world.talk.accept(A, "telegram", "7", envelope) for _ in range(3)]
    await world.talk.idle()
    assert [*kept, await world.talk.accept(A, "telegram", "7", envelope)] == [True] + [False] * 3
    await world.talk.idle()
    assert len(world.replies(A)) == 1
    metrics = world.talk._runtime.metrics
    assert metrics.received.labels("telegram")._value.get() == 1
    assert metrics.repeated.labels("telegram")._value.get() == 3


async def test_a_repeated_delivery_at_the_same_moment_is_answered_once(world: World) -> None:
    envelope = ev.Envelope(ev.Text("thời tiết"))
    kept = await asyncio.gather(*(world.talk.accept(A, "t", "7", envelope) for _ in range(8)))
    await world.talk.idle()
    assert sorted(kept) == [False] * 7 + [True]
    assert len(world.replies(A)) == 1


async def test_what_was_accepted_is_on_disk_before_it_is_handled(world: World) -> None:
    world.brain.open.clear()
    await world.accept(A, ev.Text("giữ giúp"))
    (row,) = world.in_rows(A)
    assert row.handled_at is None
    assert "giữ giúp".encode() not in row.payload
    world.brain.open.set()
    await world.talk.idle()


# Order ------------------------------------------------------------------------------------------


async def test_a_burst_to_many_chats_is_answered_in_order_one_reply_each(world: World) -> None:
    keys = [web(f"c{n}") for n in range(20)]
    wanted: dict[ChatKey, list[str]] = {key: [] for key in keys}
    burst = [key for key in keys for _ in range(10)]
    random.Random(7).shuffle(burst)
    for number, key in enumerate(burst):
        wanted[key].append(f"việc lạ số {number}")
    sent = {key: iter(texts) for key, texts in wanted.items()}

    async def send(key: ChatKey) -> None:
        for text in sent[key]:
            await world.accept(key, ev.Text(text))

    await asyncio.gather(*(send(key) for key in keys))
    await world.talk.idle()
    for key in keys:
        assert asked(world, key) == wanted[key]
        assert [row.seq for row in world.out_rows(key)] == list(range(1, 11))
        assert world.chat_row(key).state_version == 10
    assert world.do(inbox.backlog) == 0


async def test_two_workers_share_a_burst_without_doubling_or_reordering(world: World) -> None:
    other = world.worker("two")
    texts = [f"việc lạ số {n}" for n in range(30)]
    for number, text in enumerate(texts):
        await world.accept(A, ev.Text(text), worker=(world.talk, other)[number % 2])
    for _ in range(20):
        await world.talk.idle()
        await other.idle()
        if not world.do(inbox.backlog):
            break
        await world.talk.poll()
        await other.poll()
    assert asked(world, A) == texts
    assert [row.seq for row in world.out_rows(A)] == list(range(1, 31))


@POSTGRESQL
async def test_an_event_committed_late_under_a_lower_id_is_not_left_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL gives ids before the commit: 2 may be there before 1 is."""
    chat = world.chat(A)
    payload = seal_event(world.runtime.vault, ev.Envelope(ev.Text("muộn")))
    connection = world.runtime.db.engine.connect()
    inbox.put(connection, chat, "web", "late", payload, START)

    def decide(state: State, event: ev.Event, facts: Facts) -> Decision:
        if connection.in_transaction():
            connection.commit()
        return real_decide(state, event, facts)

    monkeypatch.setattr(conversation, "decide", decide)
    await world.say(A, "sớm")
    connection.close()
    assert world.do(inbox.backlog) == 0
    assert len(world.replies(A)) == 2


async def test_more_than_one_portion_waits_and_all_are_answered(world: World) -> None:
    world.brain.open.clear()
    for number in range(40):
        await world.accept(A, ev.Text(f"việc {number}"))
    world.brain.open.set()
    await world.talk.idle()
    assert asked(world, A) == [f"việc {n}" for n in range(40)]


# Workers that die -------------------------------------------------------------------------------


async def test_another_worker_finishes_what_a_killed_one_held(world: World, clock: Clock) -> None:
    dying = world.worker("dying", Held())
    await world.accept(A, ev.Text("đang làm thì chết"), worker=dying)
    await kill(dying)
    await world.talk.poll()
    await world.talk.idle()
    assert world.replies(A) == []
    clock.forward(LEASE + 1)
    await world.talk.poll()
    await world.talk.idle()
    assert len(world.replies(A)) == 1
    assert asked(world, A) == ["đang làm thì chết"]


async def test_a_poll_takes_no_more_than_there_is_room_for(world: World, clock: Clock) -> None:
    """After a standstill the first worker to look would take all that waits."""
    dying, people = world.worker("dying", Held()), (A, B, web("c"))
    for chat in people:
        await world.accept(chat, ev.Text("chờ lâu rồi"), worker=dying)
    await kill(dying)
    clock.forward(LEASE + 1)
    world.talk.most = lambda: 2
    await world.talk.poll()
    await world.talk.idle()
    assert [len(asked(world, chat)) for chat in people] == [1, 1, 0]
    await world.talk.poll()
    await world.talk.idle()
    assert [len(asked(world, chat)) for chat in people] == [1, 1, 1]


async def test_a_worker_that_comes_back_late_writes_nothing(world: World, clock: Clock) -> None:
    brain = Held()
    slow = world.worker("slow", brain)
    await world.accept(A, ev.Text("chậm"), worker=slow)
    await brain.asked.wait()
    clock.forward(LEASE + 1)
    await world.talk.poll()
    await world.talk.idle()
    before = world.chat_row(A)
    brain.open.set()
    await slow.idle()
    assert len(world.replies(A)) == 1
    assert world.chat_row(A) == before


async def test_killed_after_the_commit_nothing_is_done_again(world: World, clock: Clock) -> None:
    deaf = world.worker("deaf")
    deaf._after = lambda chat, done: None  # type: ignore[method-assign]
    await world.accept(A, ev.Text("xong rồi mới chết"), worker=deaf)
    await deaf.idle()
    clock.forward(LEASE + 1)
    await world.talk.poll()
    await world.talk.idle()
    # The reply stands in the outbox, where the next look of the delivery finds it.
    assert [row.status for row in world.out_rows(A)] == ["pending"]


async def test_a_kill_inside_the_transaction_leaves_no_half(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = inbox.save
    calls: list[int] = []

    def die_once(*args: Any, **kwargs: Any) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("UPDATE", {}, Exception("server closed the connection"))
        real(*args, **kwargs)

    monkeypatch.setattr(inbox, "save", die_once)
    await world.say(A, "đứt giữa chừng")
    assert world.replies(A) == []
    assert asked(world, A) == []
    (row,) = world.in_rows(A)
    # The database's own trouble is not held against the message.
    assert (row.handled_at, row.attempts) == (None, 0)
    clock.forward(LEASE + 1)
    await world.talk.poll()
    await world.talk.idle()
    assert asked(world, A) == ["đứt giữa chừng"]
    assert len(world.replies(A)) == 1


async def test_stopping_finishes_what_is_in_hand_and_gives_leases_back(world: World) -> None:
    await world.accept(A, ev.Text("một"))
    await world.talk.stop()
    assert world.chat_row(A).lease_owner is None
    # Accepted while stopping: kept for the next worker, without a lease of this one.
    await world.accept(A, ev.Text("hai"))
    assert world.chat_row(A).lease_owner is None
    other = world.worker("two")
    await other.poll()
    await other.idle()
    assert asked(world, A) == ["một", "hai"]


# Poison -----------------------------------------------------------------------------------------


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """`decide` fails for a text with "độc" in it; every text it saw, in order."""
    seen: list[str] = []

    def decide(state: State, event: ev.Event, facts: Facts) -> Decision:
        text = event.text if isinstance(event, ev.Text) else ""
        seen.append(text)
        if "độc" in text:
            raise ZeroDivisionError
        return real_decide(state, event, facts)

    monkeypatch.setattr(conversation, "decide", decide)
    return seen


async def test_a_poison_event_is_set_aside_and_the_next_is_answered_after_it(
    world: World, poisoned: list[str]
) -> None:
    world.brain.open.clear()
    for text in ("độc", "lành", "lành nữa"):
        await world.accept(A, ev.Text(text))
    world.brain.open.set()
    await world.talk.idle()
    assert poisoned == ["độc"] * 3 + ["lành", "lành nữa"]
    first, *others = world.in_rows(A)
    assert first.attempts == 3
    assert "độc".encode() not in first.payload, "kept to be tried again, sealed"
    assert "gave up" in first.error
    assert all(row.handled_at and not row.error for row in others)
    trouble = world.publisher.content.phrases.say("trouble")
    texts = world.texts(A)
    assert (texts[0], len(texts)) == (trouble, 3)
    assert trouble not in texts[1:]
    failed = world.talk._runtime.metrics.handled.labels("failed")
    assert failed._value.get() == 3


async def test_what_was_set_aside_can_be_tried_again(
    world: World, poisoned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.accept(A, ev.Text("độc"))
    await world.talk.idle()
    (row,) = world.in_rows(A)
    monkeypatch.setattr(conversation, "decide", real_decide)
    runtime = world.talk._runtime
    chat = await runtime.db.write(lambda c: health.retry(c, row.id))
    assert chat == row.chat_id
    world.talk.wake(row.chat_id)
    await world.talk.idle()
    (again,) = world.in_rows(A)
    assert (again.error, again.payload) == (None, None)
    assert len(world.texts(A)) == 2
    assert await runtime.db.write(lambda c: health.retry(c, row.id)) is None


async def test_a_poison_event_in_a_group_is_set_aside_quietly(
    world: World, poisoned: list[str]
) -> None:
    await world.accept(group(), ev.Text("độc"))
    await world.talk.idle()
    assert world.replies(group()) == []
    assert world.chat_row(group()).lease_owner is None


async def test_failures_are_counted_over_restarts(
    world: World, poisoned: list[str], clock: Clock
) -> None:
    """Whoever kills the process that handles it is set aside, too."""
    await world.accept(A, ev.Text("độc"))
    await kill(world.talk)
    (row,) = world.in_rows(A)
    world.do(lambda c: c.execute(update(schema.inbox).values(attempts=2)))
    clock.forward(LEASE + 1)
    other = world.worker("two")
    await other.poll()
    await other.idle()
    (row,) = world.in_rows(A)
    assert row.attempts == 3
    assert row.handled_at is not None


async def test_a_message_the_database_refuses_is_set_aside_not_tried_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = records.log_question

    def clash(connection: Any, number: int, *rest: Any) -> None:
        real(connection, 1 if number == 2 else number, *rest)

    monkeypatch.setattr(records, "log_question", clash)
    for text in ("một", "hai", "ba"):
        await world.say(A, text)
    assert [bool(row.error) for row in world.in_rows(A)] == [False, True, False]
    assert asked(world, A) == ["một", "ba"]
    assert len(world.replies(A)) == 3


async def test_a_payload_that_cannot_be_read_is_set_aside(world: World) -> None:
    chat = world.chat(A)
    world.do(lambda c: inbox.put(c, chat, "web", "bad", b"never sealed by us", START))
    await world.say(A, "sau đó")
    bad, good = world.in_rows(A)
    assert (bool(bad.error), good.error) == (True, None)
    assert len(world.replies(A)) == 2


@pytest.mark.parametrize("broken", [b"garbage", b""])
async def test_a_state_that_cannot_be_read_begins_anew(world: World, broken: bytes) -> None:
    await world.say(A, "một")
    await world.press(A, "guide:qr_pay")
    assert world.state(A).session is not None
    world.do(lambda c: c.execute(update(schema.chats).values(state=broken)))
    await world.say(A, "hai")
    assert world.state(A).session is None
    assert asked(world, A)[-1] == "hai"


async def test_a_state_of_another_version_begins_anew(world: World) -> None:
    await world.say(A, "một")
    sealed = world.runtime.vault.seal(b'{"session": {"what": 1}}', "state")
    world.do(lambda c: c.execute(update(schema.chats).values(state=sealed)))
    await world.say(A, "hai")
    assert [row.error for row in world.in_rows(A)] == [None, None]


@pytest.mark.parametrize("text", ["xin\x00chào", "\x00", "\ud800 nửa chữ", "", "a" * 20_000])
async def test_any_text_is_answered(world: World, text: str) -> None:
    try:
        await world.accept(A, ev.Text(text))
    except ValueError:
        # Half a surrogate pair is no text: refused before it is kept, so the platform is told.
        assert world.in_rows(A) == []
        return
    await world.talk.idle()
    (row,) = world.in_rows(A)
    assert (row.error, row.attempts) == (None, 0)
    assert len(world.replies(A)) == 1


# The engine -------------------------------------------------------------------------------------


async def test_messages_that_come_before_the_engine_wait_and_are_answered(
    world: World, clock: Clock
) -> None:
    world.brain.open.clear()
    for text in ("một", "hai"):
        await world.accept(A, ev.Text(text))
    await world.accept(B, ev.Press("menu"))
    await world.brain.asked.wait()
    await until(lambda: bool(world.replies(B)))
    # A button needs no engine; the texts wait, and their lease is renewed meanwhile.
    assert world.replies(A) == []
    clock.forward(LEASE * 3)
    held = world.chat_row(A)
    await until(lambda: bool(world.chat_row(A).lease_until > held.lease_until))
    await world.worker("two").poll()
    world.brain.open.set()
    await world.talk.idle()
    assert asked(world, A) == ["một", "hai"]
    assert len(world.replies(A)) == 2


async def test_stopping_while_the_engine_is_not_there_loses_nothing(world: World) -> None:
    world.brain.open.clear()
    await world.accept(A, ev.Text("đợi máy"))
    await world.brain.asked.wait()
    await world.talk.stop()
    (row,) = world.in_rows(A)
    assert (row.handled_at, row.attempts) == (None, 0)
    other = world.worker("two", Brain())
    await other.poll()
    await other.idle()
    assert asked(world, A) == ["đợi máy"]


# Timers -----------------------------------------------------------------------------------------


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[ev.Event]:
    """A `decide` that says each event back, and what it was given."""
    seen: list[ev.Event] = []

    def decide(state: State, event: ev.Event, facts: Facts) -> Decision:
        seen.append(event)
        reminder = isinstance(event, ev.TimerDue)
        priority = Priority.REMINDER if reminder else Priority.REPLY
        return Decision(state, (Reply(event.kind, priority=priority),), ())

    monkeypatch.setattr(conversation, "decide", decide)
    return seen


def set_timer(world: World, guide: str = "qr_pay") -> None:
    chat, due = world.chat(A), world.runtime.now()
    world.do(lambda c: records.set_timer(c, chat, SetTimer("wait", guide, due)))


async def test_a_due_timer_becomes_one_event(world: World, told: list[ev.Event]) -> None:
    set_timer(world)
    other = world.worker("two")
    await asyncio.gather(world.talk.fire_timers(), other.fire_timers())
    await world.talk.idle()
    await other.idle()
    assert await world.talk.fire_timers() == 0
    assert told == [ev.TimerDue("wait", "qr_pay")]


async def test_a_timer_set_again_after_it_fired_fires_again(
    world: World, told: list[ev.Event]
) -> None:
    for _ in range(3):
        set_timer(world)
        assert await world.talk.fire_timers() == 1
        await world.talk.idle()
    assert len(told) == 3


async def test_a_timer_whose_event_nobody_woke_for_is_found_by_the_poll(
    world: World, told: list[ev.Event]
) -> None:
    set_timer(world)
    dying = world.worker("dying")
    dying.wake = lambda chat: None  # type: ignore[method-assign]
    await dying.fire_timers()
    await world.talk.poll()
    await world.talk.idle()
    assert len(told) == 1


async def test_at_night_a_reminder_waits_for_the_morning_and_a_reply_does_not(
    world: World, told: list[ev.Event], clock: Clock
) -> None:
    clock.at = START.replace(hour=15)  # 22:00 in Vietnam
    set_timer(world)
    await world.talk.fire_timers()
    await world.talk.idle()
    await world.say(A, "còn thức")
    reminder, reply = world.out_rows(A)
    assert reminder.not_before == START.replace(day=23, hour=0, minute=0)
    assert reply.not_before is None


# Erasing ----------------------------------------------------------------------------------------


async def test_erasing_forgets_the_person_and_goes_on_as_if_new(world: World) -> None:
    await world.say(A, "chuyện riêng của tôi")
    await world.say(B, "chuyện của người khác")
    await world.press(A, "guide:qr_pay")
    await world.say(A, "xóa dữ liệu của tôi")
    await world.press(A, "erase:yes")
    table = schema.questions
    query = select(table.c.text).order_by(table.c.id)
    texts = world.do(lambda c: c.execute(query).scalars().all())
    assert [text for text in texts if text] == ["chuyện của người khác"]
    assert world.state(A).session is None
    # Only the goodbye is left to be sent.
    assert len(world.replies(A)) == 1
    assert world.chat_row(A).guide_id is None
    await world.say(A, "chào lại")
    assert asked(world, A) == ["chào lại"]


@SQLITE
async def test_what_was_erased_is_not_on_disk(world: World) -> None:
    await world.say(A, "chuyện riêng của tôi")
    assert "chuyện riêng của tôi".encode() in file_bytes(world.runtime.db)
    await world.say(A, "xóa dữ liệu của tôi")
    await world.press(A, "erase:yes")
    assert "chuyện riêng của tôi".encode() not in file_bytes(world.runtime.db)


async def test_erasing_while_a_ticket_is_open_tells_the_team(world: World) -> None:
    team = world.team()
    member = world.member(team, "Hoa", "501")
    world.open_ticket(900, A, team)
    await world.talk.idle()
    world.claim(900, member)
    await world.talk.idle()
    await world.say(A, "xóa dữ liệu của tôi")
    await world.press(A, "erase:yes")
    ticket = world.ticket(900)
    assert (ticket.status, ticket.name) == ("cancelled", "")
    assert "900" in world.texts(ChatKey("telegram", "501"))[-1]
    assert "900" in world.texts(group())[-1]


# Between processes ------------------------------------------------------------------------------


@POSTGRESQL
async def test_a_web_chat_is_announced_to_other_processes(world: World) -> None:
    from bot.store.notify import Listener

    heard: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    url = world.runtime.db.engine.url.render_as_string(hide_password=False)

    def hear(chat: int) -> None:
        loop.call_soon_threadsafe(heard.put_nowait, chat)

    listener = Listener(url, hear)
    listener.start()
    try:
        chat = 0
        # The listener may still be connecting: what is said before that is not heard.
        for _ in range(50):
            await world.say(A, "nghe không")
            chat = world.chat(A)
            try:
                assert await asyncio.wait_for(heard.get(), 0.2) == chat
                break
            except TimeoutError:
                continue
        else:
            pytest.fail("nothing was announced")
    finally:
        await asyncio.to_thread(listener.stop)
