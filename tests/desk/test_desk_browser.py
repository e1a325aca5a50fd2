"""The pages in a real browser: at a small phone's width, with the script that keeps them fresh."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from tests.console.world import PASSWORD, World

pytestmark = pytest.mark.browser

SMALL = """() => [...document.querySelectorAll(
    'button, a:not(.skip), summary, select, textarea, input:not([type=hidden])')]
    .map(e => [e.getBoundingClientRect().height, e.outerHTML.slice(0, 80)])
    .filter(([height]) => height > 0 && height < 47.5)"""


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """The world served on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(world.app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A small phone; what the page complains of fails the test."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    yield page
    context.close()
    assert complaints == []


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(SMALL) == []
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18


def test_a_member_s_evening_on_a_phone(world: World, site: str, page: Page) -> None:
    team = world.team()
    link = site + world.link(world.member(team, "Chị Lan"))
    ticket = world.ticket(team, topic="x" * 150)
    page.goto(link)
    fits(page)
    page.get_by_role("button", name="Nhận").click()
    page.wait_for_url("**/tickets/*?done=claimed")
    fits(page)
    page.get_by_label("Trả lời người hỏi").fill("đang gõ dở")
    world.citizen_says(ticket, "bác đây con")
    page.get_by_text("bác đây con").wait_for(timeout=10_000)
    assert page.get_by_role("status").filter(has_text="Có tin mới").count() == 1
    assert page.get_by_label("Trả lời người hỏi").input_value() == "đang gõ dở"
    page.get_by_role("button", name="Gửi").click()
    page.wait_for_url("**/tickets/*?done=sent")
    for summary in page.locator("summary").all():
        summary.click()
    fits(page)
    page.get_by_role("button", name="Đúng, đã xong").click()
    page.wait_for_url("**?done=closed")
    assert world.said(ticket) == ["đang gõ dở"]


def test_new_tickets_come_to_the_open_list(world: World, site: str, page: Page) -> None:
    team = world.team()
    page.goto(site + world.link(world.member(team, "Chị Lan")))
    world.ticket(team, topic="Quét QR")
    page.get_by_text("Quét QR").wait_for(timeout=15_000)
    fits(page)


def test_staff_with_the_keyboard_alone(world: World, site: str, page: Page) -> None:
    world.staff("Cô Hoa", "lead")
    ticket = world.ticket()
    world.question("câu hỏi " * 30)
    page.goto(f"{site}/staff/login")
    fits(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.type("cô hoa")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/tickets")
    fits(page)
    page.goto(f"{site}/staff/questions")
    fits(page)
    page.goto(f"{site}/staff/tickets/{ticket}")
    page.get_by_label("Trả lời người hỏi").focus()
    page.keyboard.type("Dạ chào bác")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=sent")
    fits(page)
    assert world.said(ticket) == ["Dạ chào bác"]
