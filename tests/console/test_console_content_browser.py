"""A guide from draft to publication by two people in a real browser, read in the web chat, and
taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.services.staff import add_staff
from bot.store.db import Database, make_engine
from tests.console.few import copy_few
from tests.console.world import PASSWORD, QUICK
from tests.process import Served, with_model

pytestmark = pytest.mark.browser

PEOPLE = {"lan": "editor", "minh": "editor", "hoa": "lead"}


def content(folder: Path) -> Path:
    """A few guides that need no looking after for a long time."""
    made = copy_few(folder)
    for file in (made / "guides").iterdir():
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"(?m)^review_by: .*", "review_by: 2100-01-01", text), "utf-8")
    return made


@contextmanager
def program(folder: Path) -> Iterator[str]:
    """The whole program, with its staff."""
    shown = content(folder / "content")
    extra = {"CONGDANSO_POLL_SECONDS": "0.2", "CONGDANSO_CONTENT_DIR": str(shown)}
    var = folder / "var"
    var.mkdir()
    with Served(with_model(var), extra) as served:
        database = Database(make_engine(f"sqlite:///{var / 'congdanso.db'}"))
        try:
            for name, role in PEOPLE.items():
                add_staff(database, name, PASSWORD, role, datetime.now(UTC), QUICK)
        finally:
            database.close()
        yield served.url


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Windows that close with the test; what a page complains of fails it."""
    made: list[BrowserContext] = []
    yield made
    for each in made:
        each.close()


def window(browser: Browser, contexts: list[BrowserContext]) -> Page:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    contexts.append(context)
    return context.new_page()


def staff(browser: Browser, contexts: list[BrowserContext], site: str, name: str) -> Page:
    page = window(browser, contexts)
    page.goto(f"{site}/staff/login")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(re.compile(r"/staff/(?!login)"))
    return page


def asked(browser: Browser, contexts: list[BrowserContext], site: str, answer: str) -> None:
    """A new citizen asks, and reads this."""
    page = window(browser, contexts)
    page.goto(site)
    box = page.get_by_label("Câu hỏi")
    box.fill("quét mã QR trả tiền thế nào")
    box.press("Enter")
    expect(page.get_by_text(answer).first).to_be_visible(timeout=30_000)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_two_people_publish_a_guide_and_a_third_takes_it_back(
    browser: Browser, contexts: list[BrowserContext], tmp_path: Path
) -> None:
    with program(tmp_path) as site:
        writer = staff(browser, contexts, site, "lan")
        writer.get_by_text("Menu").click()
        writer.get_by_role("link", name="Nội dung", exact=True).click()
        fits(writer)
        writer.get_by_role("link", name=re.compile("Quét QR")).first.click()
        fits(writer)
        writer.get_by_role("button", name="Viết bản nháp").click()
        fits(writer)
        writer.get_by_role("link", name="Phần chung").click()
        fits(writer)
        answer = writer.get_by_label(re.compile("^Câu trả lời ngắn"))
        before = answer.input_value()
        # The check follows the typing, and nothing is saved by it.
        answer.fill("Gọi số 0900 000 001 mà hỏi.")
        expect(writer.get_by_text("chưa được phép nêu")).to_be_visible(timeout=20_000)
        new = "Mở ứng dụng ngân hàng, quét mã rồi đọc tên thật to trước khi trả."
        answer.fill(new)
        expect(writer.get_by_text("Không có chỗ nào sai")).to_be_visible(timeout=20_000)
        writer.get_by_role("button", name="Lưu bản nháp").click()
        expect(writer.get_by_text("Đã lưu bản nháp")).to_be_visible()
        writer.get_by_role("link", name=re.compile("^Bản nháp: ")).click()
        writer.get_by_role("button", name="Gửi người khác duyệt").click()
        expect(writer.get_by_text("Chờ một người khác")).to_be_visible()
        expect(writer.get_by_role("button", name="Duyệt và đăng")).to_have_count(0)
        reviewer = staff(browser, contexts, site, "minh")
        reviewer.goto(f"{site}/staff/content/qr_pay/edit")
        fits(reviewer)
        reviewer.get_by_role("button", name="Duyệt và đăng").click()
        expect(reviewer.get_by_text("Đã đăng.")).to_be_visible()
        asked(browser, contexts, site, new)
        lead = staff(browser, contexts, site, "hoa")
        lead.goto(f"{site}/staff/content/qr_pay")
        lead.locator("a[href*='/past/']").last.click()
        fits(lead)
        lead.get_by_role("button", name="Quay lại bản này ngay").click()
        expect(lead.get_by_text("Đã quay lại bản cũ")).to_be_visible()
        asked(browser, contexts, site, before)
