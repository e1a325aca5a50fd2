"""Who can help: by place, hour, load and language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, event, update

from bot.domain.tickets import Rung
from bot.models.schema import chats, members, teams, tickets
from bot.rosters.changes import PutMember, PutTeam
from bot.rosters.form import Role
from bot.rosters.roster import Member, Team
from bot.schedule.holidays import Holidays
from bot.schedule.written_week import read_week
from bot.store import accounts, inbox, rosters
from bot.store import members as store
from bot.store.crypto import Vault
from bot.store.db import Database
from bot.store.inbox import ChatKey
from tests.support import START, minutes

T = TypeVar("T")
COMMUNE = "96.32236"
HAMLET = f"{COMMUNE}.rach-goc"
#: START is a Saturday, half past nine in the morning.
MORNINGS = read_week("T2-T7 07:00-11:00").to_json()
EVENINGS = read_week("T2-CN 19:00-21:00").to_json()


class World:
    """The store's functions, each in a transaction of its own."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault
        self.number = 0

    def do(self, work: Callable[[Connection], T]) -> T:
        return self.database.write_now(work)

    def team(self, key: str, rung: Rung = Rung.HAMLET, *codes: str, **more: Any) -> int:
        team = Team(key, f"Tổ {key}", rung, codes or (HAMLET,), **more)
        self.do(lambda c: rosters.put_teams(c, self.vault, [PutTeam(None, team)], START))
        return self.do(lambda c: store.desk_of(c, codes[0] if codes else HAMLET, rung))[-1]

    def member(self, team: str = "A", *, telegram: str | None = "", **more: Any) -> int:
        self.number += 1
        more.setdefault("name", f"Người {self.number}")
        member = Member(f"m{self.number}", **more)
        change = PutMember(None, team, member)
        self.do(lambda c: rosters.put_members(c, self.vault, [change], START))
        found = self.do(lambda c: accounts.person_of_key(c, member.key))
        assert found is not None
        if telegram is not None:
            self.set(found.id, telegram_id=telegram or f"50{self.number}")
        return found.id

    def set(self, member: int, **values: Any) -> None:
        self.do(lambda c: c.execute(update(members).where(members.c.id == member).values(values)))

    def holds(self, member: int, number: int) -> None:
        def work(connection: Connection) -> None:
            chat = inbox.chat_id(connection, ChatKey("web", "x"), START)
            connection.execute(
                tickets.insert().values(
                    id=number,
                    chat_id=chat,
                    status="claimed",
                    claimed_at=START,
                    claimed_by=member,
                    topic="x",
                    created_at=START,
                    due_at=START,
                    due_kind="resolve",
                )
            )

        self.do(work)

    def there(self, team: int, at: datetime = START, **options: Any) -> list[int]:
        found = self.do(lambda c: store.available(c, team, at, **options))
        return [helper.id for helper in found]


@pytest.fixture
def world(database: Database, vault: Vault) -> World:
    return World(database, vault)


def test_desks_of_a_place(world: World) -> None:
    hamlet = world.team("A")
    commune = world.team("B", Rung.COMMUNE, COMMUNE)
    province = world.team("C", Rung.PROVINCE, "96")
    everywhere = world.team("D", Rung.PROVINCE, "")
    other = world.team("E", Rung.HAMLET, f"{COMMUNE}.ap-1", f"{COMMUNE}.ap-2")

    def desks(code: str, rung: str) -> tuple[int, ...]:
        return world.do(lambda c: store.desk_of(c, code, rung))

    assert desks(HAMLET, Rung.HAMLET) == (hamlet,)
    assert desks(f"{COMMUNE}.ap-2", "hamlet") == (other,)
    assert desks(HAMLET, Rung.COMMUNE) == (commune,)
    # The desk of the place itself comes before the one of everywhere.
    assert desks(HAMLET, Rung.PROVINCE) == (province, everywhere)
    assert desks("66.00001", Rung.PROVINCE) == (everywhere,)
    assert desks(COMMUNE, Rung.HAMLET) == ()
    assert desks("", Rung.PROVINCE) == (everywhere,)
    world.do(lambda c: c.execute(update(teams).where(teams.c.id == commune).values(active=False)))
    assert desks(HAMLET, Rung.COMMUNE) == ()
    assert world.do(lambda c: store.rung_of(c, commune)) is None
    assert world.do(lambda c: store.rung_of(c, hamlet)) is Rung.HAMLET


def test_the_least_burdened_come_first_and_the_full_ones_not(world: World) -> None:
    team = world.team("A")
    busy, full, free = (world.member(max_open=limit) for limit in (5, 1, 5))
    world.holds(busy, 1)
    world.holds(full, 2)
    helpers = world.do(lambda c: store.available(c, team, START))
    assert [(h.id, h.open) for h in helpers] == [(free, 0), (busy, 1)]
    assert world.do(lambda c: store.team_of(c, busy)) == (team, Rung.HAMLET)


