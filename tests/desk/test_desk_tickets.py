"""A member's work on the phone page."""

from __future__ import annotations

import re
import threading

import httpx
import pytest

from bot.domain import events as ev
from bot.services.handoff import Desk
from tests.console.world import World, acted, hidden, log_in, reply

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def team(world: World) -> int:
    return world.team()


@pytest.fixture
def lan(world: World, team: int) -> str:
    return world.link(world.member(team, "Chị Lan"))


@pytest.fixture
def ba(world: World, team: int) -> str:
    return world.link(world.member(team, "Anh Ba"))


def sections(page: str) -> dict[str, list[int]]:
    parts = re.split(r"<h2>(.*?) \(\d+\)</h2>", page)[1:]
    ids = [[int(n) for n in re.findall(r"<h3><a [^>]*>Phiếu (\d+):", p)] for p in parts[1::2]]
    return dict(zip(parts[::2], ids, strict=True))


def test_the_list_has_waiting_mine_and_others(world: World, team: int, lan: str, ba: str) -> None:
    waiting, mine, theirs = (world.ticket(team) for _ in range(3))
    urgent = world.ticket(team, urgent=True)
    browser = world.browser()
    acted(browser, lan, mine, "claim")
    acted(browser, ba, theirs, "claim")
    page = browser.get(lan).text
    assert sections(page) == {
        "Phiếu của tôi": [mine],
        "Đang chờ": [urgent, waiting],
        "Người khác đang giúp": [theirs],
    }
    assert "Anh Ba đang giúp" in page
    assert page.count(">Nhận</button>") == 2
    part = browser.get(f"{lan}/live").text
    assert sections(part) == sections(page)
    assert "<html" not in part


def test_an_empty_list_says_so(world: World, lan: str) -> None:
    assert "Chưa có ai cần giúp" in world.browser().get(lan).text


def test_the_list_refreshes_without_a_script_and_a_ticket_does_not(
    world: World, team: int, lan: str
) -> None:
    browser = world.browser()
    assert '<noscript><meta http-equiv="refresh"' in browser.get(lan).text
    assert "http-equiv" not in browser.get(f"{lan}/tickets/{world.ticket(team)}").text


def test_the_contact_is_hidden_until_claimed_and_after(
    world: World, team: int, lan: str, ba: str
) -> None:
    ticket = world.ticket(team)
    browser = world.browser()

    def sees(link: str) -> bool:
        pages = (browser.get(link), browser.get(f"{link}/tickets/{ticket}"))
        texts = [p.text for p in pages]
        return any("Bà Sáu" in t or "0912" in t for t in texts)

    assert not sees(lan)
    acted(browser, lan, ticket, "claim")
    page = browser.get(f"{lan}/tickets/{ticket}").text
    assert "Bà Sáu" in page
    assert 'href="tel:0912345678"' in page
    assert not sees(ba)
    acted(browser, lan, ticket, "close")
    assert not sees(lan)


def test_the_card_says_where_it_stands(world: World, team: int, lan: str) -> None:
    ticket = world.ticket(team, urgent=True)
    page = world.browser().get(f"{lan}/tickets/{ticket}").text
    for word in ("Cài VNeID", "Kích hoạt VNeID", "bước 2", "Không nhận được mã", "Xã Khánh An"):
        assert word in page
    assert "GẤP" in page


def test_the_talk_belongs_to_whoever_holds_the_ticket(
    world: World, team: int, lan: str, ba: str
) -> None:
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, lan, ticket, "claim")
    world.citizen_says(ticket, "tui bí ở bước hai")
    for path in (f"/tickets/{ticket}", f"/tickets/{ticket}/live"):
        assert "tui bí ở bước hai" in browser.get(lan + path).text
        assert "tui bí ở bước hai" not in browser.get(ba + path).text


@pytest.mark.parametrize("field", ["topic", "guide_title", "failed", "name", "phone", "commune"])
def test_what_citizens_write_is_escaped(world: World, team: int, lan: str, field: str) -> None:
    ticket = world.ticket(team, **{field: f"a{SCRIPT}"})
    world.citizen_says(ticket, SCRIPT)
    browser = world.browser()
    pages = [browser.get(lan).text]
    acted(browser, lan, ticket, "claim")
    pages += [browser.get(f"{lan}{p}").text for p in ("", "/live", f"/tickets/{ticket}")]
    assert all(SCRIPT not in page for page in pages)
    assert "&lt;script&gt;" in pages[-1]


def test_a_member_s_name_is_escaped(world: World, team: int) -> None:
    link = world.link(world.member(team, SCRIPT))
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, link, ticket, "claim")
    assert SCRIPT not in browser.get(link).text
    assert SCRIPT not in browser.get(f"{link}/tickets/{ticket}").text


def test_claim_talk_and_done(world: World, team: int, lan: str) -> None:
    ticket = world.ticket(team)
    browser = world.browser()
    answer = acted(browser, lan, ticket, "claim", follow=True)
    assert "Anh/chị đã nhận phiếu" in answer.text
    answer = reply(browser, lan, ticket, "Dạ con nghe đây bác")
    assert answer.headers["location"] == f"{lan}/tickets/{ticket}?done=sent"
    answer = acted(browser, lan, ticket, "close", follow=True)
    assert "Đã đóng phiếu" in answer.text
    assert world.told(ticket) == [
        ev.TicketClaimed(ticket, "Chị Lan"),
        ev.HelperSaid(ticket, "Chị Lan", "Dạ con nghe đây bác", line_id=1),
        ev.TicketClosed(ticket, "Chị Lan"),
    ]
    assert set(world.woken) == {world.view(ticket).chat_id}


