"""Guide revisions, what was withdrawn of them, and who was shown which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection, delete, func, select, update

from bot.domain.effects import SetTimer
from bot.domain.recalls import Recall, StepRecall
from bot.models import schema
from bot.store import guides, inbox, records
from bot.store.db import Database
from bot.store.guides import Reader
from bot.store.inbox import ChatKey
from tests.support import START

T = TypeVar("T")
DAY = timedelta(days=1)


@dataclass
class Shelf:
    """The store's functions, each in a transaction of its own."""

    database: Database

    def do(self, work: Callable[[Connection], T]) -> T:
        return self.database.write_now(work)

    def chat(self, name: str, guide: str | None = None) -> int:
        chat = self.do(lambda c: inbox.chat_id(c, ChatKey("web", name), START))
        if guide is not None:
            here = update(schema.chats).where(schema.chats.c.id == chat).values(guide_id=guide)
            self.do(lambda c: c.execute(here).rowcount)
        return chat

    def keep(self, *names: str, guide: str = "qr_pay", day: int = 0, served: bool = False) -> None:
        found = {(guide, name): {"title": name} for name in names}
        at = START + day * DAY
        self.do(lambda c: guides.keep_revisions(c, found, at, served=served))

    def recall(self, name: str, why: str = "sai", guide: str = "qr_pay", step: int = 0) -> bool:
        title = "Quét" if step else ""
        return self.do(lambda c: guides.recall(c, guide, name, why, START, step=step, title=title))

    def view(self, chat: int, name: str, guide: str = "qr_pay", day: int = 0) -> None:
        self.do(lambda c: guides.viewed(c, chat, guide, name, START + day * DAY))

    def views(self) -> int:
        query = select(func.count()).select_from(schema.guide_views)
        return self.do(lambda c: c.execute(query).scalar()) or 0

    def readers(self, *names: str, guide: str = "qr_pay", day: int = -14) -> list[Reader]:
        return self.do(lambda c: guides.readers(c, guide, names, START + day * DAY))


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


# Revisions --------------------------------------------------------------------------------------


def test_revisions_are_kept_until_they_are_recalled(shelf: Shelf) -> None:
    for _ in range(2):
        shelf.keep("r1", "r2")
    shelf.keep()
    assert shelf.do(lambda c: guides.revision(c, "qr_pay", "r1")) == {"title": "r1"}
    assert shelf.do(lambda c: guides.revision(c, "qr_pay", "r9")) is None
    assert shelf.recall("r1", "sai" * 200)
    assert not shelf.recall("r1", "again")
    assert shelf.do(lambda c: guides.revision(c, "qr_pay", "r1")) is None
    assert shelf.do(lambda c: guides.revision(c, "qr_pay", "r2")) == {"title": "r2"}
    assert shelf.do(guides.recalls) == {("qr_pay", "r1"): Recall(("sai" * 200)[:300])}


def test_a_recalled_revision_is_not_revived_by_a_restart(shelf: Shelf) -> None:
    shelf.keep("r1")
    shelf.recall("r1")
    shelf.keep("r1", day=5, served=True)
    assert shelf.do(lambda c: guides.revision(c, "qr_pay", "r1")) is None
    assert shelf.do(lambda c: guides.revisions_left(c, "qr_pay")) == []


def test_what_is_served_is_what_was_put_into_service_last(shelf: Shelf) -> None:
    assert shelf.do(guides.served_revisions) == []
    shelf.keep("old")
    assert shelf.do(guides.served_revisions) == []
    shelf.keep("r1", day=1, served=True)
    shelf.keep("r2", day=2, served=True)
    shelf.keep("tried", day=3)
    (served,) = shelf.do(guides.served_revisions)
    assert (served.name, served.served, served.payload) == ("r2", True, {"title": "r2"})
    left = shelf.do(lambda c: guides.revisions_left(c, "qr_pay"))
    assert [(each.name, each.served) for each in left] == [
        ("tried", False),
        ("r2", True),
        ("r1", False),
        ("old", False),
    ]
    # An edit that is taken back: the text before it is served again.
    shelf.keep("r1", day=4, served=True)
    assert [each.name for each in shelf.do(guides.served_revisions)] == ["r1"]


