"""The console in a real browser: a roster through the page, and an answer that a citizen reads."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from bot.services.staff import add_staff
from bot.store.db import Database, make_engine
from tests.console.test_console_themes import ask, counted
from tests.console.world import PASSWORD, QUICK, World
from tests.process import Served, with_model

pytestmark = pytest.mark.browser

HEAD = "Tên tổ,Tỉnh,Xã/phường,Thôn/ấp,Họ tên,Điện thoại,Vai trò\n"
GOOD = "Tổ ấp Rạch Gốc,Cà Mau,Tân Ân,Ấp Rạch Gốc,Nguyễn Văn An,0900000001,tổ trưởng\n"
BAD = "Tổ ấp Rạch Gốc,Cà Mau,Tân Ân,Ấp Rạch Gốc,Trần Thị Bé,12,\n"


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """An application on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A small phone; what the page complains of fails the test."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    yield page
    context.close()
    assert complaints == []


def log_in(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/staff/login")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(re.compile(r"/staff/(?!login)"))


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_roster_through_the_page(world: World, page: Page, tmp_path: Path) -> None:
    world.staff("hoa", "admin")
    wrong, right = tmp_path / "sai.csv", tmp_path / "danh sách.csv"
    wrong.write_text(HEAD + GOOD + BAD, encoding="utf-8")
    right.write_text(HEAD + GOOD + BAD.replace(",12,", ",0900000002,"), encoding="utf-8")
    with served(world.app) as site:
        log_in(page, site, "hoa")
        page.goto(f"{site}/staff/rosters")
        fits(page)
        page.get_by_label("Tệp danh sách").set_input_files(wrong)
        page.get_by_role("button", name="Tải lên để xem trước").click()
        expect(page.get_by_role("alert")).to_contain_text("Có 1 chỗ sai")
        expect(page.get_by_role("button", name="Nhập đúng tệp này")).to_have_count(0)
        fits(page)
        page.goto(f"{site}/staff/rosters")
        page.get_by_label("Tệp danh sách").set_input_files(right)
        page.get_by_role("button", name="Tải lên để xem trước").click()
        expect(page.get_by_text("Thêm: 3")).to_be_visible()
        page.get_by_role("button", name="Nhập đúng tệp này").click()
        expect(page.get_by_text("Đã nhập xong: 4 thay đổi")).to_be_visible(timeout=15_000)
        fits(page)
        page.get_by_role("link", name="Xem các tổ").click()
        page.get_by_role("link", name="Tổ ấp Rạch Gốc").click()
        expect(page.get_by_role("link", name="Trần Thị Bé")).to_be_visible()
        fits(page)


@contextmanager
def program(folder: Path) -> Iterator[str]:
    """The whole program, with a lead."""
    with Served(with_model(folder), {"CONGDANSO_POLL_SECONDS": "0.2"}) as served:
        database = Database(make_engine(f"sqlite:///{folder / 'congdanso.db'}"))
        try:
            add_staff(database, "cô Hoa", PASSWORD, "lead", datetime.now(UTC), QUICK)
        finally:
            database.close()
        yield served.url


def test_a_citizen_reads_the_answer_in_the_web_chat(
    browser: Browser, page: Page, tmp_path: Path
) -> None:
    with program(tmp_path) as site:
        citizen = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
        citizen.goto(site)
        box = citizen.get_by_label("Câu hỏi")
        for text, answer in (
            ("gặp người", "đồng ý không"),
            ("1", "gọi anh/chị là gì"),
            ("cô Ba", "gọi điện, hay nhắn"),
            ("2", "xã hay phường nào"),
            ("xã Tân Ân, Cà Mau", "mấy nơi có tên"),
            ("1", "Đã ghi phiếu số"),
        ):
            box.fill(text)
            box.press("Enter")
            expect(citizen.get_by_text(answer).last).to_be_visible(timeout=20_000)
        log_in(page, site, "cô Hoa")
        page.goto(f"{site}/staff/tickets")
        fits(page)
        page.get_by_role("link", name=re.compile(r"^Phiếu \d+")).click()
        fits(page)
        page.get_by_label("Trả lời người hỏi").fill("Dạ chào cô Ba, con là Hoa ở tỉnh.")
        page.get_by_role("button", name="Gửi", exact=True).click()
        page.wait_for_url("**?done=sent")
        expect(citizen.get_by_text("con là Hoa ở tỉnh")).to_be_visible(timeout=20_000)
        box.fill("Cô cảm ơn con")
        box.press("Enter")
        expect(page.get_by_text("Cô cảm ơn con")).to_be_visible(timeout=20_000)
        citizen.context.close()


def test_the_monthly_report_is_downloaded(world: World, page: Page, tmp_path: Path) -> None:
    world.staff("hoa", "viewer")
    ask(world, 12)
    # Playwright's own loop runs in this thread.
    counting = threading.Thread(target=counted, args=(world,))
    counting.start()
    counting.join()
    with served(world.app) as site:
        log_in(page, site, "hoa")
        page.goto(f"{site}/staff/report?month=2025-11")
        fits(page)
        with page.expect_download() as download:
            page.get_by_role("link", name="Tải về Excel").click()
    file = tmp_path / download.value.suggested_filename
    assert file.suffix == ".xlsx"
    download.value.save_as(file)
    words = [
        cell
        for row in load_workbook(file).worksheets[0].iter_rows(values_only=True)
        for cell in row
    ]
    assert 12 in words
