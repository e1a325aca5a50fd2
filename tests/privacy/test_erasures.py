"""Erasures stay erased: the list of them, and a backup that is restored."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, select

from bot.domain import events as ev
from bot.models import schema
from bot.services.backup import make_backup, restore
from bot.services.erasing import FILE, LedgerFile, merged, read_ledger, write_ledger
from bot.services.runtime import Runtime
from bot.store import erasures
from bot.store.db import Database, make_engine
from bot.store.inbox import ChatKey
from tests.databases import file_bytes
from tests.services.support import World, web
from tests.support import SQLITE, START, Clock

T = TypeVar("T")
BA, SAU = web("ba"), web("sau")


@dataclass
class Place:
    """A program whose database is an SQLite file."""

    world: World
    folder: Path

    @property
    def runtime(self) -> Runtime:
        return self.world.runtime

    async def ask(self, key: ChatKey, text: str) -> None:
        await self.world.say(key, text)

    async def erase(self, key: ChatKey) -> None:
        await self.world.say(key, "xóa dữ liệu của tôi")
        await self.world.press(key, "erase:yes")

    def put_back(self, backup: Path, now: datetime) -> None:
        """Stop, restore, start again."""
        runtime = self.runtime
        url = str(runtime.db.engine.url)
        settings = runtime.settings.model_copy(update={"database_url": url})
        runtime.db.close()
        restore(backup, settings, runtime.vault, now)
        runtime.db = Database(make_engine(url))

    def read(self, work: Callable[[Connection], T]) -> T:
        return self.runtime.db.read_now(work)

    def texts(self) -> list[str]:
        query = select(schema.questions.c.text).where(schema.questions.c.text.is_not(None))
        return list(self.read(lambda c: c.execute(query).scalars().all()))


@pytest.fixture
def place(runtime: Runtime, tmp_path: Path) -> Place:
    runtime.settings.var_dir.mkdir(parents=True, exist_ok=True)
    return Place(World(runtime), tmp_path / "backups")


@SQLITE
async def test_a_restored_backup_forgets_who_was_erased_since(place: Place, clock: Clock) -> None:
    await place.ask(BA, "câu hỏi thầm kín của bà Ba")
    await place.ask(SAU, "câu hỏi của ông Sáu")
    backup, _ = make_backup(place.runtime.db.engine, place.folder, clock())
    clock.forward(3600)
    await place.erase(BA)
    place.put_back(backup, clock.forward(3600))
    assert place.texts() == ["câu hỏi của ông Sáu"]
    assert "thầm kín".encode() not in file_bytes(place.runtime.db)
    assert place.world.state(BA).greeted is False
    assert place.world.state(SAU).greeted is True


@SQLITE
async def test_the_file_is_enough_when_the_database_is_lost(place: Place, clock: Clock) -> None:
    await place.ask(BA, "câu hỏi thầm kín của bà Ba")
    backup, _ = make_backup(place.runtime.db.engine, place.folder, clock())
    clock.forward(3600)
    await place.erase(BA)
    await LedgerFile(place.runtime).tick()
    file = Path(str(place.runtime.db.engine.url.database))
    place.runtime.db.close()
    for rest in ("", "-wal", "-shm"):
        file.with_name(file.name + rest).unlink(missing_ok=True)
    place.put_back(backup, clock.forward(3600))
    assert place.texts() == []
    # Its own backups know of it, too.
    assert len(place.read(erasures.every)) == 1


@SQLITE
async def test_what_came_after_an_erasure_stays(place: Place, clock: Clock) -> None:
    await place.ask(BA, "câu hỏi trước")
    await place.erase(BA)
    clock.forward(3600)
    await place.ask(BA, "câu hỏi sau khi xóa")
    clock.forward(3600)
    backup, _ = make_backup(place.runtime.db.engine, place.folder, clock())
    place.put_back(backup, clock.forward(60))
    assert place.texts() == ["câu hỏi sau khi xóa"]


@SQLITE
async def test_the_list_names_nobody(place: Place) -> None:
    key = ChatKey("telegram", "987654321")
    await place.world.accept(key, ev.Text("chào"))
    await place.world.talk.idle()
    await place.erase(key)
    await LedgerFile(place.runtime).tick()
    told = (place.runtime.settings.var_dir / FILE).read_text(encoding="ascii")
    assert len(json.loads(told)) == 1
    assert "987654321" not in told
    other = erasures.person_mark(place.runtime.vault, ChatKey("zalo_oa", "987654321"))
    assert other not in json.loads(told)


@pytest.mark.parametrize("harm", ["", "{", "[1]", '{"a": 1}', '{"a": "x"}', "\xff"])
def test_a_harmed_list_stops_no_restore(tmp_path: Path, harm: str) -> None:
    (tmp_path / FILE).write_bytes(harm.encode("latin-1"))
    assert read_ledger(tmp_path) == {}


def test_the_list_is_written_whole_and_read_back(tmp_path: Path) -> None:
    known = {"a": START, "b": START + timedelta(days=1)}
    write_ledger(tmp_path, known)
    assert read_ledger(tmp_path) == known
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    later = {"a": START + timedelta(days=2)}
    assert merged(known, later) == {**known, **later}
