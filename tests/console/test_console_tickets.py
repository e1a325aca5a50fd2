"""Tickets in the console: seeing, taking, answering, closing."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from bot.domain import events as ev
from bot.models.schema import tickets as tickets_table
from tests.console.world import World, acted, csrf_of, hidden, reply

SCRIPT = "<script>alert(1)</script>"


def order(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'class="text"><a [^>]*>Phiếu (\d+):', page)]


def test_urgent_first_then_what_is_due_first(world: World) -> None:
    team = world.team()
    member = world.member(team, "Chị Lan")
    taken = world.ticket(team, urgent=True)
    old = world.ticket(team)
    urgent = world.ticket(urgent=True)
    new = world.ticket()
    world.browser().post(f"{world.link(member)}/tickets/{taken}/claim")
    page = world.logged_in("lead").get("/staff/tickets").text
    assert order(page) == [taken, urgent, old, new]
    assert "Chị Lan đang giúp" in page
    assert page.count("GẤP") == 2


def test_the_list_says_where_it_stands_but_not_who_asks(world: World) -> None:
    world.ticket(world.team("Tổ Khánh An"))
    world.ticket()
    world.wait(hours=3)
    page = world.logged_in("lead").get("/staff/tickets").text
    for word in ("Cài VNeID", "bước 2", "Xã Khánh An", "09:30"):
        assert word in page
    assert "Tổ Khánh An" in page
    assert "chưa có tổ" in page
    assert "Bà Sáu" not in page
    assert "0912" not in page


def test_an_empty_list_says_so(world: World) -> None:
    assert "Không có phiếu nào" in world.logged_in("lead").get("/staff/tickets").text


def test_one_ticket_shows_the_contact_to_lead(world: World) -> None:
    ticket = world.ticket()
    page = world.logged_in("lead").get(f"/staff/tickets/{ticket}").text
    assert "Bà Sáu" in page
    assert 'href="tel:0912345678"' in page
    assert "chưa có tổ" in page


@pytest.mark.parametrize("field", ["topic", "guide_title", "failed", "name", "phone", "commune"])
def test_what_citizens_write_is_escaped(world: World, field: str) -> None:
    ticket = world.ticket(None, **{field: f"a{SCRIPT}"})
    client = world.logged_in("lead")
    for path in ("/staff/tickets", f"/staff/tickets/{ticket}"):
        page = client.get(path).text
        assert SCRIPT not in page
    assert "&lt;script&gt;" in client.get(f"/staff/tickets/{ticket}").text


def test_the_talk_is_escaped_on_the_page_and_in_the_part(world: World) -> None:
    ticket = world.ticket()
    world.citizen_says(ticket, f"tui nói {SCRIPT}")
    client = world.logged_in("lead")
    for path in (f"/staff/tickets/{ticket}", f"/staff/tickets/{ticket}/live"):
        page = client.get(path).text
        assert SCRIPT not in page
        assert "tui nói &lt;script&gt;" in page


def test_a_reply_takes_the_ticket_and_reaches_the_citizen(world: World) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead", "Cô Hoa")
    answer = reply(client, "/staff", ticket, "Dạ chào bác\r\nBác mở VNeID nhé")
    assert answer.status_code == 303
    assert world.told(ticket) == [
        ev.TicketClaimed(ticket, "Cô Hoa"),
        ev.HelperSaid(ticket, "Cô Hoa", "Dạ chào bác\nBác mở VNeID nhé", line_id=1),
    ]
    assert world.woken == [world.view(ticket).chat_id]
    page = client.get(answer.headers["location"]).text
    assert "Đã gửi cho người hỏi" in page
    assert "Bác mở VNeID nhé" in page
    assert "Cô Hoa đang giúp" in page


def test_a_second_reply_does_not_claim_again(world: World) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead")
    reply(client, "/staff", ticket, "một")
    reply(client, "/staff", ticket, "hai")
    reply(client, "/staff", ticket, "hai")
    assert world.said(ticket) == ["một", "hai", "hai"], "the same words again are a new message"
    assert len(world.told(ticket)) == 4


def test_the_team_s_group_and_only_it_hears_of_the_claim(world: World) -> None:
    ticket = world.ticket(world.team(group="-100"))
    client = world.logged_in("lead")
    acted(client, "/staff", ticket, "claim")
    assert len(set(world.woken)) == 2


@pytest.mark.parametrize("times", [2, 5])
def test_a_form_sent_again_sends_once(world: World, times: int) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead")
    page = client.get(f"/staff/tickets/{ticket}")
    data = {n: hidden(page, n) for n in ("csrf", "nonce")} | {"text": "Dạ chào bác"}
    for _ in range(times):
        answer = client.post(f"/staff/tickets/{ticket}/reply", data=data)
        assert answer.headers["location"] == f"/staff/tickets/{ticket}?done=sent"
    assert world.said(ticket) == ["Dạ chào bác"]
    assert world.lines(ticket) == ["Dạ chào bác"]


def test_another_text_from_the_same_showing_of_a_form_is_sent(world: World) -> None:
    """The browser's *back* shows an old form again; what is typed there then must not vanish."""
    ticket = world.ticket()
    client = world.logged_in("lead")
    page = client.get(f"/staff/tickets/{ticket}")
    data = {n: hidden(page, n) for n in ("csrf", "nonce")}
    for text in ("một", "hai"):
        client.post(f"/staff/tickets/{ticket}/reply", data={**data, "text": text})
    assert world.said(ticket) == ["một", "hai"]


