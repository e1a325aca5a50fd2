"""Teams and members changed by hand at the console; the month's contributions."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from starlette.testclient import TestClient

from bot.domain.tickets import TicketOutcome
from bot.models.schema import audit_log, members, staff, teams
from bot.services.helping import Helping
from bot.store import join_links, tickets
from bot.store import members as people
from tests.console.world import World, csrf_of

AN, KHANH = "96.32236", "96.31840"
TEAM = {"name": "Tổ Rạch Gốc", "rung": "hamlet", "area": AN, "hamlets": "Ấp Rạch Gốc; Ấp 4"}
MEMBER = {"name": "Chị Lan", "phone": "0900000001", "languages": "Việt, Khmer", "max_open": "3"}


class Office:
    """A lead at the console."""

    def __init__(self, world: World, role: str = "lead", scope: str = "") -> None:
        self.world = world
        self.client: TestClient = world.logged_in(role, "hoa")
        if scope:
            change = update(staff).where(staff.c.username == "hoa").values(scope=scope)
            world.db.write_now(lambda c: c.execute(change).rowcount)
        self.csrf = csrf_of(self.client)

    def send(self, path: str, **fields: str) -> tuple[int, str]:
        answer = self.client.post(f"/staff/teams{path}", data={"csrf": self.csrf, **fields})
        return answer.status_code, answer.headers.get("location", "") or answer.text

    def team(self, **fields: str) -> int:
        status, where = self.send("", **{**TEAM, **fields})
        assert status == 303, where
        found = re.search(r"/teams/(\d+)", where)
        assert found
        return int(found.group(1))

    def row(self, table, number: int):  # type: ignore[no-untyped-def]
        query = select(table).where(table.c.id == number)
        return self.world.db.read_now(lambda c: c.execute(query).one())

    def actions(self) -> list[str]:
        query = select(audit_log.c.action).order_by(audit_log.c.id)
        return self.world.db.read_now(lambda c: list(c.execute(query).scalars()))


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


# Teams ----------------------------------------------------------------------------------------


def test_a_team_is_added_with_what_it_serves(office: Office) -> None:
    number = office.team(hours="T2-CN 19:00-21:00", phone="0900000009", group="-1001")
    coverage = office.world.db.read_now(lambda c: people.coverage(c, number))
    assert coverage == (f"{AN}.ap-4", f"{AN}.rach-goc")
    page = office.client.get(f"/staff/teams/{number}").text
    assert "Ấp 4, xã Tân Ân" in page
    assert "19:00-21:00" in page
    assert "0900000009" not in page
    assert (
        "0900000009"
        in office.client.post(f"/staff/teams/{number}/phones", data={"csrf": office.csrf}).text
    )
    assert office.actions()[-2:] == ["team.add", "team.phones"]
    status, text = office.send("", **TEAM)
    assert (status, "đã có tổ tên như vậy" in text) == (422, True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "  "}, "Tên phải có chữ"),
        ({"name": "x" * 161}, "Tên phải có chữ"),
        ({"area": "96"}, "Tổ cấp thôn phải có xã"),
        ({"area": "12.34567"}, "Chọn xã, phường"),
        ({"area": "../"}, "Chọn xã, phường"),
        ({"rung": "village"}, "Chọn xã, phường"),
        ({"rung": "province"}, "Chọn xã, phường"),
        ({"hamlets": ";;"}, "Tổ cấp thôn phải có xã"),
        ({"hours": "lúc rảnh"}, "Chưa đọc ra giờ"),
        ({"phone": "12"}, "Số phải có 10 chữ số"),
        ({"group": "12"}, "Số nhóm bắt đầu bằng dấu trừ"),
    ],
)
def test_a_wrong_team_is_not_added(office: Office, fields: dict[str, str], words: str) -> None:
    status, text = office.send("", **{**TEAM, **fields})
    assert (status, words in text) == (422, True)
    assert office.world.db.read_now(tickets.all_teams) == ()


def test_a_group_is_one_team_s(office: Office) -> None:
    first = office.team(group="-1001")
    status, text = office.send("", **{**TEAM, "name": "Tổ khác", "group": "-1001"})
    assert (status, "mỗi nhóm chỉ của một tổ" in text) == (422, True)
    assert office.send(f"/{first}/edit", name="Tổ mới", group="-1001")[0] == 303
    assert office.row(teams, first).telegram_group == "-1001"


def test_a_team_stops_and_what_waits_goes_on(office: Office) -> None:
    world, number = office.world, office.team()
    desk = world.team("Bàn trực tỉnh", "-1002")
    ticket = world.ticket(number, locality=f"{AN}.rach-goc")
    status, where = office.send(f"/{number}/stop")
    assert (status, where.endswith("done=stopped&passed=1")) == (303, True)
    assert world.view(ticket).team_id == desk
    assert world.woken
    assert f"/staff/teams/{number}" not in office.client.get("/staff/teams").text
    assert f"/staff/teams/{number}" in office.client.get("/staff/teams?stopped=1").text
    office.send(f"/{number}/start")
    assert office.row(teams, number).active


def test_the_list_by_place_rung_and_name(office: Office) -> None:
    an = office.team()
    khanh = office.team(name="Tổ Khánh 100%", area=KHANH)
    for query, found in (
        ("", [an, khanh]),
        (f"area={AN}", [an]),
        ("name=kh%C3%A1nh", [khanh]),
        ("name=%25", [khanh]),
        ("name=_", []),
        ("rung=commune", []),
        ("rung=x&area=x", [an, khanh]),
    ):
        text = office.client.get(f"/staff/teams?{query}").text
        shown = re.findall(r'class="text"><a href="/staff/teams/(\d+)"', text)
        assert sorted(map(int, shown)) == found, query


# Members --------------------------------------------------------------------------------------


def test_a_member_is_added_changed_and_removed(office: Office) -> None:
    team = office.team()
    assert office.send(f"/{team}/members", **MEMBER)[0] == 303
    (number,) = office.world.db.read_now(lambda c: list(c.execute(select(members.c.id)).scalars()))
    row = office.row(members, number)
    assert (row.languages, row.max_open, bool(row.phone)) == ('["vi", "khmer"]', 3, True)
    page = office.client.get(f"/staff/teams/{team}").text
    assert "Chị Lan" in page
    assert "0900000001" not in page
    assert "0900000001" in office.client.get(f"/staff/teams/{team}/members/{number}").text
    change = {**MEMBER, "name": "Chị Lan Anh", "role": "tổ trưởng"}
    assert office.send(f"/{team}/members/{number}", **change)[0] == 303
    assert office.row(members, number).role == "lead"
    assert office.send(f"/{team}/members/{number}/remove")[0] == 303
    gone = office.row(members, number)
    assert (gone.removed_at is not None, gone.phone, gone.name) == (True, None, "Chị Lan Anh")
    assert office.client.get(f"/staff/teams/{team}/members/{number}").status_code == 404
    assert [a for a in office.actions() if a.startswith("member.")] == [
        "member.add",
        "member.phone",
        "member.change",
        "member.remove",
    ]


def test_two_members_have_two_numbers(office: Office) -> None:
    team = office.team()
    office.send(f"/{team}/members", **MEMBER)
    status, text = office.send(f"/{team}/members", **{**MEMBER, "name": "Anh Ba"})
    assert (status, "Số này đã là của Chị Lan" in text) == (422, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"phone": "9E+08"},
        {"languages": "Klingon"},
        {"hours": "?"},
        {"max_open": "-1"},
    ],
)
def test_a_wrong_member_is_not_added(office: Office, fields: dict[str, str]) -> None:
    team = office.team()
    assert office.send(f"/{team}/members", **{**MEMBER, **fields})[0] == 422
    assert office.world.db.read_now(lambda c: c.execute(select(members.c.id)).first()) is None


def test_who_is_removed_hands_on_what_they_hold(office: Office) -> None:
    world, team = office.world, office.team()
    lan = world.member(team, "Chị Lan", "501")
    world.member(team, "Anh Ba", "502")
    ticket = world.ticket(team, locality=f"{AN}.rach-goc")
    data = {"csrf": office.csrf, "to": f"m{lan}"}
    assert office.client.post(f"/staff/tickets/{ticket}/pass", data=data).status_code == 303
    _, where = office.send(f"/{team}/members/{lan}/remove")
    assert where.endswith("done=removed&passed=1")
    assert world.view(ticket).status == "waiting"
    assert world.told(ticket)[-1].kind == "ticket_moved"


def test_being_away_is_set_by_staff(office: Office) -> None:
    world, team = office.world, office.team()
    lan = world.member(team, "Chị Lan", "501")
    url = f"/{team}/members/{lan}/away"
    assert office.send(url, text="2 ngày")[0] == 303
    assert world.db.read_now(lambda c: people.away(c, lan))[1] is not None
    assert "bận đến" in office.client.get(f"/staff/teams/{team}").text
    assert office.send(url, text="xyz")[0] == 422
    assert office.send(url, text="tôi rảnh")[0] == 303
    assert world.db.read_now(lambda c: people.away(c, lan)) == (None, None)


def test_a_join_link_is_shown_once_and_works(office: Office) -> None:
    world, team = office.world, office.team()
    lan = world.member(team, "Chị Lan")
    _, page = office.send(f"/{team}/members/{lan}/link")
    found = re.search(r"/desk/join/([\w-]+)", page)
    assert found
    link = world.db.read_now(lambda c: join_links.find(c, found.group(1)))
    assert link is not None
    assert link.member.id == lan
    assert "/desk/join/" not in office.client.get(f"/staff/teams/{team}/members/{lan}").text
    assert found.group(1) not in str(office.actions())


# Places ---------------------------------------------------------------------------------------


def test_a_lead_of_one_commune_has_its_teams_only(world: World) -> None:
    everywhere = Office(world)
    an, khanh = everywhere.team(), everywhere.team(name="Tổ Khánh", area=KHANH)
    lan = world.member(khanh, "Chị Lan", "501")
    change = update(staff).where(staff.c.username == "hoa").values(scope=AN)
    world.db.write_now(lambda c: c.execute(change).rowcount)
    text = everywhere.client.get("/staff/teams").text
    assert (f"/staff/teams/{an}" in text, f"/staff/teams/{khanh}" in text) == (True, False)
    for path in ("", "/edit", "/members/new", f"/members/{lan}"):
        assert everywhere.client.get(f"/staff/teams/{khanh}{path}").status_code == 404
    for path in (
        "/phones",
        "/edit",
        "/stop",
        "/start",
        "/members",
        f"/members/{lan}",
        f"/members/{lan}/away",
        f"/members/{lan}/remove",
        f"/members/{lan}/link",
    ):
        assert everywhere.send(f"/{khanh}{path}", **MEMBER, text="tôi rảnh")[0] == 404, path
        # Nor through a team that is theirs.
        if str(lan) in path:
            assert everywhere.send(f"/{an}{path}", **MEMBER, text="tôi rảnh")[0] == 404, path
    status, _ = everywhere.send("", **{**TEAM, "area": KHANH, "name": "Tổ lấn"})
    assert status == 422


# Contributions ----------------------------------------------------------------------------------


def test_a_month_as_page_and_as_sheet_with_numbers(office: Office) -> None:
    world = office.world
    team = office.team(name="=cmd|' /C calc'!A0")
    lan = world.member(team, "+84 Lan", "501")
    ticket = world.ticket(team, locality=f"{AN}.rach-goc")

    def work(c):  # type: ignore[no-untyped-def]
        desk = Helping(c, world.runtime.vault, world.clock, "x", world.runtime.plan)
        desk.claim(ticket, lan)
        found = tickets.find(c, world.runtime.vault, ticket)
        assert found is not None
        desk.close(found, outcome=TicketOutcome.SOLVED_AT_HOME, minutes=90)

    world.db.write_now(work)
    page = office.client.get("/staff/contributions?month=2025-11").text
    assert "1,50" in page
    assert f"member={lan}" in page
    answer = office.client.get("/staff/contributions/2025-11.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    row = [cell.value for cell in sheet[2]]
    assert row[4:10] == [1, 1, 1, 1, 0, 1.5]
    assert all(cell.data_type != "f" for line in sheet for cell in line)
    assert row[1:3] == ["+84 Lan", "=cmd|' /C calc'!A0"]
    assert "contributions.export" in office.actions()
    assert office.client.get("/staff/contributions/2025-13.xlsx").status_code == 404
    before = office.client.get("/staff/contributions?month=2025-10").text
    assert "chưa có ai nhận phiếu" in before


def test_contributions_of_one_s_places_only(world: World) -> None:
    office = Office(world)
    team = office.team(area=KHANH)
    lan = world.member(team, "Chị Lan", "501")
    ticket = world.ticket(team)

    def work(c):  # type: ignore[no-untyped-def]
        Helping(c, world.runtime.vault, world.clock, "x", world.runtime.plan).claim(ticket, lan)

    world.db.write_now(work)
    assert "Chị Lan" in office.client.get("/staff/contributions?month=2025-11").text
    change = update(staff).where(staff.c.username == "hoa").values(scope=AN)
    world.db.write_now(lambda c: c.execute(change).rowcount)
    assert "Chị Lan" not in office.client.get("/staff/contributions?month=2025-11").text
