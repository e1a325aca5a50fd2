"""Invented data: the same from the same seed, never among real data, and counted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from bot.errors import BadRequest
from bot.guides.content import Content, load_content
from bot.models.schema import members, questions, ticket_events, tickets
from bot.services.demo import questions as invented
from bot.services.demo.make import Made, make
from bot.services.demo.world import RISING, RISING_IN, make_world
from bot.services.places import Places
from bot.services.runtime import Runtime
from bot.store import inbox, rollups
from bot.store import tickets as ticket_store
from bot.store.inbox import ChatKey
from bot.store.rollups import Cut
from nlu.intents import INTENTS, Kind
from tests.support import START

TITLES = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}


@pytest.fixture(scope="module")
def content(few_guides: Path) -> Content:
    return load_content(few_guides, TITLES)


def filled(runtime: Runtime, content: Content, seed: int = 1) -> Made:
    return make(runtime, content, Places(runtime).atlas, 1_500, 100, seed)


def test_it_is_as_large_as_asked_and_counted(runtime: Runtime, content: Content) -> None:
    made = filled(runtime, content)
    assert (made.questions, made.tickets) == (1_500, 100)
    db = runtime.db
    assert (
        db.read_now(lambda c: c.execute(select(func.count()).select_from(questions)).scalar())
        == 1_500
    )
    finest = db.read_now(lambda c: rollups.cells(c, Cut.FULL))
    assert sum(number.asked for number in finest.values()) == 1_500
    assert db.read_now(rollups.marked) == {}
    days = db.read_now(lambda c: set(c.execute(select(func.date(questions.c.asked_at))).scalars()))
    assert len(days) > 300
    outcomes = db.read_now(lambda c: set(c.execute(select(questions.c.outcome)).scalars()))
    assert len(outcomes) == 6
    areas = db.read_now(lambda c: set(c.execute(select(questions.c.province)).scalars()))
    assert len(areas - {""}) == 3


def test_tickets_can_be_opened_and_their_events_are_there(
    runtime: Runtime, content: Content
) -> None:
    filled(runtime, content)
    first = runtime.db.read_now(lambda c: c.execute(select(tickets.c.id).limit(1)).scalar())
    assert first is not None
    view = runtime.db.read_now(lambda c: ticket_store.find(c, runtime.vault, first))
    assert view is not None
    assert view.phone.startswith("0900 000 ")
    kinds = runtime.db.read_now(lambda c: set(c.execute(select(ticket_events.c.kind)).scalars()))
    assert {"opened", "claimed", "closed"} <= kinds
    assert runtime.db.read_now(lambda c: c.execute(select(members.c.id)).first()) is not None


def test_the_same_seed_gives_the_same_data(runtime: Runtime, content: Content) -> None:
    filled(runtime, content)
    query = select(questions).order_by(questions.c.id)
    rows = runtime.db.read_now(lambda c: [tuple(row) for row in c.execute(query.limit(300))])
    assert {row[0] for row in rows} == set(range(1, 301))
    again = []
    for _ in range(2):
        dice = np.random.default_rng(5)
        world = make_world(content, Places(runtime).atlas, 500, START.date(), dice)
        again.append(list(invented.of_day(world, 3, 1, 1, dice, [])))
    assert again[0] == again[1]


def test_real_data_is_never_mixed_with_it(runtime: Runtime, content: Content) -> None:
    runtime.db.write_now(lambda c: inbox.chat_id(c, ChatKey("web", "somebody"), START))
    with pytest.raises(BadRequest, match="the database has rows in chats"):
        filled(runtime, content)
    assert runtime.db.read_now(lambda c: c.execute(select(questions.c.id)).first()) is None


def test_twice_is_refused(runtime: Runtime, content: Content) -> None:
    filled(runtime, content)
    with pytest.raises(BadRequest, match="only made in an empty one"):
        filled(runtime, content)


@pytest.mark.parametrize("number", [0, -1, 10**8])
def test_no_such_number(runtime: Runtime, content: Content, number: int) -> None:
    with pytest.raises(BadRequest, match="--questions"):
        make(runtime, content, Places(runtime).atlas, number, 0, 1)


def test_a_real_event_after_it_has_a_number_of_its_own(runtime: Runtime, content: Content) -> None:
    """Questions and tickets are called by their event's number."""
    filled(runtime, content)

    def write(c):  # type: ignore[no-untyped-def]
        chat = inbox.chat_id(c, ChatKey("web", "new"), START)
        return inbox.put(c, chat, "web", "1", b"x", START)

    number = runtime.db.write_now(write)
    assert number is not None
    assert number > 1_500


def test_one_theme_rises_in_one_province(runtime: Runtime, content: Content) -> None:
    make(runtime, content, Places(runtime).atlas, 30_000, 0, 2)
    cells = runtime.db.read_now(lambda c: rollups.cells(c, Cut.WIDE_DAY))
    days = sorted({cell.begin for cell in cells})
    recent, before = set(days[-7:]), set(days[-63:-7])

    def asked(when: set[date]) -> int:
        return sum(
            number.asked
            for cell, number in cells.items()
            if cell.begin in when and cell.topic == RISING and cell.area == RISING_IN
        )

    assert asked(recent) > 2 * asked(before) / 8