def test_one_person_s_nonce_does_not_silence_another(world: World) -> None:
    one, two = world.ticket(), world.ticket()
    client = world.logged_in("lead")
    nonce = "0" * 32
    for ticket in (one, two):
        reply(client, "/staff", ticket, "Dạ", nonce=nonce)
    assert world.said(one) == world.said(two) == ["Dạ"]


@pytest.mark.parametrize("nonce", ["", "x", "0" * 31, "A" * 32, "0" * 500])
def test_a_nonce_that_is_not_ours_still_sends(world: World, nonce: str) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead")
    reply(client, "/staff", ticket, "Dạ", nonce=nonce)
    assert world.said(ticket) == ["Dạ"]


@pytest.mark.parametrize("secret", ["mã OTP là 482913", "căn cước 079204001234"])
def test_secrets_in_a_reply_never_reach_the_citizen(world: World, secret: str) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead")
    answer = reply(client, "/staff", ticket, f"Bác ơi {secret} nhé")
    digits = re.findall(r"\d{6,}", secret)
    assert answer.headers["location"].endswith("?done=masked")
    assert "đã được che" in client.get(answer.headers["location"]).text
    for text in (*world.said(ticket), *world.lines(ticket)):
        assert not any(d in text for d in digits)
    assert world.said(ticket)


@pytest.mark.parametrize("text", ["", "   \r\n\t ", "\x00\x01"])
def test_an_empty_reply_is_refused(world: World, text: str) -> None:
    ticket = world.ticket()
    answer = reply(world.logged_in("lead"), "/staff", ticket, text)
    assert answer.status_code == 422
    assert "Chưa có chữ nào" in answer.text
    assert world.view(ticket).status == "waiting"
    assert world.told(ticket) == []


def test_a_reply_of_the_most_characters_is_sent(world: World) -> None:
    ticket = world.ticket()
    assert reply(world.logged_in("lead"), "/staff", ticket, "ệ" * 2000).status_code == 303
    assert world.said(ticket) == ["ệ" * 2000]


def test_a_longer_reply_is_refused_and_stays_in_the_form(world: World) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead")
    text = "\nBác <b>ạ</b> " + "ệ" * 2000
    answer = reply(client, "/staff", ticket, text)
    assert answer.status_code == 422
    assert "2.000" in answer.text
    assert "Bác &lt;b&gt;ạ&lt;/b&gt; " + "ệ" * 2000 in answer.text
    assert world.told(ticket) == []
    short = {n: hidden(answer, n) for n in ("csrf", "nonce")} | {"text": "ngắn"}
    assert client.post(f"/staff/tickets/{ticket}/reply", data=short).status_code == 303


def test_whoever_is_late_is_told_who_and_keeps_the_text(world: World) -> None:
    team = world.team()
    member = world.member(team, "Chị Lan <3")
    ticket = world.ticket(team)
    client = world.logged_in("lead")
    page = client.get(f"/staff/tickets/{ticket}")
    world.browser().post(f"{world.link(member)}/tickets/{ticket}/claim")
    data = {n: hidden(page, n) for n in ("csrf", "nonce")} | {"text": "Câu trả lời dài"}
    answer = client.post(f"/staff/tickets/{ticket}/reply", data=data)
    assert answer.status_code == 409
    assert "Chị Lan &lt;3 đã nhận phiếu này trước" in answer.text
    assert "Câu trả lời dài" in answer.text
    assert world.said(ticket) == []
    assert acted(client, "/staff", ticket, "claim").status_code == 409
    assert world.view(ticket).helper == "Chị Lan <3"


