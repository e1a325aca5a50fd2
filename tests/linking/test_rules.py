"""The rules by which walks are put together, for any walks; the code's form; joining at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.carrying import progress_of
from bot.domain.events import LinkMade, ProgressCarried
from bot.domain.linking import DIGITS, LETTERS, LinkedChat, Progress, new_code, typed_code
from bot.domain.state import Session, State
from bot.store import inbox, linking
from bot.store.db import Database
from bot.store.inbox import ChatKey
from tests.dialogue.helpers import NOW, talk
from tests.linking.people import rows_of
from tests.support import START

GUIDES = ("qr_pay", "scam_link", "vneid_level_2")
LINKED = (LinkedChat(9, "telegram"),)
NUMBER = st.integers(1, 10_000)


@st.composite
def walks(draw: st.DrawFn) -> tuple[Session, ...]:
    """Some walks through different guides."""
    guides = draw(st.lists(st.sampled_from(GUIDES), unique=True, max_size=3))
    return tuple(Session(g, "r", draw(st.integers(0, 3)), draw(NUMBER)) for g in guides)


@st.composite
def progress(draw: st.DrawFn) -> Progress:
    """How far somebody has come."""
    every = draw(walks())
    opened = draw(st.booleans()) and bool(every)
    done = draw(st.dictionaries(st.sampled_from(GUIDES), st.dates(date(2025, 1, 1)), max_size=2))
    homes = draw(st.dictionaries(st.sampled_from(["", "mother"]), st.sampled_from("ab")))
    session, parked = (every[0], every[1:]) if opened else (None, every)
    return Progress(NOW, session, parked=parked, finished=done, homes=homes)


def state_of(mine: Progress) -> State:
    return State(
        greeted=True,
        session=mine.session,
        parked=mine.parked,
        finished=mine.finished,
        homes=mine.homes,
    )


def steps(state: State | Progress) -> dict[str, int]:
    every = (state.session, state.suspended, *state.parked)
    return {walk.key: walk.step for walk in every if walk is not None}


@given(mine=progress(), theirs=progress())
def test_nothing_is_lost_when_two_are_put_together(mine: Progress, theirs: Progress) -> None:
    there = talk().know(linked=LINKED)
    there.state = state_of(mine)
    there.event(LinkMade("telegram", theirs))
    after = there.state
    wanted = {
        key: max(steps(mine).get(key, -1), steps(theirs).get(key, -1))
        for key in {**steps(mine), **steps(theirs)}
    }
    assert steps(after) == wanted
    opened = [walk for walk in (mine.session, theirs.session) if walk is not None]
    assert (after.session is not None) == bool(opened)
    if opened:
        newest = max(opened, key=lambda walk: walk.question_id)
        assert after.session is not None
        assert after.session.guide_id in {w.guide_id for w in opened}
        assert newest.question_id >= min(w.question_id for w in opened)
    assert set(after.finished) == {*mine.finished, *theirs.finished}
    assert after.homes == {**theirs.homes, **mine.homes}


@given(mine=progress(), theirs=progress(), later=st.integers(-5, 5))
def test_the_newer_walks_are_taken_and_older_ones_are_not(
    mine: Progress, theirs: Progress, later: int
) -> None:
    there = talk().know(linked=LINKED)
    there.state = replace(state_of(mine), carried_at=NOW)
    there.event(ProgressCarried(replace(theirs, at=NOW + timedelta(seconds=later))))
    source = theirs if later >= 0 else mine
    assert (there.state.session, there.state.parked) == (source.session, source.parked)
    assert set(there.state.finished) == {*mine.finished, *theirs.finished}
    assert there.replies == ()
    assert not any(type(effect).__name__ == "CarryProgress" for effect in there.effects)


@given(mine=progress(), theirs=progress())
def test_both_sides_end_the_same(mine: Progress, theirs: Progress) -> None:
    """What was put together and sent back leaves both with the same walks."""
    taker, giver = talk().know(linked=LINKED), talk().know(linked=LINKED)
    taker.state, giver.state = state_of(theirs), state_of(mine)
    taker.event(LinkMade("web", mine))
    giver.event(ProgressCarried(progress_of(taker.state, NOW)))
    same = ("session", "suspended", "parked", "finished", "homes", "person")
    for name in same:
        assert getattr(giver.state, name) == getattr(taker.state, name), name


# The code -----------------------------------------------------------------------------------------


@given(st.integers())
def test_a_code_is_read_back_however_it_is_written(seed: int) -> None:
    code = new_code(random.Random(seed).choice)
    assert set(code) <= set(DIGITS + LETTERS)
    for typed in (code, code.lower(), f" {code[:3]} {code[3:]} ", f"mã liên kết: {code}."[:-1]):
        assert typed_code(typed) == code


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_none(text: str) -> None:
    found = typed_code(text)
    assert found is None or len(found) == 6


def test_words_and_numbers_are_no_codes() -> None:
    for text in ("banhmi", "123456", "50000đ", "có", "tôi cần giúp", "0912 345 678", "K7M4P"):
        assert typed_code(text) is None


# At once ------------------------------------------------------------------------------------------


def test_two_who_join_one_chat_at_once(database: Database) -> None:
    def made(name: str) -> int:
        return database.write_now(lambda c: inbox.chat_id(c, ChatKey("web", name), START))

    first, second, wanted = made("a"), made("b"), made("c")

    def join(chat: int) -> bool:
        return database.write_now(lambda c: linking.join(c, chat, wanted, START))

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(join, (first, second)))
    assert sorted(won) == [False, True]
    assert rows_of(database, "people") == 1
    assert rows_of(database, "linked_chats") == 2


def test_two_of_three_who_leave_at_once(database: Database) -> None:
    def made(name: str) -> int:
        return database.write_now(lambda c: inbox.chat_id(c, ChatKey("web", name), START))

    chats = [made(name) for name in "abc"]
    for other in chats[1:]:
        assert database.write_now(lambda c, o=other: linking.join(c, chats[0], o, START))  # type: ignore[misc]
    with ThreadPoolExecutor(2) as pool:
        list(
            pool.map(lambda n: database.write_now(lambda c: linking.leave(c, n, START)), chats[:2])
        )
    assert rows_of(database, "people") == rows_of(database, "linked_chats") == 0
