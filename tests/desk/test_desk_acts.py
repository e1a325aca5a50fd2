"""Everything a member does with a ticket on the phone page, without any app."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

from bot.desk.router import desk_router
from bot.domain import events as ev
from bot.domain.replies import Priority
from bot.domain.tickets import TicketOutcome, TicketStatus
from bot.models.schema import members as members_table
from bot.models.schema import outbox, tickets, visits
from bot.services.handoff import Desk
from bot.store import members as members_store
from bot.store import outbox as outbox_store
from bot.store import records
from bot.store.outbox import NewMessage
from bot.store.tickets import add_team
from bot.weblib.deps import WebDeps
from tests.console.world import SAME_ORIGIN, World, acted, hidden, reply
from tests.dialogue.helpers import content


@pytest.fixture
def team(world: World) -> int:
    return world.team()


@pytest.fixture
def lan(world: World, team: int) -> str:
    return world.link(world.member(team, "Chị Lan"))


@pytest.fixture
def browser(world: World) -> TestClient:
    """A phone on a desk that has the shipped content."""
    app = FastAPI()
    app.include_router(desk_router(WebDeps(world.runtime, world.woken.append, content=content)))
    return TestClient(app, follow_redirects=False, headers=SAME_ORIGIN)


@pytest.fixture
def mine(world: World, team: int, lan: str, browser: TestClient) -> int:
    """A ticket in Lan's hands."""
    ticket = world.ticket(team, guide_title="Quét QR trả tiền", topic="Quét QR trả tiền")
    acted(browser, lan, ticket, "claim")
    return ticket


def sent(browser: TestClient, lan: str, ticket: int, path: str, **form: str) -> httpx.Response:
    answer: httpx.Response = browser.post(f"{lan}/tickets/{ticket}/{path}", data=form)
    return answer


def column(world: World, ticket: int, name: str) -> object:
    query = tickets.select().where(tickets.c.id == ticket)
    return world.db.read_now(lambda c: getattr(c.execute(query).one(), name))


def role(world: World, member: int, name: str) -> None:
    values = update(members_table).where(members_table.c.id == member).values(role=name)
    world.db.write_now(lambda c: c.execute(values).rowcount)


# The page ---------------------------------------------------------------------------------------


def test_the_page_has_the_three_words_for_the_holder_only(
    world: World, team: int, lan: str, mine: int, browser: TestClient
) -> None:
    words = world.view(mine).words
    assert words
    assert words in browser.get(f"{lan}/tickets/{mine}").text
    other = world.link(world.member(team, "Anh Ba"))
    assert words not in browser.get(f"{other}/tickets/{mine}").text
    waiting = world.ticket(team)
    assert world.view(waiting).words not in browser.get(f"{lan}/tickets/{waiting}").text


def test_the_card_says_how_to_reach_them_and_by_when(
    world: World, team: int, lan: str, browser: TestClient
) -> None:
    page = browser.get(f"{lan}/tickets/{world.ticket(team)}").text
    assert "có số điện thoại, hiện ra khi nhận" in page
    assert "Cần nhận trước" in page
    assert "0912" not in page
    page = browser.get(f"{lan}/tickets/{world.ticket(team, phone='')}").text
    assert "nhắn qua bot" in page


def test_waiting_tickets_stand_by_their_deadline(
    world: World, team: int, lan: str, browser: TestClient
) -> None:
    late, soon = world.ticket(team), world.ticket(team)
    due = update(tickets).where(tickets.c.id == soon).values(due_at=world.clock)
    world.db.write_now(lambda c: c.execute(due).rowcount)
    page = browser.get(lan).text
    assert page.index(f"Phiếu {soon}:") < page.index(f"Phiếu {late}:")


def test_what_happened_is_listed(lan: str, mine: int, browser: TestClient) -> None:
    sent(browser, lan, mine, "call", result="no_answer")
    page = browser.get(f"{lan}/tickets/{mine}").text
    assert page.index("· Nhận phiếu") < page.index("· Gọi, không nghe máy")


# Acts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", list(TicketOutcome))
def test_done_with_an_outcome(
    world: World, lan: str, mine: int, browser: TestClient, outcome: TicketOutcome
) -> None:
    answer = sent(browser, lan, mine, "close", outcome=outcome)
    assert answer.headers["location"] == f"{lan}?done=closed"
    assert world.view(mine).outcome is outcome
    assert sent(browser, lan, mine, "close", outcome="solved").status_code == 409
    assert world.view(mine).outcome is outcome


