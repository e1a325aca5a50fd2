"""Importing and exporting: whole or not at all, again and again, while people are served."""

from __future__ import annotations

import csv
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select

from bot.models.schema import members, roster_imports, roster_rows, teams
from bot.rosters.plan import What
from bot.services.rosters import Checked, RosterError, Rosters
from bot.store import rosters as store
from bot.store.db import Database
from tests.rosters.files import HEADINGS, write_csv
from tests.services.support import World, web
from tests.support import SQLITE, START

HEAD = (*HEADINGS, "Nhóm Telegram", "Ngôn ngữ", "Giờ trực", "Mã thành viên")
TEAM = ("Tổ ấp Rạch Gốc", "Cà Mau", "Xã Tân Ân", "Ấp Rạch Gốc")
AN = (*TEAM, "Nguyễn Văn An", "0900000001", "tổ trưởng", "-1001", "Việt, Khmer", "", "")
BE = (*TEAM, "Trần Thị Bé", "0900000002", "", "", "", "tối T2-CN 19h-21h", "be-1")
DESK = ("Bàn trực tỉnh", "Cà Mau", "", "", "=Lê Cu", "0900000003", "trực tỉnh", "", "", "", "")


class Clock:
    """Seconds that pass with every look; pauses are counted."""

    def __init__(self, step: float = 0.001) -> None:
        self.at = 0.0
        self.step = step
        self.paused = 0.0

    def __call__(self) -> float:
        self.at += self.step
        return self.at

    def pause(self, seconds: float) -> None:
        self.paused += seconds


