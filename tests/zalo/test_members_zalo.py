"""A team's members on Zalo: they join, are told, and do everything by typed words and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain import events as ev
from bot.domain.channels import ZALO_OA
from bot.domain.tickets import TicketStatus
from bot.models.schema import members as table
from bot.services.joining import Joining
from bot.services.runtime import Runtime
from bot.store import members, tickets, ways, windows
from bot.store.inbox import ChatKey
from tests.services.support import group, telegram, web
from tests.support import SQLITE, START
from tests.zalo.bot_fake import FakeZaloBot, Person, number_of
from tests.zalo.bot_fixtures import fake
from tests.zalo.bot_stage import BotStage

__all__ = ["fake"]
BA = web("ba")


class Team:
    """A team whose members are on Zalo; citizens are on the web."""

    def __init__(self, stage: BotStage, group: str = "") -> None:
        self.stage = stage
        self.world = stage.world
        self.joining = Joining(stage.runtime)
        now = stage.runtime.now()
        self.id = self.world.do(lambda c: tickets.add_team(c, "Tổ Tân Ân", "Tân Ân", group, now))
        self._tickets = iter(range(1200, 1300))

    def row(self, member: int) -> Any:
        query = table.select().where(table.c.id == member)
        return self.world.do(lambda c: c.execute(query).one())

    def add(self, name: str, telegram_id: str | None = None) -> int:
        return self.world.member(self.id, name, telegram_id)

    def word(self, member: int) -> str:
        """What a member sends to join."""
        return self.joining.link_for(str(member)).typed

    async def join(self, name: str, telegram_id: str | None = None) -> tuple[Person, int]:
        """A member who has joined on Zalo."""
        person, member = self.stage.fake.person(name), self.add(name, telegram_id)
        told = await self.stage.says(person, self.word(member))
        assert "đã vào Tổ Tân Ân" in told[-1]
        return person, member

    async def ticket(self, citizen: ChatKey = BA) -> int:
        """Somebody asks for help."""
        number = self.world.open_ticket(next(self._tickets), citizen, self.id)
        await self.stage.settle()
        return number

    def heard(self, citizen: ChatKey = BA) -> str:
        """What a citizen was told last."""
        return self.world.texts(citizen)[-1]

    def status(self, ticket: int) -> tuple[TicketStatus, str]:
        view = self.world.ticket(ticket)
        return view.status, view.helper


@pytest.fixture
def team(runtime: Runtime, fake: FakeZaloBot) -> Iterator[Team]:
    stage = BotStage(runtime, fake)
    yield Team(stage)
    stage.stop()


# Joining ----------------------------------------------------------------------------------------


async def test_a_typed_word_joins_once(team: Team) -> None:
    lan, member = await team.join("Chị Lan")
    assert team.row(member).zalo_id == f"zalo_bot:{lan.id}"
    used = team.word(team.add("Anh Hùng"))
    hung = team.stage.fake.person("Hùng")
    assert "đã vào" in (await team.stage.says(hung, f"  {used} "))[-1]
    assert "đã ở trong" in (await team.stage.says(hung, used))[-1]
    assert "đã được dùng rồi" in (await team.stage.says(lan, used))[-1]
    other = team.stage.fake.person("Lan")
    assert "tài khoản khác" in (await team.stage.says(other, team.word(member)))[-1]


@SQLITE
async def test_a_pilots_account_gives_way_to_the_official_one(team: Team) -> None:
    _, member = await team.join("Chị Lan")
    oa = ChatKey(ZALO_OA, "2512523625412515")
    await team.world.say(oa, team.word(member))
    assert "đã vào Tổ Tân Ân" in team.world.texts(oa)[-1]
    assert team.row(member).zalo_id == "zalo_oa:2512523625412515"


@SQLITE
async def test_telegram_and_zalo_go_together(team: Team) -> None:
    lan, member = await team.join("Chị Lan", "501")
    assert team.row(member).telegram_id == "501"
    keys = ways.keys("501", f"zalo_bot:{lan.id}")
    assert keys == (telegram("501"), team.stage.chat(lan))


# A ticket by words and numbers ------------------------------------------------------------------


async def test_from_card_to_closed_by_numbers_alone(team: Team) -> None:
    stage = team.stage
    lan, _ = await team.join("Chị Lan")
    ticket = await team.ticket()
    card = stage.fake.texts(lan.id)[-1]
    assert f"1. Nhận phiếu {ticket}" in card
    briefing = (await stage.says(lan, "1"))[-1]
    assert team.status(ticket) == (TicketStatus.CLAIMED, "Chị Lan")
    assert "đã nhận phiếu" in team.heard()
    await stage.says(lan, "Cô mở ứng dụng giúp con nha")
    assert "Cô mở ứng dụng giúp con nha" in team.heard()
    await team.world.say(BA, "mở rồi")
    await stage.settle()
    line = stage.fake.texts(lan.id)[-1]
    assert "mở rồi" in line
    asked = (await stage.says(lan, number_of(line, f"Xong phiếu {ticket}")))[-1]
    assert "kết quả thế nào" in asked
    told = await stage.says(lan, number_of(asked, "Đã giải quyết"))
    assert "Đã đóng phiếu" in told[-1]
    assert team.status(ticket)[0] is TicketStatus.CLOSED
    assert f"1. Xong phiếu {ticket}" in briefing


async def test_numbers_go_on_from_card_to_card(team: Team) -> None:
    lan, _ = await team.join("Chị Lan")
    first, second, third = [await team.ticket(web(f"người {n}")) for n in range(3)]
    cards = [t for t in team.stage.fake.texts(lan.id) if "Nhận phiếu" in t]
    numbers = {n: number_of("\n".join(cards), f"Nhận phiếu {n}") for n in (first, second, third)}
    assert sorted(numbers.values()) == ["1", "2", "3"]
    await team.stage.says(lan, numbers[second])
    assert team.status(second)[0] is TicketStatus.CLAIMED
    assert team.status(first)[0] is team.status(third)[0] is TicketStatus.WAITING
    # After an act they begin anew: what was read longest ago is not what is meant.
    assert "1. Xong phiếu" in team.stage.fake.texts(lan.id)[-1]


@SQLITE
async def test_a_bare_number_is_for_the_citizen_when_nothing_was_offered(team: Team) -> None:
    lan, _ = await team.join("Chị Lan")
    ticket = await team.ticket()
    await team.stage.says(lan, f"nhận {ticket}")
    await team.stage.says(lan, "cô bấm nút số mấy?")
    await team.stage.says(lan, "3")
    assert "3" in team.heard()
    await team.stage.says(lan, f"{ticket}: 2")
    assert team.heard().endswith("2")


WORDS = [
    ("phiếu", "phiếu {n}"),
    ("phieu {n}", "phiếu {n}"),
    ("gọi lại {n}", "{n}"),
    ("không nghe máy {n}", "{n}"),
    ("hẹn {n} mai 8h", "1. 8 giờ Chủ nhật"),
    ("hẹn {n} chiều mai 3 giờ", "15 giờ Chủ nhật"),
    ("chuyển {n}", "Anh Hùng"),
    ("chuyển {n} cho Hùng", "Anh Hùng"),
    ("chuyển {n} lên xã vì cần giấy tờ", "{n}"),
    ("trả {n}", "{n}"),
    ("trả lại {n}", "{n}"),
    ("mẫu", "1. "),
    ("xong {n}", "Đã đóng phiếu {n}"),
    ("xong {n} tại nhà 45 phút", "Đã đóng phiếu {n}"),
    ("của tôi", "Tháng này"),
    ("trợ giúp", "gõ số đứng trước"),
    ("tôi bận đến thứ hai", "bận"),
    ("tôi rảnh", "."),
]


@SQLITE
@pytest.mark.parametrize(("words", "told"), WORDS, ids=[words for words, _ in WORDS])
async def test_everything_can_be_typed(team: Team, words: str, told: str) -> None:
    lan, _ = await team.join("Chị Lan")
    await team.join("Anh Hùng")
    ticket = await team.ticket()
    await team.stage.says(lan, f"nhan {ticket}")
    before = team.heard()
    answer = "\n".join(await team.stage.says(lan, words.format(n=ticket)))
    assert told.format(n=ticket).lower() in answer.lower()
    # Nothing of it was taken for something to be said to the citizen.
    assert words.format(n=ticket) not in team.heard().removeprefix(before)


@SQLITE
async def test_a_time_is_confirmed_by_its_number_or_a_word(team: Team) -> None:
    lan, _ = await team.join("Chị Lan")
    ticket = await team.ticket()
    await team.stage.says(lan, f"nhận {ticket}")
    for yes in ("1", "đúng"):
        asked = (await team.stage.says(lan, f"hẹn {ticket} chiều mai 3 giờ"))[-1]
        assert "1. " in asked
        await team.stage.says(lan, yes)
        view = team.world.ticket(ticket)
        assert view.visit_at is not None
        await team.stage.says(lan, f"bỏ hẹn {ticket}")
        assert team.world.ticket(ticket).visit_at is None


@SQLITE
async def test_a_member_is_a_citizen_too(team: Team) -> None:
    lan, _ = await team.join("Chị Lan")
    ticket = await team.ticket()
    await team.stage.says(lan, f"nhận {ticket}")
    menu = (await team.stage.says(lan, "menu"))[-1]
    lines = len(team.world.texts(BA))
    shown = await team.stage.says(lan, number_of(menu, "Trả tiền bằng mã QR"))
    assert shown
    assert len(team.world.texts(BA)) == lines


# Where they are told ----------------------------------------------------------------------------


@SQLITE
async def test_who_does_not_read_the_group_is_told_as_well(
    runtime: Runtime, fake: FakeZaloBot
) -> None:
    stage = BotStage(runtime, fake)
    team = Team(stage, group="-1")
    lan, _ = await team.join("Chị Lan")
    an = team.add("Anh An", "601")
    ticket = await team.ticket()
    assert f"Nhận phiếu {ticket}" in stage.fake.texts(lan.id)[-1]
    assert any(f"Phiếu {ticket}" in text for text in stage.world.texts(group("-1")))
    assert stage.world.texts(telegram("601")) == []
    assert an
    stage.stop()


async def test_a_member_is_told_once_where_they_were_last(team: Team) -> None:
    stage = team.stage
    lan, member = await team.join("Chị Lan", "501")
    stage.runtime.now.forward(60)  # type: ignore[attr-defined]
    first = await team.ticket(web("a"))
    assert f"Nhận phiếu {first}" in stage.fake.texts(lan.id)[-1]
    assert stage.world.texts(telegram("501")) == []
    stage.runtime.now.forward(60)  # type: ignore[attr-defined]
    await stage.world.say(telegram("501"), "phiếu")
    shown = len(stage.fake.texts(lan.id))
    second = await team.ticket(web("b"))
    assert len(stage.fake.texts(lan.id)) == shown
    assert any(f"iếu {second}" in text for text in stage.world.texts(telegram("501")))
    assert member


async def test_who_blocked_us_there_is_told_here(team: Team) -> None:
    stage = team.stage
    lan, member = await team.join("Chị Lan", "501")
    stage.fake.blocked.add(lan.id)
    stage.runtime.now.forward(60)  # type: ignore[attr-defined]
    ticket = await team.ticket()
    assert any(f"iếu {ticket}" in text for text in stage.world.texts(telegram("501")))
    assert team.row(member).reach_failed_at is None
    await stage.world.accept(telegram("501"), ev.Press(f"claim:{ticket}"))
    await stage.settle()
    assert team.status(ticket)[0] is TicketStatus.CLAIMED
    # Nobody told the citizen that their helper cannot be reached.
    assert not any("không liên lạc" in text for text in stage.world.texts(BA))


async def test_who_blocked_us_everywhere_counts_as_away_until_they_write(team: Team) -> None:
    stage = team.stage
    lan, member = await team.join("Chị Lan")
    stage.fake.blocked.add(lan.id)
    await team.ticket()
    assert team.row(member).reach_failed_at is not None
    stage.fake.blocked.clear()
    assert await stage.says(lan, "phiếu")
    assert team.row(member).reach_failed_at is None


async def test_silence_on_the_official_account_means_the_call_sheet(team: Team) -> None:
    member, oa = team.add("Chị Lan"), ChatKey(ZALO_OA, "2512523625412515")
    world = team.world
    await world.say(oa, team.word(member))
    chat, now = world.chat(oa), world.runtime.now()
    world.do(lambda c: windows.heard(c, chat, now))

    def there(hours: float, *, billed: bool = False) -> list[bool]:
        later = START.fromtimestamp(now.timestamp() + hours * 3600, tz=START.tzinfo)
        found = world.do(lambda c: members.available(c, team.id, later, billed=billed))
        return [helper.joined for helper in found]

    assert (there(1), there(47)) == ([True], [True])
    assert (there(49), there(49, billed=True), there(24 * 8, billed=True)) == ([], [True], [])
    phone = table.update().where(table.c.id == member).values(phone=b"sealed")
    world.do(lambda c: c.execute(phone))
    assert there(24 * 8) == [False]
    world.do(lambda c: c.execute(table.update().values(telegram_id="501")))
    assert there(24 * 8) == [True]
