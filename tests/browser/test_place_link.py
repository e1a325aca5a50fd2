"""A poster's link in a real browser: the place is said once, and not again after a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.watch import Watch
from tests.process import Served

pytestmark = pytest.mark.browser

SAID = "xã Tân Ân, tỉnh Cà Mau"


def test_the_place_of_a_link_is_set_once(
    server: Served, phone: BrowserContext, watch: Watch
) -> None:
    page = phone.new_page()
    page.goto(f"{server.url}/?loc=96_32236")
    expect(page.locator(".bot").filter(has_text=SAID)).to_have_count(1)
    expect(page).to_have_url(f"{server.url}/")
    page.reload()
    expect(page.locator(".bot").filter(has_text=SAID)).to_have_count(1)
    assert len(watch.problems) == 0
