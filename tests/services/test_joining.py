"""Members join by a link, once; and say when they are there."""

from __future__ import annotations

import csv
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain import events as ev
from bot.domain.joining import JOIN, JoinState
from bot.domain.tickets import Rung
from bot.errors import BadRequest
from bot.models.schema import join_links, members, tickets
from bot.rosters.changes import PutMember, PutTeam
from bot.rosters.roster import Member, Team
from bot.services.joining import PAGE, VALID, Joining, account_of
from bot.services.runtime import Runtime
from bot.store import accounts, rosters
from bot.store import join_links as store
from bot.store import tickets as ticket_store
from bot.store.inbox import ChatKey
from tests.services.support import World, group, telegram, web
from tests.support import Clock

LAN, AN = telegram("501"), telegram("502")


class Team1:
    """A team of a roster with two members."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.joining = Joining(world.runtime)
        team = Team("t1", "Tổ ấp Rạch Gốc", Rung.HAMLET, ("96.32236.rach-goc",), group="-1")
        now, vault = world.runtime.now(), world.runtime.vault
        world.do(lambda c: rosters.put_teams(c, vault, [PutTeam(None, team)], now))
        people = (("lan", "Chị Lan"), ("hung", "Anh Hùng"))
        new = [PutMember(None, "t1", Member(key, name)) for key, name in people]
        world.do(lambda c: rosters.put_members(c, vault, new, now))

    def payload(self, member: str = "lan") -> str:
        return JOIN + self.joining.link_for(member).web.rpartition("/")[2]

    def row(self, key: str = "lan") -> Any:
        query = members.select().where(members.c.key == key)
        return self.world.do(lambda c: c.execute(query).one())

    async def open(self, key: ChatKey, payload: str) -> str:
        await self.world.accept(key, ev.Start(payload), ev.Sender(key.external_id, "Ai Đó"))
        await self.world.talk.idle()
        return self.world.texts(key)[-1]


@pytest.fixture
def team(world: World) -> Team1:
    return Team1(world)


def test_a_link_fits_into_telegrams_payload(team: Team1) -> None:
    assert re.fullmatch(r"join_[A-Za-z0-9_-]{1,59}", team.payload())


async def test_a_link_joins_once(team: Team1) -> None:
    payload = team.payload()
    assert "Chào Chị Lan. Anh/chị đã vào Tổ ấp Rạch Gốc" in await team.open(LAN, payload)
    assert team.row().telegram_id == "501"
    assert "đã ở trong Tổ ấp Rạch Gốc với tên Chị Lan" in await team.open(LAN, payload)
    assert "đã được dùng rồi" in await team.open(AN, payload)
    assert "đã gắn với một tài khoản khác" in await team.open(AN, team.payload())
    assert "tài khoản này đang là một người khác" in await team.open(LAN, team.payload("hung"))
    assert (team.row().telegram_id, team.row("hung").telegram_id) == ("501", None)


async def test_a_link_ends(team: Team1) -> None:
    clock = team.world.runtime.now
    assert isinstance(clock, Clock)
    payload = team.payload()
    clock.forward(VALID.total_seconds() - 1)
    other = team.payload("hung")
    clock.forward(1)
    assert "quá bảy ngày" in await team.open(LAN, payload)
    assert team.row().telegram_id is None
    assert "Chào Anh Hùng" in await team.open(LAN, other)


@pytest.mark.parametrize("payload", ["join_", "join_abc", "join_" + "A" * 32, "join_" + "-" * 59])
async def test_a_link_that_is_none_of_ours(team: Team1, payload: str) -> None:
    assert "không đúng hoặc bị thiếu chữ" in await team.open(LAN, payload)
    assert "không đúng hoặc bị thiếu chữ" in await team.open(LAN, team.payload()[:-1])


async def test_the_link_of_somebody_removed(team: Team1) -> None:
    payload, number = team.payload(), team.row().id
    now = team.world.runtime.now()
    team.world.do(lambda c: accounts.remove(c, number, now))
    assert "không đúng" in await team.open(LAN, payload)
    with pytest.raises(BadRequest, match="member lan: there is none"):
        team.joining.link_for("lan")


async def test_a_browser_is_no_account(team: Team1) -> None:
    payload = team.payload()
    await team.world.say(web("x"), payload)
    url = f"http://127.0.0.1:8000/desk/join/{payload.removeprefix(JOIN)}"
    assert url in team.world.texts(web("x"))[-1]
    # It is still good for the account it is meant for.
    assert "Chào Chị Lan" in await team.open(LAN, payload)


async def test_a_typed_link_counts_in_a_private_chat_only(team: Team1) -> None:
    payload = team.payload()
    await team.world.accept(group("-1"), ev.Text(payload), ev.Sender("501", "Lan"))
    await team.world.talk.idle()
    assert team.row().telegram_id is None
    await team.world.say(LAN, f"/start {payload}")
    assert team.row().telegram_id == "501"


async def test_what_was_done_in_the_group_before_is_theirs(team: Team1) -> None:
    world = team.world
    number, now = team.row().team_id, world.runtime.now()
    before = world.do(lambda c: ticket_store.add_member(c, number, "Lan", "501", now))
    ticket = world.open_ticket(1, web("citizen"), number)
    world.claim(ticket, before)
    assert "Chào Chị Lan" in await team.open(LAN, team.payload())
    holder = tickets.select().where(tickets.c.id == ticket)
    assert world.do(lambda c: c.execute(holder).one()).claimed_by == team.row().id
    found = world.do(
        lambda c: ticket_store.member_of_account(c, world.runtime.vault, ChatKey("telegram", "501"))
    )
    assert found is not None
    assert (found.id, len(found.claimed)) == (team.row().id, 1)


def test_the_page_and_an_account_cannot_both_use_it(team: Team1) -> None:
    world, token = team.world, team.payload().removeprefix(JOIN)
    used = world.do(lambda c: team.joining.join(c, token, PAGE))
    assert used is not None
    assert used.name == "Chị Lan"
    assert team.row().web_joined_at == world.runtime.now()
    for account in (PAGE, account_of(LAN)):
        assert world.do(lambda c, a=account: team.joining.join(c, token, a)) is None  # type: ignore[misc]
        view = world.do(lambda c, a=account: team.joining.look(c, token, a))  # type: ignore[misc]
        assert view.state is JoinState.USED
    assert team.row().telegram_id is None


def test_links_for_all_who_have_not_joined(team: Team1, tmp_path: Path) -> None:
    world, out = team.world, tmp_path / "links.csv"
    assert team.joining.write_links(out) == 2
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Họ tên"] for row in rows] == ["Chị Lan", "Anh Hùng"]
    token = rows[0]["Liên kết trang web"].rpartition("/")[2]
    assert world.do(lambda c: team.joining.join(c, token, PAGE)) is not None
    assert team.joining.write_links(out) == 1
    # The database has no link that could be read out of it.
    kept = world.do(lambda c: c.execute(join_links.select()).all())
    assert len(kept) == 3
    assert all(token not in str(row) for row in kept)
    late = world.runtime.now() + VALID
    assert world.do(lambda c: store.purge(c, late)) == 0
    assert world.do(lambda c: store.purge(c, late + VALID)) == 3


def test_a_telegram_address_when_the_bots_name_is_known(team: Team1) -> None:
    mine = team.world.runtime
    settings = mine.settings.model_copy(update={"telegram_name": "@congdanso_bot"})
    runtime = Runtime(settings, mine.db, mine.vault, mine.metrics, mine.now)
    made = Joining(runtime).link_for("hung")
    assert made.telegram.startswith("https://t.me/congdanso_bot?start=join_")
    assert made.telegram.endswith(made.web.rpartition("/")[2])


# Being away -------------------------------------------------------------------------------------


async def told(team: Team1, text: str) -> str:
    await team.world.say(LAN, text, ev.Sender("501", "Lan"))
    return team.world.texts(LAN)[-1]


#: Half past nine on Saturday the 22nd.
AWAY = [
    ("tôi bận đến thứ hai", "hết Chủ nhật 23/11", datetime(2025, 11, 23, 17, tzinfo=UTC)),
    ("Toi ban toi 17h", "17:00 thứ Bảy 22/11", datetime(2025, 11, 22, 10, tzinfo=UTC)),
    ("bận 2 ngày", "09:30 thứ Hai 24/11", datetime(2025, 11, 24, 2, 30, tzinfo=UTC)),
    ("tôi bận rồi nhé", "hết thứ Bảy 22/11", datetime(2025, 11, 22, 17, tzinfo=UTC)),
    ("/ban 2 ngày", "09:30 thứ Hai 24/11", datetime(2025, 11, 24, 2, 30, tzinfo=UTC)),
]


@pytest.mark.parametrize(("text", "words", "until"), AWAY)
async def test_away_until(team: Team1, text: str, words: str, until: datetime) -> None:
    await team.open(LAN, team.payload())
    assert f"bận đến {words}. Tới lúc đó" in await told(team, text)
    assert team.row().away_until == until
    assert "đang rảnh" in await told(team, "tôi rảnh rồi")
    assert team.row().away_until is None


async def test_away_from_a_later_day(team: Team1) -> None:
    await team.open(LAN, team.payload())
    assert "bận từ 00:00 thứ Ba 25/11 đến hết thứ Ba 25/11" in await told(team, "tôi bận thứ ba")
    assert team.row().away_from == datetime(2025, 11, 24, 17, tzinfo=UTC)


async def test_a_time_that_is_not_understood_is_asked_for(team: Team1) -> None:
    await team.open(LAN, team.payload())
    assert "Chưa rõ anh/chị bận đến khi nào" in await told(team, "tôi bận đến 25h")
    assert team.row().away_until is None


@pytest.mark.parametrize(
    "text",
    [
        "tôi bận nên chưa làm được căn cước",
        "tôi bán hàng trên mạng",
        "toi ban hang tren mang thi lam sao",
        "tôi bận, thứ hai đi làm căn cước được không?",
    ],
)
async def test_a_members_own_question_is_a_question(team: Team1, text: str) -> None:
    await team.open(LAN, team.payload())
    assert "Đã ghi" not in await told(team, text)
    assert team.row().away_until is None


async def test_others_have_no_absence(team: Team1) -> None:
    assert "Đã ghi" not in await told(team, "tôi bận đến thứ hai")


async def test_with_a_ticket_in_hand_it_is_asked_who_is_meant(team: Team1) -> None:
    world = team.world
    await team.open(LAN, team.payload())
    citizen = web("citizen")
    world.claim(world.open_ticket(1, citizen, team.row().team_id), team.row().id)
    await world.talk.idle()
    before = world.texts(citizen)
    assert "báo cho tổ là anh/chị bận hay rảnh" in await told(team, "tôi bận đến 17h")
    assert (team.row().away_until, world.texts(citizen)) == (None, before)
    to_team, to_citizen = [choice.id for choice in world.replies(LAN)[-1].choices]
    await world.press(LAN, to_citizen, ev.Sender("501", "Lan"))
    assert "tôi bận đến 17h" in world.texts(citizen)[-1]
    await world.press(LAN, to_team, ev.Sender("501", "Lan"))
    assert team.row().away_until == datetime(2025, 11, 22, 10, tzinfo=UTC)
    clock = world.runtime.now
    assert isinstance(clock, Clock)
    clock.forward(24 * 3600)
    await world.press(LAN, to_team, ev.Sender("501", "Lan"))
    assert "Giờ đó đã qua" in world.texts(LAN)[-1]