def test_the_minutes_of_a_visit_are_noted(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    answer = sent(browser, lan, mine, "close", outcome="solved_at_home", minutes="lâu lắm")
    assert answer.status_code == 422
    assert "Chưa rõ thời gian" in answer.text
    assert world.view(mine).status is TicketStatus.CLAIMED
    sent(browser, lan, mine, "close", outcome="solved_at_home", minutes="1 tiếng rưỡi")
    row = world.db.read_now(lambda c: c.execute(visits.select()).one())
    assert (row.minutes, row.done_at) == (90, world.clock)


def test_an_outcome_of_nobody_is_refused(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    assert sent(browser, lan, mine, "close", outcome="xyz").status_code == 422
    assert world.view(mine).status is TicketStatus.CLAIMED


def test_given_back_with_a_reason_the_next_one_reads(
    world: World, team: int, lan: str, mine: int, browser: TestClient
) -> None:
    other = world.link(world.member(team, "Anh Ba"))
    answer = sent(browser, lan, mine, "giveback", note="bận đám giỗ, gọi 0900 000 012")
    assert answer.headers["location"] == f"{lan}?done=given_back"
    assert world.view(mine).status is TicketStatus.WAITING
    page = browser.get(f"{other}/tickets/{mine}").text
    assert "Chị Lan: bận đám giỗ" in page
    assert "0900 000 012" not in page
    assert sent(browser, lan, mine, "giveback").status_code == 409


def test_handed_to_a_colleague_who_is_there(
    world: World, team: int, lan: str, mine: int, browser: TestClient
) -> None:
    ba, nam = world.member(team, "Anh Ba", telegram="43"), world.member(team, "Anh Năm", "44")
    gone = update(members_table).where(members_table.c.id == nam)
    gone = gone.values(away_until=world.clock + timedelta(days=30))
    world.db.write_now(lambda c: c.execute(gone).rowcount)
    page = browser.get(f"{lan}/tickets/{mine}").text
    assert "Anh Ba" in page
    assert "Anh Năm" not in page
    assert sent(browser, lan, mine, "pass", to=str(nam)).status_code == 409
    assert sent(browser, lan, mine, "pass", to="x").status_code == 409
    assert world.view(mine).helper == "Chị Lan"
    answer = sent(browser, lan, mine, "pass", to=str(ba))
    assert answer.headers["location"] == f"{lan}?done=passed"
    assert world.view(mine).helper == "Anh Ba"


def test_up_the_ladder(world: World, browser: TestClient) -> None:
    low = world.db.write_now(lambda c: add_team(c, "Tổ xã", "Khánh An", None, world.clock))
    top = world.team("Bàn tỉnh")
    world.member(top, "Cô Tỉnh", telegram="90")
    link = world.link(world.member(low, "Chị Lan", telegram="91"))
    ticket = world.ticket(low)
    rung = update(tickets).where(tickets.c.id == ticket).values(rung="commune")
    world.db.write_now(lambda c: c.execute(rung).rowcount)
    acted(browser, link, ticket, "claim")
    assert "Bàn trực tỉnh" in browser.get(f"{link}/tickets/{ticket}").text
    answer = sent(browser, link, ticket, "pass", to="up", note="cần giấy tờ")
    assert answer.headers["location"] == f"{link}?done=passed"
    assert column(world, ticket, "team_id") == top
    assert browser.get(f"{link}/tickets/{ticket}").status_code == 404


def test_a_visit_is_read_asked_back_and_noted_once(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    asked = sent(browser, lan, mine, "visit", text="chiều mai 3 giờ")
    assert asked.status_code == 200
    assert world.view(mine).visit_at is None
    (stamp,) = re.findall(r'name="at" value="(\d+)"', asked.text)
    for _ in range(2):
        answer = sent(browser, lan, mine, "visit", at=stamp)
        assert answer.headers["location"].endswith("done=visit_set")
    news = [e for e in world.told(mine) if isinstance(e, ev.VisitNews)]
    assert [e.news for e in news] == ["set"]
    assert world.view(mine).visit_at is not None
    for _ in range(2):
        sent(browser, lan, mine, "novisit")
    news = [e for e in world.told(mine) if isinstance(e, ev.VisitNews)]
    assert [e.news for e in news] == ["set", "off"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("hôm qua 3 giờ", "đã qua"), ("khi nào rảnh", "Chưa rõ giờ hẹn"), ("", "Chưa rõ giờ hẹn")],
)
def test_a_time_that_cannot_be_stays_in_the_form(
    world: World, lan: str, mine: int, browser: TestClient, text: str, said: str
) -> None:
    answer = sent(browser, lan, mine, "visit", text=text)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{text}"' in answer.text
    assert world.view(mine).visit_at is None


def test_a_time_of_several_meanings_is_chosen(lan: str, mine: int, browser: TestClient) -> None:
    asked = sent(browser, lan, mine, "visit", text="thứ bảy")
    assert len(re.findall(r'name="at" value="(\d+)"', asked.text)) > 1


def test_calls_are_counted_once_a_minute(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    for _ in range(2):
        answer = sent(browser, lan, mine, "call", result="no_answer")
        assert answer.headers["location"].endswith("done=called")
    assert "Đã 1 lần không nghe máy" in browser.get(f"{lan}/tickets/{mine}").text
    assert [e for e in world.told(mine) if isinstance(e, ev.CallMissed)] == [
        ev.CallMissed(mine, "Chị Lan")
    ]
    world.wait(minutes=10)
    sent(browser, lan, mine, "call", result="no_answer")
    assert "Đã 2 lần" in browser.get(f"{lan}/tickets/{mine}").text


def test_steps_and_canned_replies_go_once_for_one_form(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    page = browser.get(f"{lan}/tickets/{mine}")
    nonce = hidden(page, "nonce")
    assert 'value="qr_pay:1"' in page.text
    for _ in range(2):
        answer = sent(browser, lan, mine, "send", step="qr_pay:1", nonce=nonce)
        assert answer.headers["location"].endswith("done=sent")
    shown = [e for e in world.told(mine) if isinstance(e, ev.HelperShowed)]
    assert [(e.guide_id, e.step) for e in shown] == [("qr_pay", 1)]
    for _ in range(2):
        sent(browser, lan, mine, "send", canned="no_hurry", nonce=nonce)
    said = [e for e in world.told(mine) if isinstance(e, ev.HelperSaid)]
    assert [e.ours for e in said] == [True]
    for wrong in ({"step": "qr_pay:99"}, {"step": "xyz:1"}, {"canned": "xyz"}, {}):
        assert sent(browser, lan, mine, "send", **wrong).status_code == 409
    assert len(world.told(mine)) == 3


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("giveback", {}),
        ("pass", {"to": "up"}),
        ("call", {"result": "spoke"}),
        ("visit", {"at": "1795507200"}),
        ("novisit", {}),
        ("resend", {}),
        ("send", {"canned": "hello"}),
        ("close", {"outcome": "solved"}),
    ],
)
def test_nothing_can_be_done_with_another_s_ticket(
    world: World, team: int, mine: int, browser: TestClient, path: str, form: dict[str, str]
) -> None:
    ba = world.link(world.member(team, "Anh Ba"))
    before = world.told(mine)
    answer = sent(browser, ba, mine, path, **form)
    assert answer.status_code == 409
    assert "Chị Lan đã nhận phiếu này trước" in answer.text
    assert world.told(mine) == before


def test_a_line_that_asks_for_a_secret(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    answer = reply(browser, lan, mine, "Bác đọc mã OTP cho con")
    page = browser.get(answer.headers["location"]).text
    assert "Không ai trong tổ được hỏi" in page
    (said,) = [e for e in world.told(mine) if isinstance(e, ev.HelperSaid)]
    assert said.warn
    assert "Tin ở trên hỏi mã" in page


# Delivery ---------------------------------------------------------------------------------------


def test_the_page_marks_a_line_until_it_has_arrived(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    reply(browser, lan, mine, "Chào bác")
    live = f"{lan}/tickets/{mine}/live"
    assert "chưa tới người hỏi" in browser.get(live).text
    chat = world.view(mine).chat_id
    message = NewMessage(b"x", Priority.RELAY, mine, line_id=1)
    world.db.write_now(lambda c: outbox_store.add(c, chat, 1, [message], world.clock))

    def now(**values: object) -> str:
        world.db.write_now(lambda c: c.execute(update(outbox).values(**values)).rowcount)
        return str(browser.get(live).text)

    assert "Không gửi được. Bấm Gửi lại" in now(status="failed")
    assert "Gửi lại tin chưa tới" in browser.get(f"{lan}/tickets/{mine}").text
    told = len(world.told(mine))
    for _ in range(2):
        sent(browser, lan, mine, "resend")
    assert len(world.told(mine)) == told + 1
    arrived = now(status="sent", line_id=1)
    assert "mark" not in arrived.partition('class="talk"')[2]


def test_a_citizen_who_left_is_marked(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    view = world.view(mine)
    world.db.write_now(
        lambda c: Desk(
            c, world.runtime.vault, world.clock, "x", world.runtime.plan
        ).citizen_unreachable(view)
    )
    assert "Không gửi được tin tới người hỏi" in browser.get(f"{lan}/tickets/{mine}").text


# The member's own pages -------------------------------------------------------------------------


def test_several_are_closed_at_once(
    world: World, team: int, lan: str, mine: int, browser: TestClient
) -> None:
    second, theirs = world.ticket(team), world.ticket(team)
    acted(browser, lan, second, "claim")
    page = browser.get(f"{lan}/close").text
    assert re.findall(r'name="ticket" value="(\d+)"', page) == [str(mine), str(second)]
    form = {"ticket": [str(mine), str(second), str(theirs)], "outcome": "referred_bank"}
    answer = browser.post(f"{lan}/close", data=form)
    assert f"Đã đóng phiếu {mine}, {second}" in answer.text
    assert f"Chưa đóng phiếu {theirs}" in answer.text
    assert world.view(second).outcome is TicketOutcome.REFERRED_BANK
    assert world.view(theirs).status is TicketStatus.WAITING
    again = browser.post(f"{lan}/close", data=form)
    assert "Đã đóng phiếu" not in again.text
    assert browser.post(f"{lan}/close", data={"outcome": "solved"}).status_code == 422


def test_own_summary_and_being_away(world: World, lan: str, mine: int, browser: TestClient) -> None:
    sent(browser, lan, mine, "close", outcome="solved_at_home", minutes="45")
    page = browser.get(f"{lan}/me").text
    assert "1 lần, đã khai 0 giờ 45 phút" in page
    answer = browser.post(f"{lan}/away", data={"text": "tôi bận 2 ngày"})
    assert answer.status_code == 303
    assert "anh/chị bận đến" in browser.get(f"{lan}/me").text
    browser.post(f"{lan}/away", data={"text": "tôi rảnh"})
    assert "đang rảnh" in browser.get(f"{lan}/me").text
    assert browser.post(f"{lan}/away", data={"text": "đến thứ hai"}).status_code == 303
    refused = browser.post(f"{lan}/away", data={"text": "lúc nào đó"})
    assert refused.status_code == 422
    assert "Chưa rõ" in refused.text


def test_the_call_sheet_is_for_desks_and_shows_no_citizen(
    world: World, team: int, lan: str, browser: TestClient
) -> None:
    ticket = world.ticket(team)
    assert browser.get(f"{lan}/calls").status_code == 403
    lead = world.member(team, "Tổ trưởng")
    role(world, lead, "lead")
    sealed = world.runtime.vault.seal(b"0900000077", members_store.PHONE)
    phone = update(members_table).where(members_table.c.id == lead).values(phone=sealed)
    world.db.write_now(lambda c: c.execute(phone).rowcount)
    link = world.link(lead)
    assert f"{link}/calls" in browser.get(f"{link}/me").text
    page = browser.get(f"{link}/calls").text
    assert f"Phiếu {ticket}:" in page
    assert "0900000077" in page
    assert "Bà Sáu" not in page
    assert "0912" not in page


def test_a_member_who_was_removed_cannot_open_their_page(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    gone = update(members_table).values(removed_at=world.clock)
    world.db.write_now(lambda c: c.execute(gone).rowcount)
    for path in ("", "/me", "/close", f"/tickets/{mine}"):
        assert browser.get(f"{lan}{path}").status_code == 403
    assert sent(browser, lan, mine, "close", outcome="solved").status_code == 403
    assert world.view(mine).status is TicketStatus.CLAIMED


def test_a_citizen_who_erased_everything_is_gone_for_the_page_too(
    world: World, lan: str, mine: int, browser: TestClient
) -> None:
    chat = world.view(mine).chat_id
    world.db.write_now(lambda c: records.erase_chat(c, chat, 0, world.clock))
    for path, form in (("send", {"canned": "hello"}), ("reply", {"text": "alo"})):
        answer = sent(browser, lan, mine, path, **form)
        assert answer.status_code == 409
        assert "đã đóng hoặc người hỏi đã hủy" in answer.text