# Recalls ----------------------------------------------------------------------------------------


def test_steps_are_recalled_one_by_one_and_the_revision_stays(shelf: Shelf) -> None:
    shelf.keep("r1")
    assert shelf.recall("r1", "phí đã đổi", step=2)
    assert not shelf.recall("r1", "khác", step=2)
    assert shelf.recall("r1", "nút đã đổi", step=3)
    steps = {2: StepRecall("Quét", "phí đã đổi"), 3: StepRecall("Quét", "nút đã đổi")}
    assert shelf.do(guides.recalls) == {("qr_pay", "r1"): Recall("", steps)}
    assert shelf.do(lambda c: guides.revision(c, "qr_pay", "r1")) is not None
    assert shelf.recall("r1", "sai hết")
    assert shelf.do(guides.recalls) == {("qr_pay", "r1"): Recall("sai hết", steps)}
    assert [row.step for row in shelf.do(guides.recall_rows)] == [0, 2, 3]


# Views ------------------------------------------------------------------------------------------


def test_a_chat_is_listed_once_per_revision_with_the_last_time(shelf: Shelf) -> None:
    chat = shelf.chat("a")
    for day in (-20, -1, -3):
        shelf.view(chat, "r1", day=day)
    shelf.view(chat, "r2", day=-2)
    assert shelf.views() == 2
    assert shelf.readers("r1", day=-4) == [Reader(chat, "r1", True)]
    assert shelf.readers("r1", day=-2) == []


def test_readers_are_who_saw_it_lately_and_who_is_inside(shelf: Shelf) -> None:
    lately, long_ago, other = shelf.chat("lately"), shelf.chat("long ago"), shelf.chat("other")
    inside, waits = shelf.chat("inside", "qr_pay"), shelf.chat("waits")
    helped, elsewhere = shelf.chat("waits for mother"), shelf.chat("waits elsewhere")
    shelf.view(lately, "r1", day=-13)
    shelf.view(long_ago, "r1", day=-15)
    shelf.view(other, "r9", day=-1)
    shelf.view(other, "r1", guide="scam_link", day=-1)
    for chat, walk in ((waits, "qr_pay"), (helped, "qr_pay@mother"), (elsewhere, "qr_pay_more")):
        timer = SetTimer("wait", walk, START)
        shelf.do(lambda c, chat=chat, timer=timer: records.set_timer(c, chat, timer))  # type: ignore[misc]
    assert shelf.readers("r1", "r2") == [
        Reader(inside, "", False),
        Reader(waits, "", False),
        Reader(helped, "", False),
        Reader(lately, "r1", True),
    ]


def test_of_several_revisions_the_one_seen_last_counts(shelf: Shelf) -> None:
    chat = shelf.chat("a", "qr_pay")
    shelf.view(chat, "r1", day=-5)
    shelf.view(chat, "r2", day=-2)
    assert shelf.readers("r1", "r2") == [Reader(chat, "r2", True)]


def test_views_go_with_their_days_in_portions(shelf: Shelf) -> None:
    old, new = shelf.chat("old"), shelf.chat("new")
    at = START - 20 * DAY

    def fill(connection: Connection) -> None:
        for number in range(1, 602):
            guides.viewed(connection, old, "qr_pay", f"r{number}", at)

    shelf.do(fill)
    shelf.view(new, "r1")
    purge = [shelf.do(lambda c: guides.purge_views(c, START - 14 * DAY)) for _ in range(3)]
    assert purge == [500, 101, 0]
    assert shelf.readers("r1") == [Reader(new, "r1", True)]


def test_views_go_with_their_chat(shelf: Shelf) -> None:
    gone, stays = shelf.chat("gone"), shelf.chat("stays")
    for chat in (gone, stays):
        shelf.view(chat, "r1")
    shelf.do(lambda c: guides.forget_views(c, gone))
    assert shelf.views() == 1
    whole = delete(schema.chats).where(schema.chats.c.id == stays)
    shelf.do(lambda c: c.execute(whole).rowcount)
    assert shelf.views() == 0
