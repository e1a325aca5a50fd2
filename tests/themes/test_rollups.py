"""The counts of the question log equal a plain recount, whatever happened and whoever counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, select, update

from bot.domain.counts import Counts
from bot.domain.effects import LogQuestion, Outcome, ReachedStep, SetOutcome
from bot.models.schema import question_counts, question_marks, questions
from bot.schedule.zone import local
from bot.services.rollups import Rollups
from bot.services.runtime import Runtime
from bot.store import counts, inbox, records, rollups
from bot.store import questions as log
from bot.store.counts import Slice
from bot.store.inbox import ChatKey
from bot.store.rollups import Cell, Cut
from tests.support import START

T = TypeVar("T")
DAY = timedelta(days=1)
AREAS = ("", "96", "96.32236", "96.32248.rach-tau", "66.24373", "19")
TOPICS = ("qr_pay", "scam_link", "vneid_level_2")
CHANNELS = ("telegram", "web", "zalo_bot")


class Life:
    """People who ask, go on, end, and are forgotten, at random from a seed."""

    def __init__(self, runtime: Runtime, seed: int) -> None:
        self.runtime = runtime
        self.random = random.Random(seed)
        self.numbers = 0
        self.asked: dict[int, int] = {}
        self.chats = [self.chat(n) for n in range(8)]

    def do(self, work: Callable[[Connection], T]) -> T:
        return self.runtime.db.write_now(work)

    def chat(self, number: int) -> int:
        key = ChatKey(CHANNELS[number % 3], f"p{number}")
        return self.do(lambda c: inbox.chat_id(c, key, START))

    def ask(self) -> None:
        dice = self.random
        self.numbers += 1
        number, chat = self.numbers, dice.randrange(8)
        topic, outcome = dice.choice(TOPICS), dice.choice(list(Outcome)[:3])
        guide = "" if outcome is Outcome.NOT_UNDERSTOOD else dice.choice((topic, ""))
        effect = LogQuestion("câu hỏi", topic, 0.5, outcome, guide)
        when = START - dice.randrange(70) * DAY - timedelta(minutes=dice.randrange(1440))
        area, channel = dice.choice(AREAS), CHANNELS[chat % 3]
        self.asked[number] = self.chats[chat]
        self.do(
            lambda c: records.log_question(
                c, number, self.chats[chat], channel, None, effect, when, area
            )
        )

    def go_on(self) -> None:
        if not self.asked:
            return
        dice = self.random
        number = dice.choice(list(self.asked))
        chat = self.asked[number]
        if dice.random() < 0.5:
            step = ReachedStep(number, dice.randrange(1, 5))
            self.do(lambda c: log.reached_step(c, chat, step))
        else:
            label = dice.choice((*TOPICS, ""))
            end = SetOutcome(number, dice.choice(list(Outcome)), dice.choice((None, 2, 3)), label)
            self.do(lambda c: records.set_outcome(c, chat, end))

    def forget(self) -> None:
        chat = self.random.choice(self.chats)
        self.do(lambda c: records.erase_chat(c, chat, 0, START))

    def happens(self, times: int) -> None:
        for _ in range(times):
            self.random.choices((self.ask, self.go_on, self.forget), (6, 5, 0.3))[0]()


def plain(connection: Connection) -> dict[tuple[Cut, Cell], Counts]:
    """Every cut, counted question by question in Python."""
    found: dict[tuple[Cut, Cell], Counter[str]] = {}
    for row in connection.execute(select(questions)):
        day, place = local(row.asked_at).date(), row.commune or row.province
        finest = Cell(day, place, row.topic, row.channel, row.step or 0)
        for cut in Cut:
            cell = rollups.project(finest, cut)
            if cell is None:
                continue
            number = found.setdefault((cut, cell), Counter())
            number["asked"] += 1
            number["guided"] += row.guide_id != ""
            number["walked"] += row.step is not None
            ended = row.outcome in ("finished", "stopped", "handed_over")
            if ended and row.step is not None:
                number[row.outcome] += 1
            elif row.outcome == "handed_over":
                number["helped"] += 1
            elif not ended and row.outcome != "answered":
                number[row.outcome] += 1
    return {key: Counts(**number) for key, number in found.items()}


def kept(connection: Connection) -> dict[tuple[Cut, Cell], Counts]:
    return {(cut, cell): n for cut in Cut for cell, n in rollups.cells(connection, cut).items()}


@pytest.mark.parametrize("seed", range(4))
async def test_counts_equal_a_plain_recount_after_anything(runtime: Runtime, seed: int) -> None:
    life, job = Life(runtime, seed), Rollups(runtime)
    for _ in range(4):
        life.happens(60)
        await job.tick()
        assert life.do(kept) == life.do(plain)
        assert life.do(lambda c: list(c.execute(select(question_marks)))) == []
    assert life.do(lambda c: c.execute(select(question_counts)).first()) is not None
    life.do(rollups.rebuild)
    assert life.do(kept) == life.do(plain)


async def test_a_second_tick_changes_nothing(runtime: Runtime) -> None:
    life, job = Life(runtime, 1), Rollups(runtime)
    life.happens(50)
    assert await job.tick() > 0
    before = life.do(kept)
    assert await job.tick() == 0
    life.do(lambda c: log.mark(c, *(START - n * DAY for n in range(70))))
    assert await job.tick() == 70
    assert life.do(kept) == before


async def test_one_counts_at_a_time_and_a_dead_one_is_followed(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Life(runtime, 2)
    life.happens(80)
    now = runtime.now()
    assert life.do(lambda c: rollups.take_lease(c, "another", now, now + timedelta(minutes=2)))
    assert await Rollups(runtime).tick() == 0
    assert life.do(kept) == {}
    later = replace(runtime, now=lambda: now + timedelta(minutes=3))
    assert await Rollups(later).tick() > 0
    assert life.do(kept) == life.do(plain)


async def test_who_lost_the_lease_half_way_writes_nothing_more(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after its first portion; another process finishes from what it finds."""
    life = Life(runtime, 3)
    life.happens(120)
    monkeypatch.setattr("bot.services.rollups._CHUNK", 1)
    now, added = runtime.now(), rollups.add

    def lose(connection: Connection, changes: object) -> None:
        added(connection, changes)  # type: ignore[arg-type]
        rollups.take_lease(connection, "another", now + DAY, now + 2 * DAY)

    monkeypatch.setattr(rollups, "add", lose)
    assert await Rollups(runtime).tick() == 0
    assert 0 < len(life.do(lambda c: rollups.cells(c, Cut.FULL))) <= 1
    monkeypatch.setattr(rollups, "add", added)
    later = replace(runtime, now=lambda: now + 3 * DAY, owner="two")
    await Rollups(later).tick()
    assert life.do(kept) == life.do(plain)


