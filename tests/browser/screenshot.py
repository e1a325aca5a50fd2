"""Make the pictures of the web chat: `python -m tests.browser.screenshot [FOLDER]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.watch import until
from tests.chromium import PHONE, launch
from tests.process import ROOT, Served, with_model
from tests.screenshots import small

_QUESTION = "lam sao lam dinh danh muc 2"


@contextmanager
def _phone(
    browser: Browser, url: str, scheme: Literal["light", "dark"] = "light", **more: Any
) -> Iterator[Page]:
    """A small phone with the chat open and the greeting read."""
    width, height = PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2,
        locale="vi-VN",
        is_mobile=True,
        has_touch=True,
        reduced_motion="reduce",
        color_scheme=scheme,
        **more,
    )
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".bot")).to_have_count(1, timeout=60_000)
    yield page
    context.close()


def _ask(page: Page, text: str = _QUESTION) -> None:
    count = page.locator(".bot").count()
    page.get_by_label("Câu hỏi").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".bot")).to_have_count(count + 1, timeout=120_000)


def _to_step(page: Page) -> None:
    """Into the guide, as far as its first step."""
    _ask(page)
    count = page.locator(".bot").count()
    page.locator(".newest .choices button").first.click()
    expect(page.locator(".bot")).to_have_count(count + 1)


def shoot(url: str, folder: Path) -> Iterator[Path]:
    """Every picture, one after the other."""

    def taken(page: Page, name: str) -> Path:
        page.evaluate("document.activeElement?.blur()")
        file = folder / f"{name}.png"
        file.write_bytes(small(page.screenshot()))
        return file

    with sync_playwright() as playwright:
        browser = launch(playwright)
        with _phone(browser, url) as page:
            _ask(page)
            yield taken(page, "web-chat")
        for scheme in ("light", "dark"):
            with _phone(browser, url, scheme) as page:
                _to_step(page)
                yield taken(page, f"web-{scheme}")
        with _phone(browser, url) as page:
            page.get_by_role("button", name="Chữ to").click()
            _to_step(page)
            expect(page.locator("#state")).to_be_hidden()
            yield taken(page, "web-large")
        with _phone(browser, url) as page:
            page.locator("#menu summary").click()
            page.get_by_role("button", name="Tương phản cao").click()
            yield taken(page, "web-contrast-menu")
            page.locator("main").click()
            _to_step(page)
            yield taken(page, "web-contrast")
        with _phone(browser, url) as page:
            _to_step(page)
            until(
                page,
                "async () => navigator.serviceWorker.controller"
                " && (await (await caches.open('congdanso-guides')).keys()).length === 1",
            )
            page.context.set_offline(True)
            page.reload()
            page.get_by_label("Câu hỏi").fill("tôi ở Cà Mau thì ra đâu làm")
            page.keyboard.press("Enter")
            expect(page.locator("#state")).to_be_visible()
            yield taken(page, "web-offline")
            page.goto(f"{url}/khi-mat-mang")
            expect(page.locator("#kept li")).to_have_count(1)
            yield taken(page, "web-away")
            page.locator("#kept a").click()
            expect(page.locator("h1")).to_have_text("Định danh mức 2")
            yield taken(page, "web-guide")
        browser.close()


def main() -> None:
    """Start the program on an empty folder, take the pictures, stop."""
    images = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    images.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Served(with_model(Path(folder)), {}) as served,
    ):
        for file in shoot(served.url, images):
            print(file)


if __name__ == "__main__":
    main()
