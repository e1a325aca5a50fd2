"""The queue of tickets: filters, pages, places, several at once, the record of who looked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.models.schema import audit_log, staff, ticket_events, tickets
from bot.services.staff import Role, Visit
from bot.store import members, ticket_queue
from bot.store.ticket_queue import Due, Wanted, Which
from tests.console.world import World, csrf_of, reply

AN, KHANH = "96.32236", "96.31840"
HAMLET = f"{AN}.rach-goc"


def place(world: World, name: str, code: str, telegram: str = "") -> tuple[int, int]:
    """A team of a place with one member who can be told."""
    team = world.team(name)
    world.db.write_now(lambda c: members.set_coverage(c, team, [code]))
    return team, world.member(team, f"Người của {name}", telegram or None)


def narrowed(world: World, name: str, *codes: str) -> None:
    """Make an account responsible for these places only."""
    change = update(staff).where(staff.c.username == name).values(scope=" ".join(codes))
    world.db.write_now(lambda c: c.execute(change).rowcount)


def due(world: World, ticket: int, **span: float) -> None:
    at = world.clock + timedelta(**span)
    change = update(tickets).where(tickets.c.id == ticket).values(due_at=at)
    world.db.write_now(lambda c: c.execute(change).rowcount)


def listed(text: str) -> list[int]:
    """The tickets of a page of the queue, in its order."""
    return [int(n) for n in re.findall(r'href="/staff/tickets/(\d+)">Phiếu', text)]


def actions(world: World) -> list[tuple[str, str]]:
    query = select(audit_log.c.action, audit_log.c.subject).order_by(audit_log.c.id)
    found = world.db.read_now(lambda c: c.execute(query).all())
    return [(row[0], row[1]) for row in found if row[0].startswith(("ticket.", "team."))]


def kinds(world: World, ticket: int) -> list[str]:
    query = select(ticket_events.c.kind).where(ticket_events.c.ticket_id == ticket)
    return world.db.read_now(lambda c: list(c.execute(query).scalars()))


# The list -------------------------------------------------------------------------------------


def test_what_must_be_done_next_stands_first(world: World) -> None:
    late, soon, later, urgent = (world.ticket(urgent=n == 3) for n in range(4))
    due(world, late, hours=-1)
    due(world, soon, hours=1)
    due(world, later, hours=9)
    due(world, urgent, hours=5)
    lead = world.logged_in("lead")
    assert listed(lead.get("/staff/tickets").text) == [urgent, late, soon, later]
    assert listed(lead.get("/staff/tickets?due=overdue").text) == [late]
    assert listed(lead.get("/staff/tickets?due=soon").text) == [soon]
    assert listed(lead.get("/staff/tickets?urgent=1").text) == [urgent]
    assert listed(lead.get(f"/staff/tickets?q={later}").text) == [later]
    assert listed(lead.get("/staff/tickets?q=%23999").text) == []


def test_filters_by_status_place_team_topic_and_holder(world: World) -> None:
    team, _ = place(world, "Tổ Rạch Gốc", HAMLET)
    here = world.ticket(team, locality=HAMLET, topic="Quét QR")
    there = world.ticket(locality=KHANH)
    lead = world.logged_in("lead")
    csrf = csrf_of(lead)
    assert lead.post(f"/staff/tickets/{there}/claim", data={"csrf": csrf}).status_code == 303
    for query, found in (
        ("which=waiting", [here]),
        ("which=claimed", [there]),
        ("which=closed", []),
        (f"area={AN}", [here]),
        ("area=96", [here, there]),
        ("area=66", []),
        (f"team={team}", [here]),
        ("topic=Qu%C3%A9t+QR", [here]),
        ("rung=province", [there]),
        ("mine=1", [there]),
        ("which=nonsense&area=%27--&rung=%00&after=9-9", [here, there]),
    ):
        assert sorted(listed(lead.get(f"/staff/tickets?{query}").text)) == found, query


@pytest.mark.parametrize("which", [Which.OPEN, Which.CLOSED])
def test_pages_go_through_every_ticket_once(world: World, which: Which) -> None:
    made = [world.ticket(urgent=n % 3 == 0) for n in range(11)]
    for number, ticket in enumerate(made):
        due(world, ticket, hours=number % 4)
    if which is Which.CLOSED:
        end = tickets.update().values(
            status="closed", closed_at=world.clock, due_at=None, due_kind=None
        )
        world.db.write_now(lambda c: c.execute(end).rowcount)
    seen: list[int] = []
    after = None
    while True:
        found = world.db.read_now(
            lambda c, key=after: ticket_queue.page(c, Wanted(which), world.clock, 4, key)  # type: ignore[misc]
        )
        if not found:
            break
        seen += [entry.id for entry in found]
        after = found[-1].key
    assert sorted(seen) == made
    assert len(seen) == len(set(seen))
    whole = world.db.read_now(lambda c: ticket_queue.page(c, Wanted(which), world.clock, 99))
    assert [entry.id for entry in whole] == seen


def test_the_next_page_s_link_leads_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.console.tickets.PAGE", 2)
    made = [world.ticket() for _ in range(5)]
    lead, url, seen = world.logged_in("lead"), "/staff/tickets?rung=province", []
    while url:
        text = lead.get(url).text
        seen += listed(text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        url = following.group(1).replace("&amp;", "&") if following else ""
    assert seen == made


def test_numbers_of_the_head_are_what_the_lists_have(world: World) -> None:
    for number in range(4):
        due(world, world.ticket(urgent=number == 0), hours=number - 1)
    lead = world.logged_in("lead")
    head = lead.get("/staff/tickets").text.split('class="counts"')[1].split("</nav>")[0]
    links = re.findall(r'href="([^"]+)"[^>]*><strong>(\d+)</strong>', head)
    assert len(links) == 7
    for url, number in links:
        assert len(listed(lead.get(url.replace("&amp;", "&")).text)) == int(number), url


# Places ---------------------------------------------------------------------------------------


def test_a_lead_of_one_commune_neither_sees_nor_acts_on_others(world: World) -> None:
    theirs, other = world.ticket(locality=HAMLET), world.ticket(locality=KHANH)
    nowhere = world.ticket()
    team, _ = place(world, "Tổ Rạch Gốc", HAMLET)
    by_team = world.ticket(team)
    lead = world.logged_in("lead", "hoa")
    narrowed(world, "hoa", AN)
    assert listed(lead.get("/staff/tickets").text) == [theirs, by_team]
    csrf = csrf_of(lead)
    for ticket in (other, nowhere):
        assert listed(lead.get(f"/staff/tickets?q={ticket}").text) == []
        assert lead.get(f"/staff/tickets/{ticket}").status_code == 404
        assert lead.get(f"/staff/tickets/{ticket}/live").status_code == 404
        for what, fields in (
            ("claim", {}),
            ("reply", {"text": "Dạ"}),
            ("close", {"outcome": "solved"}),
            ("giveback", {}),
            ("pass", {"to": "up"}),
            ("call", {}),
            ("send", {}),
            ("resend", {}),
            ("remind", {}),
        ):
            answer = lead.post(f"/staff/tickets/{ticket}/{what}", data={"csrf": csrf, **fields})
            assert answer.status_code == 404, what
        data = {"csrf": csrf, "action": "close", "outcome": "solved", "ticket": str(ticket)}
        done = lead.post("/staff/tickets/several/do", data=data)
        assert "không thuộc nơi anh/chị phụ trách" in done.text
        assert world.view(ticket).status == "waiting"
    assert world.told(other) == []
    assert lead.get(f"/staff/tickets/{theirs}").status_code == 200


def test_places_of_a_visit_and_of_a_list_are_the_same() -> None:
    visit = Visit(1, "hoa", Role.LEAD, "", (AN, "66"))
    codes = (AN, HAMLET, "96", "96.3223", "96.322361", "66", "66.00001", "66.00001.x", "6", "")
    seen = [code for code in codes if visit.sees(code)]
    assert seen == [AN, HAMLET, "66", "66.00001", "66.00001.x"]


# Acts -----------------------------------------------------------------------------------------


def test_looking_and_acting_stand_in_the_record(world: World) -> None:
    ticket = world.ticket()
    lead = world.logged_in("lead")
    lead.get("/staff/tickets")
    assert actions(world) == []
    reply(lead, "/staff", ticket, "Dạ chào bác")
    assert actions(world) == [
        ("ticket.view", f"ticket {ticket}"),
        ("ticket.sent", f"ticket {ticket}"),
    ]


def test_handing_on_to_a_member_and_to_a_team(world: World) -> None:
    team, lan = place(world, "Tổ Rạch Gốc", HAMLET, "501")
    other, _ = place(world, "Tổ xã", AN, "502")
    ticket = world.ticket(team, locality=HAMLET)
    lead = world.logged_in("lead")
    csrf = csrf_of(lead)
    page = lead.get(f"/staff/tickets/{ticket}").text
    assert f'value="m{lan}"' in page
    assert f'value="t{other}"' in page
    data = {"csrf": csrf, "to": f"m{lan}", "note": "cần người biết máy"}
    assert lead.post(f"/staff/tickets/{ticket}/pass", data=data).status_code == 303
    assert world.view(ticket).claimed_by == lan
    assert any("cần người biết máy" in line for line in world.lines(ticket))
    data["to"] = f"t{other}"
    assert lead.post(f"/staff/tickets/{ticket}/pass", data=data).status_code == 303
    assert world.view(ticket).team_id == other
    assert world.view(ticket).status == "waiting"
    page = lead.get(f"/staff/tickets/{ticket}").text
    assert "Tổ xã" in page
    assert "(cán bộ)" in page


@pytest.mark.parametrize("to", ["", "x", "m999", "t999", "m", "t1e9", "up up", "m-1"])
def test_nobody_who_is_not_offered_is_handed_a_ticket(world: World, to: str) -> None:
    team, _ = place(world, "Tổ Rạch Gốc", HAMLET, "501")
    ticket = world.ticket(team, locality=HAMLET)
    lead = world.logged_in("lead")
    data = {"csrf": csrf_of(lead), "to": to}
    assert lead.post(f"/staff/tickets/{ticket}/pass", data=data).status_code == 409
    assert world.view(ticket).team_id == team


def test_a_team_elsewhere_is_not_offered(world: World) -> None:
    team, _ = place(world, "Tổ Rạch Gốc", HAMLET, "501")
    far, _ = place(world, "Tổ Khánh", KHANH, "502")
    ticket = world.ticket(team, locality=HAMLET)
    lead = world.logged_in("lead")
    data = {"csrf": csrf_of(lead), "to": f"t{far}"}
    assert lead.post(f"/staff/tickets/{ticket}/pass", data=data).status_code == 409


def test_taking_a_ticket_back_from_whoever_has_it(world: World) -> None:
    team, lan = place(world, "Tổ Rạch Gốc", HAMLET, "501")
    place(world, "Tổ Rạch Gốc 2", HAMLET, "502")
    ticket = world.ticket(team, locality=HAMLET)
    lead = world.logged_in("lead")
    csrf = csrf_of(lead)
    lead.post(f"/staff/tickets/{ticket}/pass", data={"csrf": csrf, "to": f"m{lan}"})
    answer = lead.post(f"/staff/tickets/{ticket}/giveback", data={"csrf": csrf})
    assert answer.headers["location"].endswith("?done=given_back")
    assert world.view(ticket).status == "waiting"


def test_a_reminder_once_in_ten_minutes(world: World) -> None:
    team, _ = place(world, "Tổ Rạch Gốc", HAMLET, "501")
    ticket = world.ticket(team, locality=HAMLET)
    lead = world.logged_in("lead")
    form = {"csrf": csrf_of(lead)}
    url = f"/staff/tickets/{ticket}/remind"
    assert lead.post(url, data=form).status_code == 303
    assert world.woken
    assert lead.post(url, data=form).status_code == 409
    world.wait(minutes=11)
    assert lead.post(url, data=form).status_code == 303
    assert kinds(world, ticket) == ["reminded", "reminded"]


def test_closing_somebody_else_s_ticket_tells_citizen_and_helper(world: World) -> None:
    team, lan = place(world, "Tổ Rạch Gốc", HAMLET, "501")
    ticket = world.ticket(team, locality=HAMLET)
    lead = world.logged_in("lead")
    csrf = csrf_of(lead)
    lead.post(f"/staff/tickets/{ticket}/pass", data={"csrf": csrf, "to": f"m{lan}"})
    world.woken.clear()
    data = {"csrf": csrf, "outcome": "solved"}
    assert lead.post(f"/staff/tickets/{ticket}/close", data=data).status_code == 303
    assert world.view(ticket).outcome == "solved"
    assert world.told(ticket)[-1].kind == "ticket_closed"
    assert len(world.woken) == 2


# Several at once --------------------------------------------------------------------------------


def test_several_are_confirmed_and_each_has_its_result(world: World) -> None:
    first, second = world.ticket(), world.ticket()
    lead = world.logged_in("lead")
    csrf = csrf_of(lead)
    numbers = [str(first), str(second), "999", "x", str(first)]
    asked = lead.post(
        "/staff/tickets/several", data={"csrf": csrf, "ticket": numbers, "action": "close"}
    )
    assert asked.text.count('name="ticket"') == 2
    assert world.view(first).status == "waiting"
    data = {"csrf": csrf, "ticket": numbers, "action": "close", "outcome": ""}
    assert lead.post("/staff/tickets/several/do", data=data).status_code == 422
    data["outcome"] = "solved"
    done = lead.post("/staff/tickets/several/do", data=data)
    assert "Đã làm 2 trên 3 phiếu" in done.text
    assert [world.view(n).status for n in (first, second)] == ["closed", "closed"]
    closed = [subject for action, subject in actions(world) if action == "ticket.closed"]
    assert closed == [f"ticket {first}", f"ticket {second}"]
    again = lead.post("/staff/tickets/several/do", data=data)
    assert "Đã làm 0 trên 3 phiếu" in again.text


def test_several_to_a_team_up_and_reminded(world: World) -> None:
    team, _ = place(world, "Tổ Rạch Gốc", HAMLET, "501")
    other, _ = place(world, "Tổ Rạch Gốc 2", HAMLET, "502")
    made = [world.ticket(team, locality=HAMLET) for _ in range(2)]
    lead = world.logged_in("lead")
    form = {"csrf": csrf_of(lead), "ticket": [str(n) for n in made]}
    url = "/staff/tickets/several/do"
    for fields, words in (
        ({"action": "remind"}, "Đã làm 2 trên 2"),
        ({"action": "pass"}, "Anh/chị chọn tổ nhận phiếu"),
        ({"action": "pass", "team": "999"}, "Đã làm 0 trên 2"),
        ({"action": "pass", "team": str(other)}, "Đã làm 2 trên 2"),
        ({"action": "pass", "team": str(other)}, "Đã làm 0 trên 2"),
        ({"action": "nonsense"}, "Chưa chọn việc cần làm"),
    ):
        assert words in lead.post(url, data={**form, **fields}).text, fields
    assert {world.view(n).team_id for n in made} == {other}


def test_staff_words_cannot_be_scripts(world: World) -> None:
    evil = "<script>alert(1)</script>"
    team, _ = place(world, evil, HAMLET, "501")
    ticket = world.ticket(team, locality=HAMLET, topic=evil, commune=evil, failed=evil)
    lead = world.logged_in("lead")
    for url in (
        "/staff/tickets",
        f"/staff/tickets/{ticket}",
        "/staff/teams",
        f"/staff/teams/{team}",
        "/staff/teams?name=" + evil,
        f"/staff/tickets?topic={evil}",
    ):
        text = lead.get(url).text
        assert evil not in text, url
    counted = world.db.read_now(lambda c: c.execute(select(func.count()).select_from(tickets)))
    assert counted.scalar() == 1


def test_due_words_are_known() -> None:
    assert {each.value for each in Due} == {"", "overdue", "soon"}