def test_two_of_the_staff_cannot_hold_one_ticket(world: World) -> None:
    ticket = world.ticket()
    one, two = world.logged_in("lead", "Cô Hoa"), world.logged_in("admin", "Anh Ba")
    assert acted(one, "/staff", ticket, "claim").status_code == 303
    answer = acted(two, "/staff", ticket, "claim")
    assert "Cô Hoa đã nhận" in answer.text
    assert acted(one, "/staff", ticket, "claim").status_code == 303, "mine already"
    assert reply(one, "/staff", ticket, "Dạ").status_code == 303


def test_a_member_of_the_same_name_is_somebody_else(world: World) -> None:
    team = world.team()
    member = world.member(team, "Cô Hoa")
    ticket = world.ticket(team)
    client = world.logged_in("lead", "Cô Hoa")
    world.browser().post(f"{world.link(member)}/tickets/{ticket}/claim")
    assert acted(client, "/staff", ticket, "call").status_code == 409
    assert acted(client, "/staff", ticket, "claim").status_code == 409
    assert world.view(ticket).status == "claimed"


def test_closing_tells_the_citizen_once(world: World) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead", "Cô Hoa")
    acted(client, "/staff", ticket, "claim")
    answer = acted(client, "/staff", ticket, "close")
    assert answer.headers["location"] == "/staff/tickets?done=closed"
    assert "Đã đóng phiếu" in client.get(answer.headers["location"]).text
    again = acted(client, "/staff", ticket, "close")
    assert again.status_code == 409
    assert "đã đóng hoặc người hỏi đã hủy" in again.text
    closed = [e for e in world.told(ticket) if isinstance(e, ev.TicketClosed)]
    assert closed == [ev.TicketClosed(ticket, "Cô Hoa")]


def test_a_waiting_ticket_is_closed_with_what_came_of_it(world: World) -> None:
    ticket = world.ticket()
    lead = world.logged_in("lead")
    answer = lead.post(f"/staff/tickets/{ticket}/close", data={"csrf": csrf_of(lead)})
    assert answer.status_code == 422
    assert "Chưa chọn kết quả" in answer.text
    assert world.view(ticket).status == "waiting"
    assert acted(lead, "/staff", ticket, "close").status_code == 303
    assert world.view(ticket).outcome == "solved"


def test_a_cancelled_ticket_takes_no_reply_and_keeps_the_text(world: World) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead")
    page = client.get(f"/staff/tickets/{ticket}")
    change = update(tickets_table).values(status="cancelled", closed_at=world.clock)
    world.db.write_now(lambda c: c.execute(change).rowcount)
    data = {n: hidden(page, n) for n in ("csrf", "nonce")} | {"text": "Muộn mất rồi"}
    answer = client.post(f"/staff/tickets/{ticket}/reply", data=data)
    assert answer.status_code == 409
    assert "Muộn mất rồi" in answer.text
    assert "tel:" not in answer.text, "the contact of an ended ticket is not shown"


def test_a_citizen_who_is_gone_is_said(world: World) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead")
    page = client.get(f"/staff/tickets/{ticket}")
    world.db.write_now(lambda c: c.execute(update(tickets_table).values(chat_id=None)).rowcount)
    data = {n: hidden(page, n) for n in ("csrf", "nonce")} | {"text": "Dạ"}
    answer = client.post(f"/staff/tickets/{ticket}/reply", data=data)
    assert answer.status_code == 409
    assert "không nhắn được" in answer.text


def test_a_made_up_notice_is_not_shown(world: World) -> None:
    ticket = world.ticket()
    page = world.logged_in("lead").get(f"/staff/tickets/{ticket}?done=taken").text
    assert 'class="notice' not in page


def test_the_part_for_the_script_follows_the_talk(world: World) -> None:
    ticket = world.ticket()
    client = world.logged_in("lead")
    acted(client, "/staff", ticket, "claim")
    assert 'data-count="0"' in client.get(f"/staff/tickets/{ticket}/live").text
    world.citizen_says(ticket, "tui đây")
    part = client.get(f"/staff/tickets/{ticket}/live").text
    assert 'data-count="1"' in part
    assert "<html" not in part