class Office:
    """Imports of files of rows."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.clock = Clock()
        self.rosters = self.another()

    def another(self) -> Rosters:
        return Rosters(self.world.runtime, clock=self.clock, pause=self.clock.pause)

    def check(self, *rows: tuple[str, ...], remove_missing: bool = False) -> Checked:
        file = write_csv(self.folder / "roster.csv", rows, HEAD)
        return self.rosters.check(file, remove_missing=remove_missing)

    def import_(self, *rows: tuple[str, ...], remove_missing: bool = False) -> int:
        return self.rosters.run(self.check(*rows, remove_missing=remove_missing))

    def count(self, table: Table) -> int:
        query = select(func.count()).select_from(table)
        count: int = self.world.do(lambda c: c.execute(query).scalar_one())
        return count

    def names(self) -> list[str]:
        query = select(members.c.name).where(members.c.removed_at.is_(None)).order_by(members.c.id)
        return self.world.do(lambda c: list(c.execute(query).scalars()))

    def id_of(self, name: str) -> int:
        query = select(members.c.id).where(members.c.name == name)
        number: int = self.world.do(lambda c: c.execute(query).scalar_one())
        return number


@pytest.fixture
def office(world: World, tmp_path: Path) -> Office:
    return Office(world, tmp_path)


def test_an_import_is_done_once(office: Office) -> None:
    told: list[tuple[int, int]] = []
    checked = office.check(AN, BE, DESK)
    assert office.rosters.run(checked, lambda done, total: told.append((done, total))) == 6
    assert told[0] == (0, 6)
    assert told[-1] == (6, 6)
    assert office.names() == ["Nguyễn Văn An", "Trần Thị Bé", "=Lê Cu"]
    again = office.check(AN, BE, DESK)
    assert (again.plan.changes, office.rosters.run(again)) == ([], 0)
    assert (office.count(roster_rows), office.count(roster_imports)) == (0, 1)


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_what_is_exported_is_imported_as_no_change(office: Office, name: str) -> None:
    office.import_(AN, BE, DESK)
    out = office.folder / name
    written = office.rosters.export(out)
    assert (written.teams, written.members, written.left_out) == (2, 3, 0)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    back = office.rosters.check(out, remove_missing=True)
    assert (back.problems, back.plan.changes, back.plan.lines) == ([], [], [])
    if name.endswith(".csv"):
        with out.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert "'=Lê Cu" in cells
        assert "'-1001" in cells


def test_an_export_into_another_database_is_the_same_roster(office: Office) -> None:
    office.import_(AN, BE, DESK)
    out = office.folder / "out.xlsx"
    office.rosters.export(out)
    office.world.do(lambda c: c.execute(teams.delete()))
    office.rosters.run(office.rosters.check(out))
    assert sorted(office.names()) == ["=Lê Cu", "Nguyễn Văn An", "Trần Thị Bé"]
    assert office.rosters.check(out).plan.changes == []


def test_an_empty_database_exports_the_form(office: Office) -> None:
    out = office.folder / "form.csv"
    office.rosters.export(out)
    assert out.read_text(encoding="utf-8-sig").startswith("Mã tổ,Tên tổ,Cấp,Tỉnh,Xã/phường")


def test_a_team_of_no_place_is_left_out_of_an_export(office: Office) -> None:
    office.world.do(lambda c: c.execute(teams.insert().values(name="x", created_at=START)))
    assert office.rosters.export(office.folder / "out.csv").left_out == 1


def test_one_wrong_row_and_nothing_is_written(office: Office) -> None:
    wrong = office.check(AN, (*BE[:5], "0900", *BE[6:]))
    assert [problem.row for problem in wrong.problems] == [3]
    with pytest.raises(RosterError, match="nothing was changed"):
        office.rosters.run(wrong)
    assert (office.count(teams), office.count(roster_imports)) == (0, 0)


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_at(office: Office, changes: int) -> Iterator[None]:
    """Kill the import after so many changes were made."""

    def watch(done: int, _total: int) -> None:
        if done >= changes:
            raise Killed

    with pytest.raises(Killed):
        office.rosters.run(office.check(AN, BE, DESK), watch)
    yield


def test_what_was_interrupted_is_finished_by_the_next(office: Office) -> None:
    # Every look at the clock takes so long that each change is a transaction of its own.
    office.clock.step = 1.0
    with killed_at(office, 3):
        assert office.count(roster_rows) == 3
    office.clock.step = 0.001
    # Whoever comes at once waits: perhaps it is still at work.
    assert office.another().finish() == 0
    with pytest.raises(RosterError, match=r"another import is under way \(3 changes left"):
        office.import_(AN)
    office.world.runtime.now.forward(60)  # type: ignore[attr-defined]
    assert office.another().finish() == 3
    assert len(office.names()) == 3
    assert office.another().finish() == 0
    assert office.check(AN, BE, DESK).plan.changes == []


def test_what_was_not_complete_was_never_begun(office: Office) -> None:
    now = office.world.runtime.now()
    office.world.do(lambda c: store.begin(c, now))
    with pytest.raises(RosterError, match="another import is under way"):
        office.import_(AN)
    office.world.runtime.now.forward(60)  # type: ignore[attr-defined]
    assert office.rosters.finish() == 0
    assert office.import_(AN) == 3
    assert office.count(roster_imports) == 1


def test_others_have_their_turn_between_short_transactions(office: Office) -> None:
    office.clock.step = 0.01
    office.import_(AN, BE, DESK)
    assert office.clock.paused > 0.05


def test_a_roster_keeps_accounts_and_absence(office: Office) -> None:
    office.import_(AN, BE)
    until = office.world.runtime.now() + timedelta(days=1)
    mine = {"telegram_id": "501", "away_until": until}
    number = office.id_of("Trần Thị Bé")
    office.world.do(
        lambda c: c.execute(members.update().where(members.c.id == number).values(mine))
    )
    office.import_(AN, (*BE[:5], "0900000009", *BE[6:]))
    row = office.world.do(lambda c: c.execute(members.select().where(members.c.id == number)).one())
    assert (row.telegram_id, row.away_until) == ("501", until)


async def test_who_is_removed_gives_back_what_they_hold(office: Office) -> None:
    world = office.world
    office.import_(AN, BE)
    world.do(lambda c: c.execute(members.update().values(telegram_id="1" + members.c.name)))
    team = world.do(lambda c: c.execute(select(teams.c.id)).scalar_one())
    citizen = web("citizen")
    ticket = world.open_ticket(1, citizen, team)
    world.claim(ticket, office.id_of("Trần Thị Bé"))
    await world.talk.idle()
    checked = office.check(AN, remove_missing=True)
    assert checked.plan.count(What.REMOVED, is_team=False) == 1
    office.rosters.run(checked)
    await world.talk.tick()
    await world.talk.idle()
    view = world.ticket(ticket)
    assert view.status.value == "waiting"
    assert view.claimed_by is None
    assert office.names() == ["Nguyễn Văn An"]
    # The citizen is told, in their own chat.
    assert "không còn làm việc này nữa" in world.texts(citizen)[-1]


async def test_who_moves_to_another_team_gives_back_too(office: Office) -> None:
    world = office.world
    commune = ("Tổ xã Tân Ân", "Cà Mau", "Xã Tân Ân", "")
    office.import_(AN, BE, (*commune, *DESK[4:6], "", *DESK[7:]))
    team = world.do(
        lambda c: c.execute(select(teams.c.id).where(teams.c.name == TEAM[0])).scalar_one()
    )
    ticket = world.open_ticket(1, web("citizen"), team)
    world.claim(ticket, office.id_of("Trần Thị Bé"))
    office.import_(AN, (*commune, *BE[4:]), (*commune, *DESK[4:6], "", *DESK[7:]))
    await world.talk.idle()
    assert world.ticket(ticket).claimed_by is None
    assert len(office.names()) == 3


@SQLITE
def test_no_phone_is_readable_in_the_file(office: Office, database: Database) -> None:
    office.import_(AN, BE)
    database.checkpoint()
    database.write_now(lambda c: None)
    content = Path(str(database.engine.url.database)).read_bytes()
    assert "Nguyễn Văn An".encode() in content
    assert b"0900000001" not in content
