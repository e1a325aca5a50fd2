"""Make docs/images/web-chat.png: `python -m tests.browser.screenshot [FILE]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.chromium import PHONE, launch
from tests.process import ROOT, Served, with_model

_QUESTION = "lam sao lam dinh danh muc 2"


def shoot(url: str, file: Path) -> None:
    """Ask the question on a small phone and take a picture of the answer."""
    width, height = PHONE
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(
            viewport={"width": width, "height": height},
            device_scale_factor=2,
            locale="vi-VN",
            is_mobile=True,
            has_touch=True,
            reduced_motion="reduce",
        )
        page.goto(url)
        expect(page.locator(".bot")).to_have_count(1)
        page.get_by_label("Câu hỏi").fill(_QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".bot")).to_have_count(2, timeout=120_000)
        page.locator("#text").blur()
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file)
        browser.close()


def main() -> None:
    """Start the program on an empty folder, take the picture, stop."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "web-chat.png"
    with (
        tempfile.TemporaryDirectory() as folder,
        Served(with_model(Path(folder)), {}) as served,
    ):
        shoot(served.url, file)
    print(file)


if __name__ == "__main__":
    main()