def test_the_group_and_the_member_s_own_chat_are_told(world: World) -> None:
    team = world.team("Tổ có nhóm", group="-100500")
    link = world.link(world.member(team, "Chị Lan", telegram="42"))
    ticket = world.ticket(team)
    acted(world.browser(), link, ticket, "claim")
    assert len(set(world.woken)) == 3


@pytest.mark.parametrize("what", ["claim", "close", "reply"])
def test_a_ticket_of_another_is_left_alone_and_named(
    world: World, team: int, lan: str, ba: str, what: str
) -> None:
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, ba, ticket, "claim")
    data = {"text": "Chữ đã gõ"} if what == "reply" else {}
    answer = browser.post(f"{lan}/tickets/{ticket}/{what}", data=data)
    assert answer.status_code == 409
    assert "Anh Ba đã nhận phiếu này trước" in answer.text
    assert ("Chữ đã gõ" in answer.text) is (what == "reply")
    assert world.view(ticket).helper == "Anh Ba"
    assert world.said(ticket) == []


@pytest.mark.parametrize("what", ["claim", "close", "reply"])
def test_a_closed_ticket_says_so(world: World, team: int, lan: str, what: str) -> None:
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, lan, ticket, "claim")
    acted(browser, lan, ticket, "close")
    told = world.told(ticket)
    answer = browser.post(f"{lan}/tickets/{ticket}/{what}", data={"text": "Chữ đã gõ"})
    assert answer.status_code == 409
    assert "đã đóng hoặc người hỏi đã hủy" in answer.text
    assert world.told(ticket) == told


def race(world: World, ticket: int, links: list[str]) -> list[httpx.Response]:
    start = threading.Barrier(len(links))
    answers: list[httpx.Response] = []

    def press(link: str) -> None:
        browser = world.browser()
        start.wait()
        answers.append(browser.post(f"{link}/tickets/{ticket}/claim"))

    threads = [threading.Thread(target=press, args=(link,)) for link in links]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("number", [2, 8])
def test_of_members_who_claim_at_once_one_wins(world: World, team: int, number: int) -> None:
    names = [f"Thành viên {n}" for n in range(number)]
    links = [world.link(world.member(team, name)) for name in names]
    ticket = world.ticket(team)
    answers = race(world, ticket, links)
    assert sorted(a.status_code for a in answers) == [303] + [409] * (number - 1)
    winner = world.view(ticket).helper
    assert winner in names
    for answer in answers:
        if answer.status_code == 409:
            assert f"{winner} đã nhận phiếu này trước" in answer.text
    assert world.told(ticket) == [ev.TicketClaimed(ticket, winner)]


def test_a_member_and_the_staff_cannot_both_take_it(world: World, team: int, lan: str) -> None:
    ticket = world.ticket(team)
    world.staff("Cô Hoa", "lead")
    office = world.browser()
    log_in(office, "Cô Hoa")
    acted(office, "/staff", ticket, "claim")
    answer = acted(world.browser(), lan, ticket, "claim")
    assert answer.status_code == 409
    assert "Cô Hoa đã nhận" in answer.text


@pytest.mark.parametrize("secret", ["mã OTP 482913", "căn cước 079204001234"])
def test_secrets_never_reach_the_citizen(world: World, team: int, lan: str, secret: str) -> None:
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, lan, ticket, "claim")
    answer = reply(browser, lan, ticket, f"bác gửi {secret} nhé")
    assert "đã được che" in browser.get(answer.headers["location"]).text
    number = re.findall(r"\d{6,}", secret)[0]
    assert world.said(ticket)
    assert number not in str(world.told(ticket)) + str(world.lines(ticket))


def test_a_form_sent_again_sends_once(world: World, team: int, lan: str) -> None:
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, lan, ticket, "claim")
    page = browser.get(f"{lan}/tickets/{ticket}")
    data = {"nonce": hidden(page, "nonce"), "text": "Dạ"}
    answers = [browser.post(f"{lan}/tickets/{ticket}/reply", data=data) for _ in range(3)]
    assert {a.headers["location"] for a in answers} == {f"{lan}/tickets/{ticket}?done=sent"}
    assert world.said(ticket) == ["Dạ"]
    assert world.lines(ticket) == ["Dạ"]


def test_a_form_sent_twice_at_once_sends_once(world: World, team: int, lan: str) -> None:
    ticket = world.ticket(team)
    acted(world.browser(), lan, ticket, "claim")
    data = {"nonce": "0" * 32, "text": "Dạ"}
    start = threading.Barrier(4)

    def press() -> None:
        browser = world.browser()
        start.wait()
        browser.post(f"{lan}/tickets/{ticket}/reply", data=data)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.said(ticket) == ["Dạ"]


@pytest.mark.parametrize(("text", "why"), [("  ", "Chưa có chữ nào"), ("a" * 2001, "2.000")])
def test_a_reply_that_cannot_go_stays_in_the_form(
    world: World, team: int, lan: str, text: str, why: str
) -> None:
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, lan, ticket, "claim")
    answer = reply(browser, lan, ticket, text)
    assert answer.status_code == 422
    assert why in answer.text
    assert f"{text}</textarea>" in answer.text
    assert world.said(ticket) == []


def test_the_member_sees_that_the_citizen_cannot_be_reached(
    world: World, team: int, lan: str
) -> None:
    ticket = world.ticket(team)
    browser = world.browser()
    acted(browser, lan, ticket, "claim")
    view = world.view(ticket)
    world.db.write_now(
        lambda c: Desk(
            c, world.runtime.vault, world.clock, "x", world.runtime.plan
        ).citizen_unreachable(view)
    )
    part = browser.get(f"{lan}/tickets/{ticket}/live").text
    assert "Không gửi được tin tới người hỏi" in part
    assert 'data-count="1"' in part