def test_whoever_is_away_removed_or_out_of_reach_is_not_there(world: World) -> None:
    team = world.team("A")
    later, away, gone, lost, here = (world.member() for _ in range(5))
    hour = timedelta(hours=1)
    world.set(later, away_from=START + hour, away_until=START + 2 * hour)
    world.do(lambda c: store.set_away(c, ChatKey("telegram", "502"), START + hour))
    world.do(lambda c: accounts.remove(c, gone, START))
    world.do(lambda c: store.set_unreachable(c, lost, START))
    assert world.there(team) == [later, here]
    assert world.there(team, START + minutes(90)) == [away, here]
    world.do(lambda c: store.account_back(c, ChatKey("telegram", "504")))
    world.do(lambda c: store.set_away(c, ChatKey("telegram", "502"), None))
    assert world.there(team) == [later, away, lost, here]


def test_who_has_only_a_phone_is_there_to_be_called(world: World) -> None:
    team = world.team("A", phone="0900000100")
    on_paper = world.member(telegram=None)
    by_phone = world.member(telegram=None, phone="0900000001")
    lost = world.member(phone="0900000002")
    world.do(lambda c: store.set_unreachable(c, lost, START))
    web = world.member(telegram=None)
    world.do(lambda c: accounts.join_web(c, web, START))
    helpers = world.do(lambda c: store.available(c, team, START))
    assert {h.id: h.joined for h in helpers} == {by_phone: False, lost: False, web: True}
    sheet = world.do(lambda c: store.to_call(c, world.vault, team, START))
    assert [h.phone for h in sheet] == ["0900000001", "0900000002"]
    assert world.do(lambda c: store.desk_phone(c, world.vault, team)) == "0900000100"
    missing = world.do(accounts.not_joined)
    assert [person.id for person in missing] == [on_paper, by_phone]


def test_hours_of_ones_own_or_the_teams(world: World) -> None:
    team = world.team("A", hours=MORNINGS)
    own = world.member(hours=EVENINGS)
    teams_hours = world.member()
    evening = START.replace(hour=13)
    assert world.there(team) == [teams_hours]
    assert world.there(team, evening) == [own]
    assert world.there(team, evening, any_hour=True) == [own, teams_hours]
    free = Holidays({START.date(): "ngày nghỉ"})
    assert world.there(team, START, holidays=free) == []


def test_languages(world: World) -> None:
    team = world.team("A")
    world.member()
    khmer = world.member(languages=("vi", "khmer"))
    assert world.there(team, languages=("khmer", "ede")) == [khmer]
    assert world.there(team, languages=("ede",)) == []
    assert world.do(lambda c: store.team_languages(c, team)) == {"vi", "khmer"}


def test_availability_is_one_query(world: World) -> None:
    team = world.team("A")
    for _ in range(3):
        world.member()
    asked: list[str] = []

    def count(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", count)
    world.database.read_now(lambda c: store.available(c, team, START))
    assert sum("SELECT" in statement for statement in asked) == 1


def test_a_group_whose_people_are_not_known(world: World) -> None:
    def is_open(team: int) -> bool:
        return world.do(lambda c: store.open_group(c, team))

    plain = world.team("A")
    grouped = world.team("B", group="-1001")
    assert (is_open(plain), is_open(grouped)) == (False, True)
    world.member("B")
    assert not is_open(grouped)
    world.do(lambda c: c.execute(update(teams).values(key=None).where(teams.c.id == grouped)))
    assert is_open(grouped)
    group = ChatKey("telegram", "-1001", is_group=True)
    chat = world.do(lambda c: inbox.chat_id(c, group, START))
    shut = update(chats).where(chats.c.id == chat).values(unreachable_at=START)
    world.do(lambda c: c.execute(shut))
    assert not is_open(grouped)


def test_away_counts_in_every_team_of_the_account(world: World) -> None:
    teams_of_both = world.team("A"), world.team("B", Rung.COMMUNE, COMMUNE)
    for key in "AB":
        world.member(key, telegram="77", name="Lan", role=Role.MEMBER)
    until = datetime(2025, 11, 25, tzinfo=UTC)
    world.do(lambda c: store.set_away(c, ChatKey("telegram", "77"), until))
    assert [world.there(team) for team in teams_of_both] == [[], []]


def test_a_removed_member_leaves_a_name_and_no_number(world: World, vault: Vault) -> None:
    world.team("A")
    number = world.member(phone="0900000001")
    world.do(lambda c: accounts.remove(c, number, START))
    row = world.do(lambda c: c.execute(members.select().where(members.c.id == number)).one())
    assert (row.phone, row.phone_hash, row.telegram_id) == (None, None, None)
    assert row.name
    assert rosters.phone_hash(vault, "0900000001") != rosters.phone_hash(vault, "0900000002")