async def test_an_older_question_that_ends_later_is_counted_so(runtime: Runtime) -> None:
    life, job = Life(runtime, 5), Rollups(runtime)
    effect = LogQuestion("x", "qr_pay", 0.9, Outcome.ANSWERED, "qr_pay")
    old = START - 40 * DAY
    chat = life.chats[0]
    life.do(lambda c: records.log_question(c, 1, chat, "web", None, effect, old, "96.32236"))
    await job.tick()
    life.do(lambda c: log.reached_step(c, chat, ReachedStep(1, 2)))
    life.do(lambda c: records.set_outcome(c, chat, SetOutcome(1, Outcome.FINISHED, 4)))
    # What ended goes on being shown, and stays an end.
    life.do(lambda c: log.reached_step(c, chat, ReachedStep(1, 1)))
    await job.tick()
    wanted = Slice(date(2025, 10, 1), date(2025, 12, 1), months=True)
    assert life.do(lambda c: counts.grouped(c, wanted, "begin", "topic", "step")) == {
        (date(2025, 10, 1), "qr_pay", 4): Counts(asked=1, guided=1, walked=1, finished=1)
    }


SLICES = [
    Slice(date(2025, 9, 1), date(2025, 12, 1)),
    Slice(date(2025, 9, 1), date(2025, 12, 1), months=True),
    Slice(date(2025, 10, 10), date(2025, 10, 25), areas=("96",)),
    Slice(date(2025, 9, 1), date(2025, 12, 1), months=True, areas=("96.32236", "66", "96.32248")),
    Slice(date(2025, 9, 1), date(2025, 12, 1), areas=("96", "96.32236"), channel="web"),
    Slice(date(2025, 9, 1), date(2025, 12, 1), topics=("qr_pay", "scam_link"), channel="web"),
    Slice(
        date(2025, 9, 1), date(2025, 12, 1), months=True, areas=("96.32236",), topics=("qr_pay",)
    ),
]
KEYS: list[tuple[counts.Key, ...]] = [
    (),
    ("begin",),
    ("topic",),
    ("channel",),
    ("place",),
    ("province",),
    ("topic", "step"),
    ("begin", "topic"),
    ("place", "topic"),
]


async def test_every_question_to_the_counts_has_the_log_s_answer(runtime: Runtime) -> None:
    life = Life(runtime, 6)
    life.happens(200)
    await Rollups(runtime).tick()
    rows = life.do(lambda c: list(c.execute(select(questions))))
    for wanted in SLICES:
        for by in KEYS:
            expected: Counter[tuple[object, ...]] = Counter()
            for row in rows:
                day = local(row.asked_at).date()
                if not wanted.begin <= day < wanted.end or ("step" in by and not row.step):
                    continue
                place = row.commune or row.province
                inside = any(place == a or place.startswith(f"{a}.") for a in wanted.areas)
                if wanted.areas and not inside:
                    continue
                if wanted.topics and row.topic not in wanted.topics:
                    continue
                if wanted.channel and row.channel != wanted.channel:
                    continue
                values = {
                    "begin": day.replace(day=1) if wanted.months else day,
                    "place": place,
                    "province": place[:2],
                    "topic": row.topic,
                    "channel": row.channel,
                    "step": row.step or 0,
                }
                expected[tuple(values[key] for key in by)] += 1
            found = life.do(lambda c, w=wanted, b=by: counts.grouped(c, w, *b))  # type: ignore[misc]
            assert {k: n.asked for k, n in found.items()} == dict(expected), (wanted, by)


async def test_what_was_written_around_the_store_is_found_by_a_rebuild(runtime: Runtime) -> None:
    life = Life(runtime, 7)
    life.happens(30)
    await Rollups(runtime).tick()
    life.do(lambda c: c.execute(update(questions).values(channel="terminal")).rowcount)
    life.do(rollups.rebuild)
    assert life.do(kept) == life.do(plain)
    assert life.do(counts.channels) == ["terminal"]
    first = life.do(counts.first_day)
    assert first == min(cell.begin for _, cell in life.do(kept) if _ is Cut.FULL)
