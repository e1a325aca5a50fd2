"""`uv run poe pictures`: every page of the console's menu, as a phone and a desk see it.

    python -m tests.console.shots [--folder FOLDER] [--dark] [PAGE …]

Invented data; the pictures are for docs/console.md, and to be looked at.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bot.console.nav import MENU
from tests.chromium import launch
from tests.console.seeded import ADMIN, seed, served
from tests.console.world import PASSWORD, START, World, make_world
from tests.screenshots import small

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images" / "console"
WIDTHS = {360: 740, 1440: 900}
_TALLEST = 1200


def addresses() -> dict[str, str]:
    """Every page that has pictures, by its name."""
    return {**{entry.id: entry.url for entry in MENU}, "me": "/staff/me"}


@contextmanager
def seeded_site(folder: Path, clock: datetime = START) -> Iterator[tuple[World, str]]:
    """A console with data in it, and its address."""
    with make_world(folder) as world:
        world.clock = clock
        seed(world)
        with served(world.app) as url:
            yield world, url


@contextmanager
def visiting(browser: Browser, url: str, width: int, *, dark: bool = False) -> Iterator[Page]:
    """A browser of this width with the admin logged in."""
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{url}/staff/login")
    page.get_by_label("Tên đăng nhập").fill(ADMIN)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/staff/*")
    try:
        yield page
    finally:
        context.close()


def shoot(folder: Path, wanted: Sequence[str] = (), *, dark: bool = False) -> Iterator[Path]:
    """Take the pictures; yields each file."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as var,
        seeded_site(Path(var)) as (_world, url),
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for width in WIDTHS:
            with visiting(browser, url, width, dark=dark) as page:
                for name, address in addresses().items():
                    if wanted and name not in wanted:
                        continue
                    page.goto(f"{url}{address}")
                    page.wait_for_load_state("networkidle")
                    file = folder / f"{name}-{width}{'-dark' if dark else ''}.png"
                    file.write_bytes(small(page.screenshot(full_page=True), _TALLEST))
                    yield file
        browser.close()


def main() -> None:
    """Take them and say which."""
    parser = argparse.ArgumentParser(description="Pictures of the console's pages.")
    parser.add_argument("pages", nargs="*", help="names of pages; none: all")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--dark", action="store_true", help="as a phone at night shows them")
    arguments = parser.parse_args()
    for file in shoot(arguments.folder, arguments.pages, dark=arguments.dark):
        print(f"{file}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
